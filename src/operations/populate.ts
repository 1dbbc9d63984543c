/** https://hl7.org/fhir/uv/sdc/OperationDefinition-Questionnaire-populate.html */
import { FhirError, badRequest, error, issue, toOutcome, type Issue } from '../fhir/outcome.ts';
import { parseJson } from '../fhir/json.ts';
import { parseLocalReference } from '../fhir/reference.ts';
import { isResourceType } from '../fhir/resource-types.ts';
import type { Resource } from '../fhir/types.ts';
import { callerOf, type FhirRequest, type FhirResponse } from '../interactions/exchange.ts';
import { type FormDeps, openForm } from '../registry/form/open-form.ts';
import type { Caller } from '../repository/audit.ts';
import type { Form } from '../sdc/form-types.ts';
import { populate } from '../sdc/populate.ts';
import { formOf, formOfStored, requireReference } from './forms-of.ts';
import { type Given, givenParameters, refuseUnknown, singleText } from './given-parameters.ts';
import type { OperationRoute } from './route.ts';

const DEFINITION = 'http://hl7.org/fhir/uv/sdc/OperationDefinition/Questionnaire-populate';
const KNOWN = ['canonical', 'questionnaireRef', 'subject', 'context', 'local'];

/** Fill a form: that of a Task, or any of the registers' for a person. Nothing is stored. */
export function populateRoutes(forms: FormDeps): readonly OperationRoute[] {
  const route = (method: 'get' | 'post', path: string): OperationRoute => ({
    method,
    path,
    name: 'populate',
    definition: DEFINITION,
    run: (_deps, request) => populateForm(forms, request),
  });
  return [
    { method: 'get', path: '/Task/:id/$populate', run: (_deps, request) => populateTask(forms, request) },
    route('post', '/Questionnaire/$populate'),
    route('get', '/Questionnaire/:id/$populate'),
    route('post', '/Questionnaire/:id/$populate'),
  ];
}

async function populateTask(forms: FormDeps, request: FhirRequest): Promise<FhirResponse> {
  const opened = await openForm(forms, callerOf(request, '$populate'), request.id);
  return { status: 200, headers: {}, body: opened.response };
}

/** The standard operation. A context that is a Task names the form, the person and the pathway by itself. */
async function populateForm(deps: FormDeps, request: FhirRequest): Promise<FhirResponse> {
  const caller = callerOf(request, '$populate');
  const given = givenParameters(request);
  refuseInline(given);
  refuseUnknown(given, KNOWN, '$populate');
  const contexts = contextsOf(given);
  const task = contexts.map(({ reference }) => taskId(reference)).find((id) => id !== undefined);
  if (task !== undefined) {
    const { response } = await openForm(deps, caller, task);
    return answer(response, []);
  }
  const form = await formAsked(deps, caller, request, given);
  const subject = singleText(given, 'subject');
  const patient =
    subject === undefined
      ? []
      : [await read(deps, caller, 'Patient', requireReference(subject, 'Patient', 'subject'))];
  const named = await Promise.all(
    contexts.map(async (context) => [context.name, await contentOf(deps, caller, context)] as const),
  );
  const launch: Readonly<Record<string, Resource>> = {
    ...Object.fromEntries(patient.map((resource) => ['patient', resource])),
    ...Object.fromEntries(named),
  };
  refuseWithoutPerson(launch);
  const { response } = await populate(form, {
    launch,
    now: deps.repository.deps.clock.now(),
    conversions: deps.forms.conversions,
    fetch: (query) => fetchFor(deps, caller, query, launch, singleText(given, 'local') === 'true'),
  });
  return answer(
    response,
    unused(
      form,
      named.map(([name]) => name),
    ),
  );
}

const answer = (response: object, issues: readonly Issue[]): FhirResponse => ({
  status: 200,
  headers: {},
  body: {
    resourceType: 'Parameters',
    parameter: [
      { name: 'response', resource: response },
      ...(issues.length > 0 ? [{ name: 'issues', resource: toOutcome(issues) }] : []),
    ],
  },
});

/** Expressions of a form run in this process: a caller's do not. */
function refuseInline(given: readonly Given[]): void {
  const inline = given.find(({ name }) => name === 'questionnaire' || name === 'identifier');
  if (inline !== undefined) {
    throw badRequest(
      `"${inline.name}" is not taken: name one of the registers' forms by canonical (url|version) or questionnaireRef.`,
      inline.at,
      'populate-questionnaire',
    );
  }
}

const taskId = (reference: string | undefined): string | undefined => {
  const local = parseLocalReference(reference ?? '');
  return local?.type === 'Task' ? local.id : undefined;
};

interface Context {
  readonly name: string;
  readonly reference: string | undefined;
  readonly resource: Resource | undefined;
  readonly at: string;
}

function contextsOf(given: readonly Given[]): readonly Context[] {
  return given
    .filter(({ name }) => name === 'context')
    .map(({ part = [], at }) => {
      const content = part.find(({ name }) => name === 'content');
      return {
        name: part.find(({ name }) => name === 'name')?.text ?? '',
        reference: content?.text,
        resource: content?.resource as Resource | undefined,
        at,
      };
    });
}

async function formAsked(
  deps: FormDeps,
  caller: Caller,
  request: FhirRequest,
  given: readonly Given[],
): Promise<Form> {
  const canonical = singleText(given, 'canonical');
  const reference = singleText(given, 'questionnaireRef');
  if (request.id !== '') {
    return formOfStored(deps, caller, request.id);
  }
  if (reference !== undefined) {
    return formOfStored(deps, caller, requireReference(reference, 'Questionnaire', 'questionnaireRef'));
  }
  if (canonical === undefined) {
    throw new FhirError(
      400,
      error(
        'required',
        'Name the form by canonical or questionnaireRef and the person by subject; or name a Task: a parameter "context" with a part "content" whose valueReference is Task/[id].',
        'Parameters.parameter',
        'populate-context',
      ),
    );
  }
  await deps.repository.authorise(caller, 'read', { type: 'Questionnaire' });
  return formOf(deps.forms, canonical, 'canonical');
}

async function contentOf(deps: FormDeps, caller: Caller, context: Context): Promise<Resource> {
  const { name, reference, resource, at } = context;
  const local = parseLocalReference(reference ?? '');
  if (name === '' || (resource === undefined && (local === undefined || !isResourceType(local.type)))) {
    throw badRequest(
      'A context has a part "name" and a part "content": a reference to a resource here, or a resource.',
      at,
      'populate-context',
    );
  }
  return resource ?? read(deps, caller, local?.type ?? '', local?.id ?? '');
}

async function read({ repository }: FormDeps, caller: Caller, type: string, id: string): Promise<Resource> {
  const row = await repository.read(caller, { type, id });
  return parseJson(row.content) as unknown as Resource;
}

function refuseWithoutPerson({ patient }: Readonly<Record<string, Resource>>): void {
  if (patient?.resourceType !== 'Patient') {
    throw new FhirError(
      400,
      error(
        'required',
        'Name the person: subject, or a context "patient".',
        'Parameters.parameter',
        'populate-context',
      ),
    );
  }
}

/** What was brought, by type; with `local`, else what is stored here and the caller may read. */
async function fetchFor(
  { search }: FormDeps,
  caller: Caller,
  query: string,
  launch: Readonly<Record<string, Resource>>,
  local: boolean,
): Promise<readonly Resource[]> {
  const [type = '', parameters = ''] = query.split('?', 2);
  const brought = Object.values(launch)
    .flatMap(unbundled)
    .filter(({ resourceType }) => resourceType === type);
  if (brought.length > 0 || !local) {
    return brought;
  }
  const found = await search.search(caller, type, new URLSearchParams(parameters), { lenient: true });
  return found.matches.map(({ content }) => parseJson(content) as unknown as Resource);
}

const unbundled = (resource: Resource): readonly Resource[] =>
  resource.resourceType === 'Bundle'
    ? (resource.entry ?? []).flatMap(({ resource: inner }) =>
        inner === undefined ? [] : [inner as Resource],
      )
    : [resource];

/** Contexts that the form does not declare help nothing; the caller is told. */
const unused = ({ launchNames }: Form, names: readonly string[]): readonly Issue[] =>
  names
    .filter((name) => !launchNames.includes(name))
    .map((name) =>
      issue(
        'warning',
        'informational',
        `The form declares no launch context "${name.slice(0, 64)}".`,
        'context',
        'populate-context',
      ),
    );
