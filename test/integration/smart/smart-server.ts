/** A real HTTP server with the authorisation part alone, on a database of its own, and a protected address to try tokens on. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type ErrorRequestHandler } from 'express';
import { FhirError } from '../../../src/fhir/outcome.ts';
import { saveClient, type OAuthClient } from '../../../src/smart/clients.ts';
import type { Ehr } from '../../../src/smart/launch-context.ts';
import type { RoleAssignment, SecurityEvent } from '../../../src/smart/ports.ts';
import { createSmart, type Smart } from '../../../src/smart/smart.ts';
import { clockAt, type TestClock } from '../../support/clock.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

export const ROLES: readonly RoleAssignment[] = [
  {
    id: 'role-lu',
    role: 'LU',
    register: 'r1',
    unit: 'dep-1',
    display: 'Lokal bruker, avdeling 1',
    practitioner: 'p-ane',
  },
  { id: 'role-lc', role: 'LC', register: 'r1', unit: 'dep-1', display: 'Lokal koordinator, avdeling 1' },
  { id: 'role-lc2', role: 'LC', register: 'r1', unit: 'dep-2', display: 'Lokal koordinator, avdeling 2' },
  { id: 'role-sc', role: 'SC', register: 'r1', display: 'Systemkoordinator' },
];

export interface SmartServer extends AsyncDisposable {
  readonly url: string;
  readonly smart: Smart;
  readonly database: TestDatabase;
  readonly clock: TestClock;
  readonly events: SecurityEvent[];
  /** HPR numbers that have roles here. */
  readonly hprRoles: Record<string, readonly RoleAssignment[]>;
  register(client: Partial<OAuthClient> & Pick<OAuthClient, 'id' | 'jwks' | 'jwksUri'>): Promise<void>;
}

export interface SmartServerOptions {
  readonly ehrs?: readonly Ehr[];
  readonly mode?: 'demo' | 'production';
  /** Share the database of another server: a second process. */
  readonly database?: TestDatabase;
}

/** Start; dispose in `afterAll`. `GET /whoami` answers the principal. */
export async function startSmartServer(options: SmartServerOptions = {}): Promise<SmartServer> {
  const database = options.database ?? (await createTestDatabase());
  const app = express();
  const server = createServer(app);
  const url = await listen(server);
  const clock = clockAt(new Date().toISOString());
  const events: SecurityEvent[] = [];
  const hprRoles: Record<string, readonly RoleAssignment[]> = {};
  const smart = await createSmart({
    db: database.db.pool,
    config: { publicUrl: url, mode: options.mode ?? 'demo', ehrs: options.ehrs ?? [] },
    clock,
    findRoles: async (ids) => ROLES.filter(({ id }) => ids.includes(id)),
    findRolesOfHpr: async (hpr) => hprRoles[hpr] ?? [],
    log: (event) => void events.push(event),
  });
  app.use(smart.router);
  app.all('/whoami', async (request, response) => {
    response.json((await smart.authenticate(request)) ?? { kind: 'nobody' });
  });
  app.get('/skjema/launch', async (request, response) => {
    response.json((await smart.launchOf(request)) ?? {});
  });
  app.use(answerFhirErrors);
  return {
    url,
    smart,
    database,
    clock,
    events,
    hprRoles,
    register: (client) =>
      saveClient(database.db.pool, {
        kind: 'ehr',
        name: client.id,
        scopes: ['system/*.cruds'],
        units: ['dep-1'],
        registers: ['r1'],
        ...client,
      }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      if (options.database === undefined) {
        await database[Symbol.asyncDispose]();
      }
    },
  };
}

export async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const answerFhirErrors: ErrorRequestHandler = (error, _request, response, next) => {
  if (!(error instanceof FhirError)) {
    next(error);
    return;
  }
  response.status(error.status).set(error.headers).json({ issues: error.issues });
};
