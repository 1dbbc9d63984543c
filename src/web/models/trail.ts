/** The audit trail as coordinators go through it, one event of it, and a person's own list (AU-05). */
import type { Deviation } from '../../registry/audit/deviations.ts';
import type { Verdict } from '../../registry/audit/review.ts';
import type { PatientHead } from '../view-models.ts';

/** What a coordinator asks of the audit trail; the address holds it. Days as FHIR dates. */
export interface ReviewRequest {
  readonly filter: 'all' | 'marked' | 'open';
  readonly from?: string;
  readonly to?: string;
  readonly agent?: string;
  /** A sample, and which one. */
  readonly seed?: string;
  readonly page: number;
}

export interface ReviewLine {
  readonly id: string;
  readonly at: string;
  readonly who: string;
  readonly agent: string;
  readonly role: string;
  readonly where: string;
  readonly what: string;
  readonly status: number;
  readonly patients: number;
  readonly deviations: readonly Deviation[];
  readonly isFollowedUp: boolean;
}

export interface ReviewModel {
  readonly request: ReviewRequest & { readonly from: string; readonly to: string };
  readonly counts: Readonly<Record<ReviewRequest['filter'], number>>;
  readonly lines: readonly ReviewLine[];
  readonly pages: number;
  /** The period has more events than are shown. */
  readonly isCut: boolean;
  /** For the next sample. */
  readonly newSeed: string;
}

export interface EventModel {
  readonly line: ReviewLine;
  readonly requestId: string;
  readonly purpose: string | undefined;
  readonly legalBasis: readonly string[];
  /** References of what was shown or stored. */
  readonly seen: readonly string[];
  readonly patients: readonly string[];
  readonly followUps: readonly {
    readonly at: string;
    readonly who: string;
    readonly verdict: Verdict;
    readonly comment: string;
  }[];
}

/** One line of a person's own list, in words. */
export interface AccessLine {
  readonly at: string;
  readonly who: string;
  readonly role: string;
  readonly where: string;
  readonly what: string;
  readonly outcome: string;
}

export interface AccessListModel {
  readonly patient: PatientHead;
  readonly register: string;
  readonly madeAt: string;
  readonly lines: readonly AccessLine[];
}
