/** The server with a clock, clients that may subscribe, and the round that the minute's job makes. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { saveClient, findClient, type OAuthClient } from '../../../src/smart/clients.ts';
import { EVERYTHING } from '../../../src/storage/row-access.ts';
import type { TestApp } from '../../support/app.ts';
import { readThrough } from '../../support/outbox.ts';
import { type HttpAnswer, type HttpClient, httpClient } from '../../support/http-client.ts';

const BACKPORT = 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/';
export const KEY = 'a-key-of-at-least-32-characters-for-tests';

export interface Wish {
  readonly endpoint: string;
  readonly criteria: string;
  readonly content?: 'empty' | 'id-only' | 'full-resource';
  readonly filter?: string;
  readonly header?: readonly string[];
  readonly key?: string;
  readonly status?: string;
  readonly type?: string;
  readonly heartbeat?: number;
  readonly maxCount?: number;
  readonly end?: string;
}

export function subscription(wish: Wish): Readonly<Record<string, unknown>> {
  const {
    endpoint,
    criteria,
    content = 'id-only',
    filter,
    header,
    key,
    status = 'requested',
    heartbeat,
  } = wish;
  const extension = [
    ...(key === undefined
      ? []
      : [{ url: 'https://ryggrad.no/fhir/StructureDefinition/subscription-signing-key', valueString: key }]),
    ...(heartbeat === undefined
      ? []
      : [{ url: `${BACKPORT}backport-heartbeat-period`, valueUnsignedInt: heartbeat }]),
    ...(wish.maxCount === undefined
      ? []
      : [{ url: `${BACKPORT}backport-max-count`, valuePositiveInt: wish.maxCount }]),
  ];
  return {
    resourceType: 'Subscription',
    status,
    reason: 'Test',
    ...(wish.end !== undefined && { end: wish.end }),
    criteria,
    ...(filter !== undefined && {
      _criteria: { extension: [{ url: `${BACKPORT}backport-filter-criteria`, valueString: filter }] },
    }),
    channel: {
      ...(extension.length > 0 && { extension }),
      type: wish.type ?? 'rest-hook',
      endpoint,
      payload: 'application/fhir+json',
      _payload: { extension: [{ url: `${BACKPORT}backport-payload-content`, valueCode: content }] },
      ...(header !== undefined && { header }),
    },
  };
}

/** What the jobs do: take up events, then send; until nothing is left to do. */
export async function settle({ app, database }: Pick<TestApp, 'app' | 'database'>): Promise<void> {
  await readThrough(app.outbox, database.db);
  await app.subscriptions.sweep();
  const failures = await app.jobs.runOnce();
  if (failures.length > 0) {
    throw new Error('A job failed', { cause: failures[0]?.error });
  }
}

/** Create it and shake hands; answers its id. */
export async function subscribe(server: TestApp, client: HttpClient, wish: Wish): Promise<string> {
  const answer = await client.post('fhir/Subscription', subscription(wish));
  if (answer.status !== 201) {
    throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`);
  }
  await settle(server);
  return idOf(answer);
}

export const idOf = ({ body }: HttpAnswer): string => (body as { id: string }).id;

/** As stored: a token does not outlive the leaps of the clock. */
export async function statusOf(
  { database }: TestApp,
  id: string,
): Promise<{ status: string; error?: string }> {
  const row = await database.store.as(EVERYTHING).read({ type: 'Subscription', id });
  return JSON.parse(row?.content ?? '{}') as { status: string; error?: string };
}

/** Change the registration of a demo client. */
export async function changeClient(
  { database }: TestApp,
  id: string,
  change: Partial<OAuthClient>,
): Promise<void> {
  const client = await findClient(database.db.pool, id);
  if (client === undefined) {
    throw new Error(`No client ${id}`);
  }
  await saveClient(database.db.pool, { ...client, ...change });
}

/** The demo's analytics client, allowed to subscribe. */
export async function analyticsSubscriber(server: TestApp): Promise<HttpClient> {
  const scopes = ['system/*.rs', 'system/Subscription.cruds'];
  await changeClient(server, 'analytics-demo', { scopes });
  const path = join(server.config.dataDir, 'demo', 'analytics-client.json');
  const file = JSON.parse(await readFile(path, 'utf8')) as object;
  await writeFile(path, JSON.stringify({ ...file, scope: scopes.join(' ') }));
  return httpClient(server.url, await server.token('analytics'));
}
