/** Topics, rights at every send, and the walk of events from the commit to the receiver. */
import { createApp } from '../../../src/app.ts';
import { demoEhrs } from '../../../demo/demo.ts';
import { SYSTEM } from '../../../src/access/principal.ts';
import { NO_LABELS } from '../../../src/repository/batch.ts';
import type { JsonObject } from '../../../src/fhir/types.ts';
import type { Labels } from '../../../src/storage/store.ts';
import pino from 'pino';
import { type TestApp, startTestApp } from '../../support/app.ts';
import { clockAt } from '../../support/clock.ts';
import { readThrough } from '../../support/outbox.ts';
import type { HttpClient } from '../../support/http-client.ts';
import { eventsOf, kindOf, type Receiver, startReceiver } from './receiver.ts';
import {
  analyticsSubscriber,
  changeClient,
  settle,
  statusOf,
  subscribe,
  subscription,
} from './subscribing.ts';

const TOPIC = 'https://ryggrad.no/fhir/SubscriptionTopic/';
const clock = clockAt(new Date().toISOString());
let server: TestApp;
let receiver: Receiver;
let ehr: HttpClient;
let analytics: HttpClient;
let register: string;

beforeEach(async () => {
  clock.set(new Date().toISOString());
  server = await startTestApp({}, clock);
  receiver = await startReceiver();
  ehr = await server.client('ehr');
  analytics = await analyticsSubscriber(server);
  const [client] = await server.database.db.query<{ registers: string[] }>({
    text: `select registers from oauth_client where client_id = 'analytics-demo'`,
  });
  register = client?.registers[0] ?? '';
  await write(
    {
      resourceType: 'Patient',
      id: 'p1',
      name: [{ family: 'Prøve', given: ['Kari'] }],
      birthDate: '1970-02-03',
    },
    { unit: 'somewhere' },
  );
});

afterEach(async () => {
  await server[Symbol.asyncDispose]();
  await receiver[Symbol.asyncDispose]();
});

/** As the register itself would store it. */
async function write(resource: JsonObject, labels: Partial<Labels> = {}): Promise<void> {
  await server.app.repository.commit({ principal: SYSTEM, requestId: 'test', interaction: 'update' }, [
    {
      kind: 'update',
      type: resource['resourceType'] as string,
      id: resource['id'] as string,
      resource,
      labels: { ...NO_LABELS, register, unit: 'somewhere', episode: 'e1', ...labels },
    },
  ]);
}

const episode = (status: string): JsonObject => ({
  resourceType: 'EpisodeOfCare',
  id: 'e1',
  status,
  patient: { reference: 'Patient/p1' },
});

const observation = (id: string, parts: JsonObject = {}): JsonObject => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '1' }] },
  subject: { reference: 'Patient/p1', display: 'Kari Prøve' },
  ...parts,
});

const move = (national: boolean): Promise<number> =>
  server.database.store.transaction((tx) => tx.relabel(['e1'], national, clock.now()));

describe('A subscription to a topic', () => {
  it('is told when the criteria begin to hold, and not while they go on to.', async () => {
    await subscribe(server, analytics, { endpoint: receiver.url, criteria: `${TOPIC}episode-opened` });
    receiver.forget();

    await write(episode('planned'), { national: true });
    await write(episode('active'), { national: true });
    await write({ ...episode('active'), period: { start: '2026-11-01' } }, { national: true });
    await write(episode('onhold'), { national: true });
    await write(episode('active'), { national: true });
    await settle(server);

    expect(eventsOf(receiver.received)).toEqual([
      { number: '1', focus: 'EpisodeOfCare/e1' },
      { number: '2', focus: 'EpisodeOfCare/e1' },
    ]);
  });

  it('brings along what the topic’s shape names, pseudonymised for an analytics client.', async () => {
    await subscribe(server, analytics, {
      endpoint: receiver.url,
      criteria: `${TOPIC}episode-opened`,
      content: 'full-resource',
    });
    receiver.forget();

    await write(episode('active'), { national: true });
    await settle(server);

    const { entry } = receiver.received[0]!.body;
    expect(entry.map(({ resource }) => `${resource?.resourceType}/${resource?.id}`).slice(1)).toEqual([
      'EpisodeOfCare/e1',
      'Patient/p1',
    ]);
    expect(entry[2]?.resource).toMatchObject({ birthDate: '1970' });
    expect(receiver.received[0]!.text).not.toMatch(/Kari|Prøve|1970-02/);
  });

  it('is narrowed by its filter.', async () => {
    const criteria = `${TOPIC}episode-opened`;
    await subscribe(server, analytics, {
      endpoint: `${receiver.url}/1`,
      criteria,
      filter: 'EpisodeOfCare?patient=Patient/p1',
    });
    await subscribe(server, analytics, {
      endpoint: `${receiver.url}/2`,
      criteria,
      filter: 'EpisodeOfCare?patient=Patient/p2',
    });
    receiver.forget();

    await write(episode('active'), { national: true });
    await settle(server);

    expect(receiver.received.map(({ path }) => path)).toEqual(['/1']);
  });

  it('hears when a resource moves into the national store, and reads nothing of before.', async () => {
    await subscribe(server, analytics, {
      endpoint: `${receiver.url}/moved`,
      criteria: `${TOPIC}national-store-entered`,
    });
    await subscribe(server, analytics, {
      endpoint: `${receiver.url}/criteria`,
      criteria: 'Observation?code=1',
    });
    receiver.forget();
    await write(observation('o1'));
    await settle(server);
    expect(receiver.received).toEqual([]);

    await move(true);
    await settle(server);

    const told = receiver.received.map(
      ({ path, body }) => [path, body.entry[0]?.resource?.['parameter']] as const,
    );
    expect(told.map(([path]) => path).toSorted()).toEqual(['/criteria', '/moved']);
    expect(eventsOf(receiver.received)).toEqual([
      { number: '1', focus: 'Observation/o1' },
      { number: '1', focus: 'Observation/o1' },
    ]);
  });

  it('tells of a deletion only where the topic has one; criteria do not.', async () => {
    await subscribe(server, analytics, { endpoint: receiver.url, criteria: 'Observation?code=1' });
    await write(observation('o1'), { national: true });
    await settle(server);
    receiver.forget();

    await server.app.repository.commit({ principal: SYSTEM, requestId: 't', interaction: 'delete' }, [
      { kind: 'delete', type: 'Observation', id: 'o1' },
    ]);
    await settle(server);

    expect(receiver.received).toEqual([]);
  });
});

describe('What a subscriber is told', () => {
  it('is only what it may see: other units and what is local stay untold.', async () => {
    await subscribe(server, ehr, { endpoint: `${receiver.url}/ehr`, criteria: 'Observation?code=1' });
    await subscribe(server, analytics, {
      endpoint: `${receiver.url}/analytics`,
      criteria: 'Observation?code=1',
    });
    receiver.forget();

    await write(observation('local'));
    await write(observation('national'), { national: true });
    await write(observation('other'), { national: true, register: 'another' });
    await settle(server);

    expect(receiver.received.map(({ path }) => path)).toEqual(['/analytics']);
    expect(eventsOf(receiver.received)).toEqual([{ number: '1', focus: 'Observation/national' }]);
  });

  it('is decided again at each attempt: what left the national store meanwhile is withheld.', async () => {
    await subscribe(server, analytics, {
      endpoint: receiver.url,
      criteria: 'Observation?code=1',
      content: 'full-resource',
    });
    await write(observation('o1'), { national: true });
    receiver.answer(500);
    await settle(server);
    await move(false);
    receiver.answer(200);
    receiver.forget();

    clock.advance({ minutes: 1 });
    await settle(server);

    expect(receiver.received).toEqual([]);
  });

  it('ends when the client loses its rights, and the status says so.', async () => {
    const id = await subscribe(server, analytics, { endpoint: receiver.url, criteria: 'Observation?code=1' });
    await write(observation('o1'), { national: true });
    receiver.answer(500);
    await settle(server);
    await changeClient(server, 'analytics-demo', {
      scopes: ['system/Patient.rs', 'system/Subscription.cruds'],
    });
    receiver.answer(200);
    receiver.forget();
    await write(observation('o2'), { national: true });

    clock.advance({ minutes: 1 });
    await settle(server);

    expect(receiver.received).toEqual([]);
    expect(await statusOf(server, id)).toMatchObject({
      status: 'off',
      error: 'The subscriber has no access to what it asks for any more.',
    });
  });

  it('cannot be asked for without the right to search it, or by what the answer hides.', async () => {
    await changeClient(server, 'analytics-demo', {
      scopes: ['system/Patient.rs', 'system/Subscription.cruds'],
    });
    const narrow = analytics.withToken(
      await server.token('analytics', 'system/Patient.rs system/Subscription.cruds'),
    );

    const noRight = await narrow.post(
      'fhir/Subscription',
      subscription({ endpoint: receiver.url, criteria: 'Observation?code=1' }),
    );
    const hidden = await narrow.post(
      'fhir/Subscription',
      subscription({ endpoint: receiver.url, criteria: 'Patient?name=Kari' }),
    );
    const noWrite = await analytics
      .withToken(await server.token('analytics', 'system/Patient.rs'))
      .post('fhir/Subscription', subscription({ endpoint: receiver.url, criteria: 'Patient?gender=female' }));

    expect([noRight.status, hidden.status, noWrite.status]).toEqual([403, 422, 403]);
  });

  it('is nobody else’s business: another client sees no such subscription.', async () => {
    const id = await subscribe(server, analytics, { endpoint: receiver.url, criteria: 'Observation?code=1' });

    const answers = [
      await ehr.get(`fhir/Subscription/${id}`),
      await ehr.get(`fhir/Subscription/${id}/$status`),
      await ehr.get(`fhir/Subscription/${id}/$events`),
      await ehr.delete(`fhir/Subscription/${id}`),
    ];
    const list = await ehr.get('fhir/Subscription');

    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
    expect(list.body).toMatchObject({ total: 0 });
    expect((await analytics.get(`fhir/Subscription/${id}`)).status).toBe(200);
  });
});

describe('The walk of an event', () => {
  it('goes on after a kill between commit and delivery: nothing lost, the number the same.', async () => {
    await subscribe(server, analytics, {
      endpoint: receiver.url,
      criteria: 'Observation?code=1',
      maxCount: 1,
    });
    receiver.forget();
    await write(observation('o1'), { national: true });
    await write(observation('o2'), { national: true });
    await readThrough(server.app.outbox, server.database.db);
    receiver.answer(500);
    await settle(server);
    await server.database.db.query({
      text: `update subscription_state set lease = $1, next_attempt = null`,
      values: [new Date(clock.now().getTime() + 60_000)],
    });
    await write(observation('o3'), { national: true });
    receiver.answer(200);

    const app = await createApp({
      config: server.config,
      storage: server.database,
      hints: { accounts: [], links: [] },
      log: pino({ level: 'error' }, pino.destination(2)),
      ehrs: demoEhrs(server.config),
      clock,
    });
    await settle({ app, database: server.database });
    expect(receiver.received).toHaveLength(1);
    clock.advance({ minutes: 1 });
    await settle({ app, database: server.database });

    expect(receiver.received.map(kindOf)).toEqual(Array.from({ length: 4 }, () => 'event-notification'));
    expect(eventsOf(receiver.received)).toEqual([
      { number: '1', focus: 'Observation/o1' },
      { number: '1', focus: 'Observation/o1' },
      { number: '2', focus: 'Observation/o2' },
      { number: '3', focus: 'Observation/o3' },
    ]);
  });

  it('is not begun by a write that was rolled back.', async () => {
    await subscribe(server, analytics, { endpoint: receiver.url, criteria: 'Observation?code=1' });
    receiver.forget();
    const failing = server.app.repository.commit(
      { principal: SYSTEM, requestId: 't', interaction: 'transaction' },
      [
        { kind: 'update', type: 'Observation', id: 'o1', resource: observation('o1') },
        {
          kind: 'update',
          type: 'Observation',
          id: 'o2',
          resource: { resourceType: 'Observation', id: 'o2' },
        },
      ],
    );
    await expect(failing).rejects.toThrow();

    await settle(server);

    expect(receiver.received).toEqual([]);
  });

  it('wakes the queue by one job, however many were written.', async () => {
    await subscribe(server, analytics, { endpoint: receiver.url, criteria: 'Observation?code=1' });
    for (let n = 0; n < 5; n++) {
      await write(observation(`o${n}`), { national: true });
    }
    await readThrough(server.app.outbox, server.database.db);

    const jobs = await server.database.db.query<{ task_identifier: string }>({
      text: `select task_identifier from graphile_worker.jobs where task_identifier = 'notify'`,
    });

    expect(jobs).toHaveLength(1);
  });
});
