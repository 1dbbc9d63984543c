/** Conditional reads: https://hl7.org/fhir/R4/http.html#cread and RFC 9110, section 13 */
import type { FhirRequest } from './exchange.ts';

/** Whether the caller has this version already. If-None-Match is asked first; If-Modified-Since knows seconds alone. */
export function isFresh(request: FhirRequest, versionId: string, lastUpdated: string): boolean {
  const ifNoneMatch = request.header('if-none-match');
  if (ifNoneMatch !== undefined) {
    return ifNoneMatch
      .split(',')
      .map((tag) => tag.trim().replace(/^W\//, ''))
      .some((tag) => tag === '*' || tag === `"${versionId}"`);
  }
  const since = Date.parse(request.header('if-modified-since') ?? '');
  return !Number.isNaN(since) && Math.floor(Date.parse(lastUpdated) / 1000) * 1000 <= since;
}
