/**
 * Step e: every one of these left an AuditEvent, which a coordinator can search. https://hl7.org/fhir/R4/auditevent.html
 */
import type { AuditEvent, Bundle } from '../../src/fhir/types.ts';
import type { Registered } from './push.ts';
import { logIn } from './staff.ts';
import type { Walk } from './walk.ts';

/** Who must be in the trail of a person, with what. */
const EXPECTED = [
  { agent: 'client:ehr-demo', about: 'the EHR that sent the data' },
  { agent: 'user:lu-ane', about: 'the clinician who filled the forms' },
  { agent: 'user:lc-bjorn', about: 'the coordinator who corrected one' },
  { agent: 'client:analytics-demo', about: 'the analytics platform that read it' },
] as const;

/** The system coordinator reads the whole trail, over the API with the session of the pages; a local one reads the own unit's. */
export async function checkAudit(walk: Walk, person: Registered): Promise<void> {
  const { browser: coordinator } = await logIn(walk, 'sc-siri');
  for (const { agent, about } of EXPECTED) {
    const { status, html } = await coordinator.open(
      `/fhir/AuditEvent?patient=Patient/${person.patient}&agent:identifier=${agent}&_count=500`,
    );
    const { entry = [] } = status === 200 ? (JSON.parse(html) as Bundle) : {};
    const kinds = Map.groupBy(entry, ({ resource }) => kindOf(resource as AuditEvent));
    const told = [...kinds].map(([kind, { length }]) => `${length} ${kind}`).join(', ');
    walk.narrator.check(`${about}: ${told}`, entry.length > 0, status);
  }
}

const kindOf = ({ subtype, action }: AuditEvent): string => subtype?.[0]?.code ?? action ?? '';
