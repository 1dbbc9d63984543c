/**
 * AuditEvents in the shape of IHE Basic Audit (BALP): https://profiles.ihe.net/ITI/BALP
 * No clinical value, no name and no national identity number is ever in one (AU-03).
 */
import type { AuditEvent } from '../fhir/types.ts';
import { agentsOf } from './audit-agents.ts';
import type { Audited, AuditedEntity } from './audited.ts';
import type { Principal } from './principal.ts';

type Entity = NonNullable<AuditEvent['entity']>[number];

const DCM = 'http://dicom.nema.org/resources/ontology/DCM';
const REST = 'http://hl7.org/fhir/restful-interaction';
const ENTITY_TYPE = 'http://terminology.hl7.org/CodeSystem/audit-entity-type';
const ENTITY_ROLE = 'http://terminology.hl7.org/CodeSystem/object-role';
const BALP_ENTITY = 'https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType';
const PURPOSE = 'http://terminology.hl7.org/CodeSystem/v3-ActReason';
const REGISTER = 'https://ryggrad.no/fhir/NamingSystem/register';

const MAX_PATIENTS = 1000;
const MAX_ENTITIES = 500;

/** Why each kind of caller is here, unless it says so itself: quality improvement, or running the system. */
const USUAL_PURPOSE: Readonly<Partial<Record<Principal['kind'], string>>> = {
  staff: 'HQUALIMP',
  patient: 'PATRQT',
  ehr: 'HQUALIMP',
  analytics: 'HQUALIMP',
  system: 'HSYSADMIN',
};

/** The AuditEvent resource of one interaction. */
export function toAuditEvent(event: Audited): AuditEvent {
  const purpose =
    event.purpose ??
    event.principal?.purpose ??
    (event.principal === undefined ? undefined : USUAL_PURPOSE[event.principal.kind]);
  return {
    resourceType: 'AuditEvent',
    id: event.id,
    meta: { versionId: '1', lastUpdated: event.recorded.toISOString() },
    ...kindOf(event.interaction),
    action: event.action,
    recorded: event.recorded.toISOString(),
    outcome: outcomeOf(event.status),
    ...(event.reason !== undefined && { outcomeDesc: event.reason }),
    ...(purpose !== undefined && { purposeOfEvent: [{ coding: [{ system: PURPOSE, code: purpose }] }] }),
    agent: agentsOf(event),
    source: { observer: { display: 'Ryggrad' } },
    entity: [...entitiesOf(event)],
  };
}

function kindOf(interaction: string): Pick<AuditEvent, 'type' | 'subtype'> {
  const isRest =
    /^(read|vread|search|create|update|patch|delete|history|transaction|batch|capabilities)/.test(
      interaction,
    );
  return {
    type: isRest
      ? {
          system: 'http://terminology.hl7.org/CodeSystem/audit-event-type',
          code: 'rest',
          display: 'Restful Operation',
        }
      : { system: DCM, code: interaction === 'login' ? '110114' : '110100' },
    subtype: [{ system: isRest ? REST : 'https://ryggrad.no/fhir/CodeSystem/operation', code: interaction }],
  };
}

function outcomeOf(status: number): '0' | '4' | '8' {
  if (status < 400) {
    return '0';
  }
  return status < 500 ? '4' : '8';
}

/** The request, the registers, what was seen or stored, whom it is about, and what was asked (AU-02). */
function entitiesOf({ requestId, registers = [], entities, patients, query }: Audited): readonly Entity[] {
  return [
    { what: { identifier: { value: requestId } }, type: { system: BALP_ENTITY, code: 'XrequestId' } },
    ...registers.map((value) => ({
      what: { identifier: { system: REGISTER, value } },
      type: { system: ENTITY_TYPE, code: '2' },
      role: { system: ENTITY_ROLE, code: '17' },
    })),
    ...entities.slice(0, MAX_ENTITIES).map(entityOf),
    ...countsOf(entities.slice(MAX_ENTITIES)),
    ...patients.slice(0, MAX_PATIENTS).map((id) => ({
      what: { reference: `Patient/${id}` },
      type: { system: ENTITY_TYPE, code: '1' },
      role: { system: ENTITY_ROLE, code: '1' },
    })),
    ...(query === undefined
      ? []
      : [
          {
            type: { system: ENTITY_TYPE, code: '2' },
            role: { system: ENTITY_ROLE, code: '24' },
            query: Buffer.from(query).toString('base64'),
          },
        ]),
  ];
}

function entityOf({ type, id, versionId }: AuditedEntity): Entity {
  const version = versionId === undefined ? '' : `/_history/${versionId}`;
  return {
    what: { reference: `${type}/${id}${version}` },
    type: { system: ENTITY_TYPE, code: '2' },
    role: { system: ENTITY_ROLE, code: '4' },
  };
}

/** What is too much to be listed one by one: how many of each type. */
function countsOf(entities: readonly AuditedEntity[]): readonly Entity[] {
  return [...Map.groupBy(entities, ({ type }) => type)].map(([name, { length }]) => ({
    name,
    type: { system: ENTITY_TYPE, code: '2' },
    role: { system: ENTITY_ROLE, code: '4' },
    detail: [{ type: 'count', valueString: String(length) }],
  }));
}
