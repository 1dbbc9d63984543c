/**
 * What an EHR sends is kept as it came: the raw message as a Binary with its hash, and one Provenance that ties every
 * resource of the message to it. https://hl7.org/fhir/R4/provenance.html
 */
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { EhrPrincipal } from '../../access/principal.ts';
import type { JsonObject } from '../../fhir/types.ts';
import { storesVersion } from '../../repository/operation.ts';
import { NO_LABELS } from '../../repository/batch.ts';
import type { WriteRule } from '../../repository/rules.ts';

export const keepMessage: WriteRule = {
  name: 'keep-message',
  apply(scope) {
    const { principal, rawMessage, now } = scope;
    const targets = scope.pending().filter(({ effect }) => storesVersion(effect) || effect === 'matched');
    if (principal.kind !== 'ehr' || rawMessage === undefined || targets.length === 0) {
      return Promise.resolve([]);
    }
    const labels = { ...NO_LABELS, unit: principal.units[0] ?? null };
    const binary = scope.newId();
    const provenance = scope.newId();
    scope.add({ kind: 'create', type: 'Binary', id: binary, labels, resource: rawBinary(rawMessage) });
    scope.add({
      kind: 'create',
      type: 'Provenance',
      id: provenance,
      labels,
      resource: {
        resourceType: 'Provenance',
        target: targets.map(({ type, id }) => ({ reference: `${type}/${id}` })),
        recorded: now.toISOString(),
        activity: {
          coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-DataOperation', code: 'CREATE' }],
        },
        agent: [agentOf(principal)],
        entity: [
          {
            role: 'source',
            what: {
              reference: `Binary/${binary}`,
              identifier: { system: 'urn:ietf:rfc:6920', value: `ni:///sha-256;${sha256(rawMessage)}` },
            },
          },
        ],
      },
    });
    return Promise.resolve([]);
  },
};

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
