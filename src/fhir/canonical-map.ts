/**
 * Definitions by canonical: https://hl7.org/fhir/R4/references.html#canonical
 */
import { formatCanonical, parseCanonical } from './canonical.ts';

interface Definition {
  readonly url?: string;
  readonly version?: string;
}

/** `get('http://x')` gives the newest version, `get('http://x|1.0')` that one; undefined when there is none. */
export interface CanonicalMap<T> {
  get(canonical: string): T | undefined;
}

/** Index definitions by url and by url|version; those without a url are left out. */
export function canonicalMap<T extends Definition>(definitions: readonly T[]): CanonicalMap<T> {
  const map = new Map<string, T>();
  for (const definition of definitions) {
    if (definition.url === undefined) {
      continue;
    }
    const newest = map.get(definition.url);
    if (newest === undefined || isNewer(definition.version, newest.version)) {
      map.set(definition.url, definition);
    }
    map.set(formatCanonical(definition.url, definition.version), definition);
  }
  return map;
}

/** The definition at that version, or at any when that version is not here. */
export function getAnyVersion<T>(map: CanonicalMap<T>, canonical: string): T | undefined {
  return map.get(canonical) ?? map.get(parseCanonical(canonical).url);
}

const order = new Intl.Collator('en', { numeric: true });
const isNewer = (version: string | undefined, than: string | undefined): boolean =>
  order.compare(version ?? '', than ?? '') > 0;
