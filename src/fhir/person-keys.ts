/**
 * National identity numbers as unique keys: a person exists once, whoever sends first.
 */
import { hash64 } from './id.ts';
import { OTHER_NUMBERS } from './identifiers.ts';
import type { JsonObject, JsonValue } from './types.ts';

/** Fødselsnummer, D-number and common help number (norwegian-fhir.md 1.4). */
const NATIONAL = new Set([
  'urn:oid:2.16.578.1.12.4.1.4.1',
  'urn:oid:2.16.578.1.12.4.1.4.2',
  'urn:oid:2.16.578.1.12.4.1.4.3',
]);

/** Keys of a Patient's national identifiers that are in use; empty for other types. */
export function personKeys(resource: JsonObject): readonly string[] {
  if (resource['resourceType'] !== 'Patient' || !Array.isArray(resource['identifier'])) {
    return [];
  }
  const keys = (resource['identifier'] as readonly JsonValue[]).flatMap((identifier) => {
    const { system, value, use } = (identifier ?? {}) as JsonObject;
    return typeof system === 'string' && typeof value === 'string' && use !== 'old' && isOfOne(system)
      ? [hash64(`${system}|${value}`)]
      : [];
  });
  return [...new Set(keys)];
}

/** A department's own numbers of those who have no national one are one person's there, too. */
const isOfOne = (system: string): boolean => NATIONAL.has(system) || system.startsWith(OTHER_NUMBERS);
