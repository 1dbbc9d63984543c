/**
 * AuditEvents that an EHR sends: kept in the trail beside our own, found by the same columns.
 * https://hl7.org/fhir/R4/auditevent.html
 */
import type { Principal } from '../access/principal.ts';
import { parseJson } from '../fhir/json.ts';
import { parseLocalReference } from '../fhir/reference.ts';
import type { AuditEvent, JsonObject } from '../fhir/types.ts';
import type { AuditRecord } from '../storage/audit-record.ts';
import type { Write } from '../storage/store.ts';

/** HTTP statuses that say what the event's outcome code says. */
const STATUS: Readonly<Record<string, number>> = { '0': 200, '4': 400, '8': 500, '12': 500 };

/**
 * One stored AuditEvent as a line of the trail. The agent is the client that sent it: who else is named in it is the
 * sender's word.
 */
export function externalEvent(
  { id, content }: Write,
  { principal, requestId }: { readonly principal: Principal; readonly requestId: string },
): AuditRecord {
  const event = parseJson(content ?? '{}') as JsonObject as unknown as AuditEvent;
  const entities = (event.entity ?? []).flatMap(({ what }) => {
    const local = what?.reference === undefined ? undefined : parseLocalReference(what.reference);
    return local === undefined ? [] : [local];
  });
  const [entity] = entities;
  const patients = entities.filter(({ type }) => type === 'Patient').map((patient) => patient.id);
  return {
    id,
    recorded: event.recorded,
    action: event.action ?? 'E',
    kind: event.subtype?.[0]?.code ?? event.type.code ?? 'external',
    outcome: STATUS[event.outcome ?? '0'] ?? 200,
    agent: principal.subject,
    role: null,
    unit: 'units' in principal ? (principal.units[0] ?? null) : null,
    patients: [...new Set(patients)],
    entityType: entity?.type ?? null,
    entityId: entity?.id ?? null,
    requestId,
    content: content ?? '{}',
  };
}
