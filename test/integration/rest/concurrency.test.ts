/**
 * Thirty-two writers at once over HTTP, each on its own connection: nothing twice, nothing lost, nobody left waiting.
 * https://hl7.org/fhir/R4/http.html#concurrency
 */
import type { JsonObject } from '../../../src/fhir/types.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import type { HttpAnswer, HttpClient } from '../../support/http-client.ts';

const WRITERS = Array.from({ length: 32 }, (_, writer) => writer);
const ROUNDS = 2;

let server: TestApp;
let ehr: HttpClient;

beforeAll(async () => {
  server = await startTestApp();
  ehr = await server.client('ehr');
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

const counter = (value: number, parts: JsonObject = {}): JsonObject => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'teller' },
  valueInteger: value,
  ...parts,
});

const named = (name: string): JsonObject => ({ identifier: [{ system: 'urn:race', value: name }] });

/** All writers at the same time. */
const race = <T>(write: (writer: number) => Promise<T>): Promise<readonly T[]> =>
  Promise.all(WRITERS.map(write));

/** Status → how many answers had it. */
function tally(answers: readonly HttpAnswer[]): Readonly<Record<number, number>> {
  const counts: Record<number, number> = {};
  for (const { status } of answers) {
    counts[status] = (counts[status] ?? 0) + 1;
  }
  return counts;
}

const valueOf = ({ body }: HttpAnswer): number => (body as { valueInteger: number }).valueInteger;
const etagOf = ({ headers }: HttpAnswer): string => headers.get('etag') ?? '';

async function total(query: string): Promise<number> {
  const { body } = await ehr.get(`fhir/Observation?${query}&_summary=count`);
  return (body as { total: number }).total;
}

const versionsOf = async (id: string): Promise<readonly number[]> => {
  const { body } = await ehr.get(`fhir/Observation/${id}/_history?_count=1000`);
  return (body as { entry: readonly { response: { etag: string } }[] }).entry.map(({ response }) =>
    Number(/"([0-9]+)"/.exec(response.etag)?.[1]),
  );
};

const downFrom = (highest: number): readonly number[] =>
  Array.from({ length: highest }, (_, n) => highest - n);

describe('Thirty-two writers at once', () => {
  it('with the same If-None-Exist make one resource, and the others are told of it (IR-01).', async () => {
    const answers = await race(() =>
      ehr.post('fhir/Observation', counter(1, named('once')), {
        'if-none-exist': 'identifier=urn:race|once',
      }),
    );

    expect(tally(answers)).toEqual({ 200: 31, 201: 1 });
    expect(new Set(answers.map(({ headers }) => headers.get('location'))).size).toBe(1);
    expect(await total('identifier=urn:race|once')).toBe(1);
  });

  it('with If-Match on one version: one wins, the others read again (IR-04).', async () => {
    const first = await ehr.put('fhir/Observation/guarded', counter(0, { id: 'guarded' }));

    const answers = await race((writer) =>
      ehr.put('fhir/Observation/guarded', counter(writer + 1, { id: 'guarded' }), {
        'if-match': etagOf(first),
      }),
    );

    const winner = answers.findIndex(({ status }) => status === 200);
    expect(tally(answers)).toEqual({ 200: 1, 412: 31 });
    expect(valueOf(await ehr.get('fhir/Observation/guarded'))).toBe(winner + 1);
    expect(await versionsOf('guarded')).toEqual([2, 1]);
  });

  it('who read, add one and write with If-Match lose no update.', async () => {
    await ehr.put('fhir/Observation/counter', counter(0, { id: 'counter' }));
    const addOne = async (): Promise<void> => {
      const now = await ehr.get('fhir/Observation/counter');
      const { status } = await ehr.put(
        'fhir/Observation/counter',
        counter(valueOf(now) + 1, { id: 'counter' }),
        { 'if-match': etagOf(now) },
      );
      expect([200, 412]).toContain(status);
      await (status === 412 ? addOne() : undefined);
    };

    await race(async () => {
      for (let round = 0; round < ROUNDS; round++) {
        await addOne();
      }
    });

    expect(valueOf(await ehr.get('fhir/Observation/counter'))).toBe(WRITERS.length * ROUNDS);
    expect(await versionsOf('counter')).toEqual(downFrom(WRITERS.length * ROUNDS + 1));
  }, 240_000);

  it('who patch the same list each leave their item.', async () => {
    await ehr.put('fhir/Observation/patched', counter(0, { id: 'patched', note: [{ text: 'begun' }] }));

    const answers = await race((writer) =>
      ehr.patch('fhir/Observation/patched', [{ op: 'add', path: '/note/-', value: { text: `${writer}` } }], {
        'content-type': 'application/json-patch+json',
      }),
    );

    const { note } = (await ehr.get('fhir/Observation/patched')).body as {
      note: readonly { text: string }[];
    };
    expect(tally(answers)).toEqual({ 200: 32 });
    expect(note.map(({ text }) => text).toSorted()).toEqual(['begun', ...WRITERS.map(String)].toSorted());
    expect(await versionsOf('patched')).toEqual(downFrom(33));
  });

  it('who patch with a test of the value before it count exactly.', async () => {
    await ehr.put('fhir/Observation/tested', counter(0, { id: 'tested' }));
    const addOne = async (): Promise<void> => {
      const now = valueOf(await ehr.get('fhir/Observation/tested'));
      const { status } = await ehr.patch(
        'fhir/Observation/tested',
        [
          { op: 'test', path: '/valueInteger', value: now },
          { op: 'replace', path: '/valueInteger', value: now + 1 },
        ],
        { 'content-type': 'application/json-patch+json' },
      );
      await (status === 200 ? undefined : addOne());
    };

    await race(addOne);

    expect(valueOf(await ehr.get('fhir/Observation/tested'))).toBe(32);
  }, 120_000);

  it('with transactions over the same resources in opposite orders all get through (RE-03).', async () => {
    const ids = Array.from({ length: 8 }, (_, n) => `overlap-${n}`);
    for (const id of ids) {
      await ehr.put(`fhir/Observation/${id}`, counter(0, { id, note: [{ text: 'begun' }] }));
    }
    const entryOf = (id: string, writer: number): JsonObject => ({
      resource: {
        resourceType: 'Binary',
        contentType: 'application/json-patch+json',
        data: Buffer.from(
          JSON.stringify([{ op: 'add', path: '/note/-', value: { text: `${writer}` } }]),
        ).toString('base64'),
      },
      request: { method: 'PATCH', url: `Observation/${id}` },
    });

    const answers = await race((writer) =>
      ehr.post('fhir', {
        resourceType: 'Bundle',
        type: 'transaction',
        entry: (writer % 2 === 0 ? ids : ids.toReversed()).map((id) => entryOf(id, writer)),
      }),
    );

    expect(tally(answers)).toEqual({ 200: 32 });
    for (const id of ids) {
      const { note } = (await ehr.get(`fhir/Observation/${id}`)).body as { note: readonly unknown[] };
      expect([id, note.length, (await versionsOf(id)).length]).toEqual([id, 33, 33]);
    }
  });

  it('with transactions and single writes on the same resources all get through (RE-03).', async () => {
    const ids = ['mixed-a', 'mixed-b', 'mixed-c'];
    for (const id of ids) {
      await ehr.put(`fhir/Observation/${id}`, counter(0, { id }));
    }

    const answers = await race((writer) => {
      const write = (id: string): JsonObject => counter(writer + 1, { id });
      const order = writer % 4 === 0 ? ids : ids.toReversed();
      return writer % 2 === 0
        ? ehr.post('fhir', {
            resourceType: 'Bundle',
            type: 'transaction',
            entry: order.map((id) => ({
              resource: write(id),
              request: { method: 'PUT', url: `Observation/${id}` },
            })),
          })
        : ehr.put(`fhir/Observation/${ids[writer % 3] as string}`, write(ids[writer % 3] as string));
    });

    const versions = await Promise.all(ids.map(versionsOf));
    expect(tally(answers)).toEqual({ 200: 32 });
    // one version to begin with, one of each transaction, and one of each single write
    expect(versions.map(({ length }) => length).reduce((sum, length) => sum + length)).toBe(3 + 16 * 3 + 16);
  });

  it('with a conditional update make one resource, and a version of it each.', async () => {
    const answers = await race((writer) =>
      ehr.put('fhir/Observation?identifier=urn:race|upsert', counter(writer, named('upsert'))),
    );

    const { body } = await ehr.get('fhir/Observation?identifier=urn:race|upsert');
    const { entry } = body as { entry: readonly { resource: { id: string } }[] };
    expect(tally(answers)).toEqual({ 200: 31, 201: 1 });
    expect(entry).toHaveLength(1);
    expect(await versionsOf(entry[0]?.resource.id ?? '')).toEqual(downFrom(32));
  });

  it('with a conditional patch each leave their item.', async () => {
    await ehr.put(
      'fhir/Observation/found',
      counter(0, { id: 'found', ...named('found'), note: [{ text: 'x' }] }),
    );

    const answers = await race((writer) =>
      ehr.patch(
        'fhir/Observation?identifier=urn:race|found',
        [{ op: 'add', path: '/note/-', value: { text: `${writer}` } }],
        { 'content-type': 'application/json-patch+json' },
      ),
    );

    expect(tally(answers)).toEqual({ 200: 32 });
    expect(await versionsOf('found')).toEqual(downFrom(33));
  });

  it('with a conditional delete delete once.', async () => {
    await ehr.put('fhir/Observation/doomed', counter(0, { id: 'doomed', ...named('doomed') }));

    const answers = await race(() => ehr.delete('fhir/Observation?identifier=urn:race|doomed'));

    expect(tally(answers)).toEqual({ 204: 32 });
    expect(await versionsOf('doomed')).toEqual([2, 1]);
  });

  it('of whom half delete and half update end in one order or the other, every version there.', async () => {
    await ehr.put('fhir/Observation/contested', counter(0, { id: 'contested' }));

    const answers = await race((writer) =>
      writer % 2 === 0
        ? ehr.delete('fhir/Observation/contested')
        : ehr.put('fhir/Observation/contested', counter(writer, { id: 'contested' })),
    );

    const updates = answers.filter((_, writer) => writer % 2 === 1);
    const versions = await versionsOf('contested');
    expect(answers.filter((_, writer) => writer % 2 === 0).every(({ status }) => status === 204)).toBe(true);
    expect(updates.every(({ status }) => status === 200 || status === 201)).toBe(true);
    expect(versions).toEqual(downFrom(versions.length));
    expect(new Set(updates.map(etagOf)).size).toBe(16);
  });

  it('who put the same new resource make it once.', async () => {
    const answers = await race(() => ehr.put('fhir/Observation/new', counter(7, { id: 'new' })));

    expect(tally(answers)).toEqual({ 200: 31, 201: 1 });
    expect(await versionsOf('new')).toEqual([1]);
  });

  it('do not make a reader of pages see a resource twice, or miss one that stays (paging).', async () => {
    const stays = Array.from({ length: 40 }, (_, n) => `stays-${n}`);
    for (const id of stays) {
      await ehr.put(`fhir/Observation/${id}`, counter(1, { id, ...named('paged') }));
    }
    const read = async (url: string | undefined): Promise<readonly string[]> => {
      if (url === undefined) {
        return [];
      }
      const { body } = await ehr.get(url);
      const { entry = [], link } = body as {
        entry?: readonly { resource: { id: string } }[];
        link: readonly { relation: string; url: string }[];
      };
      const ids = entry.map(({ resource }) => resource.id);
      return [...ids, ...(await read(link.find(({ relation }) => relation === 'next')?.url))];
    };

    const [seen, ...answers] = await Promise.all([
      read('fhir/Observation?identifier=urn:race|paged&_count=3&_sort=_id'),
      ...WRITERS.map((writer) =>
        ehr.put(`fhir/Observation/comes-${writer}`, counter(2, { id: `comes-${writer}`, ...named('paged') })),
      ),
    ]);

    expect(tally(answers)).toEqual({ 201: 32 });
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.filter((id) => id.startsWith('stays-')).toSorted()).toEqual(stays.toSorted());
  });
});
