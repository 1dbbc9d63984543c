/** https://hl7.org/fhir/uv/sdc/OperationDefinition-Questionnaire-populate.html */
import { FhirError, error } from '../fhir/outcome.ts';
import type { JsonObject, Reference } from '../fhir/types.ts';
import { callerOf, type FhirRequest, type FhirResponse } from '../interactions/exchange.ts';
import { type FormDeps, openForm } from '../registry/form/open-form.ts';
import type { OperationRoute } from './route.ts';

/** `POST Task/[id]/$populate` and `GET`: the response that the form of a Task opens with. Nothing is stored. */
export function populateRoutes(forms: FormDeps): readonly OperationRoute[] {
  const run = (_deps: unknown, request: FhirRequest): Promise<FhirResponse> => populateTask(forms, request);
  return [
    { method: 'get', path: '/Task/:id/$populate', run },
    {
      method: 'post',
      path: '/Questionnaire/$populate',
      name: 'populate',
      definition: 'http://hl7.org/fhir/uv/sdc/OperationDefinition/Questionnaire-populate',
      run: (_deps, request) => populateQuestionnaire(forms, request),
    },
  ];
}

async function populateTask(forms: FormDeps, request: FhirRequest): Promise<FhirResponse> {
  const opened = await openForm(forms, callerOf(request, '$populate'), request.id);
  return { status: 200, headers: {}, body: opened.response };
}

/** The standard operation: `context` part `task` names the Task whose form is filled. */
async function populateQuestionnaire(forms: FormDeps, request: FhirRequest): Promise<FhirResponse> {
  const parameters = ((request.body as JsonObject | undefined)?.['parameter'] ?? []) as readonly {
    name?: string;
    part?: readonly { name?: string; valueString?: string; valueReference?: Reference }[];
  }[];
  const contexts = parameters.filter(({ name }) => name === 'context').map(({ part }) => part ?? []);
  const task = contexts
    .flatMap((parts) => parts)
    .map(({ valueReference }) => /^Task\/([A-Za-z0-9\-.]{1,64})$/.exec(valueReference?.reference ?? '')?.[1])
    .find((id) => id !== undefined);
  if (task === undefined) {
    throw new FhirError(
      400,
      error(
        'required',
        'Name the Task whose form is to be filled: a parameter "context" with a part "content" whose valueReference is Task/[id].',
        'Parameters.parameter',
        'populate-context',
      ),
    );
  }
  const opened = await openForm(forms, callerOf(request, '$populate'), task);
  return {
    status: 200,
    headers: {},
    body: { resourceType: 'Parameters', parameter: [{ name: 'response', resource: opened.response }] },
  };
}
