/** Subscriptions over real HTTP, from the handshake to the dead letter, with a receiver of the test's own. */
import type { OperationOutcome } from '../../../src/fhir/types.ts';
import { type TestApp, startTestApp } from '../../support/app.ts';
import { clockAt } from '../../support/clock.ts';
import type { HttpClient } from '../../support/http-client.ts';
import {
  eventsIn,
  eventsOf,
  isSigned,
  kindOf,
  type Notification,
  type Receiver,
  startReceiver,
} from './receiver.ts';
import { idOf, KEY, settle, statusOf, subscribe, subscription } from './subscribing.ts';

const clock = clockAt(new Date().toISOString());
let server: TestApp;
let receiver: Receiver;
let ehr: HttpClient;
let patient: string;

beforeAll(async () => {
  server = await startTestApp({}, clock);
  receiver = await startReceiver();
  ehr = await server.client('ehr');
  patient = idOf(await ehr.post('fhir/Patient', { resourceType: 'Patient', name: [{ family: 'Prøve' }] }));
});

beforeEach(() => {
  clock.set(new Date().toISOString());
  receiver.answer(200);
  receiver.forget();
});

afterEach(async () => {
  clock.set(new Date().toISOString());
  const all = await ehr.get('fhir/Subscription');
  for (const { resource } of (all.body as { entry?: { resource: { id: string } }[] }).entry ?? []) {
    await ehr.delete(`fhir/Subscription/${resource.id}`);
  }
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await receiver[Symbol.asyncDispose]();
});

const observation = (code: string, status = 'final'): object => ({
  resourceType: 'Observation',
  status,
  code: { coding: [{ system: 'http://loinc.org', code }] },
  subject: { reference: `Patient/${patient}` },
});

const create = async (resource: object): Promise<string> => {
  const answer = await ehr.post('fhir/Observation', resource);
  expect(answer.status).toBe(201);
  return idOf(answer);
};

describe('A subscription to a rest-hook', () => {
  it('becomes active when the receiver takes the handshake.', async () => {
    const created = await ehr.post(
      'fhir/Subscription',
      subscription({ endpoint: `${receiver.url}/hook`, criteria: 'Observation?code=1' }),
    );
    expect(created.body).toMatchObject({ status: 'requested' });

    await settle(server);

    expect(receiver.received.map(kindOf)).toEqual(['handshake']);
    expect(receiver.received[0]).toMatchObject({
      path: '/hook',
      body: { resourceType: 'Bundle', type: 'history' },
    });
    expect(await statusOf(server, idOf(created))).toMatchObject({ status: 'active' });
  });

  it('goes to error, saying why, when the receiver refuses the handshake.', async () => {
    receiver.answer(403);

    const id = await subscribe(server, ehr, { endpoint: receiver.url, criteria: 'Observation?code=1' });

    expect(await statusOf(server, id)).toMatchObject({
      status: 'error',
      error: 'The handshake failed: the answer was 403.',
    });
  });

  it('follows no redirect.', async () => {
    receiver.answer(307, { location: `${receiver.url}/elsewhere` });

    const id = await subscribe(server, ehr, { endpoint: receiver.url, criteria: 'Observation?code=1' });

    expect(receiver.received.map(({ path }) => path)).toEqual(['/']);
    expect(await statusOf(server, id)).toMatchObject({ status: 'error' });
  });

  it('reads no endless answer.', async () => {
    receiver.answer(200, {}, 'x'.repeat(200_000));

    const id = await subscribe(server, ehr, { endpoint: receiver.url, criteria: 'Observation?code=1' });

    expect(await statusOf(server, id)).toMatchObject({
      error: 'The handshake failed: the answer is too long.',
    });
  });

  it('is told of what matches its criteria after a create or an update, in order, and of nothing else.', async () => {
    await subscribe(server, ehr, {
      endpoint: receiver.url,
      criteria: 'Observation?code=http://loinc.org|2&status=final',
    });
    receiver.forget();

    const first = await create(observation('2'));
    const second = await create(observation('2', 'preliminary'));
    await create(observation('3'));
    await ehr.put(`fhir/Observation/${second}`, { ...observation('2'), id: second });
    await ehr.put(`fhir/Observation/${first}`, { ...observation('2', 'amended'), id: first });
    await settle(server);

    expect(eventsOf(receiver.received)).toEqual([
      { number: '1', focus: `Observation/${first}` },
      { number: '2', focus: `Observation/${second}` },
    ]);
  });

  it('judges a version as it was, also when the resource has changed since.', async () => {
    await subscribe(server, ehr, {
      endpoint: receiver.url,
      criteria: 'Observation?status=preliminary&code=4',
    });
    receiver.forget();

    const id = await create(observation('4', 'preliminary'));
    await ehr.put(`fhir/Observation/${id}`, { ...observation('4', 'final'), id });
    await settle(server);

    expect(eventsOf(receiver.received)).toEqual([{ number: '1', focus: `Observation/${id}` }]);
  });

  it('carries ids, contents or neither, as it asked.', async () => {
    const contents = ['empty', 'id-only', 'full-resource'] as const;
    for (const content of contents) {
      await subscribe(server, ehr, {
        endpoint: `${receiver.url}/${content}`,
        criteria: 'Observation?code=5',
        content,
      });
    }
    receiver.forget();

    const id = await create(observation('5'));
    await settle(server);

    const byContent = Object.fromEntries(receiver.received.map(({ path, body }) => [path.slice(1), body]));
    expect(eventsIn(byContent['empty']!)).toEqual([{ number: '1', focus: undefined }]);
    expect(byContent['empty']?.entry).toHaveLength(1);
    expect(eventsIn(byContent['id-only']!)).toEqual([{ number: '1', focus: `Observation/${id}` }]);
    expect(byContent['id-only']?.entry).toHaveLength(1);
    expect(byContent['full-resource']?.entry[1]).toMatchObject({
      fullUrl: `${server.url}/fhir/Observation/${id}`,
      resource: { resourceType: 'Observation', id, meta: { versionId: '1' } },
      request: { method: 'POST', url: 'Observation' },
      response: { status: '201' },
    });
  });

  it('signs body and time with its key, sends its headers, and gives neither out again.', async () => {
    const id = await subscribe(server, ehr, {
      endpoint: receiver.url,
      criteria: 'Observation?code=6',
      header: ['Authorization: Bearer secret', 'X-Register: one'],
      key: KEY,
    });
    receiver.forget();

    await create(observation('6'));
    await settle(server);

    expect(receiver.received[0]?.headers).toMatchObject({
      authorization: 'Bearer secret',
      'x-register': 'one',
    });
    expect(isSigned(receiver.received[0]!, KEY)).toBe(true);
    expect(isSigned({ ...receiver.received[0]!, text: `${receiver.received[0]!.text} ` }, KEY)).toBe(false);
    const texts = [
      await ehr.get(`fhir/Subscription/${id}`),
      await ehr.get(`fhir/Subscription/${id}/_history`),
      await ehr.get(`fhir/Subscription/${id}/$status`),
    ].map(({ body }) => JSON.stringify(body));
    texts.forEach((text) => expect(text).not.toMatch(/Bearer secret|a-key-of/));
  });

  it('keeps a header that was read as hidden when the subscription is changed.', async () => {
    const id = await subscribe(server, ehr, {
      endpoint: receiver.url,
      criteria: 'Observation?code=7',
      header: ['Authorization: Bearer secret'],
    });
    const { body } = await ehr.get(`fhir/Subscription/${id}`);

    const changed = await ehr.put(`fhir/Subscription/${id}`, { ...(body as object), reason: 'Another' });
    receiver.forget();
    await settle(server);

    expect(changed.body).toMatchObject({ status: 'requested' });
    expect(receiver.received[0]?.headers.authorization).toBe('Bearer secret');
    expect(await statusOf(server, id)).toMatchObject({ status: 'active' });
  });

  it('gets what was missed after failures, with the same numbers, in order, later each time (OB-02).', async () => {
    const id = await subscribe(server, ehr, {
      endpoint: receiver.url,
      criteria: 'Observation?code=8',
      maxCount: 1,
    });
    receiver.forget();
    receiver.answer(500);
    const first = await create(observation('8'));
    await settle(server);
    const second = await create(observation('8'));
    await settle(server);
    expect(eventsOf(receiver.received)).toEqual([{ number: '1', focus: `Observation/${first}` }]);

    receiver.answer(0);
    clock.advance({ seconds: 3 });
    await settle(server);
    receiver.answer(200);
    await settle(server);
    expect(receiver.received).toHaveLength(2);
    clock.advance({ seconds: 5 });
    await settle(server);

    expect(eventsOf(receiver.received)).toEqual([
      { number: '1', focus: `Observation/${first}` },
      { number: '1', focus: `Observation/${first}` },
      { number: '1', focus: `Observation/${first}` },
      { number: '2', focus: `Observation/${second}` },
    ]);
    expect(await statusOf(server, id)).toMatchObject({ status: 'active' });
  });

  it('says after three failures that it does not arrive, and is active again when it does.', async () => {
    const id = await subscribe(server, ehr, { endpoint: receiver.url, criteria: 'Observation?code=9' });
    receiver.answer(503);
    await create(observation('9'));
    for (let attempt = 0; attempt < 3; attempt++) {
      await settle(server);
      clock.advance({ minutes: 2 });
    }
    expect(await statusOf(server, id)).toMatchObject({
      status: 'error',
      error: 'Notifications do not arrive: the answer was 503.',
    });

    receiver.answer(204);
    await settle(server);

    expect(await statusOf(server, id)).toMatchObject({ status: 'active' });
  });

  it('is given up after three days, and its dead letters are sent by the operator’s replay.', async () => {
    const id = await subscribe(server, ehr, { endpoint: receiver.url, criteria: 'Observation?code=10' });
    receiver.answer(500);
    const lost = await create(observation('10'));
    await settle(server);
    clock.advance({ days: 3, hours: 1 });
    await settle(server);
    expect(await statusOf(server, id)).toMatchObject({
      status: 'off',
      error: 'Given up after 2 attempts: the answer was 500.',
    });
    expect(await server.app.subscriptions.list()).toContainEqual(
      expect.objectContaining({ dead: 1, pending: 0 }),
    );
    receiver.answer(200);
    receiver.forget();

    expect(await server.app.subscriptions.replay(id)).toBe(1);
    await settle(server);

    expect(receiver.received.map(kindOf)).toEqual(['handshake', 'event-notification']);
    expect(eventsOf(receiver.received)).toEqual([{ number: '1', focus: `Observation/${lost}` }]);
    expect(await statusOf(server, id)).toMatchObject({ status: 'active' });
  });

  it('beats its heart when nothing has happened for as long as it said.', async () => {
    await subscribe(server, ehr, { endpoint: receiver.url, criteria: 'Observation?code=11', heartbeat: 60 });
    receiver.forget();
    await settle(server);
    expect(receiver.received).toEqual([]);

    clock.advance({ minutes: 1 });
    await settle(server);
    await settle(server);

    expect(receiver.received.map(kindOf)).toEqual(['heartbeat']);
  });

  it('ends at its end.', async () => {
    const end = new Date(clock.now().getTime() + 3_600_000).toISOString();
    const id = await subscribe(server, ehr, { endpoint: receiver.url, criteria: 'Observation?code=12', end });
    receiver.forget();
    clock.advance({ hours: 1 });
    await settle(server);
    clock.set(new Date().toISOString());

    await create(observation('12'));
    await settle(server);

    expect(receiver.received).toEqual([]);
    expect(await statusOf(server, id)).toMatchObject({ status: 'off' });
  });

  it('is told nothing more once it is off or deleted, and nobody watches then.', async () => {
    const off = await subscribe(server, ehr, { endpoint: receiver.url, criteria: 'Observation?code=13' });
    const gone = await subscribe(server, ehr, { endpoint: receiver.url, criteria: 'Observation?code=13' });
    const { body } = await ehr.get(`fhir/Subscription/${off}`);
    await ehr.put(`fhir/Subscription/${off}`, { ...(body as object), status: 'off' });
    await ehr.delete(`fhir/Subscription/${gone}`);
    receiver.forget();

    await create(observation('13'));
    await settle(server);

    expect(receiver.received).toEqual([]);
    expect(await server.database.db.query({ text: 'select * from outbox_watch' })).toEqual([]);
    expect(await server.database.db.query({ text: 'select * from outbox' })).toEqual([]);
  });

  it('leaves what was told in the audit trail.', async () => {
    await subscribe(server, ehr, {
      endpoint: receiver.url,
      criteria: 'Observation?code=14',
      content: 'full-resource',
    });
    const id = await create(observation('14'));

    await settle(server);

    const rows = await server.database.db.query<{ content: string; patients: string[] }>({
      text: `select content, patients from audit where kind = 'subscription-notification' order by seq desc limit 1`,
    });
    expect(rows[0]?.content).toContain(`Observation/${id}/_history/1`);
    expect(rows[0]?.content).toContain('client:ehr-demo');
    expect(rows[0]?.patients).toEqual([patient]);
  });
});

describe('The operations of subscriptions', () => {
  it('tell the status of one and of all, and what went wrong.', async () => {
    receiver.answer(410);
    const id = await subscribe(server, ehr, { endpoint: receiver.url, criteria: 'Observation?code=20' });

    const one = await ehr.get(`fhir/Subscription/${id}/$status`);
    const all = await ehr.get('fhir/Subscription/$status?status=error');
    const none = await ehr.get('fhir/Subscription/$status?status=active');

    const parameters = (one.body as Notification).entry[0]?.resource?.['parameter'];
    expect(parameters).toEqual(
      expect.arrayContaining([
        { name: 'status', valueCode: 'error' },
        { name: 'type', valueCode: 'query-status' },
        { name: 'error', valueCodeableConcept: { text: 'The handshake failed: the answer was 410.' } },
      ]),
    );
    expect(all.body).toMatchObject({ type: 'searchset', total: 1 });
    expect(none.body).toMatchObject({ total: 0 });
  });

  it('give events again by their numbers, with no more in them than was asked for at first.', async () => {
    const id = await subscribe(server, ehr, { endpoint: receiver.url, criteria: 'Observation?code=21' });
    const ids = [
      await create(observation('21')),
      await create(observation('21')),
      await create(observation('21')),
    ];
    await settle(server);

    const some = await ehr.get(`fhir/Subscription/${id}/$events?eventsSinceNumber=2&eventsUntilNumber=3`);
    const full = await ehr.get(`fhir/Subscription/${id}/$events?content=full-resource`);
    const empty = await ehr.get(`fhir/Subscription/${id}/$events?content=empty&eventsSinceNumber=3`);

    expect(eventsIn(some.body as Notification)).toEqual([
      { number: '2', focus: `Observation/${ids[1]}` },
      { number: '3', focus: `Observation/${ids[2]}` },
    ]);
    expect((full.body as Notification).entry).toHaveLength(1);
    expect(eventsIn(empty.body as Notification)).toEqual([{ number: '3', focus: undefined }]);
  });

  it('refuse malformed parameters.', async () => {
    const id = await subscribe(server, ehr, { endpoint: receiver.url, criteria: 'Observation?code=22' });

    const answers = [
      await ehr.get(`fhir/Subscription/${id}/$events?eventsSinceNumber=x`),
      await ehr.get(`fhir/Subscription/${id}/$events?content=all`),
      await ehr.get('fhir/Subscription/$status?status=sleeping'),
    ];

    expect(answers.map(({ status }) => status)).toEqual([400, 400, 400]);
  });

  it('offer no tokens for websockets.', async () => {
    const id = await subscribe(server, ehr, { endpoint: receiver.url, criteria: 'Observation?code=23' });

    const { status } = await ehr.get(`fhir/Subscription/${id}/$get-ws-binding-token`);

    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
  });

  it('are listed with the topics in the CapabilityStatement.', async () => {
    const { body } = await ehr.get('fhir/metadata');

    const text = JSON.stringify(body);
    expect(text).toContain('OperationDefinition/backport-subscription-status');
    expect(text).toContain('OperationDefinition/backport-subscription-events');
    expect(text).toContain('https://ryggrad.no/fhir/SubscriptionTopic/form-completed|1.0.0');
  });
});

describe('A subscription that cannot be', () => {
  const wish = { endpoint: 'http://127.0.0.1:1/hook', criteria: 'Observation?code=1' };

  it.each([
    ['websocket', { ...wish, type: 'websocket' }],
    ['email', { ...wish, type: 'email' }],
    ['sms', { ...wish, type: 'sms' }],
    ['message', { ...wish, type: 'message' }],
    ['a type of its own', { ...wish, type: 'pigeon' }],
    ['an unknown parameter', { ...wish, criteria: 'Observation?colour=red' }],
    ['a value that is none', { ...wish, criteria: 'Observation?date=yesterday' }],
    ['an unknown type', { ...wish, criteria: 'Thing?code=1' }],
    ['a chain', { ...wish, criteria: 'Observation?patient.name=a' }],
    ['an order', { ...wish, criteria: 'Observation?_sort=date' }],
    ['an unknown topic', { ...wish, criteria: 'https://example.org/topic' }],
    [
      'a filter that the topic has not',
      {
        ...wish,
        criteria: 'https://ryggrad.no/fhir/SubscriptionTopic/form-completed',
        filter: 'QuestionnaireResponse?author=Practitioner/1',
      },
    ],
    ['a header of the transport', { ...wish, header: ['Host: example.org'] }],
    ['a header that breaks the line', { ...wish, header: ['X-A: a\nHost: b'] }],
    ['a short key', { ...wish, key: 'short' }],
    ['an address that is none', { ...wish, endpoint: 'hook' }],
    ['an address with a password', { ...wish, endpoint: 'http://a:b@127.0.0.1/' }],
    ['another protocol', { ...wish, endpoint: 'ftp://127.0.0.1/' }],
    ['a heart that beats too fast', { ...wish, heartbeat: 1 }],
    ['a status of the server’s', { ...wish, status: 'active' }],
  ])('is refused for %s.', async (_, bad) => {
    const { status, body } = await ehr.post('fhir/Subscription', subscription(bad));

    expect([400, 422]).toContain(status);
    expect((body as OperationOutcome).issue[0]?.expression?.[0]).toMatch(/^Subscription/);
  });

  it('is refused in a Bundle, where its key would stay in the raw message.', async () => {
    const { status } = await ehr.post('fhir', {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [
        { resource: subscription({ ...wish, key: KEY }), request: { method: 'POST', url: 'Subscription' } },
      ],
    });

    expect(status).toBe(422);
  });
});
