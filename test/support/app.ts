/**
 * The whole server on a database of its own, over real HTTP, with the demo's units, people, clients and simulated EHR.
 */
import type { Server } from 'node:http';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importJWK, type JWK, SignJWT } from 'jose';
import pino from 'pino';
import { demoEhrs, demoRoutes, prepareDemo } from '../../demo/demo.ts';
import { type App, createApp } from '../../src/app.ts';
import { type Config, readConfig } from '../../src/config.ts';
import { createHttpServer } from '../../src/rest/http-server.ts';
import { type Clock, systemClock } from '../../src/fhir/id.ts';
import type { DemoHints } from '../../src/app/web-deps.ts';
import { createTestDatabase, type TestDatabase } from './database.ts';
import { type HttpClient, httpClient } from './http-client.ts';
import { PUBLISHED_AT, publishedTemplate } from './published-template.ts';

/** `national` once test/support/coordinator.ts has made it. */
export type DemoClientKind = 'ehr' | 'analytics' | 'staff' | 'national';

export interface TestApp extends AsyncDisposable {
  /** `http://127.0.0.1:<port>`, no trailing slash. */
  readonly url: string;
  readonly app: App;
  readonly config: Config;
  readonly database: TestDatabase;
  /** User names and passwords of the demo's people. */
  readonly hints: DemoHints;
  /** A FHIR client with a fresh token; paths are below `/fhir`, e.g. `fhir/Patient`. */
  client(kind: DemoClientKind): Promise<HttpClient>;
  token(kind: DemoClientKind, scope?: string): Promise<string>;
  /** Stops the server; its database stays. */
  stop(): Promise<void>;
}

/**
 * Start it. Its database has the repository's content already, as after a first start, unless the content is another or the
 * clock stands earlier. Use with `await using`, or dispose in `afterAll`. Log lines of level error go to stderr. `name`: what browsers
 * call the machine; passkeys need a name that is no number.
 */
export async function startTestApp(
  env: Readonly<Record<string, string>> = {},
  clock: Clock = systemClock,
  log: pino.Logger = pino({ level: 'error' }, pino.destination(2)),
  name: '127.0.0.1' | 'localhost' = '127.0.0.1',
): Promise<TestApp> {
  const isPublished = env['CONTENT_DIR'] === undefined && clock.now() >= PUBLISHED_AT;
  const database = await createTestDatabase({}, isPublished ? await publishedTemplate() : undefined);
  const dataDir = await mkdtemp(join(tmpdir(), 'ryggrad-test-'));
  return startOn(database, dataDir, { env, clock, log, name });
}

interface Start {
  readonly env: Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly log: pino.Logger;
  readonly name: '127.0.0.1' | 'localhost';
}

/** Stop a server and start another on its database, as with new content; dispose that one instead. */
export async function restartTestApp(
  { stop, database, config: { dataDir } }: TestApp,
  env: Readonly<Record<string, string>> = {},
  clock: Clock = systemClock,
): Promise<TestApp> {
  await stop();
  const log = pino({ level: 'error' }, pino.destination(2));
  return startOn(database, dataDir, { env, clock, log, name: '127.0.0.1' });
}

async function startOn(
  database: TestDatabase,
  dataDir: string,
  { env, clock, log, name }: Start,
): Promise<TestApp> {
  const server = createHttpServer();
  const url = await listen(server, name);
  const config = readConfig({ DATA_DIR: dataDir, PUBLIC_URL: url, PORT: new URL(url).port, ...env });
  const hints: DemoHints = { accounts: [], links: [] };
  const app = await createApp({
    config,
    hints,
    clock,
    storage: { ...database, db: database.app },
    log,
    ehrs: demoEhrs(config),
    mounts: (await demoRoutes(config, systemClock)) ?? [],
  });
  await prepareDemo({ app, config, hints });
  server.on('request', app.http);
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await app.jobs.stop();
  };
  const token = (kind: DemoClientKind, scope?: string): Promise<string> => requestToken(dataDir, kind, scope);
  return {
    url,
    app,
    config,
    database,
    hints,
    token,
    client: async (kind) => httpClient(url, await token(kind)),
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
      await database[Symbol.asyncDispose]();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function listen(server: Server, name: string): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://${name}:${(server.address() as AddressInfo).port}`;
}

interface ClientFile {
  readonly client_id: string;
  readonly jwk: JWK;
  readonly scope: string;
  readonly token_endpoint: string;
}

/** A token as any script gets one: private_key_jwt with the key of the client file. */
async function requestToken(dataDir: string, kind: DemoClientKind, scope?: string): Promise<string> {
  const file = JSON.parse(await readFile(join(dataDir, 'demo', `${kind}-client.json`), 'utf8')) as ClientFile;
  const assertion = await new SignJWT({})
    .setProtectedHeader({ alg: 'ES384', kid: file.jwk.kid ?? '', typ: 'JWT' })
    .setIssuer(file.client_id)
    .setSubject(file.client_id)
    .setAudience(file.token_endpoint)
    .setIssuedAt()
    .setExpirationTime('60s')
    .setJti(crypto.randomUUID())
    .sign(await importJWK(file.jwk, 'ES384'));
  const response = await fetch(file.token_endpoint, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
      scope: scope ?? file.scope,
    }),
  });
  const answer = (await response.json()) as { access_token?: string };
  if (answer.access_token === undefined) {
    throw new Error(`No token: ${response.status} ${JSON.stringify(answer)}`);
  }
  return answer.access_token;
}
