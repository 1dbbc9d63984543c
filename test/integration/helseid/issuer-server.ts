/** A real HTTP server with external issuers alone, on a database of its own, and a protected address to try tokens on. */
import { createServer } from 'node:http';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express, { type ErrorRequestHandler } from 'express';
import { FhirError } from '../../../src/fhir/outcome.ts';
import { saveAccount } from '../../../src/smart/accounts.ts';
import { cookieJar } from '../../../src/smart/cookies.ts';
import { createIssuers } from '../../../src/smart/issuers/issuers.ts';
import { readIssuers } from '../../../src/smart/issuers/read-issuers.ts';
import type { RoleAssignment, SecurityEvent } from '../../../src/smart/ports.ts';
import { createSecretBox, type SecretBox } from '../../../src/storage/secret-box.ts';
import { clockAt, type TestClock } from '../../support/clock.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import {
  clientKey,
  type HelseIdStandIn,
  STAND_IN_AUDIENCE,
  startHelseIdStandIn,
} from '../../support/helseid/stand-in.ts';

export const ROLES: readonly RoleAssignment[] = [
  { id: 'role-lu', role: 'LU', register: 'r1', unit: 'dep-1', display: 'LU', practitioner: 'p-ane' },
  { id: 'role-lc', role: 'LC', register: 'r1', unit: 'dep-2', display: 'LC' },
  { id: 'role-lc3', role: 'LC', register: 'r1', unit: 'dep-3', display: 'LC' },
];
/** HPR number of the person who has `role-lu`. */
export const HPR = '9144889';
export const ORGANISATION = '998877662';
export const M2M_CLIENT = 'ehr-at-helseid';

export interface IssuerServer extends AsyncDisposable {
  readonly url: string;
  readonly helseId: HelseIdStandIn;
  /** Private key of the machine-to-machine client. */
  readonly ehrKey: Awaited<ReturnType<typeof clientKey>>;
  readonly database: TestDatabase;
  readonly box: SecretBox;
  readonly clock: TestClock;
  readonly events: SecurityEvent[];
  readonly loginChoices: readonly { readonly name: string; readonly href: string }[];
}

/** Start both; dispose in `afterAll`. `/whoami` answers the principal; a login answers the account's name. */
export async function startIssuerServer(api: Readonly<Record<string, unknown>> = {}): Promise<IssuerServer> {
  const database = await createTestDatabase();
  const app = express();
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const [ehrKey, loginKey] = await Promise.all([clientKey('ehr-1'), clientKey('login-1')]);
  const helseId = await startHelseIdStandIn([
    {
      id: M2M_CLIENT,
      jwk: ehrKey.publicJwk,
      scopes: ['nhn:ryggrad/lever', 'nhn:ryggrad/analyse', 'nhn:other/x'],
    },
    { id: 'ryggrad-login', jwk: loginKey.publicJwk, redirectUris: [`${url}/logg-inn/med/helseid/retur`] },
  ]);
  const folder = await mkdtemp(join(tmpdir(), 'ryggrad-issuers-'));
  await writeFile(join(folder, 'login-key.json'), JSON.stringify(loginKey.privateJwk));
  await writeFile(join(folder, 'issuers.json'), JSON.stringify({ issuers: [entry(helseId.issuer, api)] }));

  const clock = clockAt(new Date().toISOString());
  const events: SecurityEvent[] = [];
  const box = createSecretBox(Buffer.alloc(32, 7));
  const issuers = createIssuers({
    db: database.db.pool,
    box,
    clock,
    issuers: await readIssuers(join(folder, 'issuers.json')),
    publicUrl: url,
    cookies: cookieJar(url),
    findRoles: async (ids) => ROLES.filter(({ id }) => ids.includes(id)),
    findRolesOfHpr: async (hpr) => (hpr === HPR ? ROLES.slice(0, 1) : []),
    findUnit: async (number) => (number === ORGANISATION ? 'org-hospital' : undefined),
    log: (event) => void events.push(event),
    enter: async (_request, response, { account, next, reason }) => {
      await Promise.resolve(response.json({ account: account.username, next, reason }));
    },
  });
  const authenticate = issuers.authenticator(() => Promise.resolve(undefined));
  app.use(issuers.router);
  app.all('/whoami', async (request, response) => {
    response.json((await authenticate(request)) ?? { kind: 'nobody' });
  });
  app.use(answerFhirErrors);
  await saveAccount(
    database.db.pool,
    { username: 'ane', name: 'Ane Lund', practitionerRoles: ['role-lu'] },
    'x',
  );
  await saveAccount(
    database.db.pool,
    { username: 'bo', name: 'Bo Vik', practitionerRoles: ['role-lc', 'role-lc3'] },
    'x',
  );
  return {
    url,
    helseId,
    ehrKey,
    database,
    box,
    clock,
    events,
    loginChoices: issuers.loginChoices,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await helseId[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
}

const entry = (issuer: string, api: Readonly<Record<string, unknown>>) => ({
  preset: 'helseid',
  id: 'helseid',
  issuer,
  api: {
    audience: STAND_IN_AUDIENCE,
    grants: [
      { scope: 'nhn:ryggrad/lever', kind: 'ehr', opens: ['system/*.cruds'] },
      { scope: 'nhn:ryggrad/analyse', kind: 'analytics', opens: ['system/*.rs'], registers: ['r1'] },
      { scope: 'nhn:ryggrad/bruker', kind: 'staff', opens: ['user/*.rs'] },
    ],
    ...api,
  },
  login: { clientId: 'ryggrad-login', keyFile: 'login-key.json' },
});

const answerFhirErrors: ErrorRequestHandler = (cause, _request, response, _next) => {
  if (!(cause instanceof FhirError)) {
    response.status(500).json({ message: String(cause) });
    return;
  }
  response.status(cause.status).set(cause.headers).json({ message: cause.message });
};
