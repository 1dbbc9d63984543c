/** https://hl7.org/fhir/uv/sdc/OperationDefinition-QuestionnaireResponse-extract.html */
import { FhirError, error, unprocessable } from '../fhir/outcome.ts';
import { parseJson } from '../fhir/json.ts';
import type { JsonObject, QuestionnaireResponse, Resource } from '../fhir/types.ts';
import { callerOf, type Deps, type FhirRequest, type FhirResponse } from '../interactions/exchange.ts';
import { idOfKey } from '../registry/form/extract-facts.ts';
import { factsOf, type ScoredForm } from '../registry/form/facts.ts';
import type { FormLibrary } from '../registry/form/library.ts';
import type { ExtractedResource } from '../sdc/extract.ts';
import { findingsOf, responseWithForm } from './forms-of.ts';
import { givenParameters, refuseUnknown, single } from './given-parameters.ts';
import type { OperationRoute } from './route.ts';

const DEFINITION = 'http://hl7.org/fhir/uv/sdc/OperationDefinition/QuestionnaireResponse-extract';

/** The facts that a form states, as a transaction that would store them. Nothing is stored. */
export function extractRoutes(forms: FormLibrary): readonly OperationRoute[] {
  const route = (
    method: 'get' | 'post',
    path: string,
    find: (deps: Deps, request: FhirRequest) => Promise<JsonObject | undefined>,
  ): OperationRoute => ({
    method,
    path,
    name: 'extract',
    definition: DEFINITION,
    run: async (deps, request) => facts(deps, forms, await find(deps, request)),
  });
  return [
    route('get', '/QuestionnaireResponse/:id/$extract', stored),
    route('post', '/QuestionnaireResponse/:id/$extract', stored),
    route('post', '/QuestionnaireResponse/$extract', sent),
  ];
}

async function stored({ repository }: Deps, request: FhirRequest): Promise<JsonObject> {
  const caller = callerOf(request, '$extract');
  const row = await repository.read(caller, { type: 'QuestionnaireResponse', id: request.id });
  return parseJson(row.content) as JsonObject;
}

async function sent({ repository }: Deps, request: FhirRequest): Promise<JsonObject | undefined> {
  await repository.authorise(callerOf(request, '$extract'), 'read', { type: 'QuestionnaireResponse' });
  const body = (request.body ?? {}) as JsonObject;
  if (body['resourceType'] !== 'Parameters') {
    return body;
  }
  const given = givenParameters(request);
  refuseUnknown(given, ['questionnaire-response'], '$extract');
  return single(given, 'questionnaire-response')?.resource;
}

function facts({ repository }: Deps, forms: FormLibrary, resource: JsonObject | undefined): FhirResponse {
  const { clock, newId } = repository.deps;
  const now = clock.now();
  const { form, response } = responseWithForm(forms, resource);
  const errors = findingsOf(form, response, now).filter(({ severity }) => severity === 'error');
  if (errors.length > 0) {
    throw new FhirError(422, errors);
  }
  const scored = forms.scored(form);
  const body =
    response.id === undefined
      ? unsaved(scored, { ...response, id: newId(now) }, now, () => newId(now))
      : saved(scored, response, now);
  return { status: 200, headers: {}, body };
}

/** Facts of a stored response have ids of their own: the same answers give the same ones. */
function saved(scored: ScoredForm, response: QuestionnaireResponse, now: Date): object {
  const entries = extracted(scored, response, now, idOfKey).map(({ resource }) => ({
    fullUrl: `urn:uuid:${resource.id}`,
    resource,
    request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
  }));
  return transaction(entries);
}

/** A response without an id comes along, so that the facts refer to something. */
function unsaved(
  scored: ScoredForm,
  response: QuestionnaireResponse & { readonly id: string },
  now: Date,
  newId: () => string,
): object {
  const resources: readonly (Resource & { readonly id: string })[] = [
    response,
    ...extracted(scored, response, now, newId).map(({ resource }) => resource),
  ];
  const urls = new Map(
    resources.map(({ resourceType, id }) => [`${resourceType}/${id}`, `urn:uuid:${id}`] as const),
  );
  const entries = resources.map(({ id, ...resource }) => ({
    fullUrl: `urn:uuid:${id}`,
    resource: relinked(resource, urls),
    request: { method: 'POST', url: resource.resourceType },
  }));
  return transaction(entries);
}

/** A template that does not suit the answers is the form's fault, and told as such. */
function extracted(
  scored: ScoredForm,
  response: QuestionnaireResponse,
  now: Date,
  newId: (key: string) => string,
): readonly ExtractedResource[] {
  try {
    return factsOf(scored, response, { now, newId });
  } catch (cause) {
    throw unprocessable(
      error(
        'processing',
        `The form ${scored.form.canonical} cannot be extracted from these answers: ${(cause as Error).message}`,
        'QuestionnaireResponse.item',
        'extraction',
      ),
    );
  }
}

const transaction = (entry: readonly object[]): object => ({
  resourceType: 'Bundle',
  type: 'transaction',
  ...(entry.length > 0 && { entry }),
});

/** The value with references to the given resources as their `urn:uuid`. */
function relinked(value: unknown, urls: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) {
    return value.map((item) => relinked(item, urls));
  }
  if (value === null || typeof value !== 'object') {
    return value;
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key,
      key === 'reference' && typeof member === 'string'
        ? (urls.get(member) ?? member)
        : relinked(member, urls),
    ]),
  );
}
