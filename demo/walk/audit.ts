/**
 * Step e: every one of these left an AuditEvent, which a coordinator can search. https://hl7.org/fhir/R4/auditevent.html
 */
import type { AuditEvent } from '../../src/fhir/types.ts';
import type { FhirClient } from './fhir-client.ts';
import type { Registered } from './push.ts';
import type { Walk } from './walk.ts';

/** Who must be in the trail of a person, with what. */
const EXPECTED = [
  { agent: 'client:ehr-demo', about: 'the EHR that sent the data' },
  { agent: 'user:lu-ane', about: 'the clinician who filled the forms' },
  { agent: 'user:lc-bjorn', about: 'the coordinator who corrected one' },
  { agent: 'client:analytics-demo', about: 'the analytics platform that read it' },
] as const;

export async function checkAudit(walk: Walk, coordinator: FhirClient, person: Registered): Promise<void> {
  for (const { agent, about } of EXPECTED) {
    const events = await coordinator.search<AuditEvent>(
      `AuditEvent?patient=Patient/${person.patient}&agent:identifier=${agent}&_count=200`,
    );
    const kinds = [...Map.groupBy(events, kindOf)].map(([kind, { length }]) => `${length} ${kind}`);
    walk.narrator.check(`${about}: ${kinds.join(', ')}`, events.length > 0);
  }
}

const kindOf = ({ subtype, action }: AuditEvent): string => subtype?.[0]?.code ?? action ?? '';
