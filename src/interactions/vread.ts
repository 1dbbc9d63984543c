/** https://hl7.org/fhir/R4/http.html#vread */
import { callerOf, type Deps, etag, type FhirRequest, type FhirResponse } from './exchange.ts';
import { isFresh } from './fresh.ts';
import { parseSubset } from './subset.ts';
import { readEvent } from './trail.ts';

/** One version of a resource, current or superseded. */
export async function vread(deps: Deps, request: FhirRequest): Promise<FhirResponse> {
  const { type, id, versionId } = request;
  if (type === 'AuditEvent' && versionId === '1') {
    return readEvent(deps, request);
  }
  const { repository } = deps;
  const subset = parseSubset(request.query);
  const version = await repository.vread(callerOf(request, 'vread'), { type, id }, versionId);
  const headers = { ETag: etag(versionId), 'Last-Modified': new Date(version.lastUpdated).toUTCString() };
  return isFresh(request, versionId, version.lastUpdated)
    ? { status: 304, headers }
    : { status: 200, headers, body: deps.subset(version.content, subset) };
}
