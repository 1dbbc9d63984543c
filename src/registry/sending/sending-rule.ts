/**
 * The rule behind the forms that are sent to patients (registers.md section 5, rules 23 to 28): after whatever changes a pathway,
 * each form's Task says how sending stands, and the timers say what is next, in the same transaction. Orders, stops and closings
 * that people state on a Task are checked and carried out here, and so is what falls due (advance.ts).
 */
import type { Register } from '../../content/register.ts';
import type { CodeableConcept, JsonObject } from '../../fhir/types.ts';
import type { Issue } from '../../fhir/outcome.ts';
import { idOfReference } from '../../fhir/reference.ts';
import { parseJson } from '../../fhir/json.ts';
import type { Reference } from '../../fhir/types.ts';
import { type Pending, storesVersion } from '../../repository/operation.ts';
import { rowsOfPatientSql } from '../../repository/rows.ts';
import type { EpisodeRow, WriteRule, WriteScope } from '../../repository/rules.ts';
import { type RowRecord, toRow } from '../../storage/row.ts';
import { type Labels } from '../../storage/store.ts';
import { isShared, otherConsents } from '../consent/held-consent.ts';
import { personOf } from '../consent/shared-consent.ts';
import { pathwayLabels } from '../episode/open.ts';
import type { FormLibrary } from '../form/library.ts';
import { scheduleOf } from '../schedule/of-pathway.ts';
import type { Schedule } from '../schedule/plan.ts';
import { namingForm, plannedName } from '../schedule/planned-form.ts';
import { closingResponse } from './closing-response.ts';
import { type HasContent, isDead, isSent, type PatientForm, patientForms } from './form-facts.ts';
import { activeRequests, lastMethod, messageRequest, type MessageKind } from './messages.ts';
import { questionnaireOf } from '../schedule/tasks.ts';
import { isUnanswered, lockAt, nextStep, type SendingState } from './next-step.ts';
import { bringBack, discard, stateImport } from './receive-step.ts';
import { carriedOut, notForPatients, type ReasonsOf, refusalOf, refusedAs } from './stated-step.ts';
import { businessStatus, type Statement, statementOf } from './statements.ts';
import { dropTimersSql, keepTimersSql, type Timer } from './timers.ts';

/** The job that hands an order to a channel: deliver.ts. */
export const DELIVER_FORM = 'deliver-form';

export interface SendingRuleDeps {
  readonly schedules: readonly Schedule[];
  readonly hasContent: HasContent;
  readonly forms: Pick<FormLibrary, 'form'>;
  /** Codes of a value set of reasons. */
  readonly reasonsOf: ReasonsOf;
}

/**
 * What is stated about forms, checked and carried out. Before the rule of saved forms: a form that is closed is saved with the
 * reason for its answer.
 */
export function statedRule(deps: SendingRuleDeps): WriteRule {
  const schedules = deps.schedules.filter(({ forms }) => forms.some(isSent));
  return {
    name: 'patient-forms-stated',
    async apply(scope) {
      const issues: Issue[] = [];
      const stated = Map.groupBy(scope.pending().flatMap(stateOfEntry), ({ entry }) => entry.labels?.episode);
      for (const [id, own] of stated) {
        const pathway = id == null ? undefined : await readPathway(scope, id, schedules);
        issues.push(
          ...(pathway === undefined ? unheard(scope, own) : await carryOut(scope, deps, pathway, own)),
        );
      }
      return issues;
    },
  };
}

/** Where sending stands, and what is next. After the rules that say what becomes of the forms. */
export function sendingRule(deps: SendingRuleDeps): WriteRule {
  const schedules = deps.schedules.filter(({ forms }) => forms.some(isSent));
  const registers = new Set(schedules.map(({ register }) => register));
  const shared = [...registers].filter(({ access }) => isShared(access));
  return {
    name: 'patient-forms',
    async apply(scope) {
      if (schedules.length > 0) {
        const kept: TimersOf[] = [];
        for (const id of await touchedEpisodes(scope, shared)) {
          kept.push(await keepUp(scope, deps, id, schedules));
        }
        await keepTimers(scope, kept);
        await dropDeleted(scope);
      }
      return [];
    },
  };
}

/** What is stated about a form of no pathway that is sent here is no comment either, and changes nothing. */
const unheard = ({ principal }: WriteScope, stated: readonly Stated[]): readonly Issue[] =>
  principal.kind === 'system' ? [] : stated.map(({ entry }) => notForPatients(entry));

interface Stated {
  readonly entry: Pending;
  readonly statement: Statement;
  readonly before: JsonObject;
}

function stateOfEntry(entry: Pending): readonly Stated[] {
  const { type, effect, derived, previous, resource = {} } = entry;
  if (type !== 'Task' || effect !== 'updated' || derived === true || previous?.content == null) {
    return [];
  }
  const before = parseJson(previous.content) as JsonObject;
  const statement = statementOf(before, resource);
  return statement === undefined ? [] : [{ entry, statement, before }];
}

const OF_PATHWAY: ReadonlySet<string> = new Set([
  'EpisodeOfCare',
  'Task',
  'QuestionnaireResponse',
  'Consent',
  'CommunicationRequest',
  'Communication',
]);

/** Pathways that the write is about; a death, and a consent that holds in the whole register, is about all of a person's. */
async function touchedEpisodes(
  scope: WriteScope,
  shared: readonly Pick<Register, 'id'>[],
): Promise<ReadonlySet<string>> {
  const stored = scope.pending().filter(({ effect }) => storesVersion(effect));
  const own = stored
    .filter(({ type, effect }) => OF_PATHWAY.has(type) && effect !== 'deleted')
    .flatMap(({ labels }) => labels?.episode ?? []);
  const persons = new Set([
    ...stored.filter(hasDiedOrLives).map(({ id }) => id),
    ...stored.flatMap((entry) =>
      entry.type === 'Consent' ? shared.flatMap((register) => personOf(entry, register)) : [],
    ),
  ]);
  const theirs = await Promise.all(
    [...persons].map((id) => scope.query<RowRecord>(rowsOfPatientSql(id, ['EpisodeOfCare']))),
  );
  return new Set([...own, ...theirs.flat().map((record) => toRow(record).id)]);
}

function hasDiedOrLives({ type, effect, resource, previous }: Pending): boolean {
  return (
    type === 'Patient' &&
    effect === 'updated' &&
    isDead(resource) !== isDead(parseJson(previous?.content ?? '{}') as JsonObject)
  );
}

interface Pathway {
  readonly id: string;
  readonly schedule: Schedule;
  readonly labels: Labels;
  readonly episode: JsonObject;
  readonly patientId: string;
  readonly patient: JsonObject | undefined;
  readonly rows: readonly EpisodeRow[];
  readonly otherConsents: readonly JsonObject[];
}

async function readPathway(
  scope: WriteScope,
  id: string,
  schedules: readonly Schedule[],
): Promise<Pathway | undefined> {
  const rows = await scope.rowsOfEpisode(id);
  const own = rows.find((row) => row.type === 'EpisodeOfCare' && row.id === id);
  const schedule = scheduleOf(schedules, rows);
  if (own === undefined || schedule === undefined) {
    return undefined;
  }
  const unit = idOfReference(own.resource['managingOrganization'] as Reference | undefined, 'Organization');
  const patientId = idOfReference(own.resource['patient'] as Reference | undefined, 'Patient') ?? '';
  return {
    id,
    schedule,
    labels: pathwayLabels(schedule, unit ?? '', id),
    episode: own.resource,
    patientId,
    patient: await scope.get({ type: 'Patient', id: patientId }),
    rows,
    otherConsents: await otherConsents(scope, schedule.register, patientId, id),
  };
}

/** Check what is stated about the pathway's forms; what holds becomes the Task's new version, and an order a request. */
async function carryOut(
  scope: WriteScope,
  deps: SendingRuleDeps,
  pathway: Pathway,
  stated: readonly Stated[],
): Promise<readonly Issue[]> {
  const rows = pathway.rows.map((row) => {
    const before = stated.find(({ entry }) => row.type === 'Task' && row.id === entry.id)?.before;
    return before === undefined ? row : { ...row, resource: before };
  });
  const forms = patientForms({ ...pathway, rows }, deps.hasContent, scope.now);
  const issues: Issue[] = [];
  for (const { entry, statement, before } of stated) {
    const form = forms.find(({ task }) => task.id === entry.id);
    const refused = refusalOf({ ...deps, scope, statement, form, forms, schedule: pathway.schedule }, entry);
    if (refused !== undefined || form === undefined) {
      issues.push(...(refused === undefined ? [] : [refused]));
      continue;
    }
    const resource = carriedOut(before, statement, entry.resource ?? {}, scope.now);
    if (statement.kind === 'restore') {
      const restored = await bringBack(scope, resource, pathway.labels);
      issues.push(...(restored === undefined ? [refusedAs('form-not-discarded', entry)] : []));
      scope.replace(entry, { resource: restored ?? resource });
      continue;
    }
    const isAnswered =
      statement.kind === 'close' && (await addClosing(scope, deps, pathway, form, statement.reason));
    scope.replace(entry, { resource: isAnswered ? { ...withoutDays(resource), status: 'ready' } : resource });
    if (statement.kind === 'order' || statement.kind === 'remind') {
      order(scope, pathway, form, statement);
    }
    if (statement.kind === 'import') {
      stateImport(scope, before, pathway.labels);
    }
    if (statement.kind === 'discard') {
      discard(scope, before, pathway, statement.reason);
    }
  }
  return issues;
}

/** The days on which it could be answered are over, and the reason is put in its answer after them. */
function withoutDays({ restriction: _restriction, ...task }: JsonObject): JsonObject {
  return task;
}

/** A form that is open is saved with the reason as its answer; the rule of saved forms completes the Task. */
async function addClosing(
  scope: WriteScope,
  { forms }: SendingRuleDeps,
  { episode, patient, labels }: Pathway,
  { task }: PatientForm,
  reason: CodeableConcept | undefined,
): Promise<boolean> {
  const wanted = questionnaireOf(task.resource) ?? '';
  const form = task.resource['status'] === 'ready' ? forms.form(wanted) : undefined;
  const resource = form && (await closingResponse({ form, reason, episode, patient, now: scope.now }));
  if (resource === undefined) {
    return false;
  }
  const id = scope.newId();
  const named = namingForm({ ...resource, id }, plannedName(task.resource));
  scope.add({ kind: 'create', type: 'QuestionnaireResponse', id, labels, resource: named });
  return true;
}

function order(
  scope: WriteScope,
  { id: episode, patientId, labels, rows }: Pathway,
  { task }: PatientForm,
  statement: Extract<Statement, { kind: 'order' | 'remind' }>,
): void {
  const id = scope.newId();
  const kind: MessageKind = statement.kind === 'order' ? 'send' : 'remind';
  const about = { id, task: task.id, patient: patientId, episode, kind };
  const method = statement.kind === 'order' ? statement.method : lastMethod(rows, task.id);
  const resource = messageRequest(about, method, scope.now);
  scope.add({ kind: 'create', type: 'CommunicationRequest', id, labels, resource });
  scope.enqueue(DELIVER_FORM, { id });
}

/** Tasks say how sending stands, what was ordered and may not leave is called back, and the timers follow. */
async function keepUp(
  scope: WriteScope,
  { hasContent }: SendingRuleDeps,
  id: string,
  schedules: readonly Schedule[],
): Promise<TimersOf> {
  const pathway = await readPathway(scope, id, schedules);
  if (pathway === undefined) {
    return { timers: [], without: [] };
  }
  const forms = patientForms(pathway, hasContent, scope.now);
  for (const form of forms) {
    keepTask(scope, pathway, form);
    if (IS_AT_REST.has(form.state) || !isUnanswered(form.facts.status)) {
      callBack(scope, pathway, form);
    }
  }
  const timers = forms.flatMap((form) => timerOf(pathway, form, scope.now));
  const without = forms.filter(({ task }) => !timers.some((timer) => timer.task === task.id));
  // a Task that comes with this write has no timer yet
  return { timers, without: without.flatMap(({ task }) => (task.row === undefined ? [] : [task.id])) };
}

/** What is next with the forms of a pathway, and the Tasks with which nothing is. */
interface TimersOf {
  readonly timers: readonly Timer[];
  readonly without: readonly string[];
}

/** One statement each for all pathways of the write. */
async function keepTimers(scope: WriteScope, kept: readonly TimersOf[]): Promise<void> {
  const timers = kept.flatMap((each) => each.timers);
  const without = kept.flatMap((each) => each.without);
  if (without.length > 0) {
    await scope.query(dropTimersSql(without));
  }
  if (timers.length > 0) {
    await scope.query(keepTimersSql(timers));
  }
}

/** Nothing that was ordered is to leave any more. */
const IS_AT_REST: ReadonlySet<SendingState> = new Set(['stopped', 'not-ready', 'submitted', 'imported']);

function timerOf({ id, patientId, schedule }: Pathway, form: PatientForm, now: Date): readonly Timer[] {
  const next = nextStep(form.form.sending, form.facts, now);
  return next === undefined
    ? []
    : [{ ...next, task: form.task.id, episode: id, patient: patientId, register: schedule.register.id }];
}

function keepTask(scope: WriteScope, { labels }: Pathway, form: PatientForm): void {
  const { task } = form;
  const resource = withSending(form);
  if (JSON.stringify(resource) !== JSON.stringify(task.resource)) {
    const changed = { ...resource, lastModified: scope.now.toISOString() };
    scope.add({
      kind: task.row === undefined ? 'create' : 'update',
      type: 'Task',
      id: task.id,
      labels,
      resource: changed,
      ...(task.row !== undefined && { previous: task.row }),
    });
  }
}

/** The Task with how sending stands. Of one that has ended, what it came to stays. */
export function withSending({ task: { resource }, form, facts, state }: PatientForm): JsonObject {
  if (!isUnanswered(facts.status)) {
    return resource;
  }
  const { restriction = {}, ...rest } = resource;
  const { period: _period, ...others } = restriction as JsonObject;
  // what has come in is completed by staff, whenever they do
  const end = facts.received === undefined ? (lockAt(form.sending, facts) ?? facts.closes) : undefined;
  const period = {
    ...(facts.opens !== undefined && { start: facts.opens.toISOString() }),
    ...(end !== undefined && { end: lastSecond(end).toISOString() }),
  };
  const kept = { ...others, ...(Object.keys(period).length > 0 && { period }) };
  const delivered = facts.sending?.delivered;
  return {
    ...rest,
    businessStatus: businessStatus(state),
    ...(delivered !== undefined && { executionPeriod: { start: delivered.toISOString() } }),
    ...(Object.keys(kept).length > 0 && { restriction: kept }),
  };
}

const lastSecond = (end: Date): Date => new Date(end.getTime() - 1000);

function callBack(scope: WriteScope, { rows, labels }: Pathway, { task }: PatientForm): void {
  for (const { type, id, resource, row } of activeRequests(rows, task.id)) {
    const revoked = { ...resource, status: 'revoked' };
    scope.add({
      kind: row === undefined ? 'create' : 'update',
      type,
      id,
      labels,
      resource: revoked,
      ...(row !== undefined && { previous: row }),
    });
  }
}

async function dropDeleted(scope: WriteScope): Promise<void> {
  const gone = scope.pending().filter(({ type, effect }) => type === 'Task' && effect === 'deleted');
  if (gone.length > 0) {
    await scope.query(dropTimersSql(gone.map(({ id }) => id)));
  }
}
