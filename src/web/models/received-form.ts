/** What the pages show of a form that is handed to the patient, and of what the patient has sent in (docs/adr/0026). */
import type { ShownScore } from '../../registry/scoring/show.ts';
import type { Choice } from './patient-forms.ts';
import type { FormStatus, PatientHead } from '../view-models.ts';

/** What a patient has sent in, before anybody has taken it over. */
export interface ReceivedModel {
  readonly patient: PatientHead;
  readonly taskId: string;
  readonly title: string;
  readonly sentInAt?: string;
  readonly answered: number;
  readonly total: number;
  readonly scores: readonly ShownScore[];
  /** For what it may be discarded. */
  readonly reasons: readonly Choice[];
}

/** A form that is about to be handed to the patient. */
export interface HandOverModel {
  readonly patient: PatientHead;
  readonly taskId: string;
  readonly title: string;
  readonly status: FormStatus;
  /** The form that offers it. */
  readonly from?: { readonly taskId: string; readonly short: string };
  /** What the patient sent in was discarded, and nobody has begun the form anew. */
  readonly discarded?: {
    readonly at: string;
    readonly reason: string;
    /** A coordinator can take it back, as long as the patient has got no new code. */
    readonly mayUndo: boolean;
  };
}

export interface ReceivedPages {
  /** What is sent in; undefined when nothing waits. Throws 404. */
  received(taskId: string): Promise<ReceivedModel | undefined>;
  handOver(taskId: string): Promise<HandOverModel>;
  /** Throws what the write throws: 403, 404, 422 when nothing waits (any more). */
  import(taskId: string): Promise<void>;
  /** The reason is a code of `reasons`. */
  discard(taskId: string, reason: string): Promise<void>;
  undoDiscard(taskId: string): Promise<void>;
}
