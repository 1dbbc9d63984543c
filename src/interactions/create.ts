/** https://hl7.org/fhir/R4/http.html#create */
import { badRequest } from '../fhir/outcome.ts';
import {
  callerOf,
  type Deps,
  type FhirRequest,
  type FhirResponse,
  onceOf,
  preferredReturn,
  requireResource,
} from './exchange.ts';
import { messageOf } from './receiving.ts';
import { refuseParameters } from './refuse-parameters.ts';
import { writeResponse } from './write-response.ts';

/** Create a resource, or with If-None-Exist find the one that is there already. */
export async function create({ repository, fhirBase }: Deps, request: FhirRequest): Promise<FhirResponse> {
  refuseParameters(request);
  const resource = requireResource(request.body, request.type);
  const ifNoneExist = request.header('if-none-exist');
  if (ifNoneExist === '') {
    throw badRequest('If-None-Exist must hold search parameters, or be left out.', undefined, 'condition');
  }

  const [result] = await repository.commit(
    callerOf(request, 'create'),
    [{ kind: 'create', type: request.type, resource, ...(ifNoneExist !== undefined && { ifNoneExist }) }],
    { ...onceOf(request, 'create'), ...messageOf(request) },
  );

  return writeResponse(one(result), preferredReturn(request.header('prefer')), fhirBase);
}

/** The single result of a single operation. */
export function one<T>(value: T | undefined): T {
  if (value === undefined) {
    throw new Error('An operation has no result');
  }
  return value;
}
