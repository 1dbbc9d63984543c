/**
 * The rule behind every saved form, from whatever door it came: the exact version, the pathway, the lock, the
 * recomputed answers, the facts, the tasks that open next, and the store it belongs to. All in the write's transaction.
 */
import { isCapture, isImport } from '../../access/principal.ts';
import { error, type Issue } from '../../fhir/outcome.ts';
import { parseCanonical } from '../../fhir/canonical.ts';
import type { JsonObject, QuestionnaireResponse } from '../../fhir/types.ts';
import type { Pending } from '../../repository/operation.ts';
import type { EpisodeRow, WriteRule, WriteScope } from '../../repository/rules.ts';
import { parseJson } from '../../fhir/json.ts';
import { recalculate } from '../../sdc/calculate.ts';
import { finalise } from '../../sdc/clean.ts';
import { withReadOnly } from '../../sdc/read-only.ts';
import { validateResponse } from '../../sdc/validate-response.ts';
import { dayInOslo } from '../../sdc/expression.ts';
import { pathwayLabels } from '../episode/open.ts';
import { scheduleOf } from '../schedule/of-pathway.ts';
import { isRepeated, type PlannedForm, type Schedule } from '../schedule/plan.ts';
import { namingForm, plannedName } from '../schedule/planned-form.ts';
import {
  formOfTask,
  isOver,
  isTaskOf,
  newTask,
  type PathwayState,
  questionnaireOf,
  responseOf,
  retimed,
  withQuestionnaire,
  withResponse,
} from '../schedule/tasks.ts';
import type { Labels } from '../../storage/store.ts';
import { confirmSources } from './confirm-sources.ts';
import { removeFacts, writeFacts } from './extract-facts.ts';
import type { ScoredForm } from './facts.ts';
import type { FormLibrary } from './library.ts';
import { isWithdrawn } from '../consent/withdrawal.ts';
import { isLocked, notOfPathway, refusal } from './lock.ts';
import { markDirect } from './mark-direct.ts';
import { businessStatus, receivedOf, withoutDiscarded } from '../sending/statements.ts';
import { isNational } from './national.ts';
import { KEEP_UNMAPPED, mentionsUnmapped } from './unmapped-values.ts';
import { findPathway, ofType, type Pathway, stateWith } from './pathway.ts';
import { taskOfResponse } from './task-of-response.ts';
import { asWithdrawn, captureRefusal, isWithdrawal, reasonOf, withdrawnTask } from './withdraw-form.ts';
import { withoutState } from '../capture/capture-state.ts';

/** Check and complete every response to a register's form. */
export function formRule(library: FormLibrary): WriteRule {
  return {
    name: 'register-forms',
    async apply(scope) {
      const issues: Issue[] = [];
      for (const entry of scope.pending()) {
        if (
          entry.type === 'QuestionnaireResponse' &&
          (entry.effect === 'created' || entry.effect === 'updated')
        ) {
          issues.push(...(await applyToResponse(scope, entry, library)));
        }
      }
      return issues;
    },
  };
}

async function applyToResponse(
  scope: WriteScope,
  entry: Pending,
  library: FormLibrary,
): Promise<readonly Issue[]> {
  const canonical = entry.resource?.['questionnaire'];
  const schedules = typeof canonical === 'string' ? library.schedulesOf(parseCanonical(canonical).url) : [];
  if (typeof canonical !== 'string' || schedules.length === 0) {
    return [];
  }
  const form = library.form(canonical);
  if (form === undefined) {
    return [wrongVersion(entry, canonical, library.currentVersion(parseCanonical(canonical).url))];
  }
  const pathway = await findPathway(scope, entry);
  if (!('episode' in pathway)) {
    return [pathway];
  }
  const schedule = scheduleOf(schedules, pathway.rows);
  if (schedule === undefined) {
    return [notOfPathway(entry.operation.at ?? 'QuestionnaireResponse')];
  }
  const asked = taskOfResponse(scope, entry, pathway.rows);
  const isTaken =
    isImport(scope.principal) || canonical === library.currentVersion(parseCanonical(canonical).url);
  const task = asked && isTaken ? inVersion(asked, canonical) : asked;
  const wanted = task && questionnaireOf(task.resource);
  if (wanted !== undefined && wanted !== canonical) {
    return [wrongVersion(entry, canonical, wanted)];
  }
  return writeForm(scope, entry, { ...library.scored(form), schedule, pathway, task });
}

/** Save it, or withdraw it where that is what is asked, if it may be. */
function writeForm(scope: WriteScope, entry: Pending, write: FormWrite): readonly Issue[] {
  const { schedule, pathway, task } = write;
  const situation = situationOf(scope, entry, pathway, task);
  const planned = task && formOfTask(schedule, task.resource);
  const byCapture = captureRefusal({ ...situation, planned });
  if (byCapture === undefined && planned?.capture !== undefined && isWithdrawal(entry.resource)) {
    withdraw(scope, entry, write);
    return [];
  }
  const refused = byCapture ?? refusal(situation);
  return refused === undefined ? saveForm(scope, entry, write) : [refused];
}

/** What it said stays in its versions; its facts go, and the store follows. */
function withdraw(scope: WriteScope, entry: Pending, write: FormWrite): void {
  const { schedule, pathway, task } = write;
  const labels = pathwayLabels(schedule, pathway.unit, pathway.id);
  const stored = parseJson(entry.previous?.content ?? '{}') as JsonObject;
  const response = asWithdrawn(stored, entry.resource ?? {});
  scope.replace(entry, { resource: response, labels });
  removeFacts(scope, entry.id, pathway.rows, labels);
  const row = task && withdrawnTask(task, reasonOf(response), scope.now);
  advance(scope, write, response, row);
}

/**
 * A Task that waits follows the version in use: it was made before there was one. And that of what is read in from elsewhere, which was
 * filled in at its time.
 */
const inVersion = (task: EpisodeRow, canonical: string): EpisodeRow =>
  responseOf(task.resource) === undefined
    ? { ...task, resource: withQuestionnaire(task.resource, canonical) }
    : task;

interface FormWrite extends ScoredForm {
  readonly schedule: Schedule;
  readonly pathway: Pathway;
  readonly task: EpisodeRow | undefined;
}

function situationOf(
  scope: WriteScope,
  entry: Pending,
  { episode, rows }: Pathway,
  task: EpisodeRow | undefined,
) {
  const before = entry.previous?.content;
  const output = task === undefined ? undefined : responseOf(task.resource);
  return {
    principal: scope.principal,
    task: task?.resource['status'],
    episode: episode['status'],
    isOver: task !== undefined && isOver(task.resource, scope.now),
    received: task === undefined ? undefined : receivedOf(task.resource),
    isWithdrawn: isWithdrawn(ofType(rows, 'Consent').map(({ resource }) => resource)),
    before: before == null ? undefined : (parseJson(before) as JsonObject)['status'],
    response: entry.resource ?? {},
    existing: output === `QuestionnaireResponse/${entry.id}` ? undefined : output,
    at: entry.operation.at ?? 'QuestionnaireResponse',
  };
}

/** What a save comes to: what the patient sends in is not locked where staff import it. */
type Outcome = 'draft' | 'submitted' | 'locked';

function outcomeOf({ principal }: WriteScope, { resource }: Pending, { schedule, task }: FormWrite): Outcome {
  if (!isLocked(resource?.['status'])) {
    return 'draft';
  }
  const isImported = task !== undefined && formOfTask(schedule, task.resource)?.isImported === true;
  return isImported && principal.kind === 'patient' ? 'submitted' : 'locked';
}

function saveForm(scope: WriteScope, entry: Pending, write: FormWrite): readonly Issue[] {
  const { form, bindings, schedule, pathway, task } = write;
  const outcome = outcomeOf(scope, entry, write);
  const isFinal = outcome !== 'draft';
  const context = { now: scope.now, launch: { patient: pathway.patient, episode: pathway.episode } };
  const sent = { ...entry.resource, id: entry.id } as unknown as QuestionnaireResponse;
  const isWhole = isImport(scope.principal);
  const isTaken = isWhole || isCapture(scope.principal); // what was populated a moment ago, also where nobody may type
  const known = isTaken
    ? sent
    : withReadOnly(form, sent, context, {
        previous: previousOf(entry),
        responses: otherResponses(pathway, entry.id),
      });
  const computed = isFinal ? finalise(form, known, context) : recalculate(form, known, context);
  const problems = validateResponse(form, computed, isFinal ? 'final' : 'draft', context);
  const at = entry.operation.at;
  const issues = problems.map((problem) => relocated(problem, at));
  if (issues.some(({ severity }) => severity === 'error')) {
    return issues;
  }
  const isAsItWas = isWhole || entry.derived === true; // what comes back was answered at its time
  const authored = (isAsItWas ? sent.authored : undefined) ?? scope.now.toISOString();
  const answered = { ...markDirect(form, computed), ...answeredBy(entry, task), authored };
  const named = namingForm(answered as unknown as JsonObject, task && plannedName(task.resource));
  const response = outcome === 'submitted' ? { ...named, status: 'in-progress' } : named;
  const labels = pathwayLabels(schedule, pathway.unit, pathway.id);
  scope.replace(entry, { resource: response, labels });
  if (outcome === 'locked') {
    writeFacts(scope, { form, bindings }, response, pathway.rows, labels);
    confirmSources(scope, response, labels);
  }
  const earlier = entry.previous?.content ?? '';
  if (mentionsUnmapped(JSON.stringify(response)) || mentionsUnmapped(earlier)) {
    const payload = { response: entry.id, ...(task !== undefined && { task: task.id }) };
    scope.enqueue(KEEP_UNMAPPED, payload, { jobKey: `${KEEP_UNMAPPED}:${entry.id}` });
  }
  const reference = `QuestionnaireResponse/${entry.id}`;
  advance(scope, write, response, task && saved(task, reference, outcome, scope.now));
  return issues;
}

function previousOf({ previous }: Pending): QuestionnaireResponse | undefined {
  return previous?.content == null
    ? undefined
    : (parseJson(previous.content) as unknown as QuestionnaireResponse);
}

/** Who completes what a patient has answered does not become the one who answered. */
function answeredBy(entry: Pending, task: EpisodeRow | undefined): Pick<QuestionnaireResponse, 'source'> {
  const source = task !== undefined && receivedOf(task.resource) && previousOf(entry)?.source;
  return source === undefined || source === false ? {} : { source };
}

const otherResponses = ({ rows }: Pathway, id: string): readonly QuestionnaireResponse[] =>
  ofType(rows, 'QuestionnaireResponse')
    .filter((row) => row.id !== id)
    .map(({ resource }) => resource as unknown as QuestionnaireResponse);

/** Tasks follow the form, and the store follows consent. */
function advance(
  scope: WriteScope,
  { schedule, pathway, task }: FormWrite,
  response: JsonObject,
  row: EpisodeRow | undefined,
): void {
  const labels = pathwayLabels(schedule, pathway.unit, pathway.id);
  const state = stateWith(pathway, response);
  const tasks = ofType(pathway.rows, 'Task');
  const changed = row === undefined ? [] : [row];
  const others = tasks.filter((other) => other.id !== task?.id);
  for (const row of [...changed, ...retimed(others, schedule, state, scope.now)]) {
    scope.add({
      kind: 'update',
      type: 'Task',
      id: row.id,
      labels,
      resource: row.resource,
      ...(row.row !== undefined && { previous: row.row }),
    });
  }
  if (pathway.episode['status'] === 'active') {
    addMissing(scope, schedule, tasks, state, labels);
  }
  const consents = scope
    .pending()
    .filter(
      ({ type, effect, labels: own }) =>
        type === 'Consent' && effect !== 'deleted' && own?.episode === pathway.id,
    )
    .flatMap(({ resource }) => (resource === undefined ? [] : [resource]));
  const stored = ofType(pathway.rows, 'Consent')
    .filter(({ id }) => !scope.pending().some((entry) => entry.type === 'Consent' && entry.id === id))
    .map(({ resource }) => resource);
  const day = dayInOslo(scope.now);
  scope.relabel(pathway.id, isNational(schedule.register.access, state, [...stored, ...consents], day));
}

/** Forms that the schedule has got since the pathway was opened. One that is over gets none: nobody is asked anew. */
function addMissing(
  scope: WriteScope,
  schedule: Schedule,
  tasks: readonly EpisodeRow[],
  state: PathwayState,
  labels: Labels,
): void {
  const isMissing = (form: PlannedForm): boolean =>
    !isRepeated(form) && !tasks.some(({ resource }) => isTaskOf(form, schedule, resource));
  for (const form of schedule.forms.filter(isMissing)) {
    const id = scope.newId();
    const resource = newTask(id, form, schedule, state, scope.now.toISOString());
    scope.add({ kind: 'create', type: 'Task', id, labels, resource });
  }
}

function saved(task: EpisodeRow, reference: string, outcome: Outcome, now: Date): EpisodeRow {
  const status = outcome === 'locked' ? 'completed' : 'in-progress';
  const resource = withResponse(withoutDiscarded(withoutState(task.resource)), reference, status, now);
  return {
    ...task,
    resource:
      outcome === 'submitted' ? { ...resource, businessStatus: businessStatus('submitted') } : resource,
  };
}

function wrongVersion(entry: Pending, canonical: string, current: string | undefined): Issue {
  return error(
    'business-rule',
    `The response names ${canonical}; this pathway takes ${current ?? 'another form'}. Fill that version.`,
    `${entry.operation.at ?? 'QuestionnaireResponse'}.questionnaire`,
    'questionnaire-version',
  );
}

function relocated(issue: Issue, at: string | undefined): Issue {
  return at === undefined || issue.expression === undefined
    ? issue
    : { ...issue, expression: issue.expression.replace(/^QuestionnaireResponse/, at) };
}
