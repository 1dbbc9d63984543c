/** https://hl7.org/fhir/R4/http.html#read */
import { callerOf, type Deps, etag, type FhirRequest, type FhirResponse } from './exchange.ts';
import { isFresh } from './fresh.ts';
import { parseSubset } from './subset.ts';
import { readEvent } from './trail.ts';

/** The current version; 304 when the caller has it already. */
export async function read(deps: Deps, request: FhirRequest): Promise<FhirResponse> {
  const { type, id } = request;
  if (type === 'AuditEvent') {
    return readEvent(deps, request);
  }
  const { repository } = deps;
  const subset = parseSubset(request.query);
  const row = await repository.read(callerOf(request, 'read'), { type, id });
  const versionId = String(row.versionId);
  const headers = { ETag: etag(versionId), 'Last-Modified': new Date(row.lastUpdated).toUTCString() };
  return isFresh(request, versionId, row.lastUpdated)
    ? { status: 304, headers }
    : { status: 200, headers, body: deps.subset(row.content, subset) };
}
