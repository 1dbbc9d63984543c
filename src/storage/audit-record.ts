/** One row of the audit trail, as it is added. */

/** One event: the AuditEvent and the columns it is found by. */
export interface AuditRecord {
  readonly id: string;
  readonly recorded: string;
  /** C R U D E */
  readonly action: string;
  /** The interaction: read, search-type, login … */
  readonly kind: string;
  /** HTTP status of the answer. */
  readonly outcome: number;
  readonly agent: string;
  readonly role: string | null;
  /** Where the agent works. */
  readonly unit: string | null;
  /** Registers of the agent and of the data; none = what all registers share. */
  readonly registers?: readonly string[];
  /** Units that the data belong to. */
  readonly about?: readonly string[];
  readonly patients: readonly string[];
  readonly entityType: string | null;
  readonly entityId: string | null;
  readonly requestId: string;
  /** The AuditEvent as JSON. */
  readonly content: string;
}
