/** https://hl7.org/fhir/R4/http.html#update */
import { FhirError, error } from '../fhir/outcome.ts';
import { one } from './create.ts';
import {
  callerOf,
  type Deps,
  type FhirRequest,
  type FhirResponse,
  parseIfMatch,
  preferredReturn,
  requireResource,
} from './exchange.ts';
import { messageOf } from './receiving.ts';
import { targetOf } from './target.ts';
import { writeResponse } from './write-response.ts';

/** Update by id (creating it if the id is new), or by a condition when the path has no id. */
export async function update({ repository, fhirBase }: Deps, request: FhirRequest): Promise<FhirResponse> {
  const { type, id } = request;
  const resource = requireResource(request.body, type);
  const ifMatch = parseIfMatch(request.header('if-match'));
  if (id !== '' && resource['id'] !== id) {
    throw new FhirError(
      400,
      error('invalid', 'The id in the resource must be the id in the URL.', `${type}.id`, 'id-mismatch'),
    );
  }

  const target = targetOf(request, 'update');
  const [result] = await repository.commit(
    callerOf(request, 'update'),
    [{ kind: 'update', type, resource, ...target, ...(ifMatch !== undefined && { ifMatch }) }],
    messageOf(request),
  );

  return writeResponse(one(result), preferredReturn(request.header('prefer')), fhirBase);
}
