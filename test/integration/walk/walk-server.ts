/** The whole server with the demo's EHR, people and clients, and short ways to push a person and to save a form over HTTP. */
import { join } from 'node:path';
import { browser, type Browser } from '../../../demo/walk/browser.ts';
import { type FhirClient, signIn } from '../../../demo/walk/fhir-client.ts';
import { silent } from '../../../demo/walk/narrator.ts';
import { pushPatient, type Registered } from '../../../demo/walk/push.ts';
import type { Walk } from '../../../demo/walk/walk.ts';
import type { OperationOutcome, QuestionnaireResponse, Resource, Task } from '../../../src/fhir/types.ts';
import type { Answers } from '../../content/case.ts';
import { toItems } from '../../content/compact-answers.ts';
import { content } from '../../content/fill-form.ts';
import { formOf } from '../../content/run-case.ts';
import type { Logger } from 'pino';
import { systemClock } from '../../../src/fhir/id.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';

export const EPISODE_EXTENSION = 'http://hl7.org/fhir/StructureDefinition/workflow-episodeOfCare';
export const CHANGE_REASON = 'https://ryggrad.no/fhir/StructureDefinition/change-reason';

export type FormName = 'po' | 'to' | 'b11' | 'b12' | 'b21' | 'b22' | 'hads';

/** Anybody who can send a request: a client with a token, or a person with a session. */
export type Sender = (path: string, init?: RequestInit) => Promise<Response>;

export interface Answered {
  readonly status: number;
  readonly body: Resource & Readonly<Record<string, unknown>>;
  readonly version: string;
}

export interface SaveOptions {
  readonly status?: 'in-progress' | 'completed' | 'amended';
  readonly reason?: string;
  readonly ifMatch?: string;
  readonly canonical?: string;
  /** Changes the response before it is sent. */
  readonly tamper?: (response: QuestionnaireResponse) => QuestionnaireResponse;
}

export interface WalkServer extends AsyncDisposable {
  readonly app: TestApp;
  readonly walk: Walk;
  readonly ehr: FhirClient;
  /** LC of the pain clinic, by token. */
  readonly coordinator: FhirClient;
  readonly analytics: FhirClient;
  /** A new synthetic person, sent by the EHR. */
  person(): Promise<Registered>;
  /** Log in on the pages. */
  user(account: string): Promise<Browser>;
  /** Save answers to a form: create, or update what is there. */
  save(
    person: Registered,
    form: FormName,
    answers: Answers,
    options?: SaveOptions,
    sender?: Sender,
  ): Promise<Answered>;
  taskStates(person: Registered): Promise<Readonly<Record<string, string>>>;
}

let next = 3000;

export async function startWalkServer(
  log?: Logger,
  env: Readonly<Record<string, string>> = {},
): Promise<WalkServer> {
  const app = await startTestApp(env, systemClock, log);
  const walk: Walk = { url: app.url, keys: join(app.config.dataDir, 'demo'), narrator: silent };
  const ehr = await signIn(walk, 'ehr');
  const coordinator = await signIn(walk, 'staff');
  const analytics = await signIn(walk, 'analytics');
  const taskOf = async (id: string): Promise<Task> => coordinator.read<Task>(`Task/${id}`);
  return {
    app,
    walk,
    ehr,
    coordinator,
    analytics,
    person: () => pushPatient(walk, ehr, `pasient-${(next += 3)}`),
    async user(account) {
      const user = browser(walk);
      const login = await user.open('/logg-inn?neste=/arbeidsliste');
      const password = app.hints.accounts.find(({ username }) => username === account)?.password ?? '';
      await user.submit(login, '/logg-inn', { brukernavn: account, passord: password });
      return user;
    },
    async save(person, form, answers, options = {}, sender = coordinator.request) {
      const task = await taskOf(person.tasks[form] ?? '');
      const stored = task.output?.[0]?.valueReference?.reference;
      const response = responseTo(person, form, answers, options, stored?.split('/')[1]);
      const path = stored ?? 'QuestionnaireResponse';
      return answered(
        await sender(path, {
          method: stored === undefined ? 'POST' : 'PUT',
          body: JSON.stringify(response),
          headers: {
            'content-type': 'application/fhir+json',
            ...(options.ifMatch !== undefined && { 'if-match': options.ifMatch }),
          },
        }),
      );
    },
    async taskStates(person) {
      const entries = Object.entries(person.tasks).map(
        async ([name, id]) => [name, (await taskOf(id)).status ?? ''] as const,
      );
      return Object.fromEntries(await Promise.all(entries));
    },
    [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
  };
}

/** The session of a logged-in person as a sender of FHIR requests. */
export const asSender =
  (user: Browser): Sender =>
  (path, init = {}) =>
    user.request(`/fhir/${path}`, {
      ...init,
      headers: { accept: 'application/fhir+json', ...init.headers },
    });

/** The answers as a response to a form of the pathway. */
export function responseTo(
  { patient, episode }: Pick<Registered, 'patient' | 'episode'>,
  name: FormName,
  answers: Answers,
  { status = 'in-progress', reason, canonical, tamper = (same) => same }: SaveOptions,
  id: string | undefined,
): QuestionnaireResponse {
  const form = formOf(content, `smertereg-${name}`);
  return tamper({
    resourceType: 'QuestionnaireResponse',
    ...(id !== undefined && { id }),
    extension: [
      { url: EPISODE_EXTENSION, valueReference: { reference: `EpisodeOfCare/${episode}` } },
      ...(reason === undefined ? [] : [{ url: CHANGE_REASON, valueString: reason }]),
    ],
    questionnaire: canonical ?? form.canonical,
    status,
    subject: { reference: `Patient/${patient}` },
    item: toItems(form.items, answers),
  });
}

async function answered(response: Response): Promise<Answered> {
  const text = await response.text();
  return {
    status: response.status,
    body: (text === '' ? {} : JSON.parse(text)) as Answered['body'],
    version: response.headers.get('etag') ?? '',
  };
}

/** Stable codes of an outcome's errors: `form-not-open`. */
export const rulesOf = ({ body }: Answered): readonly string[] =>
  ((body as unknown as OperationOutcome).issue ?? [])
    .filter(({ severity }) => severity === 'error' || severity === 'fatal')
    .map(({ details, diagnostics }) => details?.coding?.[0]?.code ?? diagnostics ?? '');

const today = new Date().toLocaleDateString('sv-SE', { timeZone: 'Europe/Oslo' });
const yesterday = new Date(Date.now() - 86_400_000).toLocaleDateString('sv-SE', { timeZone: 'Europe/Oslo' });
export const days = { today, yesterday };

const referral = { 'referral-date': yesterday, 'referred-via': 'request', 'start-date': yesterday };

/** Answers that lead to each of the register's three pathways. */
export const to = {
  notAttended: { referral: { ...referral, attended: 'no-need' } },
  notIncluded: {
    referral: { ...referral, attended: 'yes' },
    inclusion: { 'norwegian-speaking': 'no' },
  },
  included: {
    referral: { ...referral, attended: 'yes' },
    inclusion: { 'norwegian-speaking': 'yes', 'cognitively-impaired': 'no' },
  },
  consenting: {
    referral: { ...referral, attended: 'yes' },
    inclusion: { 'norwegian-speaking': 'yes', 'cognitively-impaired': 'no' },
    'consent-group': { consent: 'yes', 'consent-date': today },
  },
  refusing: {
    referral: { ...referral, attended: 'yes' },
    inclusion: { 'norwegian-speaking': 'yes', 'cognitively-impaired': 'no' },
    'consent-group': { consent: 'no', 'missing-consent-type': 'active' },
  },
} as const satisfies Record<string, Answers>;

/** B1.1 as it can be locked. */
export const b11 = {
  admission: { 'registration-date': today, location: 'Fjordheim sykehus', department: 'Kirurgisk sengepost' },
  diagnoses: {
    diagnosis: [
      { 'pain-category': 'acute', 'acute-category': 'surgery', procedure: 'NGB40', 'main-diagnosis': 'yes' },
    ],
  },
  analgesics: {
    'analgesics-admission': ['opioids'],
    'analgesics-first': ['opioids'],
    'opioid-table': { opioid: [{ 'opioid-form': 'oxycodone-po-mr', dose: 40 }] },
    'inappropriate-use': 'no',
  },
  blocks: { 'central-block': 'no', 'peripheral-block': 'no' },
  'substance-use': { 'earlier-abuse': 'no', 'current-abuse': 'no' },
} as const satisfies Answers;

export const b12 = (strongest: string, weakest = '2'): Answers => ({
  'registration-date': today,
  'nrs-ability': 'yes',
  nrs: {
    'strongest-rest': strongest,
    'weakest-rest': weakest,
    'strongest-motion': '8',
    'weakest-motion': '4',
  },
});
