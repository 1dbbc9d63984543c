/**
 * An update of a Patient by its sender does not take away the register's PasientID.
 */
import { parseJson } from '../../fhir/json.ts';
import type { JsonObject } from '../../fhir/types.ts';
import type { WriteRule } from '../../repository/rules.ts';
import { identifierValue, PASIENT_ID, withIdentifier } from './register-identifiers.ts';

export const keepIdentifiers: WriteRule = {
  name: 'keep-register-identifiers',
  apply(scope) {
    for (const entry of scope.pending()) {
      const before = entry.previous?.content;
      if (
        entry.type !== 'Patient' ||
        entry.effect !== 'updated' ||
        entry.resource === undefined ||
        before == null
      ) {
        continue;
      }
      const kept = identifierValue(parseJson(before) as JsonObject, PASIENT_ID);
      if (kept !== undefined && identifierValue(entry.resource, PASIENT_ID) === undefined) {
        scope.replace(entry, { resource: withIdentifier(entry.resource, PASIENT_ID, kept) });
      }
    }
    return Promise.resolve([]);
  },
};
