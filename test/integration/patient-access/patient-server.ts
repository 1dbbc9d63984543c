/** The whole server with a form for patients, and a person whose pathway waits for it. */
import { join } from 'node:path';
import { demoBundle } from '../../../demo/ehr/bundle.ts';
import { browser, type Browser } from '../../../demo/walk/browser.ts';
import { type FhirClient, signIn } from '../../../demo/walk/fhir-client.ts';
import { silent } from '../../../demo/walk/narrator.ts';
import type { Walk } from '../../../demo/walk/walk.ts';
import { typeCode } from '../../../src/fhir/resource-types.ts';
import type { Bundle, Patient, Task } from '../../../src/fhir/types.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import { clockAt, type TestClock } from '../../support/clock.ts';
import { type ContentOptions, patientContent } from './patient-content.ts';

/** A person with a form that waits. */
export interface Waiting {
  readonly patient: Patient & { readonly id: string };
  /** Of the form for patients. */
  readonly task: string;
  /** Of a form for staff in the same pathway. */
  readonly staffTask: string;
  /** EpisodeOfCare id. */
  readonly episode: string;
  /** What the EHR sent. */
  readonly message: Bundle;
}

export interface PatientServer extends AsyncDisposable {
  readonly app: TestApp;
  readonly url: string;
  readonly clock: TestClock;
  readonly ehr: FhirClient;
  /** LC, by token. */
  readonly coordinator: FhirClient;
  readonly analytics: FhirClient;
  /** LU of the department, logged in on the pages. */
  readonly nurse: Browser;
  person(): Promise<Waiting>;
  /** A person with a mobile number, as the EHR sends it. */
  withMobile(): Promise<Waiting>;
  /** Texts that were written to people, newest first; those of one moment have no order. */
  texts(): Promise<readonly string[]>;
  /** A browser that nobody is logged in with. */
  browser(): Browser;
  /** A browser that somebody of the demo is logged in with. */
  user(account: string): Promise<Browser>;
}

let next = 6000;

export async function startPatientServer(options: ContentOptions = {}): Promise<PatientServer> {
  const content = await patientContent(options);
  const clock = clockAt(new Date().toISOString());
  const app = await startTestApp({ CONTENT_DIR: content.folder }, clock);
  const walk: Walk = { url: app.url, keys: join(app.config.dataDir, 'demo'), narrator: silent };
  const ehr = await signIn(walk, 'ehr');
  const coordinator = await signIn(walk, 'staff');
  const analytics = await signIn(walk, 'analytics');
  const user = async (account: string): Promise<Browser> => {
    const somebody = browser(walk);
    const password = app.hints.accounts.find(({ username }) => username === account)?.password ?? '';
    const login = await somebody.open('/logg-inn?neste=/arbeidsliste');
    await somebody.submit(login, '/logg-inn', { brukernavn: account, passord: password });
    return somebody;
  };
  const nurse = await user('lu-ane');
  const person = async (): Promise<Waiting> => {
    const message = demoBundle(`pasient-${(next += 3)}`, new Date());
    const answer = await ehr.transaction(message);
    const location = answer.entry
      ?.map(({ response }) => response?.location ?? '')
      .find((at) => /Patient\//.test(at));
    const [, id = ''] = /Patient\/([^/]+)/.exec(location ?? '') ?? [];
    const tasks = await coordinator.search<Task>(`Task?patient=${id}`);
    const taskOf = (form: string): string =>
      tasks.find(({ input }) => input?.some(({ valueCanonical }) => valueCanonical?.includes(form)))?.id ??
      '';
    return {
      patient: (await coordinator.read<Patient>(`Patient/${id}`)) as Waiting['patient'],
      task: taskOf('smertereg-prom-test'),
      staffTask: taskOf('smertereg-to'),
      message,
      episode: tasks[0]?.basedOn?.[0]?.reference?.split('/')[1] ?? '',
    };
  };
  return {
    app,
    url: app.url,
    clock,
    ehr,
    coordinator,
    analytics,
    nurse,
    browser: () => browser(walk),
    user,
    person,
    async withMobile() {
      const waiting = await person();
      await app.database.db.pool.query(
        `update resource
            set content = jsonb_set(content::jsonb, '{telecom}', $2::jsonb)::text
          where type = $3 and id = $1`,
        [
          waiting.patient.id,
          JSON.stringify([{ system: 'phone', use: 'mobile', value: '40 00 00 01' }]),
          typeCode('Patient'),
        ],
      );
      return waiting;
    },
    async texts() {
      return (await app.app.accounts.messages.inbox()).map(({ text }) => text);
    },
    async [Symbol.asyncDispose]() {
      await app[Symbol.asyncDispose]();
      await content[Symbol.asyncDispose]();
    },
  };
}

/** `1965-12-24` → `24.12.1965` */
export const asTyped = (date = ''): string => date.split('-').reverse().join('.');
