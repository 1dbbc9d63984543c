/**
 * Canonical URLs with an optional version: https://hl7.org/fhir/R4/references.html#canonical
 */
export interface Canonical {
  readonly url: string;
  readonly version?: string;
}

/** `http://x/y|1.0` → `{url, version}`; a fragment stays part of the url. */
export function parseCanonical(canonical: string): Canonical {
  const bar = canonical.indexOf('|');
  return bar === -1
    ? { url: canonical }
    : { url: canonical.slice(0, bar), version: canonical.slice(bar + 1) };
}

export const formatCanonical = (url: string, version?: string): string =>
  version === undefined ? url : `${url}|${version}`;
