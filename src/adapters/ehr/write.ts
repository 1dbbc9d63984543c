/**
 * Create one resource in an EHR: https://hl7.org/fhir/R4/http.html#create, once only by If-None-Exist. The token goes to the EHR's
 * own base and nowhere else; no redirect is followed.
 */
import type { Resource } from '../../fhir/types.ts';
import { guardedFetch } from '../guarded-fetch.ts';
import { isBelow } from './pull.ts';

export interface EhrWrite {
  readonly fhirBase: string;
  readonly accessToken: string;
  readonly resource: Resource;
  /** Search that finds it if it has been created before: `identifier=system|value`. */
  readonly ifNoneExist: string;
}

export type EhrWritten =
  | { readonly kind: 'written'; readonly location: string | undefined }
  /** The token is over, or was never enough. */
  | { readonly kind: 'unauthorized' }
  | { readonly kind: 'refused'; readonly status: number }
  | { readonly kind: 'down' };

const ask = guardedFetch({ reach: 'configured', timeoutMs: 15_000, maxBytes: 1024 * 1024 });
/** Worth another try later. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429]);

/** Never throws for what the EHR answers or does not answer. */
export async function createInEhr({
  fhirBase,
  accessToken,
  resource,
  ifNoneExist,
}: EhrWrite): Promise<EhrWritten> {
  const base = fhirBase.replace(/\/$/, '');
  const response = await ask(`${base}/${resource.resourceType}`, {
    method: 'POST',
    headers: {
      accept: 'application/fhir+json',
      'content-type': 'application/fhir+json',
      authorization: `Bearer ${accessToken}`,
      'if-none-exist': ifNoneExist,
      prefer: 'return=minimal',
    },
    body: JSON.stringify(resource),
  }).catch(() => undefined);
  if (response === undefined || response.status >= 500 || PASSING.has(response.status)) {
    return { kind: 'down' };
  }
  if (response.status === 401) {
    return { kind: 'unauthorized' };
  }
  return response.status === 200 || response.status === 201
    ? { kind: 'written', location: locationOf(base, resource.resourceType, response.headers.get('location')) }
    : { kind: 'refused', status: response.status };
}

/** `Type/id`, if the address is the EHR's own. */
function locationOf(base: string, type: string, location: string | null): string | undefined {
  const absolute = location === null ? undefined : URL.parse(location, `${base}/`)?.href;
  const [, id] = new RegExp(`/${type}/([A-Za-z0-9.-]{1,64})(?:/_history/|$)`).exec(absolute ?? '') ?? [];
  return absolute !== undefined && isBelow(base, absolute) && id !== undefined ? `${type}/${id}` : undefined;
}
