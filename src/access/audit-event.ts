/**
 * AuditEvents in the shape of IHE Basic Audit (BALP): https://profiles.ihe.net/ITI/BALP
 * No clinical value, no name and no national identity number is ever in one (AU-03).
 */
import type { AuditEvent } from '../fhir/types.ts';
import type { Principal } from './principal.ts';

/** One interaction, as the audit trail keeps it. */
export interface Audited {
  readonly id: string;
  readonly recorded: Date;
  readonly principal: Principal | undefined;
  /** restful-interaction code, operation name, or login/logout/launch. */
  readonly interaction: string;
  readonly action: 'C' | 'R' | 'U' | 'D' | 'E';
  /** HTTP status of the answer. */
  readonly status: number;
  readonly requestId: string;
  readonly entities: readonly AuditedEntity[];
  /** Patients whose data the answer held or the request changed. */
  readonly patients: readonly string[];
  /** The search as asked, without values of identifying parameters. */
  readonly query?: string;
  /** Why it was refused: an access reason code. */
  readonly reason?: string;
}

export interface AuditedEntity {
  readonly type: string;
  readonly id: string;
  readonly versionId?: string;
}

const DCM = 'http://dicom.nema.org/resources/ontology/DCM';
const REST = 'http://hl7.org/fhir/restful-interaction';
const BALP_ENTITY = 'http://terminology.hl7.org/CodeSystem/audit-entity-type';
const MAX_PATIENTS = 1000;

/** The AuditEvent resource of one interaction. */
export function toAuditEvent(event: Audited): AuditEvent {
  const isRest =
    /^(read|vread|search|create|update|patch|delete|history|transaction|batch|capabilities)/.test(
      event.interaction,
    );
  return {
    resourceType: 'AuditEvent',
    id: event.id,
    meta: { versionId: '1', lastUpdated: event.recorded.toISOString() },
    type: isRest
      ? {
          system: 'http://terminology.hl7.org/CodeSystem/audit-event-type',
          code: 'rest',
          display: 'Restful Operation',
        }
      : { system: DCM, code: event.interaction === 'login' ? '110114' : '110100' },
    subtype: [
      { system: isRest ? REST : 'https://ryggrad.no/fhir/CodeSystem/operation', code: event.interaction },
    ],
    action: event.action,
    recorded: event.recorded.toISOString(),
    outcome: outcomeOf(event.status),
    ...(event.reason !== undefined && { outcomeDesc: event.reason }),
    agent: [agentOf(event.principal)],
    source: { observer: { display: 'Ryggrad' } },
    entity: [
      { what: { identifier: { value: event.requestId } }, type: { system: BALP_ENTITY, code: 'XrequestId' } },
      ...event.entities.map(entityOf),
      ...event.patients.slice(0, MAX_PATIENTS).map((id) => ({
        what: { reference: `Patient/${id}` },
        type: { system: 'http://terminology.hl7.org/CodeSystem/audit-entity-type', code: '1' },
        role: { system: 'http://terminology.hl7.org/CodeSystem/object-role', code: '1' },
      })),
      ...(event.query === undefined
        ? []
        : [
            {
              type: { system: BALP_ENTITY, code: '2' },
              role: { system: 'http://terminology.hl7.org/CodeSystem/object-role', code: '24' },
              query: Buffer.from(event.query).toString('base64'),
            },
          ]),
    ],
  };
}

function outcomeOf(status: number): '0' | '4' | '8' {
  if (status < 400) {
    return '0';
  }
  return status < 500 ? '4' : '8';
}

function entityOf({ type, id, versionId }: AuditedEntity): NonNullable<AuditEvent['entity']>[number] {
  const version = versionId === undefined ? '' : `/_history/${versionId}`;
  return {
    what: { reference: `${type}/${id}${version}` },
    type: { system: BALP_ENTITY, code: '2' },
    role: { system: 'http://terminology.hl7.org/CodeSystem/object-role', code: '4' },
  };
}

function agentOf(principal: Principal | undefined): AuditEvent['agent'][number] {
  if (principal === undefined) {
    return { requestor: true, who: { display: 'unauthenticated' } };
  }
  return {
    type: { coding: [{ system: DCM, code: principal.kind === 'staff' ? '110153' : '110152' }] },
    ...(principal.kind === 'staff' && {
      role: [
        { coding: [{ system: 'https://ryggrad.no/fhir/CodeSystem/register-role', code: principal.role }] },
      ],
    }),
    who: { identifier: { system: 'https://ryggrad.no/fhir/NamingSystem/subject', value: principal.subject } },
    requestor: true,
    ...(principal.token !== undefined && { policy: [`urn:ryggrad:token:${principal.token}`] }),
  };
}
