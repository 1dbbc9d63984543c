/**
 * The register's own numbers are given once, by the register: a sender neither makes, changes nor takes away the PasientID
 * of a person or the ForløpsID of a pathway.
 */
import { parseJson } from '../../fhir/json.ts';
import type { JsonObject } from '../../fhir/types.ts';
import type { Pending } from '../../repository/operation.ts';
import type { WriteRule } from '../../repository/rules.ts';
import {
  FORLOPS_ID,
  identifierValue,
  PASIENT_ID,
  withIdentifier,
  withoutIdentifier,
} from './register-identifiers.ts';

const SYSTEMS: Readonly<Record<string, string>> = { Patient: PASIENT_ID, EpisodeOfCare: FORLOPS_ID };

export const keepIdentifiers: WriteRule = {
  name: 'keep-register-identifiers',
  apply(scope) {
    const entries = scope.principal.kind === 'system' ? [] : scope.pending();
    for (const entry of entries) {
      const resource = withOwnNumber(entry);
      if (resource !== entry.resource && resource !== undefined) {
        scope.replace(entry, { resource });
      }
    }
    return Promise.resolve([]);
  },
};

/** The resource with the number that the register has given it, or with none. */
function withOwnNumber({ type, effect, derived, resource, previous }: Pending): JsonObject | undefined {
  const system = SYSTEMS[type];
  const isWritten = effect === 'created' || effect === 'updated';
  if (system === undefined || resource === undefined || !isWritten || derived === true) {
    return resource;
  }
  const before = previous?.content;
  const given = before == null ? undefined : identifierValue(parseJson(before) as JsonObject, system);
  if (identifierValue(resource, system) === given) {
    return resource;
  }
  const without = withoutIdentifier(resource, system);
  return given === undefined ? without : withIdentifier(without, system, given);
}
