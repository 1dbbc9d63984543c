/**
 * Who took part in an audited interaction, as agents of an AuditEvent in the manner of IHE Basic Audit (BALP): the one who
 * asked first, then the app and the organisation they acted through, then this server.
 * https://profiles.ihe.net/ITI/BALP/content.html
 */
import type { AuditEvent } from '../fhir/types.ts';
import type { Audited } from './audited.ts';
import type { Principal } from './principal.ts';

type Agent = AuditEvent['agent'][number];

const DCM = 'http://dicom.nema.org/resources/ontology/DCM';
const PARTICIPATION = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType';
const SUBJECT = 'https://ryggrad.no/fhir/NamingSystem/subject';

/** Where data flow: a client that reads or deletes is their destination, one that writes or asks is the source. */
const CLIENT_ROLE: Readonly<Record<Audited['action'], string>> = {
  C: '110153',
  R: '110152',
  U: '110153',
  D: '110152',
  E: '110153',
};

const SERVER_ROLE: Readonly<Record<string, string>> = { '110152': '110153', '110153': '110152' };

/** All agents of an event. */
export function agentsOf(event: Audited): AuditEvent['agent'] {
  const client = CLIENT_ROLE[event.action];
  return [
    ...askingAgents(event, client),
    ...(event.server === undefined
      ? []
      : [
          {
            type: { coding: [{ system: DCM, code: SERVER_ROLE[client] ?? '110152' }] },
            who: { identifier: { system: 'urn:ietf:rfc:3986', value: event.server } },
            requestor: false,
          },
        ]),
  ] as AuditEvent['agent'];
}

function askingAgents(event: Audited, client: string): readonly Agent[] {
  const { principal } = event;
  if (principal === undefined) {
    return [{ requestor: true, who: { display: 'unauthenticated' } }];
  }
  if (principal.kind !== 'staff') {
    return [{ ...requestor(event, principal), type: { coding: [{ system: DCM, code: client }] } }];
  }
  const { role, units, app, practitioner } = principal;
  const isAuthor = event.action === 'C' || event.action === 'U';
  return [
    {
      ...requestor(event, principal),
      type: { coding: [{ system: PARTICIPATION, code: isAuthor ? 'AUT' : 'IRCP' }] },
      role: [{ coding: [{ system: 'https://ryggrad.no/fhir/CodeSystem/register-role', code: role }] }],
      ...(practitioner !== undefined && { altId: practitioner }),
    },
    {
      type: { coding: [{ system: DCM, code: client }] },
      who: { identifier: { system: SUBJECT, value: app === undefined ? 'app:ryggrad' : `client:${app}` } },
      requestor: false,
    },
    ...units.slice(0, 1).map((unit) => ({
      type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-RoleClass', code: 'PROV' }] },
      who: { reference: `Organization/${unit}` },
      requestor: false,
    })),
  ];
}

/** The account or client, the token it showed, and the law by which the register may be used. */
function requestor({ legalBasis = [] }: Audited, { subject, token }: Principal): Agent {
  const policy = [...(token === undefined ? [] : [`urn:ryggrad:token:${token}`]), ...legalBasis];
  return {
    who: { identifier: { system: SUBJECT, value: subject } },
    requestor: true,
    ...(policy.length > 0 && { policy }),
  };
}
