/**
 * What a caller asks of the repository, and what came of it.
 * One interaction is a list of one; a transaction is a list: https://hl7.org/fhir/R4/http.html#transaction
 */
import type { JsonObject } from '../fhir/types.ts';
import type { Labels, Row } from '../storage/store.ts';

interface Common {
  readonly type: string;
  /** FHIRPath of the resource in the request, for issues: `Bundle.entry[3].resource`; undefined for a single resource. */
  readonly at?: string;
  /** When the sender's version is from; else its message tells (IR-05). */
  readonly sentAt?: Date;
}

export interface CreateOperation extends Common {
  readonly kind: 'create';
  readonly resource: JsonObject;
  /** Search parameters of If-None-Exist, without the type. */
  readonly ifNoneExist?: string;
  /** `Bundle.entry.fullUrl`, the name other entries refer to it by. */
  readonly fullUrl?: string;
  /** Match a person by national identity number instead of creating a second one (messages from EHRs). */
  readonly matchPerson?: true;
  /** Only for the server itself. */
  readonly labels?: Labels;
}

export interface UpdateOperation extends Common {
  readonly kind: 'update';
  readonly id?: string;
  /** Conditional update: search parameters instead of an id. */
  readonly condition?: string;
  readonly resource: JsonObject;
  /** Version that must be the current one (`If-Match`). */
  readonly ifMatch?: string;
  readonly fullUrl?: string;
  readonly labels?: Labels;
}

export interface DeleteOperation extends Common {
  readonly kind: 'delete';
  readonly id?: string;
  readonly condition?: string;
  readonly ifMatch?: string;
}

export interface PatchOperation extends Common {
  readonly kind: 'patch';
  readonly id?: string;
  /** Conditional patch: search parameters instead of an id. */
  readonly condition?: string;
  readonly ifMatch?: string;
  readonly fullUrl?: string;
  /** JSON text of the current version → the resource as it shall be. Pure; throws FhirError when it does not fit. */
  readonly apply: (content: string) => JsonObject;
}

export type Operation = CreateOperation | UpdateOperation | DeleteOperation | PatchOperation;

/** Search parameters that say which resource an operation is about. */
export const conditionOf = (operation: Operation): string | undefined =>
  operation.kind === 'create' ? operation.ifNoneExist : operation.condition;

/** What an operation came to. `unchanged`: an update with the content that is there already makes no new version. */
export type Effect = 'created' | 'updated' | 'unchanged' | 'matched' | 'deleted' | 'absent';

/** One operation on its way through the steps. */
export interface Pending {
  readonly operation: Operation;
  readonly type: string;
  /** Empty until the target is resolved. */
  readonly id: string;
  readonly effect: Effect;
  /** What will be stored; undefined for deletions and matches. */
  readonly resource?: JsonObject;
  /** The locked current version, if any. */
  readonly previous?: Row;
  readonly labels?: Labels;
  /** Made by a register rule, not asked for by the caller: not in the response, not subject to the caller's role. */
  readonly derived?: true;
  /** A newer version of the sender's is here: what is here is meant. */
  readonly isLate?: true;
}

/** What the caller gets back for one operation. */
export interface Result {
  readonly effect: Effect;
  readonly type: string;
  readonly id: string;
  readonly versionId?: string;
  readonly lastUpdated?: string;
  /** JSON text of the current version; undefined after a deletion. */
  readonly content?: string;
  /** A newer version was here already, and stays (IR-05). */
  readonly isLate?: true;
}

/** True for effects that store a version. */
export const storesVersion = (effect: Effect): boolean =>
  effect === 'created' || effect === 'updated' || effect === 'deleted';
