/** What the pages on patients' own forms show [Pasientregistreringer]. */
import type { ContactMethod, ChannelKind } from '../../registry/sending/channel.ts';
import type { SendingState } from '../../registry/sending/next-step.ts';
import type { ModuleChoice } from './modules.ts';
import type { ConsentState, PatientHead } from '../view-models.ts';

/**
 * How a form stands: sending, until somebody begins to answer it; `answered`, or `locked` without an answer; `waiting`: consent is
 * there, and something else is not yet.
 */
export type PatientFormState = SendingState | 'not-open' | 'waiting' | 'started' | 'answered' | 'locked';

export interface PatientFormCell {
  readonly short: string;
  readonly title: string;
  readonly state: PatientFormState;
  readonly taskId?: string;
  /** When it was sent. */
  readonly sentAt?: string;
  /** When it is locked unless it is answered, or the last day of the paper. */
  readonly until?: string;
  /** Why sending was stopped, or the form locked. */
  readonly reason?: string;
}

export interface PatientFormsQuery {
  /** Of a register with several; the first when left out. */
  readonly module?: string;
  readonly show: 'waiting' | 'all';
  readonly page: number;
}

export interface PatientFormsRow {
  readonly episode: string;
  readonly patient: PatientHead;
  readonly consent: ConsentState;
  readonly consentNote?: string;
  readonly start?: string;
  readonly forms: readonly PatientFormCell[];
}

export interface PatientFormsModel {
  readonly query: PatientFormsQuery;
  /** Of a register with several. */
  readonly modules: readonly ModuleChoice[];
  readonly columns: readonly { readonly short: string; readonly title: string }[];
  readonly rows: readonly PatientFormsRow[];
  readonly hasMore: boolean;
}

export interface Choice {
  readonly code: string;
  readonly text: string;
}

/** A message to the patient, as it is kept. */
export interface SentMessage {
  readonly at: string;
  readonly form: string;
  readonly kind: 'send' | 'remind';
  readonly channel?: ChannelKind;
  /** Why it did not leave. */
  readonly problem?: string;
  readonly state: 'ordered' | 'sent' | 'failed' | 'called-back';
}

export interface PatientFormsOfOne {
  readonly episode: string;
  readonly patient: PatientHead;
  readonly pathwayNumber?: string;
  readonly forms: readonly (PatientFormCell & {
    /** Rule that stands in the way of an order by hand. */
    readonly problem?: string;
  })[];
  readonly messages: readonly SentMessage[];
  readonly stopReasons: readonly Choice[];
  readonly closeReasons: readonly Choice[];
  readonly mayStop: boolean;
  readonly mayClose: boolean;
}

/** What is posted from the page on one pathway. */
export interface OrderedForms {
  readonly tasks: readonly string[];
  readonly method: ContactMethod;
}

export interface PatientFormPages {
  list(query: PatientFormsQuery): Promise<PatientFormsModel>;
  one(episode: string): Promise<PatientFormsOfOne>;
  stop(episode: string, reason: string): Promise<void>;
  order(episode: string, ordered: OrderedForms): Promise<void>;
  close(episode: string, reason: string): Promise<void>;
}
