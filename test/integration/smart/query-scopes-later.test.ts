/**
 * Scopes with a query where the answer comes later: notifications and bulk exports (SC-03, SC-04).
 * https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html#finer-grained-resource-constraints-using-search-parameters
 */
import { startTestApp, type TestApp } from '../../support/app.ts';
import { clockAt } from '../../support/clock.ts';
import { type HttpAnswer, type HttpClient, httpClient } from '../../support/http-client.ts';
import { readThrough } from '../../support/outbox.ts';
import { ASYNC, exportAll, finish, kickOff } from '../operations/exports.ts';
import {
  eventsIn,
  eventsOf,
  type Notification,
  type Receiver,
  startReceiver,
} from '../subscription/receiver.ts';
import { changeClient, settle, subscribe, subscription } from '../subscription/subscribing.ts';

const CATEGORY = 'http://terminology.hl7.org/CodeSystem/observation-category';
const VITAL = `category=${CATEGORY}|vital-signs`;
const SCOPES = [`system/Observation.rs?${VITAL}`, 'system/Subscription.cruds'];

let server: TestApp;
let receiver: Receiver;
let ehr: HttpClient;
let patient: string;
const clock = clockAt(new Date().toISOString());

const observation = (category: string, more: object = {}) => ({
  resourceType: 'Observation',
  status: 'final',
  category: [{ coding: [{ system: CATEGORY, code: category }] }],
  code: { text: category },
  subject: { reference: `Patient/${patient}` },
  ...more,
});
const idOf = ({ status, body }: HttpAnswer): string => {
  expect([status, body]).toEqual([201, expect.anything()]);
  return (body as { id: string }).id;
};
const create = async (category: string): Promise<string> =>
  idOf(await ehr.post('fhir/Observation', observation(category)));
const change = async (id: string, category: string): Promise<void> => {
  expect((await ehr.put(`fhir/Observation/${id}`, observation(category, { id }))).status).toBe(200);
};
const as = async (...scopes: readonly string[]): Promise<HttpClient> =>
  httpClient(server.url, await server.token('ehr', scopes.join(' ')));

beforeAll(async () => {
  server = await startTestApp({}, clock);
  receiver = await startReceiver();
  ehr = await server.client('ehr');
  patient = idOf(await ehr.post('fhir/Patient', { resourceType: 'Patient' }));
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await receiver[Symbol.asyncDispose]();
});

describe('A subscription by a query scope', () => {
  beforeEach(() => receiver.forget());
  afterEach(async () => {
    const all = await ehr.get('fhir/Subscription');
    for (const { resource } of (all.body as { entry?: { resource: { id: string } }[] }).entry ?? []) {
      await ehr.delete(`fhir/Subscription/${resource.id}`);
    }
  });
  const wish = (content: 'id-only' | 'full-resource' = 'id-only') => ({
    endpoint: receiver.url,
    criteria: 'Observation?status=final',
    content,
  });
  const told = (): readonly (string | undefined)[] => eventsOf(receiver.received).map(({ focus }) => focus);

  it.each(['id-only', 'full-resource'] as const)(
    'is told of what is within it alone, also as %s (SC-03, SC-04).',
    async (content) => {
      await subscribe(server, await as(...SCOPES), wish(content));
      const vital = await create('vital-signs');
      await create('laboratory');
      await settle(server);

      expect(told()).toEqual([`Observation/${vital}`]);
      expect(JSON.stringify(receiver.received)).not.toContain('laboratory');
    },
  );

  it('follows a resource in, and out again (SC-04).', async () => {
    await subscribe(server, await as(...SCOPES), wish());
    const id = await create('laboratory');
    await settle(server);
    const before = told().length;
    await change(id, 'vital-signs');
    await settle(server);
    const inside = told().length;
    await change(id, 'laboratory');
    await settle(server);

    expect([before, inside, told().length]).toEqual([0, 1, 1]);
  });

  it('withholds what has left it between the event and the sending (SC-04).', async () => {
    await subscribe(server, await as(...SCOPES), wish('full-resource'));
    const id = await create('vital-signs');
    await readThrough(server.app.outbox, server.database.db);
    await change(id, 'laboratory');
    await settle(server);

    expect(told()).toEqual([]);
    expect(JSON.stringify(receiver.received)).not.toContain('laboratory');
  });

  it('shows no more when events are asked for again, by whatever token of the client (SC-03).', async () => {
    const whole = await subscribe(server, ehr, wish('full-resource'));
    const vital = await create('vital-signs');
    await create('laboratory');
    await settle(server);
    const answer = await (await as(...SCOPES)).get(`fhir/Subscription/${whole}/$events`);

    expect(told()).toHaveLength(2);
    expect(eventsIn(answer.body as Notification).map(({ focus }) => focus)).toEqual([`Observation/${vital}`]);
    expect(JSON.stringify(answer.body)).not.toContain('laboratory');
  });

  it('becomes one when the registration is narrowed (SC-06).', async () => {
    await subscribe(server, await as('system/Observation.rs', 'system/Subscription.cruds'), wish());
    await changeClient(server, 'ehr-demo', { scopes: SCOPES });
    const vital = await create('vital-signs');
    await create('laboratory');
    await settle(server);
    await changeClient(server, 'ehr-demo', { scopes: ['system/*.cruds'] });

    expect(told()).toEqual([`Observation/${vital}`]);
  });

  it('is refused for other types than the scope names (SC-03).', async () => {
    const answer = await (
      await as(...SCOPES)
    ).post('fhir/Subscription', subscription({ ...wish(), criteria: 'Condition?code=x' }));

    expect(answer.status).toBe(403);
  });
});

describe('A bulk export by a query scope', () => {
  let vital: string;
  let lab: string;
  beforeAll(async () => {
    vital = await create('vital-signs');
    lab = await create('laboratory');
  });
  const reader = (): Promise<HttpClient> => as(SCOPES[0] ?? '', 'system/Patient.rs');

  it.each(['?_type=Observation', 'Patient/$export?_type=Observation'])(
    'holds what is within it alone: %s (SC-03, SC-04).',
    async (query) => {
      const { names, files } = await exportAll(server, await reader(), query);

      expect(names).toContain(`Observation/${vital}`);
      expect(names).not.toContain(`Observation/${lab}`);
      expect(JSON.stringify(files)).not.toContain('laboratory');
    },
  );

  it('is narrowed by a filter, and not widened (SC-04, BK-04).', async () => {
    const both = encodeURIComponent('Observation?category=vital-signs,laboratory');
    const { names } = await exportAll(server, await reader(), `?_type=Observation&_typeFilter=${both}`);
    const none = await exportAll(
      server,
      await reader(),
      `?_type=Observation&_typeFilter=${encodeURIComponent('Observation?category=laboratory')}`,
    );

    expect(names).toContain(`Observation/${vital}`);
    expect(names).not.toContain(`Observation/${lab}`);
    expect(none.names).toEqual([]);
  });

  it.each(['', '?_type=Observation,Condition'])(
    'is refused where a type is not in it: $export%s (SC-03, BK-01).',
    async (query) => {
      expect((await kickOff(await reader(), query)).status).toBe(403);
    },
  );

  it('of all types holds of each what is within it (SC-04).', async () => {
    const { names } = await exportAll(server, await as(`system/*.rs?_id=${vital}`));

    expect(names).toEqual([`Observation/${vital}`]);
  });

  it('of everything is not handed out to a narrower token of the same client (SC-03, BK-06).', async () => {
    const narrow = await reader();
    const whole = await exportAll(server, ehr, '?_type=Observation');
    const own = await exportAll(server, narrow, '?_type=Observation');
    const url = whole.manifest.output[0]?.url ?? '';

    expect(whole.files['Observation']).toContain('laboratory');
    expect((await narrow.get(url)).status).toBe(404);
    expect((await narrow.get(whole.status)).status).toBe(404);
    expect((await (await reader()).get(own.manifest.output[0]?.url ?? '')).status).toBe(200);
    expect((await ehr.get(own.manifest.output[0]?.url ?? '')).status).toBe(200);
  });

  it('gives no version from before, when a resource comes in while it runs (SC-04).', async () => {
    const client = await reader();
    const id = await create('laboratory');
    const kicked = await client.get('fhir/$export?_type=Observation', ASYNC);
    // the moment that the export is of lies between the two versions
    clock.advance({ seconds: 60 });
    await change(id, 'vital-signs');
    clock.advance({ seconds: -30 });
    const { files } = await finish(server, client, kicked);
    clock.set(new Date().toISOString());

    expect(JSON.stringify(files)).not.toContain('laboratory');
  });
});
