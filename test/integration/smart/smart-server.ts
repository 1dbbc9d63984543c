/** A real HTTP server with the authorisation part alone, on a database of its own, and a protected address to try tokens on. */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type ErrorRequestHandler } from 'express';
import { FhirError } from '../../../src/fhir/outcome.ts';
import { isRecent } from '../../../src/smart/app-consent.ts';
import { saveClient, type OAuthClient } from '../../../src/smart/clients.ts';
import type { Ehr } from '../../../src/smart/ehr.ts';
import type { RoleAssignment, SecurityEvent } from '../../../src/smart/ports.ts';
import { createSmart, type Smart } from '../../../src/smart/smart.ts';
import { createMessages, type Messages } from '../../../src/adapters/message/messages.ts';
import { newUuid } from '../../../src/fhir/id.ts';
import { createSecretBox } from '../../../src/storage/secret-box.ts';
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
  /** What answers behind the address. */
  readonly handler: RequestListener;
  readonly smart: Smart;
  readonly database: TestDatabase;
  readonly clock: TestClock;
  readonly events: SecurityEvent[];
  /** Can events be kept? True unless told. */
  keepsEvents: boolean;
  /** What was sent to people; texts are kept. */
  readonly messages: Messages;
  /** HPR numbers that have roles here. */
  readonly hprRoles: Record<string, readonly RoleAssignment[]>;
  /** The person at the consent page, who says yes to everything unless told. */
  person: ConsentingPerson;
  register(client: Partial<OAuthClient> & Pick<OAuthClient, 'id' | 'jwks' | 'jwksUri'>): Promise<void>;
}

export interface ConsentingPerson {
  readonly account: string;
  readonly practitionerRole: string;
  readonly patient?: string;
  /** Of the scopes asked for; all unless told. */
  readonly scopes?: readonly string[];
  readonly saysNo?: true;
  /** When they last showed who they are; now, unless told. */
  readonly authenticated?: string;
}

export interface SmartServerOptions {
  readonly ehrs?: readonly Ehr[];
  readonly mode?: 'demo' | 'production';
  /** Optional unless told. */
  readonly secondFactor?: 'required' | 'optional';
  /** Share the database of another server: a second process. */
  readonly database?: TestDatabase;
}

/** Units of organisations, by number. */
const UNITS: Readonly<Record<string, readonly string[]>> = {
  'hospital-1': ['dep-1'],
  'hospital-2': ['dep-2'],
};
const TEST_KEY = Buffer.alloc(32, 7);

/** Start; dispose in `afterAll`. `GET /whoami` answers the principal. */
export async function startSmartServer(options: SmartServerOptions = {}): Promise<SmartServer> {
  const database = options.database ?? (await createTestDatabase());
  const app = express();
  const server = createServer(app);
  const url = await listen(server);
  const clock = clockAt(new Date().toISOString());
  const events: SecurityEvent[] = [];
  const hprRoles: Record<string, readonly RoleAssignment[]> = {};
  const box = createSecretBox(TEST_KEY);
  const messages = createMessages({
    db: database.db,
    box,
    clock,
    newId: newUuid,
    carriers: { sms: () => Promise.resolve(), email: () => Promise.resolve() },
    texts: 'keep',
  });
  const started = {
    person: { account: 'lu-ane', practitionerRole: 'role-lu', patient: 'p-1' } as ConsentingPerson,
    keepsEvents: true,
  };
  const smart = await createSmart({
    db: database.db.pool,
    store: database.store,
    messages,
    box,
    config: {
      publicUrl: url,
      mode: options.mode ?? 'demo',
      ehrs: options.ehrs ?? [],
      secondFactor: options.secondFactor ?? 'optional',
    },
    clock,
    findRoles: async (ids) => ROLES.filter(({ id }) => ids.includes(id)),
    findRolesOfHpr: async (hpr) => hprRoles[hpr] ?? [],
    findUnitsOf: async (number) => UNITS[number] ?? [],
    log: async (event) => {
      await Promise.resolve();
      if (!started.keepsEvents) {
        throw new Error('the trail is full');
      }
      events.push(event);
    },
  });
  app.use(...smart.launchSpaces);
  app.use(smart.router);
  app.all('/whoami', async (request, response) => {
    response.json((await smart.authenticate(request)) ?? { kind: 'nobody' });
  });
  app.get('/skjema/launch', async (request, response) => {
    response.json((await smart.launchOf(request)) ?? {});
  });
  // the consent page's place: whoever is there says yes at once
  app.get('/gi-tilgang/:uid', async (request, response) => {
    const { consent } = smart.apps;
    const asked = await consent.request(request, response);
    if (asked === undefined) {
      response.status(404).end();
      return;
    }
    const { account, practitionerRole, patient, scopes = asked.scopes, saysNo } = started.person;
    const { authenticated = new Date().toISOString() } = started.person;
    if (!isRecent(authenticated, asked.authenticatedAfter)) {
      const given = { account, practitionerRole, patient, scopes, authenticated };
      response.status(401).send(await consent.give(request, response, given));
      return;
    }
    response.redirect(
      303,
      saysNo === true
        ? await consent.refuse(request, response, account)
        : await consent.give(request, response, {
            account,
            practitionerRole,
            patient,
            scopes,
            authenticated,
          }),
    );
  });
  app.use(answerFhirErrors);
  return Object.assign(started, {
    url,
    handler: app as RequestListener,
    smart,
    database,
    clock,
    events,
    messages,
    hprRoles,
    register: (client: Partial<OAuthClient> & Pick<OAuthClient, 'id' | 'jwks' | 'jwksUri'>) =>
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
  });
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
