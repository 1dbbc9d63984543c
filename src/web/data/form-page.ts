/**
 * One form: opened, saved, locked, corrected, and its versions.
 */
import type { StaffPrincipal } from '../../access/principal.ts';
import { FhirError, error, forbidden } from '../../fhir/outcome.ts';
import { parseJson } from '../../fhir/json.ts';
import { typeCode } from '../../fhir/resource-types.ts';
import type { Patient, QuestionnaireResponse, Resource, Task } from '../../fhir/types.ts';
import type { Caller } from '../../repository/audit.ts';
import type { Result } from '../../repository/operation.ts';
import { identifiers } from '../../registry/person/register-identifiers.ts';
import { type ShownScore, shownScores } from '../../registry/scoring/show.ts';
import { isLocked } from '../../registry/form/lock.ts';
import { isWithdrawal, WITHDRAWN } from '../../registry/form/withdraw-form.ts';
import type { PlannedForm } from '../../registry/schedule/plan.ts';
import type { FetchedResources } from '../../registry/form/fetched.ts';
import { openForm as openRegisterForm, type OpenedForm } from '../../registry/form/open-form.ts';
import { type FormSave, saveForm } from '../../registry/form/save-form.ts';
import { noteOf } from '../../registry/schedule/task-notes.ts';
import { captureState } from '../../registry/capture/capture-state.ts';
import { scheduleOf } from '../../registry/schedule/of-pathway.ts';
import { formOfTask, isOver } from '../../registry/schedule/tasks.ts';
import { receivedOf } from '../../registry/sending/statements.ts';
import type { Sql } from '../../storage/store.ts';
import type { Form, ValueSetConcept } from '../../sdc/form-types.ts';
import { type Completion, type Saved, type SaveRequest, VersionConflict } from '../deps.ts';
import { suggestionsOf } from '../../sdc/suggestions.ts';
import type { FormIssue } from '../../sdc/validate-response.ts';
import type { FormModel, FormPageModel, OfferedForm } from '../view-models.ts';
import { formCells, formNames, patientHead } from './heads.ts';
import { loadPathways } from './pathways.ts';
import { offeredForms } from './received-form.ts';
import { authorsOf, callerOf, langOf, type Sources, textsOf } from './sources.ts';

/** Open a form; `fetched` is what the EHR launch brought for this patient. */
export async function openFormPage(
  sources: Sources,
  principal: StaffPrincipal,
  taskId: string,
  fetched: FetchedResources | undefined,
): Promise<FormPageModel> {
  const caller = callerOf(sources, principal, 'open-form');
  const opened = await openRegisterForm(sources, caller, taskId, fetched);
  const [pathway] = await loadPathways(sources, caller, pathwayOf(opened));
  const texts = textsOf(sources, principal.register, langOf(sources));
  const siblings = pathway === undefined ? [] : formCells(pathway, texts);
  const offered = pathway === undefined ? [] : offeredForms(sources, pathway, opened.task);
  const next = siblings[siblings.findIndex((cell) => cell.taskId === taskId) + 1];
  const form = formModel(sources, principal, opened, texts);
  return {
    patient: patientHead(opened.patient as unknown as Patient),
    siblings,
    ...(receivedOf(opened.task) === 'submitted' && { isSubmitted: true }),
    ...(offered.some(isSubmitted) && { toImport: offered.filter(isSubmitted) }),
    scores: scoresOf(sources, opened),
    ...(mayWithdraw(sources, principal, opened) && { withdrawal: 'possible' as const }),
    form: {
      ...form,
      ...(form.state === 'open' && { offers: offered.filter(isUnanswered) }),
      ...(next?.taskId !== undefined && { next: next.short }),
      suggestions: await suggestionsFor(sources, caller, opened),
    },
  };
}

const isSubmitted = ({ status }: OfferedForm): boolean => status === 'submitted';

/** The patient may still be asked to answer it. */
const isUnanswered = ({ status }: OfferedForm): boolean =>
  status === 'not-open' || status === 'new' || status === 'in-progress';

/** What a locked form's answers score; a draft's would change with every answer. */
function scoresOf(sources: Sources, { form, response, patient, episode }: OpenedForm): readonly ShownScore[] {
  if (!isLocked(response.status)) {
    return [];
  }
  const launch = { patient: patient as unknown as Resource, episode: episode as unknown as Resource };
  const context = { now: sources.repository.deps.clock.now(), launch };
  return shownScores(sources.forms.scored(form), response, context, langOf(sources));
}

const pathwayOf = ({ episode }: OpenedForm): Sql => ({
  text: 'r.type = $1 and r.id = $2',
  values: [typeCode('EpisodeOfCare'), episode['id']],
});

/** Words for texts, from what the reader may see. */
const suggestionsFor = (
  { search }: Sources,
  caller: Caller,
  { form, patient, episode }: OpenedForm,
): Promise<NonNullable<FormModel['suggestions']>> =>
  suggestionsOf(form, {
    launch: { patient: patient as unknown as Resource, episode: episode as unknown as Resource },
    fetch: async (query) => {
      const [type = '', parameters = ''] = query.split('?', 2);
      const asking = OF_DEPARTMENTS.has(type) ? withoutLaunch(caller) : caller;
      const found = await search.search(asking, type, new URLSearchParams(parameters), { lenient: true });
      return found.matches.map(({ content }) => parseJson(content) as unknown as Resource);
    },
  });

/** What departments have, and is about no person. */
const OF_DEPARTMENTS: ReadonlySet<string> = new Set(['Location', 'Organization', 'HealthcareService']);

/** A session that an EHR opened sees one person; the places of its department are of no person. */
function withoutLaunch(caller: Caller): Caller {
  if (caller.principal.kind !== 'staff') {
    return caller;
  }
  const { launch: _launch, patient: _patient, ...principal } = caller.principal;
  return { ...caller, principal };
}

function formModel(
  sources: Sources,
  principal: StaffPrincipal,
  opened: OpenedForm,
  texts: ReturnType<typeof textsOf>,
): FormModel {
  const { task, form, response, version, savedAt, patient, episode } = opened;
  const locked = isLocked(response.status);
  const note = noteOf(task);
  const byCapture = filledByCapture(sources, task);
  return {
    taskId: task['id'] as string,
    address: `/skjema/${String(task['id'])}`,
    reader: 'staff',
    lang: langOf(sources),
    title: formNames(task as unknown as Task, texts).title,
    questionnaire: form.questionnaire,
    ...adoptionIn(form),
    valueSets: valueSetsOf(opened.form),
    launch: { patient: slimPatient(patient), episode },
    response,
    ...(version !== undefined && { version }),
    now: sources.repository.deps.clock.now().toISOString(),
    ...stateOf(
      principal,
      locked,
      byCapture ?? closedOf(task as unknown as Task, sources.repository.deps.clock.now()),
      task,
    ),
    ...(note !== '' && { comment: note }),
    ...(savedAt !== undefined && { saved: { at: savedAt } }),
    mayReopen: locked && byCapture === undefined && principal.role === 'LC',
    texts: {},
    issues: [],
    isAttempted: false,
  };
}

/** The register's rule for values from sources, as the form was compiled with it. */
export const adoptionIn = ({ compileOptions: { adoption } }: Form): Pick<FormModel, 'adoption'> =>
  adoption === undefined ? {} : { adoption };

/** Calculations need the birth date and sex of a person and which kinds of identifier there are, not who it is. */
function slimPatient(patient: OpenedForm['patient']): object {
  const { resourceType, id, birthDate, gender } = patient;
  const identifier = identifiers(patient).map(({ system }) => ({ system }));
  return {
    resourceType,
    id,
    identifier,
    ...(birthDate !== undefined && { birthDate }),
    ...(gender !== undefined && { gender }),
  };
}

function stateOf(
  principal: StaffPrincipal,
  locked: boolean,
  closed: FormModel['closed'],
  { status }: OpenedForm['task'],
): Pick<FormModel, 'state' | 'closed'> {
  if (locked) {
    return { state: 'locked', ...(closed?.reason !== undefined && { closed }) };
  }
  if (closed !== undefined) {
    return { state: 'read-only', closed };
  }
  const isShut = principal.role === 'SC' || status === 'draft' || status === 'cancelled';
  return { state: isShut ? 'read-only' : 'open' };
}

/** A form that the EHR fills, and nobody else: what keeps it from being whole, if anything does. */
function filledByCapture({ registry }: Sources, task: OpenedForm['task']): FormModel['closed'] {
  const planned = plannedOf(registry, task);
  const state = captureState(task);
  const reason = state && (task['statusReason'] as { readonly text?: string } | undefined)?.text;
  return planned?.capture === 'complete' || state === 'withdrawn'
    ? {
        why: state === 'withdrawn' ? 'withdrawn' : 'captured',
        ...(reason !== undefined && { reason }),
      }
    : undefined;
}

function plannedOf({ schedules }: Sources['registry'], task: OpenedForm['task']): PlannedForm | undefined {
  const schedule = scheduleOf(schedules, [{ type: 'Task', resource: task }]);
  return schedule && formOfTask(schedule, task);
}

/** A coordinator withdraws what capture has filled, once it is stored. */
const mayWithdraw = (
  { registry }: Sources,
  { role }: StaffPrincipal,
  { task, response, version }: OpenedForm,
): boolean =>
  role === 'LC' &&
  version !== undefined &&
  !isWithdrawal(response as unknown as OpenedForm['task']) &&
  plannedOf(registry, task)?.capture !== undefined;

/** Withdraw a captured form. Throws what the write throws, and VersionConflict when it has changed. */
export async function withdrawForm(
  sources: Sources,
  principal: StaffPrincipal,
  { taskId, reason, ifMatch }: { readonly taskId: string; readonly reason: string; readonly ifMatch: string },
): Promise<void> {
  if (principal.role !== 'LC') {
    throw forbidden('Bare lokal koordinator kan trekke skjemaet tilbake.', 'form-locked');
  }
  const response = { resourceType: 'QuestionnaireResponse', status: WITHDRAWN } as const;
  await save(sources, principal, { taskId, response, status: WITHDRAWN, ifMatch, reason });
}

/** Why a form without a locked answer takes none any more, if it does not. */
function closedOf(task: Task, now: Date): FormModel['closed'] {
  if (task.status === 'completed') {
    const reason = task.statusReason?.text ?? task.statusReason?.coding?.[0]?.display;
    return { why: 'no-answer', ...(reason !== undefined && { reason }) };
  }
  return isOver(task as unknown as OpenedForm['task'], now) ? { why: 'days-over' } : undefined;
}

/** The concepts that the form's questions choose from, by value set. */
export function valueSetsOf(form: Form): Readonly<Record<string, readonly ValueSetConcept[]>> {
  const canonicals = new Set<string>();
  const collect = (
    items: readonly { answerValueSet?: string; item?: readonly object[] }[] | undefined,
  ): void => {
    for (const item of items ?? []) {
      if (item.answerValueSet !== undefined && !item.answerValueSet.startsWith('#')) {
        canonicals.add(item.answerValueSet);
      }
      collect(item.item);
    }
  };
  collect(form.questionnaire.item);
  const sets = [...canonicals].flatMap((canonical) => {
    const concepts = form.compileOptions.resolveValueSet(canonical);
    return concepts === undefined ? [] : [[canonical, concepts] as const];
  });
  return Object.fromEntries(sets);
}

/** A locked form opened for correction by a coordinator. Stores nothing. Throws 403 for others, VersionConflict when it changed. */
export async function openCorrection(
  sources: Sources,
  principal: StaffPrincipal,
  {
    taskId,
    reason,
    ifMatch,
  }: { readonly taskId: string; readonly reason: string; readonly ifMatch: string | undefined },
): Promise<FormPageModel> {
  const page = await openFormPage(sources, principal, taskId, undefined);
  const { form } = page;
  if (!form.mayReopen) {
    throw new FhirError(
      403,
      error('forbidden', 'Bare lokal koordinator kan rette et ferdigstilt skjema.', undefined, 'form-locked'),
    );
  }
  if (ifMatch !== undefined && ifMatch !== form.version) {
    throw new VersionConflict(await newestVersion(sources, principal, taskId));
  }
  return { ...page, scores: [], form: { ...form, state: 'correcting', mayReopen: false, reason } };
}

/** Save a draft. Throws VersionConflict when someone else saved in between. */
export async function saveDraft(
  sources: Sources,
  principal: StaffPrincipal,
  request: SaveRequest,
): Promise<Saved> {
  return save(sources, principal, { ...request, status: 'in-progress' });
}

/** Lock the form (or store a correction when a reason is given), or keep it as a draft and say what stands in the way. */
export async function complete(
  sources: Sources,
  principal: StaffPrincipal,
  request: SaveRequest,
  reason: string | undefined,
): Promise<Completion> {
  try {
    const status = reason === undefined ? 'completed' : 'amended';
    return { kind: 'completed', saved: await save(sources, principal, { ...request, status, reason }) };
  } catch (cause) {
    if (!(cause instanceof FhirError) || cause.status !== 422) {
      throw cause;
    }
    if (reason !== undefined) {
      const { response, ifMatch: version = '' } = request;
      return { kind: 'refused', saved: { version, at: '', response }, issues: toFormIssues(cause) };
    }
    const saved = await save(sources, principal, { ...request, status: 'in-progress' });
    return { kind: 'refused', saved, issues: toFormIssues(cause) };
  }
}

async function save(sources: Sources, principal: StaffPrincipal, request: FormSave): Promise<Saved> {
  const caller = callerOf(sources, principal, 'save-form');
  try {
    return toSaved(await saveForm(sources, caller, request));
  } catch (cause) {
    if (cause instanceof FhirError && cause.status === 412) {
      throw new VersionConflict(await newestVersion(sources, principal, request.taskId));
    }
    throw cause;
  }
}

function toSaved({ versionId, lastUpdated, content }: Result): Saved {
  return {
    version: versionId ?? '',
    at: lastUpdated ?? '',
    response: parseJson(content ?? '{}') as unknown as QuestionnaireResponse,
  };
}

async function newestVersion(
  sources: Sources,
  principal: StaffPrincipal,
  taskId: string,
): Promise<{ version: string; at: string; by?: string }> {
  const {
    response,
    version = '',
    savedAt = '',
  } = await openRegisterForm(sources, callerOf(sources, principal, 'open-form'), taskId);
  const [by = ''] = await authorsOf(sources, [response.meta?.source]);
  return { version, at: savedAt, ...(by !== '' && { by }) };
}

/** Refusals of a form as the page shows them: at the question where it is known. */
const toFormIssues = ({ issues }: FhirError): readonly FormIssue[] => issues;

/** Task of the form after this one in the pathway; undefined after the last. */
export async function nextForm(
  sources: Sources,
  principal: StaffPrincipal,
  taskId: string,
): Promise<string | undefined> {
  const { siblings } = await openFormPage(sources, principal, taskId, undefined);
  return siblings[siblings.findIndex((cell) => cell.taskId === taskId) + 1]?.taskId;
}
