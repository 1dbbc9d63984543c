/** The whole server with a clock that is set by hand, and people whose patient forms are sent. */
import { join } from 'node:path';
import { demoBundle } from '../../../demo/ehr/bundle.ts';
import { browser, type Browser } from '../../../demo/walk/browser.ts';
import { silent } from '../../../demo/walk/narrator.ts';
import type { Walk } from '../../../demo/walk/walk.ts';
import type { EhrPrincipal, Principal, StaffPrincipal, StaffRole } from '../../../src/access/principal.ts';
import { SYSTEM } from '../../../src/access/principal.ts';
import { FhirError } from '../../../src/fhir/outcome.ts';
import { parseJson } from '../../../src/fhir/json.ts';
import type { CodeableConcept, Communication, JsonObject, Resource, Task } from '../../../src/fhir/types.ts';
import { typeCode } from '../../../src/fhir/resource-types.ts';
import { saveForm } from '../../../src/registry/form/save-form.ts';
import { questionnaireOf } from '../../../src/registry/schedule/tasks.ts';
import { stating, type Statement } from '../../../src/registry/sending/statements.ts';
import type { Operation } from '../../../src/repository/operation.ts';
import type { Answers } from '../../content/case.ts';
import { toItems } from '../../content/compact-answers.ts';
import { content } from '../../content/fill-form.ts';
import { formOf } from '../../content/run-case.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import { clockAt, type TestClock } from '../../support/clock.ts';

const REGISTER = 'smertereg';
const UNIT = 'demo-smerteklinikk';
const SCOPES = ['system/*.cruds', 'user/*.cruds'];

const ehr: EhrPrincipal = {
  kind: 'ehr',
  subject: 'client:sending-ehr',
  name: 'Journal',
  scopes: SCOPES,
  units: ['demo-hf', 'demo-sykehus', UNIT],
};

export const staff = (role: StaffRole = 'LU'): StaffPrincipal => ({
  kind: 'staff',
  subject: `user:sending-${role}`,
  name: 'Behandler',
  scopes: SCOPES,
  role,
  register: REGISTER,
  units: role === 'SC' ? [] : [UNIT],
});

export type PatientFormName = 'pasreg' | 'hads' | 'eval' | 'opioid';

/** A person with a pathway. */
export interface Person {
  readonly patient: string;
  readonly episode: string;
  readonly number: string;
  /** Task ids by short name. */
  readonly tasks: Readonly<Record<string, string>>;
}

export interface Told {
  readonly at: string;
  readonly form: string;
  readonly kind: string;
  readonly channel: string;
}

export interface SendingServer extends AsyncDisposable {
  readonly app: TestApp;
  readonly clock: TestClock;
  /** Somebody new; `last`: what the national number ends with, which says what channel reaches them in the demo. */
  person(last?: RegExp): Promise<Person>;
  /** Save a form as staff; answers with the rules that refused it. */
  save(
    person: Person,
    form: string,
    answers: Answers,
    status?: 'in-progress' | 'completed',
  ): Promise<readonly string[]>;
  /** State something on the forms of a person, in one write; answers with the rules that refused it. */
  state(
    person: Person,
    forms: readonly string[],
    statement: Statement,
    by?: Principal,
  ): Promise<readonly string[]>;
  task(person: Person, form: string): Promise<Task>;
  /** Set the clock, let the server do what is due, and let the channels take it. */
  at(instant: string): Promise<void>;
  /** What channels have taken about a person, in order. */
  told(person: Person): Promise<readonly Told[]>;
  all<T extends Resource>(person: Person, type: string): Promise<readonly T[]>;
  /** As the population registry tells. */
  change(patient: string, changes: JsonObject): Promise<void>;
  /** Write something as somebody; answers with the rules that refused it. */
  commit(by: Principal, operation: Operation): Promise<readonly string[]>;
  /** A browser that somebody of the demo is logged in with. */
  user(account: string): Promise<Browser>;
  /** A browser that nobody is logged in with. */
  visitor(): Browser;
}

export const CONSENTING = (day: string): Answers => ({
  referral: { 'referral-date': day, 'referred-via': 'request', 'start-date': day, attended: 'yes' },
  inclusion: { 'norwegian-speaking': 'yes', 'cognitively-impaired': 'no' },
  'consent-group': { consent: 'yes', 'consent-date': day },
});

export const UNASKED = (day: string): Answers => {
  const { 'consent-group': _consent, ...rest } = CONSENTING(day);
  return rest;
};

export const REFUSING = (day: string): Answers => ({
  ...UNASKED(day),
  'consent-group': { consent: 'no', 'missing-consent-type': 'active' },
});

let next = 40_000;

export async function startSendingServer(
  start: string,
  env: Readonly<Record<string, string>> = {},
): Promise<SendingServer> {
  const clock = clockAt(start);
  const app = await startTestApp(env, clock);
  const { repository, patientForms, jobs } = app.app;
  const walk: Walk = { url: app.url, keys: join(app.config.dataDir, 'demo'), narrator: silent };
  const callerOf = (principal: Principal) => ({ principal, requestId: 'sending', interaction: 'sending' });
  const rowsOf = (condition: string, values: readonly unknown[]) =>
    repository.select(callerOf(SYSTEM), { text: condition, values });
  const all = async <T extends Resource>({ episode }: Pick<Person, 'episode'>, type: string) => {
    const rows = await rowsOf('r.episode = $1 and r.type = $2', [episode, typeCode(type)]);
    return rows.map(({ content: text }) => parseJson(text) as unknown as T);
  };
  const taskOf = async (id: string): Promise<Task> => {
    const row = await repository.read(callerOf(staff()), { type: 'Task', id });
    return parseJson(row.content) as unknown as Task;
  };
  const runAll = async (): Promise<void> => {
    const failures = await jobs.runOnce();
    if (failures.length > 0) {
      throw failures[0]?.error;
    }
  };
  return {
    app,
    clock,
    all,
    async person(last = /[0-5]$/) {
      const { bundle, number } = bundleOf(last, clock.now());
      const operations = (bundle.entry ?? []).map(({ fullUrl, resource, request }, index): Operation => ({
        kind: 'create',
        type: resource?.resourceType ?? '',
        resource: resource as unknown as JsonObject,
        at: `Bundle.entry[${index}].resource`,
        ...(fullUrl !== undefined && { fullUrl }),
        ...(request?.ifNoneExist !== undefined && { ifNoneExist: request.ifNoneExist }),
      }));
      const results = await repository.commit(callerOf(ehr), operations);
      const patient = results.find(({ type }) => type === 'Patient')?.id ?? '';
      const rows = await rowsOf('r.patient = $1 and r.type = $2', [patient, typeCode('EpisodeOfCare')]);
      const episode = rows[0]?.id ?? '';
      const tasks = await all<Task & { id: string }>({ episode }, 'Task');
      return {
        patient,
        episode,
        number,
        tasks: Object.fromEntries(tasks.map((task) => [shortName(task), task.id])),
      };
    },
    async save(person, form, answers, status = 'in-progress') {
      const task = await taskOf(person.tasks[form] ?? '');
      const stored = task.output?.[0]?.valueReference?.reference?.split('/')[1];
      const version =
        stored && (await repository.read(callerOf(staff()), { type: 'QuestionnaireResponse', id: stored }));
      return refusals(() =>
        saveForm(app.app.forms, callerOf(staff()), {
          taskId: task.id ?? '',
          response: {
            resourceType: 'QuestionnaireResponse',
            status,
            item: toItems(formOf(content, `smertereg-${form}`).items, answers),
          },
          status,
          ifMatch: version ? String(version.versionId) : undefined,
        }),
      );
    },
    async state(person, forms, statement, by = staff()) {
      const tasks = await Promise.all(forms.map((form) => taskOf(person.tasks[form] ?? '')));
      return refusals(() =>
        repository.commit(
          callerOf(by),
          tasks.map((task) => ({
            kind: 'update',
            type: 'Task',
            id: task.id ?? '',
            resource: stating(task as unknown as JsonObject, statement),
          })),
        ),
      );
    },
    task: (person, form) => taskOf(person.tasks[form] ?? ''),
    async at(instant) {
      clock.set(instant);
      await patientForms.advance();
      await runAll();
    },
    async told(person) {
      const messages = await all<Communication>(person, 'Communication');
      const names = new Map(Object.entries(person.tasks).map(([form, id]) => [`Task/${id}`, form]));
      return messages
        .filter(({ status }) => status === 'completed')
        .map(({ sent = '', about, category, medium }) => ({
          at: inOslo(sent),
          form: names.get(about?.[0]?.reference ?? '') ?? '',
          kind: category?.[0]?.coding?.[0]?.code ?? '',
          channel: medium?.[0]?.coding?.[0]?.code ?? '',
        }))
        .toSorted((a, b) => a.at.localeCompare(b.at));
    },
    async change(patient, changes) {
      const row = await repository.read(callerOf(SYSTEM), { type: 'Patient', id: patient });
      const resource = { ...(parseJson(row.content) as JsonObject), ...changes };
      await repository.commit(callerOf(SYSTEM), [{ kind: 'update', type: 'Patient', id: patient, resource }]);
    },
    commit: (by, operation) => refusals(() => repository.commit(callerOf(by), [operation])),
    visitor: () => browser(walk),
    async user(account) {
      const somebody = browser(walk);
      const password = app.hints.accounts.find(({ username }) => username === account)?.password ?? '';
      const login = await somebody.open('/logg-inn?neste=/arbeidsliste');
      await somebody.submit(login, '/logg-inn', { brukernavn: account, passord: password });
      return somebody;
    },
    [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
  };
}

/** The next of the demo's people whose number ends like that. */
function bundleOf(last: RegExp, now: Date) {
  for (;;) {
    const bundle = demoBundle(`pasient-${(next += 3)}`, now);
    const patient = bundle.entry
      ?.map(({ resource }) => resource)
      .find((one) => one?.resourceType === 'Patient');
    const numbers = patient?.resourceType === 'Patient' ? (patient.identifier ?? []) : [];
    const number = numbers.find(({ value = '' }) => /^[0-9]{11}$/.test(value))?.value ?? '';
    if (last.test(number)) {
      return { bundle, number };
    }
  }
}

const shortName = (task: Task): string =>
  /smertereg-([a-z0-9]+)\|/.exec(questionnaireOf(task as unknown as JsonObject) ?? '')?.[1] ?? '';

async function refusals(run: () => Promise<unknown>): Promise<readonly string[]> {
  try {
    await run();
    return [];
  } catch (cause) {
    if (cause instanceof FhirError) {
      return cause.issues.map(({ rule, diagnostics }) => rule ?? diagnostics);
    }
    throw cause;
  }
}

const inOslo = (instant: string): string =>
  new Date(instant).toLocaleString('sv-SE', { timeZone: 'Europe/Oslo' }).slice(0, 16);

/** Code of Task.businessStatus. */
export const stateOf = ({ businessStatus }: Task): string | undefined => businessStatus?.coding?.[0]?.code;

export const reasonOf = (code: string): CodeableConcept => ({
  coding: [{ system: 'https://ryggrad.no/fhir/CodeSystem/smertereg-incomplete-reason', code }],
});
