/**
 * The lookup by canonical that `Content` offers: https://hl7.org/fhir/R4/references.html#canonical
 */
import { canonicalMap } from '../fhir/canonical-map.ts';
import type { Resource } from '../fhir/types.ts';
import type { CanonicalIndex } from './content.ts';

/** Index definitional resources, keeping their order in `all()`. */
export function canonicalIndex<T extends Resource>(definitions: readonly T[]): CanonicalIndex<T> {
  const map = canonicalMap(definitions as readonly (T & { url?: string; version?: string })[]);
  const all = Object.freeze([...definitions]);
  return Object.freeze({ get: (canonical: string) => map.get(canonical), all: () => all });
}
