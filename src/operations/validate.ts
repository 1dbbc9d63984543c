/** https://hl7.org/fhir/R4/resource-operation-validate.html */
import { type Issue, issue, toOutcome } from '../fhir/outcome.ts';
import type { JsonObject, JsonValue } from '../fhir/types.ts';
import {
  callerOf,
  type Deps,
  type FhirRequest,
  type FhirResponse,
  requireResource,
} from '../interactions/exchange.ts';
import type { OperationRoute } from './route.ts';

interface Validates {
  validate(resource: JsonValue, options?: { readonly profiles?: readonly string[] }): readonly Issue[];
}

/** `POST [type]/$validate`: the resource itself, or a Parameters with `resource` and `profile`. Nothing is stored. */
export function validateRoutes(validator: Validates): readonly OperationRoute[] {
  return [
    {
      method: 'post',
      path: '/:type/$validate',
      name: 'validate',
      definition: 'http://hl7.org/fhir/OperationDefinition/Resource-validate',
      run: (deps, request) => validate(validator, deps, request),
    },
  ];
}

async function validate(
  validator: Validates,
  { repository }: Deps,
  request: FhirRequest,
): Promise<FhirResponse> {
  await repository.authorise(callerOf(request, '$validate'), 'read', { type: request.type });
  const { resource, profiles } = asked(request);
  const issues = validator.validate(requireResource(resource, request.type), { profiles });
  const outcome = toOutcome(
    issues.length > 0 ? issues : [issue('information', 'informational', 'No faults found.')],
  );
  return { status: 200, headers: {}, body: outcome };
}

function asked({ body, query }: FhirRequest): {
  resource: JsonValue | undefined;
  profiles: readonly string[];
} {
  const object = (body ?? {}) as JsonObject;
  if (object['resourceType'] !== 'Parameters') {
    return { resource: body, profiles: query.getAll('profile') };
  }
  const parameters = (object['parameter'] ?? []) as readonly {
    name?: string;
    resource?: JsonObject;
    valueUri?: string;
    valueCanonical?: string;
  }[];
  const profiles = parameters.flatMap(({ name, valueUri, valueCanonical }) =>
    name === 'profile' ? [valueUri ?? valueCanonical ?? ''] : [],
  );
  return { resource: parameters.find(({ name }) => name === 'resource')?.resource, profiles };
}
