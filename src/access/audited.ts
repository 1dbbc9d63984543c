/** What the audit trail is told of one interaction; audit-event.ts writes it as FHIR has it. */
import type { Principal } from './principal.ts';

/** One interaction, as the audit trail keeps it. */
export interface Audited {
  readonly id: string;
  readonly recorded: Date;
  readonly principal: Principal | undefined;
  /** restful-interaction code, operation name, name of a page, or login/logout/launch. */
  readonly interaction: string;
  readonly action: 'C' | 'R' | 'U' | 'D' | 'E';
  /** HTTP status of the answer. */
  readonly status: number;
  readonly requestId: string;
  readonly entities: readonly AuditedEntity[];
  /** Patients whose data the answer held or the request changed. */
  readonly patients: readonly string[];
  /** Registers of the caller and of the data. */
  readonly registers?: readonly string[];
  /** The search as asked, without values of identifying parameters. */
  readonly query?: string;
  /** Why it was refused: an access reason code. */
  readonly reason?: string;
  /** v3-ActReason; by the kind of caller when it says nothing else. */
  readonly purpose?: string;
  /** Addresses of the regulations by which these registers may be used. */
  readonly legalBasis?: readonly string[];
  /** This server's FHIR base. */
  readonly server?: string;
}

export interface AuditedEntity {
  readonly type: string;
  readonly id: string;
  readonly versionId?: string;
}
