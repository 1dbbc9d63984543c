/**
 * What a patient has sent in and staff are to take over: its scores, import and discard; and the page that the form is handed
 * over from (docs/adr/0026). Import and discard are the same updates of the Task as any FHIR client's.
 */
import type { StaffPrincipal } from '../../access/principal.ts';
import { notFound } from '../../fhir/outcome.ts';
import { parseJson } from '../../fhir/json.ts';
import { idOfReference } from '../../fhir/reference.ts';
import type { JsonObject, Patient, Reference, Resource, Task } from '../../fhir/types.ts';
import { openForm, type OpenedForm } from '../../registry/form/open-form.ts';
import type { PlannedForm } from '../../registry/schedule/plan.ts';
import { scheduleOf } from '../../registry/schedule/of-pathway.ts';
import { formOfTask } from '../../registry/schedule/tasks.ts';
import { shownScores } from '../../registry/scoring/show.ts';
import { DISCARD_REASONS } from '../../registry/sending/stated-step.ts';
import { discardedOf, receivedOf, type Statement, stating } from '../../registry/sending/statements.ts';
import type { Caller } from '../../repository/audit.ts';
import { viewForm } from '../../sdc/visibility.ts';
import { progressOf } from '../forms/progress.ts';
import type { HandOverModel, ReceivedModel, ReceivedPages } from '../models/received-form.ts';
import type { OfferedForm } from '../view-models.ts';
import { formCells, formNames, patientHead } from './heads.ts';
import { loadPathways, type PathwayData } from './pathways.ts';
import { choices, reasonOf } from './reasons.ts';
import { callerOf, langOf, type Sources, textsOf } from './sources.ts';
import { withIds } from './work-list.ts';

export const receivedPages = (sources: Sources, principal: StaffPrincipal): ReceivedPages => ({
  received: (taskId) => received(sources, principal, taskId),
  handOver: (taskId) => handOver(sources, principal, taskId),
  import: (taskId) => state(sources, principal, taskId, { kind: 'import' }),
  discard: (taskId, reason) =>
    state(sources, principal, taskId, {
      kind: 'discard',
      reason: reasonOf(sources, DISCARD_REASONS, reason),
    }),
  undoDiscard: (taskId) => state(sources, principal, taskId, { kind: 'restore' }),
});

async function received(
  sources: Sources,
  principal: StaffPrincipal,
  taskId: string,
): Promise<ReceivedModel | undefined> {
  const opened = await openForm(sources, callerOf(sources, principal, 'received-form'), taskId);
  const { task, patient, savedAt } = opened;
  if (receivedOf(task) !== 'submitted') {
    return undefined;
  }
  const texts = textsOf(sources, principal.register, langOf(sources));
  return {
    patient: patientHead(patient as unknown as Patient),
    taskId,
    title: formNames(task as unknown as Task, texts).title,
    ...(savedAt !== undefined && { sentInAt: opened.response.authored ?? savedAt }),
    reasons: choices(sources, DISCARD_REASONS),
    ...seen(sources, opened),
  };
}

/** How much is answered, as the patient was told, and what it scores. */
function seen(
  sources: Sources,
  { form, response, patient, episode }: OpenedForm,
): Pick<ReceivedModel, 'answered' | 'total' | 'scores'> {
  const lang = langOf(sources);
  const launch = { patient: patient as unknown as Resource, episode: episode as unknown as Resource };
  const context = { now: sources.repository.deps.clock.now(), launch };
  const { answered, total } = progressOf(viewForm(form, response, context), [], lang);
  return { answered, total, scores: shownScores(sources.forms.scored(form), response, context, lang) };
}

async function handOver(sources: Sources, principal: StaffPrincipal, taskId: string): Promise<HandOverModel> {
  const caller = callerOf(sources, principal, 'hand-over-form');
  const task = await readTask(sources, caller, taskId);
  const episode = idOfReference((task['basedOn'] as readonly Reference[] | undefined)?.[0], 'EpisodeOfCare');
  const [pathway] = await loadPathways(sources, caller, withIds([episode ?? '']));
  const planned = plannedForm(sources, task);
  if (pathway === undefined || planned?.answeredBy !== 'patient') {
    throw notFound('Task', taskId);
  }
  const texts = textsOf(sources, principal.register, langOf(sources));
  const isThis = ({ id }: Task): boolean => id === taskId;
  const [cell] = formCells({ ...pathway, tasks: pathway.tasks.filter(isThis) }, texts);
  const from = pathway.tasks.find(
    (other) => plannedForm(sources, other as unknown as JsonObject)?.id === planned.offeredBy,
  );
  return {
    patient: patientHead(pathway.patient),
    taskId,
    ...formNames(task as unknown as Task, texts),
    status: cell?.status ?? 'not-open',
    ...discardedIn(sources, principal, task),
    ...(from?.id !== undefined && { from: { taskId: from.id, short: formNames(from, texts).short } }),
  };
}

function discardedIn(
  sources: Sources,
  principal: StaffPrincipal,
  task: JsonObject,
): Pick<HandOverModel, 'discarded'> {
  const discarded = discardedOf(task);
  if (discarded === undefined) {
    return {};
  }
  const code = discarded.reason?.coding?.[0]?.code;
  const reason = choices(sources, DISCARD_REASONS).find((choice) => choice.code === code)?.text ?? '';
  const mayUndo = principal.role === 'LC' && task['status'] === 'ready';
  return { discarded: { at: discarded.at.toISOString(), reason, mayUndo } };
}

/** The forms for the patient that a form offers, as they stand. */
export function offeredForms(
  sources: Sources,
  pathway: PathwayData,
  task: JsonObject,
): readonly OfferedForm[] {
  const own = plannedForm(sources, task)?.id;
  const texts = textsOf(sources, pathway.register, langOf(sources));
  return pathway.tasks.flatMap((other) => {
    const planned = plannedForm(sources, other as unknown as JsonObject);
    if (other.id === undefined || own === undefined || planned?.offeredBy !== own) {
      return [];
    }
    const [cell] = formCells({ ...pathway, tasks: [other] }, texts);
    return cell === undefined ? [] : [{ ...cell, taskId: other.id }];
  });
}

/** What the plan says of a Task's form. */
function plannedForm({ registry }: Sources, task: JsonObject): PlannedForm | undefined {
  const schedule = scheduleOf(registry.schedules, [{ type: 'Task', resource: task }]);
  return schedule && formOfTask(schedule, task);
}

/** As the audit trail calls them. */
const INTERACTIONS = {
  import: 'import-form',
  discard: 'discard-form',
  restore: 'undo-discard-form',
} as const;

async function state(
  sources: Sources,
  principal: StaffPrincipal,
  taskId: string,
  statement: Extract<Statement, { kind: keyof typeof INTERACTIONS }>,
): Promise<void> {
  const caller = callerOf(sources, principal, INTERACTIONS[statement.kind]);
  const row = await sources.repository.read(caller, { type: 'Task', id: taskId });
  const task = parseJson(row.content) as JsonObject;
  await sources.repository.commit(caller, [
    {
      kind: 'update',
      type: 'Task',
      id: taskId,
      resource: stating(task, statement),
      ifMatch: String(row.versionId),
    },
  ]);
}

async function readTask({ repository }: Sources, caller: Caller, id: string): Promise<JsonObject> {
  const row = await repository.read(caller, { type: 'Task', id });
  return parseJson(row.content) as JsonObject;
}
