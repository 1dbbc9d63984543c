/**
 * Logins, tokens and launches in the audit trail (ASVS 16.3.1).
 */
import type { Clock, NewId } from '../../fhir/id.ts';
import type { AuditLog } from '../../storage/audit-log.ts';

/** What the authorisation part reports; the same shape as its `SecurityEvent`. */
interface SecurityEvent {
  readonly type: string;
  readonly outcome: 'success' | 'failure';
  readonly subject: string;
  readonly reason: string;
}

const AUDIT_TYPE = 'http://dicom.nema.org/resources/ontology/DCM';

/** A log that keeps each event as an AuditEvent; resolves when it is durable. */
export function auditSecurity({
  audit,
  clock,
  newId,
}: {
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly newId: NewId;
}): (event: SecurityEvent) => Promise<void> {
  return async ({ type, outcome, subject, reason }) => {
    const now = clock.now();
    const id = newId(now);
    const recorded = now.toISOString();
    const content = {
      resourceType: 'AuditEvent',
      id,
      meta: { versionId: '1', lastUpdated: recorded },
      type: { system: AUDIT_TYPE, code: '110114', display: 'User Authentication' },
      subtype: [{ system: 'https://ryggrad.no/fhir/CodeSystem/security-event', code: type }],
      action: 'E',
      recorded,
      outcome: outcome === 'success' ? '0' : '4',
      outcomeDesc: reason,
      agent: [
        {
          requestor: true,
          who: { identifier: { system: 'https://ryggrad.no/fhir/NamingSystem/subject', value: subject } },
        },
      ],
      source: { observer: { display: 'Ryggrad' } },
    };
    await audit.append([
      {
        id,
        recorded,
        action: 'E',
        kind: type,
        outcome: outcome === 'success' ? 200 : 401,
        agent: subject,
        role: null,
        unit: null,
        patients: [],
        entityType: null,
        entityId: null,
        requestId: id,
        content: JSON.stringify(content),
      },
    ]);
  };
}
