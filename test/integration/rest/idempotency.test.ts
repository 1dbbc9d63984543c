/**
 * A write that is sent again is done once: Idempotency-Key (IR-02), Bundle.identifier (IR-03).
 * https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
 */
import type { Bundle, OperationOutcome } from '../../../src/fhir/types.ts';
import type { JsonObject } from '../../../src/fhir/types.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import type { HttpAnswer, HttpClient } from '../../support/http-client.ts';

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

const newName = (): string => `once-${(names += 1)}`;

const observation = (name: string, parts: JsonObject = {}): JsonObject => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: name },
  ...parts,
});

const key = (value: string) => ({ 'Idempotency-Key': `"${value}"` });
const create = (name: string, value: string, parts: JsonObject = {}): Promise<HttpAnswer> =>
  ehr.post('fhir/Observation', observation(name, parts), key(value));

async function stored(name: string): Promise<number> {
  const { body } = await ehr.get(`fhir/Observation?code:text=${name}&_summary=count`);
  return (body as { total: number }).total;
}

const ruleOf = ({ body }: HttpAnswer): string | undefined =>
  (body as OperationOutcome).issue?.[0]?.details?.coding?.[0]?.code;

describe('A create with an Idempotency-Key', () => {
  it('is done once, and answered the same again (IR-02).', async () => {
    const name = newName();

    const first = await create(name, name);
    const again = await create(name, name);

    expect(first.status).toBe(201);
    expect(again.status).toBe(201);
    expect(again.body).toEqual(first.body);
    for (const header of ['location', 'etag', 'last-modified']) {
      expect(again.headers.get(header)).toBe(first.headers.get(header));
    }
    expect(await stored(name)).toBe(1);
  });

  it('is done once by many at the same time; who is too early is told to wait (IR-02).', async () => {
    const name = newName();

    const answers = await Promise.all(Array.from({ length: 16 }, () => create(name, name)));
    const created = answers.filter(({ status }) => status === 201);

    expect(answers.filter(({ status }) => status !== 201 && status !== 409)).toEqual([]);
    expect(
      answers.filter(({ status }) => status === 409).map(({ headers }) => headers.get('retry-after')),
    ).toEqual(answers.filter(({ status }) => status === 409).map(() => '1'));
    expect(new Set(created.map(({ headers }) => headers.get('location'))).size).toBe(1);
    expect(await stored(name)).toBe(1);
  });

  it('is refused when the key stood for something else (IR-02).', async () => {
    const name = newName();
    await create(name, name);

    const other = await create(name, name, { valueInteger: 2 });

    expect(other.status).toBe(422);
    expect(ruleOf(other)).toBe('idempotency-key');
    expect(await stored(name)).toBe(1);
  });

  it('does not use the key up when it is refused: mended, it is stored.', async () => {
    const name = newName();

    const refused = await create(name, name, { status: 'no-such-status' });
    const mended = await create(name, name);

    expect([refused.status, mended.status]).toEqual([422, 201]);
    expect(await stored(name)).toBe(1);
  });

  it('answers without the text when somebody has written since: the version is told.', async () => {
    const name = newName();
    const first = await create(name, name);
    const { id } = first.body as { id: string };
    await ehr.put(`fhir/Observation/${id}`, observation(name, { id, valueInteger: 3 }));

    const again = await create(name, name);

    expect(again.status).toBe(201);
    expect(again.headers.get('etag')).toBe('W/"1"');
    expect(again.body).toBeUndefined();
  });

  it("is another client's own: the same key there is another key.", async () => {
    const name = newName();
    const staff = await server.client('staff');

    const answers = [
      await create(name, name),
      await staff.post('fhir/Observation', observation(name), key(name)),
    ];

    expect(new Set(answers.map(({ headers }) => headers.get('location'))).size).toBe(2);
  });

  it.each([
    ['a space', 'a b'],
    ['nothing', '""'],
    ['a letter beyond ASCII', 'caf\u00e9'],
    ['256 characters', 'x'.repeat(256)],
  ])('is refused with a key of %s.', async (_what, value) => {
    const refused = await ehr.post('fhir/Observation', observation(newName()), { 'Idempotency-Key': value });

    expect(refused.status).toBe(400);
    expect(ruleOf(refused)).toBe('idempotency-key');
  });

  it('is a new one after a day.', async () => {
    const name = newName();
    const first = await create(name, name);
    await server.database.db.query({
      text: `update idempotency set created = created - interval '25 hours' where key = $1`,
      values: [`key|${name}`],
    });

    const later = await create(name, name);

    expect(later.headers.get('location')).not.toBe(first.headers.get('location'));
    expect(await stored(name)).toBe(2);
  });
});

describe('A patch with an Idempotency-Key', () => {
  it('changes once (IR-02).', async () => {
    const { body } = await create(newName(), newName());
    const { id } = body as { id: string };
    const send = () =>
      ehr.patch(`fhir/Observation/${id}`, [{ op: 'add', path: '/note', value: [{ text: 'én gang' }] }], {
        ...key(`patch-${id}`),
        'content-type': 'application/json-patch+json',
      });

    const answers = [await send(), await send()];

    expect(answers.map(({ headers }) => headers.get('etag'))).toEqual(['W/"2"', 'W/"2"']);
    expect(answers[1]?.body).toEqual(answers[0]?.body);
  });
});

const bundle = (type: string, name: string, parts: JsonObject = {}, value = 1): JsonObject => ({
  resourceType: 'Bundle',
  type,
  ...parts,
  entry: [1, 2].map((n) => ({
    fullUrl: `urn:uuid:00000000-0000-4000-8000-00000000000${n}`,
    resource: observation(name, { valueInteger: value }),
    request: { method: 'POST', url: 'Observation' },
  })),
});

const locations = ({ body }: HttpAnswer): readonly (string | undefined)[] =>
  ((body as Bundle).entry ?? []).map(({ response }) => response?.location);

describe('A transaction that is sent again', () => {
  const identifier = (value: string) => ({ identifier: { system: 'urn:journal:melding', value } });

  it('with its Bundle.identifier is answered as the first time, and stores nothing (IR-03).', async () => {
    const name = newName();

    const first = await ehr.post('fhir', bundle('transaction', name, identifier(name)));
    const again = await ehr.post('fhir', bundle('transaction', name, identifier(name)));

    expect([first.status, again.status]).toEqual([200, 200]);
    expect(locations(again)).toEqual(locations(first));
    expect(await stored(name)).toBe(2);
    const { body } = await ehr.get(`fhir/${locations(first)[0]?.replace(/\/_history.*/, '')}/_history`);
    expect((body as Bundle).entry).toHaveLength(1);
  });

  it('with the same identifier and other content is a new message: what was wrong is mended.', async () => {
    const name = newName();
    await ehr.post('fhir', bundle('transaction', name, identifier(name)));

    const corrected = await ehr.post('fhir', bundle('transaction', name, identifier(name), 2));

    expect(corrected.status).toBe(200);
    expect(await stored(name)).toBe(4);
  });

  it.each([
    [
      'is as long as a letter',
      Array.from({ length: 4000 }, (_, at) => ((at * 7919) % 65_521).toString(36)).join(''),
    ],
    ['has a letter that databases do not take', 'melding\u0000en'],
  ])('is taken, or refused, but never a fault of ours when its identifier %s.', async (_what, value) => {
    const name = newName();

    const first = await ehr.post('fhir', bundle('transaction', name, identifier(value)));
    const again = await ehr.post('fhir', bundle('transaction', name, identifier(value)));

    expect([200, 400, 422]).toContain(first.status);
    expect(again.status).toBe(first.status);
    expect(await stored(name)).toBe(first.status === 200 ? 2 : 0);
  });

  it('with an Idempotency-Key is done once, whole or each entry of a batch (IR-02).', async () => {
    const [whole, each] = [newName(), newName()];

    await ehr.post('fhir', bundle('transaction', whole), key(whole));
    await ehr.post('fhir', bundle('transaction', whole), key(whole));
    const first = await ehr.post('fhir', bundle('batch', each), key(each));
    const again = await ehr.post('fhir', bundle('batch', each), key(each));

    expect(await stored(whole)).toBe(2);
    expect(locations(again)).toEqual(locations(first));
    expect(await stored(each)).toBe(2);
  });

  it('without either is carried out again, as FHIR says.', async () => {
    const name = newName();

    await ehr.post('fhir', bundle('transaction', name));
    await ehr.post('fhir', bundle('transaction', name));

    expect(await stored(name)).toBe(4);
  });
});
