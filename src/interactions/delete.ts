/** https://hl7.org/fhir/R4/http.html#delete */
import { FhirError, error } from '../fhir/outcome.ts';
import { callerOf, type Deps, type FhirRequest, type FhirResponse, etag, parseIfMatch } from './exchange.ts';

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

  const target = id === '' ? { condition: request.query.toString() } : { id };
  const [result] = await repository.commit(callerOf(request, 'delete'), [
    { kind: 'delete', type, ...target, ...(ifMatch !== undefined && { ifMatch }) },
  ]);

  return { status: 204, headers: result?.versionId === undefined ? {} : { ETag: etag(result.versionId) } };
}
