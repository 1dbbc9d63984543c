/** A locked form as text for the record, and what went back to the EHR. */
import type { WriteBackState } from '../../smart/write-back.ts';

export interface WriteBackModel {
  readonly state: WriteBackState;
  /** Name of the EHR in the reader's language. */
  readonly ehr: string;
  /** Instant; absent before the first try. */
  readonly at?: string;
  /** Why it was not written; `ehr-away` only while it is tried again. */
  readonly why?: 'access-over' | 'ehr-away';
  /** This session's launch may try it anew. */
  readonly mayRetry: boolean;
}

export interface RecordTextModel {
  readonly task: string;
  readonly title: string;
  readonly text: string;
  readonly writeBack?: WriteBackModel;
}
