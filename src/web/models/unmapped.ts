/** What cannot be coded: values of senders that the register has no code or unit for. */

export interface UnmappedLine {
  readonly id: string;
  /** As the sender has it. */
  readonly value: string;
  /** Code system or unit of it. */
  readonly system?: string;
  readonly question: string;
  readonly sender: string;
  /** FHIR instant: when it last changed. */
  readonly since: string;
  /** How many forms wait. */
  readonly count: number;
  /** Ids of their Tasks, for who may open them. */
  readonly forms: readonly string[];
}

export interface UnmappedModel {
  readonly lines: readonly UnmappedLine[];
}
