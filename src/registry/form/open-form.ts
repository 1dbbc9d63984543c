/**
 * A form opened from its Task: the stored response, or a new one filled from what is known.
 * https://hl7.org/fhir/uv/sdc/populate.html
 */
import { FhirError, error } from '../../fhir/outcome.ts';
import { parseJson } from '../../fhir/json.ts';
import { idOfReference, parseLocalReference } from '../../fhir/reference.ts';
import { typeCode } from '../../fhir/resource-types.ts';
import type { JsonObject, QuestionnaireResponse, Reference, Resource } from '../../fhir/types.ts';
import type { Caller } from '../../repository/audit.ts';
import type { Repository } from '../../repository/repository.ts';
import type { SearchService } from '../../repository/search.ts';
import type { Form } from '../../sdc/form-types.ts';
import { recalculate } from '../../sdc/calculate.ts';
import { populate } from '../../sdc/populate.ts';
import { withReadOnly } from '../../sdc/read-only.ts';
import { refreshed } from '../../sdc/refresh.ts';
import { questionnaireOf, responseOf } from '../schedule/tasks.ts';
import { type FetchedResources, ofEhr, withNamedSources } from './fetched.ts';
import { type FormSources, formSources } from './form-sources.ts';
import type { FormLibrary } from './library.ts';
import { isLocked } from './lock.ts';
import { EPISODE_EXTENSION, taskExtension } from './pathway.ts';

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
    const response = await asOfToday(deps, caller, base, kept, fetched);
    return { ...base, response, version: String(row.versionId), savedAt: row.lastUpdated };
  }
  return {
    ...base,
    response: await fillForm(deps, caller, base, {
      fetched: fetched?.patient === undefined || fetched.patient === patientId ? fetched : undefined,
    }),
    version: undefined,
    savedAt: undefined,
  };
}

/** A draft with what its sources say now, and with what it takes over from the pathway's other forms as they stand. */
async function asOfToday(
  deps: FormDeps,
  caller: Caller,
  opened: Pick<OpenedForm, 'form' | 'patient' | 'episode' | 'task'>,
  draft: QuestionnaireResponse,
  fetched: FetchedResources | undefined,
): Promise<QuestionnaireResponse> {
  const { form, patient, episode } = opened;
  if (isLocked(draft.status) || !isFilled(form)) {
    return draft;
  }
  const context = { now: deps.repository.deps.clock.now(), launch: { patient, episode } };
  const response = refreshed(form, draft, await fillForm(deps, caller, opened, { fetched }), context);
  if (!form.queries.some(({ query }) => query.startsWith('QuestionnaireResponse?'))) {
    return response;
  }
  const query = `QuestionnaireResponse?subject=Patient/${String(patient['id'])}`;
  const found = await formSources(deps, caller, undefined).matching(query);
  const responses = (found as readonly QuestionnaireResponse[]).filter(({ id }) => id !== response.id);
  return recalculate(form, withReadOnly(form, response, context, { previous: response, responses }), context);
}

/** Is anything in it from a source? */
const isFilled = ({ byLinkId }: Form): boolean =>
  [...byLinkId.values()].some(({ initialExpression }) => initialExpression !== undefined);

/** How a form is filled, where that is not by the caller's own searches. */
export interface Filling {
  readonly fetched?: FetchedResources | undefined;
  /** Where the resources of its queries come from. */
  readonly sources?: FormSources;
  /** What the Task is about, where it is read already. */
  readonly focus?: Resource | undefined;
}

/** A new response, filled from the register and from what a launch brought. */
export async function fillForm(
  deps: FormDeps,
  caller: Caller,
  { form, patient, episode, task }: Pick<OpenedForm, 'form' | 'patient' | 'episode' | 'task'>,
  { fetched, sources = formSources(deps, caller, fetched), focus: known }: Filling,
): Promise<QuestionnaireResponse> {
  const { repository } = deps;
  const fetch = (query: string): Promise<readonly Resource[]> => sources.matching(query);
  const focus = known ?? (await focusOf(repository, caller, task));
  const encounter =
    (fetched?.encounter && ofEhr(fetched.encounter, fetched.ehr)) ??
    encounterIn(focus) ??
    (await newestEncounter(fetch, patient));
  const launch = {
    patient: patient as unknown as Resource,
    episode: episode as unknown as Resource,
    ...(encounter !== undefined && { encounter }),
    ...(focus !== undefined && { focus }),
  };
  const populated = await populate(form, {
    launch,
    now: repository.deps.clock.now(),
    fetch,
    conversions: deps.forms.conversions,
  });
  const response = withNamedSources(populated.response, await sources.names(), fetched?.ehr);
  return {
    ...response,
    subject: { reference: `Patient/${String(patient['id'])}` },
    extension: [
      ...(response.extension ?? []),
      { url: EPISODE_EXTENSION, valueReference: { reference: `EpisodeOfCare/${String(episode['id'])}` } },
      ...(task['focus'] === undefined ? [] : [taskExtension(task)]),
    ],
  };
}

const encounterIn = (focus: Resource | undefined): Resource | undefined =>
  focus?.resourceType === 'Encounter' ? focus : undefined;

/** What the Task is about, as the caller may see it. https://hl7.org/fhir/R4/task-definitions.html#Task.focus */
async function focusOf(
  repository: Repository,
  caller: Caller,
  { focus }: JsonObject,
): Promise<Resource | undefined> {
  const local = parseLocalReference((focus as Reference | undefined)?.reference ?? '');
  if (local === undefined) {
    return undefined;
  }
  const [row] = await repository.select(caller, {
    text: 'r.type = $1 and r.id = $2',
    values: [typeCode(local.type), local.id],
  });
  return row === undefined ? undefined : (parseJson(row.content) as unknown as Resource);
}

async function newestEncounter(
  fetch: (query: string) => Promise<readonly Resource[]>,
  patient: JsonObject,
): Promise<Resource | undefined> {
  const query = new URLSearchParams({ patient: String(patient['id']), _sort: '-date', _count: '1' });
  return (await fetch(`Encounter?${query.toString()}`))[0];
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
