/** The whole server with the demo's people, and what a person at a browser does with it. */
import type { ReadMessage } from '../../../src/adapters/message/messages.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import { clockAt, type TestClock } from '../../support/clock.ts';
import { browser, type Browser } from '../launch/ehr-server.ts';

export interface AccountServer extends AsyncDisposable {
  readonly url: string;
  readonly test: TestApp;
  readonly clock: TestClock;
  /** Log in as one of the demo's people; they have no second factor. */
  logIn(account: string): Promise<Browser>;
  /** Post a form to a path; the answer's path in `to`. */
  post(
    who: Browser,
    path: string,
    form: Readonly<Record<string, string>>,
  ): Promise<{ status: number; to: string }>;
  get(who: Browser, path: string): Promise<{ status: number; to: string; text: string }>;
  /** Send what waits, and everything that was sent, newest first. */
  messages(): Promise<readonly ReadMessage[]>;
  /** Events of the audit trail of this kind, newest first. */
  events(
    kind: string,
  ): Promise<readonly { readonly agent: string; readonly text: string; readonly outcome: number }[]>;
}

export async function startAccountServer(env: Readonly<Record<string, string>> = {}): Promise<AccountServer> {
  const clock = clockAt(new Date().toISOString());
  const test = await startTestApp(env, clock);
  const { url, app, database, hints } = test;
  const pathOf = (location: string): string => (location === '' ? '' : location.slice(url.length));
  return {
    url,
    test,
    clock,
    async logIn(account) {
      const who = browser();
      const passord = hints.accounts.find(({ username }) => username === account)?.password ?? '';
      await who.post(`${url}/logg-inn`, { brukernavn: account, passord });
      return who;
    },
    async post(who, path, form) {
      clock.advance({ seconds: 1 }); // so that what is written has an order
      const { status, location } = await who.post(url + path, { ...form });
      return { status, to: pathOf(location) };
    },
    async get(who, path) {
      const { status, location, text } = await who.get(url + path);
      return { status, to: pathOf(location), text };
    },
    async messages() {
      await app.jobs.runOnce();
      return app.accounts.messages.inbox();
    },
    async events(kind) {
      return database.db.query({
        text: 'select agent, content as text, outcome from audit where kind = $1 order by seq desc',
        values: [kind],
      });
    },
    async [Symbol.asyncDispose]() {
      await test[Symbol.asyncDispose]();
    },
  };
}

/** The number in a message. */
export const codeIn = (text: string | undefined): string => /\b\d{6}\b/.exec(text ?? '')?.[0] ?? 'none';

/** An application for the pain clinic, as somebody new fills it. */
export const application = (
  changes: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> => ({
  brukernavn: 'kari.nordmann',
  fornavn: 'Kari',
  etternavn: 'Nordmann',
  mobil: '400 00 001',
  epost: 'kari.nordmann@fjordheim.example',
  stilling: 'Sykepleier',
  organisasjon: 'demo-hf',
  sokt: '',
  avdeling: 'demo-smerteklinikk',
  register: 'smertereg',
  rolle: 'LU',
  ...changes,
});
