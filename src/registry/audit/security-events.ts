/**
 * Logins, tokens and launches in the audit trail (ASVS 16.3.1). What a person does belongs to the registers that the person
 * has roles in, so that it is read by those who look after these.
 */
import type { Clock, NewId } from '../../fhir/id.ts';
import type { AuditLog } from '../../storage/audit-log.ts';
import type { AuditRecord } from '../../storage/audit-record.ts';
import type { StoreTransaction } from '../../storage/store.ts';

/** What the authorisation part reports; the same shape as its `SecurityEvent`. */
interface SecurityEvent {
  readonly type: string;
  readonly outcome: 'success' | 'failure';
  readonly subject: string;
  readonly reason: string;
  readonly about?: string;
  readonly role?: { readonly role: string; readonly register: string; readonly unit?: string };
  /** Whose data it gives access to: it is on that person's own list. */
  readonly person?: { readonly patient: string; readonly register: string; readonly unit: string };
}

const AUDIT_TYPE = 'http://dicom.nema.org/resources/ontology/DCM';

const SUBJECT = 'https://ryggrad.no/fhir/NamingSystem/subject';
const REGISTER = 'https://ryggrad.no/fhir/NamingSystem/register';

/**
 * A log that keeps each event as an AuditEvent: in the transaction it is given, or by itself, resolving when it is durable.
 */
export function auditSecurity({
  audit,
  clock,
  newId,
  registersOf,
}: {
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly newId: NewId;
  /** Registers that a subject has roles in; none: what it does is of all of them. */
  readonly registersOf: (subject: string) => Promise<readonly string[]>;
}): (event: SecurityEvent, tx?: StoreTransaction) => Promise<void> {
  return async (event, tx) => {
    const now = clock.now();
    const register = (event.role ?? event.person)?.register;
    const registers = register === undefined ? await registersOf(event.subject) : [register];
    const record = toRecord(event, registers, newId(now), now.toISOString());
    if (tx === undefined) {
      await audit.append([record]);
      return;
    }
    audit.inTransaction(tx, [record]);
  };
}

function toRecord(
  { type, outcome, subject, reason, about, role, person }: SecurityEvent,
  registers: readonly string[],
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
    ...(about !== undefined && { entity: [{ what: thing(about) }, ...entitiesOf(person)] }),
  };
  return {
    id,
    recorded,
    action: 'E',
    kind: type,
    outcome: outcome === 'success' ? 200 : 401,
    agent: subject,
    role: role?.role ?? null,
    unit: role?.unit ?? null,
    registers,
    ...(person !== undefined && { about: [person.unit] }),
    patients: person === undefined ? [] : [person.patient],
    entityType: entityType ?? null,
    entityId: entityId ?? null,
    requestId: id,
    content: JSON.stringify(content),
  };
}

const thing = (about: string) =>
  about.includes('/') ? { reference: about } : { identifier: { system: SUBJECT, value: about } };

const entitiesOf = (person: SecurityEvent['person']) =>
  person === undefined
    ? []
    : [
        { what: { identifier: { system: REGISTER, value: person.register } } },
        { what: { reference: `Patient/${person.patient}` } },
      ];
