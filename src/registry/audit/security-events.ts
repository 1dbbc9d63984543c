/**
 * Logins, tokens and launches in the audit trail (ASVS 16.3.1).
 */
import type { Clock, NewId } from '../../fhir/id.ts';
import type { AuditLog, AuditRecord } from '../../storage/audit-log.ts';
import type { StoreTransaction } from '../../storage/store.ts';

/** What the authorisation part reports; the same shape as its `SecurityEvent`. */
interface SecurityEvent {
  readonly type: string;
  readonly outcome: 'success' | 'failure';
  readonly subject: string;
  readonly reason: string;
  readonly about?: string;
}

const AUDIT_TYPE = 'http://dicom.nema.org/resources/ontology/DCM';

const SUBJECT = 'https://ryggrad.no/fhir/NamingSystem/subject';

/**
 * A log that keeps each event as an AuditEvent: in the transaction it is given, or by itself, resolving when it is durable.
 */
export function auditSecurity({
  audit,
  clock,
  newId,
}: {
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly newId: NewId;
}): (event: SecurityEvent, tx?: StoreTransaction) => Promise<void> {
  return async (event, tx) => {
    const now = clock.now();
    const record = toRecord(event, newId(now), now.toISOString());
    if (tx === undefined) {
      await audit.append([record]);
      return;
    }
    audit.inTransaction(tx, [record]);
  };
}

function toRecord(
  { type, outcome, subject, reason, about }: SecurityEvent,
  id: string,
  recorded: string,
): AuditRecord {
  const [, entityType, entityId] = /^(\w+)[/:](.+)$/.exec(about ?? '') ?? [];
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
    agent: [{ requestor: true, who: { identifier: { system: SUBJECT, value: subject } } }],
    source: { observer: { display: 'Ryggrad' } },
    ...(about !== undefined && {
      entity: [
        {
          what: about.includes('/')
            ? { reference: about }
            : { identifier: { system: SUBJECT, value: about } },
        },
      ],
    }),
  };
  return {
    id,
    recorded,
    action: 'E',
    kind: type,
    outcome: outcome === 'success' ? 200 : 401,
    agent: subject,
    role: null,
    unit: null,
    patients: [],
    entityType: entityType ?? null,
    entityId: entityId ?? null,
    requestId: id,
    content: JSON.stringify(content),
  };
}
