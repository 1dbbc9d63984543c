/** https://hl7.org/fhir/uv/sdc/behavior.html: a response checked against its own form, all of its rules. */
import { issue, toOutcome } from '../fhir/outcome.ts';
import { parseJson } from '../fhir/json.ts';
import type { JsonObject } from '../fhir/types.ts';
import { callerOf, type Deps, type FhirRequest, type FhirResponse } from '../interactions/exchange.ts';
import type { FormLibrary } from '../registry/form/library.ts';
import { findingsOf, responseWithForm } from './forms-of.ts';
import { givenParameters, refuseUnknown, single } from './given-parameters.ts';
import type { OperationRoute } from './route.ts';

const DEFINITION = 'https://ryggrad.no/fhir/OperationDefinition/questionnaire-response-validate|1.0.0';
const NAME = 'questionnaire-response-validate';

/** A response that is sent, or one that is stored. Nothing is stored. */
export function validateResponseRoutes(forms: FormLibrary): readonly OperationRoute[] {
  return [
    {
      method: 'post',
      path: `/QuestionnaireResponse/$${NAME}`,
      name: NAME,
      definition: DEFINITION,
      run: async (deps, request) => {
        await deps.repository.authorise(callerOf(request, `$${NAME}`), 'read', {
          type: 'QuestionnaireResponse',
        });
        return findings(deps, forms, sent(request));
      },
    },
    {
      method: 'get',
      path: `/QuestionnaireResponse/:id/$${NAME}`,
      name: NAME,
      definition: DEFINITION,
      run: async (deps, request) => {
        const key = { type: 'QuestionnaireResponse', id: request.id };
        const row = await deps.repository.read(callerOf(request, `$${NAME}`), key);
        return findings(deps, forms, parseJson(row.content) as JsonObject);
      },
    },
  ];
}

function sent(request: FhirRequest): JsonObject | undefined {
  const body = (request.body ?? {}) as JsonObject;
  if (body['resourceType'] !== 'Parameters') {
    return body;
  }
  const given = givenParameters(request);
  refuseUnknown(given, ['questionnaire-response'], `$${NAME}`);
  return single(given, 'questionnaire-response')?.resource;
}

function findings({ repository }: Deps, forms: FormLibrary, resource: JsonObject | undefined): FhirResponse {
  const { form, response } = responseWithForm(forms, resource);
  const issues = findingsOf(form, response, repository.deps.clock.now());
  const body = toOutcome(
    issues.length > 0 ? issues : [issue('information', 'informational', 'No faults found.')],
  );
  return { status: 200, headers: {}, body };
}
