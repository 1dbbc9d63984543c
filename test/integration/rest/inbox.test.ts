/**
 * What systems send is entered in the inbox; what is refused is kept and carried out again; an older message does not overwrite a
 * newer one (IR-05). docs/adr/0030
 */
import type { Bundle, OperationOutcome } from '../../../src/fhir/types.ts';
import type { JsonObject } from '../../../src/fhir/types.ts';
import { replay, replayAll } from '../../../src/operations/inbox/replay.ts';
import type { InboxRow } from '../../../src/storage/inbox.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import type { HttpAnswer, HttpClient } from '../../support/http-client.ts';
import { syntheticNumber } from '../../support/synthetic-number.ts';

const SYSTEM = 'https://hospital.example/id';
const MINUTE = 60_000;

let server: TestApp;
let ehr: HttpClient;
let names = 0;

beforeAll(async () => {
  server = await startTestApp();
  ehr = await server.client('ehr');
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

const newName = (): string => `inbox-${(names += 1)}`;
const ago = (minutes: number): string => new Date(Date.now() - minutes * MINUTE).toISOString();
const rows = (): Promise<readonly InboxRow[]> => server.app.received.inbox.list({ limit: 200 });
const rowOf = async (name: string): Promise<InboxRow | undefined> =>
  (await rows()).find(({ message }) => message?.endsWith(name) === true);

const observation = (name: string, value: number): JsonObject => ({
  resourceType: 'Observation',
  status: 'final',
  identifier: [{ system: SYSTEM, value: name }],
  code: { text: 'Poeng' },
  valueInteger: value,
});

/** A transaction that says how one observation is, at a time. */
const transaction = (
  name: string,
  value: number,
  timestamp: string | undefined,
  id = newName(),
): JsonObject => ({
  resourceType: 'Bundle',
  type: 'transaction',
  identifier: { system: SYSTEM, value: id },
  ...(timestamp !== undefined && { timestamp }),
  entry: [
    {
      resource: observation(name, value),
      request: { method: 'PUT', url: `Observation?identifier=${SYSTEM}|${name}` },
    },
  ],
});

const removal = (name: string, timestamp: string): JsonObject => ({
  resourceType: 'Bundle',
  type: 'transaction',
  identifier: { system: SYSTEM, value: newName() },
  timestamp,
  entry: [{ request: { method: 'DELETE', url: `Observation?identifier=${SYSTEM}|${name}` } }],
});

const send = (bundle: JsonObject): Promise<HttpAnswer> => ehr.post('fhir', bundle);
const found = async (name: string): Promise<Bundle> =>
  (await ehr.get(`fhir/Observation?identifier=${SYSTEM}|${name}`)).body as Bundle;
const valueOf = async (name: string): Promise<unknown> => {
  const { entry } = await found(name);
  return (entry?.[0]?.resource as unknown as JsonObject | undefined)?.['valueInteger'];
};
const ruleOf = ({ body }: HttpAnswer): string | undefined =>
  (body as OperationOutcome).issue?.[0]?.details?.coding?.[0]?.code;

describe('A message that was taken', () => {
  it('has a line in the inbox, with what came of it and its raw text.', async () => {
    const name = newName();

    await send(transaction(name, 1, ago(5), name));
    const row = await rowOf(name);

    expect(row).toMatchObject({
      door: 'fhir',
      outcome: 'stored',
      resources: 1,
      late: 0,
      times: 1,
      status: null,
      isKept: false,
    });
    expect(row?.source).toMatch(/^client:/);
    expect((await ehr.get(`fhir/Binary/${row?.binary}`)).status).toBe(200);
  });

  it('is counted when it comes again, and changes nothing (IR-03).', async () => {
    const name = newName();
    const bundle = transaction(name, 1, ago(5), name);

    await send(bundle);
    await send(bundle);

    expect(await rowOf(name)).toMatchObject({ outcome: 'stored', times: 2 });
    expect((await found(name)).entry?.[0]?.resource?.meta?.versionId).toBe('1');
  });

  it('is told apart from one that says what is known already.', async () => {
    const [first, second] = [newName(), newName()];
    await send(transaction(first, 1, ago(5), first));

    await send(transaction(first, 1, ago(4), second));

    expect(await rowOf(second)).toMatchObject({ outcome: 'unchanged', resources: 0 });
  });

  it('has a line for each single resource and each entry of a batch too.', async () => {
    const [single, first, second] = [newName(), newName(), newName()];
    const entry = (name: string, value: unknown) => ({
      resource: { ...observation(name, 1), status: value },
      request: { method: 'POST', url: 'Observation' },
    });

    await ehr.post('fhir/Observation', observation(single, 1), { 'Idempotency-Key': single });
    await ehr.post(
      'fhir',
      {
        resourceType: 'Bundle',
        type: 'batch',
        entry: [entry(first, 'final'), entry(second, 'no-such-status')],
      },
      { 'Idempotency-Key': `batch-${single}` },
    );
    const lines = (await rows()).filter(({ message }) => message?.startsWith(`batch-${single}`));

    expect(await rowOf(single)).toMatchObject({
      outcome: 'stored',
      resources: 1,
      binary: null,
    });
    expect(lines.map(({ outcome }) => outcome).sort()).toEqual(['refused', 'stored']);
  });

  it('has no name in the inbox when that is a national number.', async () => {
    const { number } = syntheticNumber(4711);
    const before = (await rows()).length;

    await ehr.post('fhir/Observation', observation(newName(), 1), { 'Idempotency-Key': `x-${number}` });
    const all = await rows();

    expect(all).toHaveLength(before + 1);
    expect(JSON.stringify(all)).not.toContain(number);
  });
});

describe('An older message that comes later', () => {
  it('does not overwrite what is newer, is kept, and is told so (IR-05).', async () => {
    const name = newName();
    const late = newName();
    await send(transaction(name, 2, ago(5)));

    const answer = await send(transaction(name, 1, ago(10), late));
    const { entry } = answer.body as Bundle;

    expect(answer.status).toBe(200);
    expect(entry?.[0]?.response?.status).toMatch(/^200/);
    expect((entry?.[0]?.response?.outcome as OperationOutcome).issue?.[0]?.details?.coding?.[0]?.code).toBe(
      'late-message',
    );
    expect(await valueOf(name)).toBe(2);
    expect(await rowOf(late)).toMatchObject({ outcome: 'unchanged', resources: 0, late: 1 });
  });

  it('can be found from the resource: its Provenance says that it was late, and has its text (IR-05).', async () => {
    const name = newName();
    await send(transaction(name, 2, ago(5)));
    await send(transaction(name, 1, ago(10)));

    const [resource] = (await found(name)).entry ?? [];
    const { body } = await ehr.get(`fhir/Provenance?target=Observation/${resource?.resource?.id}`);
    const activities = ((body as Bundle).entry ?? []).map(
      (each) =>
        (each.resource as { activity?: { coding?: { code?: string }[] } }).activity?.coding?.[0]?.code,
    );

    expect(activities.sort()).toEqual(['CREATE', 'late']);
  });

  it('does not bring back what was removed, nor remove what is newer (IR-05).', async () => {
    const [gone, here] = [newName(), newName()];
    await send(transaction(gone, 1, ago(10)));
    await send(removal(gone, ago(5)));
    await send(transaction(here, 1, ago(5)));

    const answers = [await send(transaction(gone, 2, ago(7))), await send(removal(here, ago(8)))];

    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(await valueOf(here)).toBe(1);
  });

  it('overwrites when it names the version that it changes: its sender has seen it.', async () => {
    const name = newName();
    await send(transaction(name, 2, ago(5)));
    const bundle = transaction(name, 1, ago(10)) as { entry: { request: JsonObject }[] };
    const request = { ...bundle.entry[0]?.request, ifMatch: 'W/"1"' };

    await send({ ...bundle, entry: [{ ...bundle.entry[0], request }] } as unknown as JsonObject);

    expect(await valueOf(name)).toBe(1);
  });

  it('comes in whatever order: the newest stands (IR-05).', async () => {
    const name = newName();
    const order = [3, 1, 4, 2, 5, 0];

    await Promise.all(order.map((value) => send(transaction(name, value, ago(60 - value)))));

    expect(await valueOf(name)).toBe(5);
  });

  it('may not come from the future: that would keep out all that comes until then.', async () => {
    const answer = await send(transaction(newName(), 1, ago(-60)));

    expect(answer.status).toBe(422);
    expect(ruleOf(answer)).toBe('message-time');
  });
});

describe('A message that was refused', () => {
  it('is kept with its reasons; the same again is one line.', async () => {
    const name = newName();
    const bundle = transaction(name, 'x' as unknown as number, ago(5), name);

    const answers = [await send(bundle), await send(bundle)];
    const row = await rowOf(name);

    expect(answers.map(({ status }) => status)).toEqual([400, 400]);
    expect(row).toMatchObject({ outcome: 'refused', times: 2, status: 400, isKept: true });
    expect(row?.issues[0]?.expression).toContain('Bundle.entry[0].resource');
  });

  it('is kept when it is no JSON at all, and nothing of a request without a sender is.', async () => {
    const before = await rows();
    const headers = { 'Content-Type': 'application/fhir+json' };
    const token = await server.token('ehr');

    const torn = await fetch(`${server.url}/fhir`, {
      method: 'POST',
      body: '{"resourceType": "Bundle", ',
      headers: { ...headers, Authorization: `Bearer ${token}` },
    });
    const stranger = await fetch(`${server.url}/fhir`, { method: 'POST', body: '{}', headers });
    const after = await rows();

    expect([torn.status, stranger.status]).toEqual([400, 401]);
    expect(after.length - before.length).toBe(1);
    expect(after[0]).toMatchObject({ outcome: 'refused', isKept: true });
  });

  it('is kept whatever its letters are: lone surrogates and NUL too (RE-03).', async () => {
    const before = (await rows()).length;
    const headers = {
      'Content-Type': 'application/fhir+json',
      Authorization: `Bearer ${await server.token('ehr')}`,
    };
    const bodies = [
      '{"resourceType":"Observation","sta\\ud800tus":"final"}',
      '{"resourceType":"Observation","a\\u0000b":1}',
      '{"resourceType":"Bundle","type":"transaction","identifier":{"value":"a\\ud800\\u0000"},"entry":[{"x\\ud800":1}]}',
    ];

    const answers = await Promise.all(
      bodies.map(async (body) =>
        fetch(`${server.url}/fhir${body.includes('Bundle') ? '' : '/Observation'}`, {
          method: 'POST',
          body,
          headers,
        }),
      ),
    );

    expect(answers.map(({ status }) => status)).toEqual([400, 400, 400]);
    expect(await rows()).toHaveLength(before + bodies.length);
  });

  it('lies sealed: nothing of it can be read in the database.', async () => {
    const name = newName();
    const secret = `Hemmelig ${name}`;
    await ehr.post('fhir/Observation', { ...observation(name, 1), status: 'nope', code: { text: secret } });

    const { rows: found } = await server.database.db.pool.query(
      `select count(*)::int as count from inbox where sealed like '%' || $1 || '%' or issues::text like '%' || $1 || '%'`,
      [secret],
    );

    expect(found).toEqual([{ count: 0 }]);
  });

  it('is carried out again when what it lacked has come.', async () => {
    const [unit, name] = [newName(), newName()];
    const refers = {
      ...transaction(name, 1, ago(5), name),
      entry: [
        {
          resource: {
            ...observation(name, 1),
            device: { reference: `Device?identifier=${SYSTEM}|${unit}` },
          },
          request: { method: 'PUT', url: `Observation?identifier=${SYSTEM}|${name}` },
        },
      ],
    };
    expect((await send(refers)).status).toBe(412);
    const { id = '' } = (await rowOf(name)) ?? {};

    const tooEarly = await replay(server.app.received, id, 'user:test');
    await ehr.post('fhir/Device', {
      resourceType: 'Device',
      identifier: [{ system: SYSTEM, value: unit }],
    });
    const inTime = await replay(server.app.received, id, 'user:test');
    const again = await replay(server.app.received, id, 'user:test');

    expect([tooEarly?.outcome, inTime?.outcome, again]).toEqual(['refused', 'replayed', undefined]);
    expect(await server.app.received.inbox.read(id)).toMatchObject({
      outcome: 'replayed',
      settledBy: 'user:test',
      isKept: false,
    });
    expect(await valueOf(name)).toBe(1);
  });

  it('does not overwrite what has come meanwhile, however late it is carried out again (IR-05).', async () => {
    const [unit, name] = [newName(), newName()];
    const bundle = transaction(name, 1, ago(9), name) as { entry: { resource: JsonObject }[] };
    const device = { reference: `Device?identifier=${SYSTEM}|${unit}` };
    await send({
      ...bundle,
      entry: [{ ...bundle.entry[0], resource: { ...observation(name, 1), device } }],
    } as unknown as JsonObject);
    await send(transaction(name, 2, ago(3)));
    await ehr.post('fhir/Device', { resourceType: 'Device', identifier: [{ system: SYSTEM, value: unit }] });

    const all = await replayAll(server.app.received, { rule: 'conditional-reference' }, 'user:test');

    expect(all.replayed).toBe(1);
    expect(await valueOf(name)).toBe(2);
  });
});
