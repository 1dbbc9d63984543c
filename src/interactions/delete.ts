/** https://hl7.org/fhir/R4/http.html#delete */
import { FhirError, error, issue, toOutcome } from '../fhir/outcome.ts';
import {
  callerOf,
  type Deps,
  etag,
  type FhirRequest,
  type FhirResponse,
  parseIfMatch,
  preferredReturn,
} from './exchange.ts';
import { refuseParameters } from './refuse-parameters.ts';

/** Delete by id or by a condition that matches at most one. The versions before stay readable. */
export async function deleteResource({ repository }: Deps, request: FhirRequest): Promise<FhirResponse> {
  const { type, id } = request;
  const ifMatch = parseIfMatch(request.header('if-match'));
  if (id === '' && request.query.size === 0) {
    throw new FhirError(
      400,
      error('required', 'A conditional delete needs search parameters in the URL.', undefined, 'condition'),
    );
  }
  if (id !== '') {
    refuseParameters(request);
  }

  const target = id === '' ? { condition: request.query.toString() } : { id };
  const [result] = await repository.commit(callerOf(request, 'delete'), [
    { kind: 'delete', type, ...target, ...(ifMatch !== undefined && { ifMatch }) },
  ]);

  const headers: Readonly<Record<string, string>> =
    result?.versionId === undefined ? {} : { ETag: etag(result.versionId) };
  if (preferredReturn(request.header('prefer')) !== 'OperationOutcome') {
    return { status: 204, headers };
  }
  const name = id === '' ? `What the condition matches` : `${type}/${id}`;
  const text = result?.effect === 'absent' ? `${name} was not there any more.` : `${name} was deleted.`;
  return { status: 200, headers, body: toOutcome([issue('information', 'informational', text)]) };
}
