/**
 * A form opened from its Task: the stored response, or a new one filled from what is known.
 * https://hl7.org/fhir/uv/sdc/populate.html
 */
import { FhirError, error } from '../../fhir/outcome.ts';
import { parseJson } from '../../fhir/json.ts';
import { idOfReference } from '../../fhir/reference.ts';
import type { JsonObject, QuestionnaireResponse, Reference, Resource } from '../../fhir/types.ts';
import type { Caller } from '../../repository/audit.ts';
import type { Repository } from '../../repository/repository.ts';
import type { SearchService } from '../../repository/search.ts';
import type { Form } from '../../sdc/form-types.ts';
import { recalculate } from '../../sdc/calculate.ts';
import { populate } from '../../sdc/populate.ts';
import { withReadOnly } from '../../sdc/read-only.ts';
import { questionnaireOf, responseOf } from '../schedule/tasks.ts';
import { type FetchedResources, withAbsoluteSources } from './fetched.ts';
import type { FormLibrary } from './library.ts';
import { isLocked } from './lock.ts';
import { EPISODE_EXTENSION } from './pathway.ts';

export interface FormDeps {
  readonly repository: Repository;
  readonly search: SearchService;
  readonly forms: FormLibrary;
}

export interface OpenedForm {
  readonly task: JsonObject;
  readonly form: Form;
  readonly patient: JsonObject;
  readonly episode: JsonObject;
  readonly response: QuestionnaireResponse;
  /** Version of the stored response; undefined when nothing is stored yet. */
  readonly version: string | undefined;
  readonly savedAt: string | undefined;
}

/** Open the form of a Task. Throws 404 for an unknown Task, 422 when the Task names a form that is not loaded. */
export async function openForm(
  deps: FormDeps,
  caller: Caller,
  taskId: string,
  fetched?: FetchedResources,
): Promise<OpenedForm> {
  const { repository } = deps;
  const task = await readJson(repository, caller, 'Task', taskId);
  const form = formOf(deps.forms, task);
  const episodeId =
    idOfReference((task['basedOn'] as readonly Reference[] | undefined)?.[0], 'EpisodeOfCare') ?? '';
  const episode = await readJson(repository, caller, 'EpisodeOfCare', episodeId);
  const patientId = idOfReference(episode['patient'] as Reference | undefined, 'Patient') ?? '';
  const patient = await readJson(repository, caller, 'Patient', patientId);
  const base = { task, form, patient, episode };
  const stored = responseOf(task);
  if (stored !== undefined) {
    const row = await repository.read(caller, {
      type: 'QuestionnaireResponse',
      id: stored.split('/')[1] ?? '',
    });
    const kept = parseJson(row.content) as unknown as QuestionnaireResponse;
    const response = await refreshed(deps, caller, base, kept);
    return { ...base, response, version: String(row.versionId), savedAt: row.lastUpdated };
  }
  return {
    ...base,
    response: await filled(deps, caller, base, fetched),
    version: undefined,
    savedAt: undefined,
  };
}

/** A draft with what it takes over from the pathway's other forms as they stand now. */
async function refreshed(
  { repository, search }: FormDeps,
  caller: Caller,
  { form, patient, episode }: Pick<OpenedForm, 'form' | 'patient' | 'episode'>,
  response: QuestionnaireResponse,
): Promise<QuestionnaireResponse> {
  const takesOver = form.queries.some(({ query }) => query.startsWith('QuestionnaireResponse?'));
  if (isLocked(response.status) || !takesOver) {
    return response;
  }
  const query = `QuestionnaireResponse?subject=Patient/${String(patient['id'])}`;
  const found = await fetchFor(search, caller, query, undefined);
  const responses = (found as readonly QuestionnaireResponse[]).filter(({ id }) => id !== response.id);
  const context = { now: repository.deps.clock.now(), launch: { patient, episode } };
  return recalculate(form, withReadOnly(form, response, context, { previous: response, responses }), context);
}

/** A new response, filled from the register and from what a launch brought. */
async function filled(
  { repository, search }: FormDeps,
  caller: Caller,
  { form, patient, episode }: Pick<OpenedForm, 'form' | 'patient' | 'episode'>,
  fetched: FetchedResources | undefined,
): Promise<QuestionnaireResponse> {
  const encounter = fetched?.encounter ?? (await newestEncounter(search, caller, patient));
  const launch = {
    patient: patient as unknown as Resource,
    episode: episode as unknown as Resource,
    ...(encounter !== undefined && { encounter }),
  };
  const populated = await populate(form, {
    launch,
    now: repository.deps.clock.now(),
    fetch: (query) => fetchFor(search, caller, query, fetched),
  });
  const response =
    fetched === undefined ? populated.response : withAbsoluteSources(populated.response, fetched);
  return {
    ...response,
    subject: { reference: `Patient/${String(patient['id'])}` },
    extension: [
      ...(response.extension ?? []),
      { url: EPISODE_EXTENSION, valueReference: { reference: `EpisodeOfCare/${String(episode['id'])}` } },
    ],
  };
}

/** Resources for a form's query: from the EHR session when it has that type, else from what has been received. */
async function fetchFor(
  search: SearchService,
  caller: Caller,
  query: string,
  fetched: FetchedResources | undefined,
): Promise<readonly Resource[]> {
  const [type = '', parameters = ''] = query.split('?', 2);
  const live = fetched?.resources.filter(({ resourceType }) => resourceType === type) ?? [];
  if (live.length > 0) {
    return live;
  }
  const found = await search.search(caller, type, new URLSearchParams(parameters), { lenient: true });
  return found.matches.map(({ content }) => parseJson(content) as unknown as Resource);
}

async function newestEncounter(
  search: SearchService,
  caller: Caller,
  patient: JsonObject,
): Promise<Resource | undefined> {
  const query = new URLSearchParams({ patient: String(patient['id']), _sort: '-date', _count: '1' });
  const found = await search.search(caller, 'Encounter', query, { lenient: true });
  const [row] = found.matches;
  return row === undefined ? undefined : (parseJson(row.content) as unknown as Resource);
}

function formOf(forms: FormLibrary, task: JsonObject): Form {
  const canonical = questionnaireOf(task);
  const form = canonical === undefined ? undefined : forms.form(canonical);
  if (form === undefined) {
    throw new FhirError(
      422,
      error(
        'not-supported',
        `The Task names ${canonical ?? 'no form'}, which is not loaded here.`,
        'Task.input',
        'questionnaire-version',
      ),
    );
  }
  return form;
}

async function readJson(
  repository: Repository,
  caller: Caller,
  type: string,
  id: string,
): Promise<JsonObject> {
  const row = await repository.read(caller, { type, id });
  return parseJson(row.content) as JsonObject;
}
