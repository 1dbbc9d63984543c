/** One stored resource as its page shows it. */

/** An element in words; `href` where it points to another resource. */
export interface ElementValue {
  readonly text: string;
  readonly href?: string;
}

export interface ElementLine {
  readonly name: string;
  readonly values: readonly ElementValue[];
}

export interface ResourceVersion {
  readonly version: string;
  readonly at: string;
  readonly who: string;
  readonly isDeletion: boolean;
}

export interface ChangedElement {
  readonly path: string;
  readonly before?: string;
  readonly after?: string;
}

export interface Referrer {
  readonly reference: string;
  readonly type: string;
  readonly at: string;
}

export interface ResourceModel {
  readonly type: string;
  readonly id: string;
  readonly title: string;
  readonly lines: readonly ElementLine[];
  readonly versions: readonly ResourceVersion[];
  readonly compared?: {
    readonly from: string;
    readonly to: string;
    readonly changes: readonly ChangedElement[];
  };
  /** Who made it of what: https://hl7.org/fhir/R4/provenance.html */
  readonly provenance: readonly {
    readonly reference: string;
    readonly at: string;
    readonly agents: readonly string[];
    readonly sources: readonly ElementValue[];
  }[];
  /** References in it that lead to something on this server. */
  readonly refersTo: readonly string[];
  readonly referredBy: readonly Referrer[];
  readonly page: number;
  readonly pages: number;
  /** More refer to it than are listed. */
  readonly isCut: boolean;
  /** As it is stored, with person numbers masked. */
  readonly json: string;
}

export interface ResourceQuery {
  readonly type: string;
  readonly id: string;
  readonly compare?: { readonly from: string; readonly to: string };
  readonly page: number;
}
