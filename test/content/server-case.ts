/** Runs a case through the whole server with a clock that is set by hand: intake, tasks, forms, facts, stores. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AnalyticsPrincipal, EhrPrincipal, StaffPrincipal } from '../../src/access/principal.ts';
import { FhirError } from '../../src/fhir/outcome.ts';
import { parseJson } from '../../src/fhir/json.ts';
import type {
  Bundle,
  EpisodeOfCare,
  JsonObject,
  QuestionnaireResponse,
  Resource,
  Task,
} from '../../src/fhir/types.ts';
import { sourceOf } from '../../src/registry/form/extract-facts.ts';
import { openForm } from '../../src/registry/form/open-form.ts';
import { saveForm } from '../../src/registry/form/save-form.ts';
import type { PlannedForm, Schedule } from '../../src/registry/schedule/plan.ts';
import { isTaskOf } from '../../src/registry/schedule/tasks.ts';
import type { Operation } from '../../src/repository/operation.ts';
import { startTestApp, type TestApp } from '../support/app.ts';
import { clockAt } from '../support/clock.ts';
import { type CapturedForm, type Case, type CaseStep, isOfServer } from './case.ts';
import { byPath, toItems } from './compact-answers.ts';
import { content } from './fill-form.ts';
import { formOf, isStepOf, scheduleOfCase } from './run-case.ts';

/** What a step led to on the server. */
export interface ServerStep {
  readonly prefilled: Readonly<Record<string, unknown>> | undefined;
  readonly calculated: Readonly<Record<string, unknown>>;
  /** Rules that refused the save. */
  readonly refused: readonly (string | undefined)[];
  readonly extracted: readonly Resource[];
  readonly tasks: Readonly<Record<string, string>>;
  /** How sending of the patient's forms stands; asked only when the step tells. */
  readonly sent: Readonly<Record<string, string>> | undefined;
  readonly national: boolean;
  readonly forms: CaseStep['forms'];
  readonly pathways: CaseStep['pathways'];
}

const SCOPES = ['system/*.cruds'];
const UNIT = 'demo-smerteklinikk';
/** Departments of registers that are filled by what arrives. */
const OTHER_UNITS = ['demo-endoskopi', 'demo-infeksjon'];

const ehr: EhrPrincipal = {
  kind: 'ehr',
  subject: 'client:case-ehr',
  name: 'Journal',
  scopes: SCOPES,
  units: ['demo-hf', 'demo-sykehus', UNIT, ...OTHER_UNITS],
};

const coordinator = (register: string): StaffPrincipal => ({
  kind: 'staff',
  subject: 'user:case-lc',
  name: 'Koordinator',
  scopes: ['user/*.cruds'],
  role: 'LC',
  register,
  units: [UNIT, ...OTHER_UNITS],
});

const analytics = (register: string): AnalyticsPrincipal => ({
  kind: 'analytics',
  subject: 'client:case-analytics',
  name: 'Analyse',
  scopes: SCOPES,
  registers: [register],
});

interface Running {
  readonly server: TestApp;
  readonly each: Case;
  readonly schedule: Schedule;
  readonly patient: string;
}

/** Every step of the case with its result, on a server of its own, which `after` may ask before it is closed. */
export async function runOnServer(
  each: Case,
  after: (server: TestApp) => Promise<void> = () => Promise.resolve(),
): Promise<readonly ServerStep[]> {
  const clock = clockAt(each.steps[0]?.at ?? '');
  await using server = await startTestApp({}, clock);
  const patient = await push(server, each, 'input.json');
  if (isOfServer(each)) {
    await server.app.jobs.runOnce();
  }
  const running: Running = { server, each, patient, schedule: scheduleOfCase(content, each) };
  const results: ServerStep[] = [];
  for (const step of each.steps) {
    clock.set(step.at);
    results.push(await runStep(running, step));
  }
  await after(server);
  return results;
}

const callerOf = <P>(principal: P) => ({ principal, requestId: 'case', interaction: 'case' });

/** A bundle of the case as an EHR sends it; the person's id here. */
async function push({ app }: TestApp, { register, name }: Case, bundle: string): Promise<string> {
  const file = join(import.meta.dirname, '../../registers', register, 'cases', name, bundle);
  const { entry = [] } = JSON.parse(readFileSync(file, 'utf8')) as Bundle;
  const operations = entry.map(({ fullUrl, resource, request }, index): Operation => {
    const common = {
      type: resource?.resourceType ?? '',
      resource: resource as unknown as JsonObject,
      at: `Bundle.entry[${index}].resource`,
      ...(fullUrl !== undefined && { fullUrl }),
    };
    return request?.method === 'PUT'
      ? { ...common, kind: 'update', condition: request.url?.split('?')[1] ?? '' }
      : {
          ...common,
          kind: 'create',
          ...(request?.ifNoneExist !== undefined && { ifNoneExist: request.ifNoneExist }),
        };
  });
  const results = await app.repository.commit(callerOf(ehr), operations);
  return results.find(({ type }) => type === 'Patient')?.id ?? '';
}

async function runStep(running: Running, step: CaseStep): Promise<ServerStep> {
  if (step.send !== undefined) {
    await push(running.server, running.each, step.send);
    await running.server.app.jobs.runOnce();
  }
  const task = step.form === undefined ? undefined : await taskOf(running, step);
  const prefilled = task && step.prefilled && (await opened(running, task, step));
  const saved = task && (await save(running, task, step));
  if (step.sent !== undefined) {
    await running.server.app.patientForms.advance();
    await running.server.app.jobs.runOnce();
  }
  return {
    prefilled,
    calculated: saved?.calculated ?? {},
    refused: saved?.refused ?? [],
    extracted: saved?.extracted ?? [],
    tasks: await taskStates(running),
    sent: step.sent && (await sentStates(running)),
    national: await isNational(running),
    forms: step.forms && (await capturedForms(running, step.forms)),
    pathways: step.pathways && (await pathwayStates(running)),
  };
}

/** Of the answers, those that the step tells of. */
async function capturedForms(
  running: Running,
  wanted: NonNullable<CaseStep['forms']>,
): Promise<CaseStep['forms']> {
  const tasks = (await tasksOf(running)).toSorted((a, b) => dayOf(a).localeCompare(dayOf(b)));
  const responses = await find<QuestionnaireResponse>(running, 'QuestionnaireResponse', {
    patient: running.patient,
  });
  const { forms } = running.schedule;
  const captured = ([action, list]: readonly [string, readonly CapturedForm[]]) => {
    const form = forms.find(({ id }) => id === action);
    const own = tasks.filter((task) => form !== undefined && isTaskOf(form, running.schedule, json(task)));
    return [action, own.map((task, index) => capturedForm(task, responses, list[index]?.answers))] as const;
  };
  return Object.fromEntries(Object.entries(wanted).map(captured));
}

const json = (task: Task): JsonObject => task as unknown as JsonObject;

/** The day that a repeated form is about, sortable. */
const dayOf = ({ description = '' }: Task): string => description.split('.').toReversed().join('-');

function capturedForm(
  { status, statusReason, output }: Task,
  responses: readonly QuestionnaireResponse[],
  wanted: CapturedForm['answers'],
): CapturedForm {
  const reference = output?.[0]?.valueReference?.reference;
  const response = responses.find(({ id }) => `QuestionnaireResponse/${id ?? ''}` === reference);
  const name = /([^/]+)\|/.exec(response?.questionnaire ?? '')?.[1];
  const values =
    response === undefined || name === undefined
      ? new Map<string, unknown>()
      : byPath(formOf(content, name), response);
  return {
    status: status ?? '',
    ...(statusReason?.text !== undefined && { waits: statusReason.text }),
    ...(wanted !== undefined && {
      answers: Object.fromEntries(Object.keys(wanted).map((path) => [path, values.get(path) ?? null])),
    }),
  };
}

async function pathwayStates(running: Running): Promise<readonly string[]> {
  const found = await find<EpisodeOfCare>(running, 'EpisodeOfCare', { patient: running.patient });
  return found
    .toSorted((a, b) => (a.period?.start ?? '').localeCompare(b.period?.start ?? ''))
    .map(({ status }) => status ?? '');
}

async function find<T extends Resource>(
  { server, each }: Pick<Running, 'server' | 'each'>,
  type: T['resourceType'],
  query: Readonly<Record<string, string>>,
  principal: StaffPrincipal | AnalyticsPrincipal = coordinator(each.register),
): Promise<readonly T[]> {
  const parameters = new URLSearchParams({ ...query, _count: '100' });
  const { matches } = await server.app.forms.search.search(callerOf(principal), type, parameters, {
    lenient: false,
  });
  return matches.map((row) => parseJson(row.content) as unknown as T);
}

const tasksOf = (running: Running): Promise<readonly Task[]> =>
  find<Task>(running, 'Task', { patient: running.patient });

async function taskOf(running: Running, step: CaseStep): Promise<Task> {
  const { schedule } = running;
  const form = formOf(content, step.form ?? '');
  const planned = schedule.forms.find((each) => isStepOf(step, each, form));
  const task = planned && (await tasksOf(running)).find((one) => isTask(running, planned, one));
  if (task === undefined) {
    throw new Error(`The pathway has no task for ${step.form ?? ''}.`);
  }
  return task;
}

const isTask = ({ schedule }: Running, planned: PlannedForm, task: Task): boolean =>
  isTaskOf(planned, schedule, task as unknown as JsonObject);

async function taskStates(running: Running): Promise<Readonly<Record<string, string>>> {
  const tasks = await tasksOf(running);
  return Object.fromEntries(
    running.schedule.forms.map((planned) => [
      planned.id,
      tasks.find((task) => isTask(running, planned, task))?.status ?? '',
    ]),
  );
}

/** Of the forms that patients answer, by action id. */
async function sentStates(running: Running): Promise<Readonly<Record<string, string>>> {
  const tasks = await tasksOf(running);
  const states = running.schedule.forms
    .filter(({ sending }) => sending !== undefined)
    .flatMap((planned) => {
      const task = tasks.find((one) => isTask(running, planned, one) && one.status !== 'draft');
      return task === undefined ? [] : [[planned.id, sentState(task)] as const];
    });
  return Object.fromEntries(states);
}

function sentState({ status, statusReason, businessStatus }: Task): string {
  if (status === 'completed') {
    return statusReason === undefined ? 'answered' : 'locked';
  }
  return businessStatus?.coding?.[0]?.code ?? '';
}

/** Is the pathway there for an analytics client? */
async function isNational(running: Running): Promise<boolean> {
  const query = { patient: running.patient };
  return (
    (await find<EpisodeOfCare>(running, 'EpisodeOfCare', query, analytics(running.each.register))).length > 0
  );
}

async function opened(
  { server, each }: Running,
  task: Task,
  { form: id = '' }: CaseStep,
): Promise<Readonly<Record<string, unknown>>> {
  const { response } = await openForm(server.app.forms, callerOf(coordinator(each.register)), task.id ?? '');
  return Object.fromEntries(byPath(formOf(content, id), response));
}

type Saved = Pick<ServerStep, 'calculated' | 'refused' | 'extracted'>;

async function save(running: Running, task: Task, step: CaseStep): Promise<Saved> {
  const { server, each } = running;
  const { form: id = '', status = 'completed', answers = {}, calculated = {} } = step;
  const form = formOf(content, id);
  const caller = callerOf(coordinator(each.register));
  const { version } = await openForm(server.app.forms, caller, task.id ?? '');
  try {
    const result = await saveForm(server.app.forms, caller, {
      taskId: task.id ?? '',
      response: {
        resourceType: 'QuestionnaireResponse',
        status,
        item: toItems(form.items, answers),
      },
      status,
      ifMatch: version,
      ...(status === 'amended' && { reason: step.what }),
    });
    const values = byPath(form, JSON.parse(result.content ?? '{}') as never);
    return {
      calculated: Object.fromEntries(Object.keys(calculated).map((path) => [path, values.get(path) ?? null])),
      refused: [],
      extracted: await factsOf(running, result.id),
    };
  } catch (cause) {
    if (!(cause instanceof FhirError)) {
      throw cause;
    }
    return { calculated: {}, refused: cause.issues.map(({ rule }) => rule), extracted: [] };
  }
}

/** Everything that the response became, whatever the type. */
async function factsOf({ server }: Running, response: string): Promise<readonly Resource[]> {
  const rows = await server.database.db.query<{ content: string }>({
    text: `select content from resource where content::jsonb -> 'meta' ->> 'source' = $1 and content is not null`,
    values: [sourceOf(response)],
  });
  return rows.map(({ content: text }) => JSON.parse(text) as Resource);
}
