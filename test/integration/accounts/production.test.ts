/** What the demo adds is not there in production */
import { createServer, type Server } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { type App, createApp } from '../../../src/app.ts';
import { readConfig } from '../../../src/config.ts';
import { saveAccount } from '../../../src/smart/accounts.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

let database: TestDatabase;
let dataDir: string;
let app: App;
let server: Server;
let url: string;

beforeAll(async () => {
  database = await createTestDatabase();
  dataDir = await mkdtemp(join(tmpdir(), 'ryggrad-test-'));
  app = await createApp({
    config: readConfig({
      RYGGRAD_MODE: 'production',
      PUBLIC_URL: 'https://register.example.no',
      DATA_DIR: dataDir,
    }),
    hints: { accounts: [], links: [] },
    storage: { ...database, db: database.app },
    log: pino({ level: 'error' }, pino.destination(2)),
    ehrs: [],
  });
  server = createServer(app.http);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}, 180_000);

afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  await app.jobs.stop();
  await database[Symbol.asyncDispose]();
  await rm(dataDir, { recursive: true, force: true });
});

describe('In production', () => {
  it('there is no inbox that shows what was sent, and no page speaks of one.', async () => {
    const inbox = await fetch(`${url}/innboks`);
    const login = await fetch(`${url}/logg-inn`);

    expect(inbox.status).toBe(404);
    expect(login.status).toBe(200);
    expect(await login.text()).not.toContain('/innboks');
  });

  it('browsers are told to come back by https alone, and cookies go no other way (LM-05).', async () => {
    const password = 'Rett-passord-1';
    await saveAccount(
      database.db.pool,
      {
        username: 'lu-ane',
        name: 'Ane Lund',
        practitionerRoles: ['role-lu'],
        firstPasswordUntil: new Date(Date.now() + 86_400_000),
      },
      password,
    );

    const answer = await fetch(`${url}/logg-inn`, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'sec-fetch-site': 'same-origin' },
      body: new URLSearchParams({ brukernavn: 'lu-ane', passord: password, neste: '' }),
    });

    const cookies = answer.headers.getSetCookie();
    expect(answer.headers.get('strict-transport-security')).toMatch(/^max-age=31536000/);
    expect(cookies).toHaveLength(4);
    expect(
      cookies.filter(
        (cookie) => !/^__Host-[\w-]+=[^;]*; Path=\/; HttpOnly; SameSite=Lax; Secure/.test(cookie),
      ),
    ).toEqual([]);
  });

  it('nothing carries a message that no gateway was set for, and texts are wiped.', async () => {
    const { messages } = app.accounts;

    expect([messages.has('sms'), messages.has('email')]).toEqual([false, false]);
    expect(await messages.inbox()).toEqual([]);
  });
});
