/** https://hl7.org/fhir/R4/http.html#delete */
import { issue, toOutcome } from '../fhir/outcome.ts';
import {
  callerOf,
  type Deps,
  etag,
  type FhirRequest,
  type FhirResponse,
  parseIfMatch,
  preferredReturn,
} from './exchange.ts';
import { messageOf } from './receiving.ts';
import { targetOf } from './target.ts';

/** Delete by id or by a condition that matches at most one. The versions before stay readable. */
export async function deleteResource({ repository }: Deps, request: FhirRequest): Promise<FhirResponse> {
  const { type, id } = request;
  const ifMatch = parseIfMatch(request.header('if-match'));

  const target = targetOf(request, 'delete');
  const [result] = await repository.commit(
    callerOf(request, 'delete'),
    [{ kind: 'delete', type, ...target, ...(ifMatch !== undefined && { ifMatch }) }],
    messageOf(request),
  );

  const headers: Readonly<Record<string, string>> =
    result?.versionId === undefined ? {} : { ETag: etag(result.versionId) };
  if (preferredReturn(request.header('prefer')) !== 'OperationOutcome') {
    return { status: 204, headers };
  }
  const name = id === '' ? `What the condition matches` : `${type}/${id}`;
  const text = result?.effect === 'absent' ? `${name} was not there any more.` : `${name} was deleted.`;
  return { status: 200, headers, body: toOutcome([issue('information', 'informational', text)]) };
}
