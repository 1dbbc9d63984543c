/** The checksum of a content pack: what was sealed is what is shown. */
import { hash } from 'node:crypto';
import type { JsonObject, JsonValue } from '../fhir/types.ts';

/** `sha256-…` of everything but the checksum itself; order of members and white space do not count. */
export function checksumOf({ checksum: _own, ...pack }: JsonObject): string {
  return `sha256-${hash('sha256', JSON.stringify(ordered(pack)), 'hex')}`;
}

function ordered(value: JsonValue): JsonValue {
  if (Array.isArray(value)) {
    return value.map(ordered);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const object = value as JsonObject;
  return Object.fromEntries(
    Object.keys(object)
      .sort()
      .map((key) => [key, ordered(object[key] ?? null)]),
  );
}
