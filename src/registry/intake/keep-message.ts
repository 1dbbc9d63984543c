/**
 * What an EHR sends is kept as it came: the raw message as a Binary with its hash, and one Provenance that ties every
 * resource of the message to it. https://hl7.org/fhir/R4/provenance.html
 */
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { EhrPrincipal } from '../../access/principal.ts';
import type { JsonObject } from '../../fhir/types.ts';
import { type Pending, storesVersion } from '../../repository/operation.ts';
import { NO_LABELS } from '../../repository/batch.ts';
import type { WriteRule, WriteScope } from '../../repository/rules.ts';

export const keepMessage: WriteRule = {
  name: 'keep-message',
  apply(scope) {
    const { principal, message } = scope;
    const targets = scope.pending().filter(({ effect }) => storesVersion(effect) || effect === 'matched');
    if (principal.kind !== 'ehr' || message?.isBundle !== true || targets.length === 0) {
      return Promise.resolve([]);
    }
    const labels = { ...NO_LABELS, unit: principal.units[0] ?? null };
    const binary = scope.newId();
    scope.add({ kind: 'create', type: 'Binary', id: binary, labels, resource: rawBinary(message.raw) });
    const late = targets.filter(({ isLate }) => isLate === true);
    const taken = targets.filter(({ isLate }) => isLate !== true);
    const told = [
      { targets: taken, activity: CREATE },
      { targets: late, activity: LATE },
    ];
    for (const { targets: about, activity } of told.filter((each) => each.targets.length > 0)) {
      const resource = provenanceOf(scope, principal, { about, activity, binary, raw: message.raw });
      scope.add({ kind: 'create', type: 'Provenance', id: scope.newId(), labels, resource });
    }
    return Promise.resolve([]);
  },
};

const CREATE: JsonObject = {
  coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-DataOperation', code: 'CREATE' }],
};
/** The message is older than what is here: it is kept, and has changed nothing (IR-05). */
const LATE: JsonObject = {
  coding: [{ system: 'https://ryggrad.no/fhir/CodeSystem/message', code: 'late' }],
  text: 'An older version came later, and was left out.',
};

interface Told {
  readonly about: readonly Pending[];
  readonly activity: JsonObject;
  /** Id of the Binary. */
  readonly binary: string;
  readonly raw: string;
}

const provenanceOf = (
  { now }: WriteScope,
  principal: EhrPrincipal,
  { about, activity, binary, raw }: Told,
): JsonObject => ({
  resourceType: 'Provenance',
  target: about.map(({ type, id }) => ({ reference: `${type}/${id}` })),
  recorded: now.toISOString(),
  activity,
  agent: [agentOf(principal)],
  entity: [
    {
      role: 'source',
      what: {
        reference: `Binary/${binary}`,
        identifier: { system: 'urn:ietf:rfc:6920', value: `ni:///sha-256;${sha256(raw)}` },
      },
    },
  ],
});

function rawBinary(rawMessage: string): JsonObject {
  return {
    resourceType: 'Binary',
    contentType: 'application/gzip',
    data: gzipSync(rawMessage, { level: 1 }).toString('base64'),
  };
}

function agentOf(principal: EhrPrincipal): JsonObject {
  const [organization] = principal.units;
  return {
    type: {
      coding: [
        { system: 'http://terminology.hl7.org/CodeSystem/provenance-participant-type', code: 'transmitter' },
      ],
    },
    who: { identifier: { system: 'https://ryggrad.no/fhir/NamingSystem/subject', value: principal.subject } },
    ...(organization !== undefined && { onBehalfOf: { reference: `Organization/${organization}` } }),
  };
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url');
