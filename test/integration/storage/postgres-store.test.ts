/** The store against the real database. */
import { hash32, hash64 } from '../../../src/fhir/id.ts';
import type { Asking, Statement } from '../../../src/storage/db.ts';
import { createRowNumbers } from '../../../src/storage/row-numbers.ts';
import type { DuplicateKey, Row } from '../../../src/storage/store.ts';
import { writeVersions } from '../../../src/storage/write-sql.ts';
import { EVERYTHING } from '../../../src/storage/row-access.ts';
import { type TestDatabase, createTestDatabase } from '../../support/database.ts';
import { about, aCreate, aDeletion, anIndex, anUpdate } from '../../support/stored-resources.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

const write = async (...writes: Parameters<typeof aCreate>[]): Promise<void> => {
  await database.store.transaction((tx) => tx.write(writes.map((args) => aCreate(...args))));
};

const change = async (
  type: string,
  id: string,
  toWrite: (row: Row) => ReturnType<typeof aCreate>,
): Promise<void> => {
  await database.store.transaction(async (tx) => {
    const [row] = await tx.lockMany([{ type, id }]);
    await tx.write([toWrite(row!)]);
  });
};

const count = async (text: string, ...values: unknown[]): Promise<number> => {
  const [row] = await database.db.query<{ count: string }>({ text, values });
  return Number(row?.count);
};

describe('The store', () => {
  it('gives back byte for byte what was created.', async () => {
    const content = '{"resourceType":"Patient", "id":"p1","weight":1.00,"name":"Åse \\ud83d\\ude00 \\"x\\""}';

    await write([
      'Patient',
      'p1',
      { content, labels: { register: 'r', unit: 'u', episode: 'e', national: true } },
    ]);

    expect(await database.store.as(EVERYTHING).read({ type: 'Patient', id: 'p1' })).toMatchObject({
      type: 'Patient',
      id: 'p1',
      versionId: 1,
      lastUpdated: '2026-01-01T12:00:00.000Z',
      content,
      labels: { register: 'r', unit: 'u', episode: 'e', national: true },
    });
  });

  it('answers undefined for an id never used and for a type that R4 does not have.', async () => {
    expect(await database.store.as(EVERYTHING).read({ type: 'Patient', id: 'never' })).toBeUndefined();
    expect(await database.store.as(EVERYTHING).read({ type: 'Penguin', id: 'p1' })).toBeUndefined();
  });

  it('keeps the superseded version when a resource is updated.', async () => {
    await write(['Patient', 'updated']);

    await change('Patient', 'updated', (row) => anUpdate(row));

    const session = database.store.as(EVERYTHING);
    const key = { type: 'Patient', id: 'updated' };
    expect((await session.read(key))?.versionId).toBe(2);
    expect((await session.readVersion(key, 1))?.content).toContain('"versionId":"1"');
    expect((await session.readVersion(key, 2))?.content).toContain('"versionId":"2"');
    expect(await session.readVersion(key, 3)).toBeUndefined();
  });

  it('keeps a deleted resource as a version without content or index rows.', async () => {
    const index = anIndex({
      tokens: [{ param: 1, h: '11', hv: '12' }],
      texts: [{ param: 2, val: 'a', exact: 'A' }],
    });
    await write(['Patient', 'deleted', { index, uniqueKeys: ['4711'] }]);

    await change('Patient', 'deleted', (row) => aDeletion(row));

    const row = await database.store.as(EVERYTHING).read({ type: 'Patient', id: 'deleted' });
    expect(row).toMatchObject({ versionId: 2, content: null });
    expect(await count('select count(*) from idx_token where rid = $1', row?.rid)).toBe(0);
    expect(await count('select count(*) from idx_text where rid = $1', row?.rid)).toBe(0);
    expect(await count('select count(*) from identifier_key where rid = $1', row?.rid)).toBe(0);
  });

  it('brings a deleted resource back with its index rows.', async () => {
    const index = anIndex({ tokens: [{ param: 1, h: '21', hv: null }] });
    await write(['Patient', 'back', { index }]);
    await change('Patient', 'back', (row) => aDeletion(row));

    await change('Patient', 'back', (row) => anUpdate(row, { index, op: 'C' }));

    const row = await database.store.as(EVERYTHING).read({ type: 'Patient', id: 'back' });
    expect(row?.versionId).toBe(3);
    expect(await count('select count(*) from idx_token where rid = $1', row?.rid)).toBe(1);
  });

  it('stores every kind of index row under the key of the patient.', async () => {
    const index = anIndex({
      hot: { ...about('anna').hot, dLo: '2026-01-01T00:00:00.000Z', dHi: '2026-01-02T00:00:00.000Z' },
      tokens: [{ param: -5, h: '-9223372036854775808', hv: null }],
      dates: [{ param: 3, lo: '2026-01-01T00:00:00.000Z', hi: 'infinity' }],
      texts: [{ param: 4, val: 'ase', exact: 'Åse' }],
      numbers: [{ param: 5, lo: 0.05, hi: 0.15, unit: null }],
    });

    await write(['Observation', 'indexed', { index }]);

    for (const table of ['resource', 'resource_id', 'idx_token', 'idx_date', 'idx_text', 'idx_number']) {
      const text = `select count(*) from ${table} t join resource r using (cmp, type, rid) where r.id = 'indexed' and cmp = $1`;
      expect([table, await count(text, hash32('Patient/anna'))]).toEqual([table, 1]);
    }
    expect(
      await count(
        `select count(*) from idx_token where d = '2026-01-01T00:00:00Z' and h = -9223372036854775808`,
      ),
    ).toBe(1);
  });

  it('puts a patient and what is about the patient in one place, and keeps the place when the subject changes.', async () => {
    await write(['Patient', 'berit'], ['Observation', 'of-berit', { index: about('berit') }]);

    await change('Observation', 'of-berit', (row) => anUpdate(row, { index: about('someone-else') }));

    const text = `select count(distinct cmp) from resource where id in ('berit', 'of-berit')`;
    expect(await count(text)).toBe(1);
  });

  it('leaves index rows alone when they did not change.', async () => {
    const index = anIndex({ tokens: [{ param: 1, h: '31', hv: null }] });
    await write(['Patient', 'same', { index }]);
    const place = async (): Promise<unknown> =>
      (await database.db.query({ text: 'select ctid::text from idx_token where h = 31' }))[0];
    const before = await place();

    await change('Patient', 'same', (row) => anUpdate(row, { index }));

    expect(await place()).toEqual(before);
  });

  it('replaces index rows that changed.', async () => {
    await write(['Patient', 'other', { index: anIndex({ tokens: [{ param: 1, h: '41', hv: null }] }) }]);

    await change('Patient', 'other', (row) =>
      anUpdate(row, { index: anIndex({ tokens: [{ param: 1, h: '42', hv: null }] }) }),
    );

    expect(await count('select count(*) from idx_token where h = 41')).toBe(0);
    expect(await count('select count(*) from idx_token where h = 42')).toBe(1);
  });

  it('reads many rows at once and leaves out the unknown.', async () => {
    await write(['Patient', 'm1'], ['Task', 'm2']);

    const rows = await database.store.as(EVERYTHING).readMany([
      { type: 'Patient', id: 'm1' },
      { type: 'Task', id: 'm2' },
      { type: 'Task', id: 'm1' },
      { type: 'Patient', id: 'm1' },
    ]);

    expect(rows.map(({ type, id }) => `${type}/${id}`).sort()).toEqual(['Patient/m1', 'Task/m2']);
  });

  it('refuses an id that is taken.', async () => {
    await write(['Patient', 'taken']);

    await expect(write(['Patient', 'taken'])).rejects.toMatchObject({ name: 'DuplicateKey', what: 'id' });
  });

  it('lets one of eight parallel creators with the same identifier win.', async () => {
    const attempts = Array.from({ length: 8 }, (_, i) =>
      write(['Patient', `twin${i}`, { uniqueKeys: [hash64('fnr|1')] }]),
    );

    const results = await Promise.allSettled(attempts);

    const refused = results.filter((result) => result.status === 'rejected');
    expect(refused.map(({ reason }) => (reason as DuplicateKey).what)).toEqual(
      Array.from({ length: 7 }, () => 'identifier'),
    );
    const owner = await database.store.transaction((tx) => tx.findUnique('Patient', [hash64('fnr|1'), '5']));
    expect([...owner.values()]).toEqual([{ type: 'Patient', id: expect.stringMatching(/^twin\d$/) }]);
  });

  it('moves a unique identifier from one resource to another in one write.', async () => {
    await write(['Patient', 'giver', { uniqueKeys: ['51'] }], ['Patient', 'taker', { uniqueKeys: ['52'] }]);

    await database.store.transaction(async (tx) => {
      const rows = await tx.lockMany([
        { type: 'Patient', id: 'taker' },
        { type: 'Patient', id: 'giver' },
      ]);
      const [giver, taker] = rows;
      await tx.write([anUpdate(giver!, { uniqueKeys: [] }), anUpdate(taker!, { uniqueKeys: ['51', '52'] })]);
    });

    const owners = await database.store.transaction((tx) => tx.findUnique('Patient', ['51', '52']));
    expect([...owners.values()].map(({ id }) => id)).toEqual(['taker', 'taker']);
  });

  it('stores a hundred resources in as many statements as one.', async () => {
    const numbers = createRowNumbers();
    await database.db.tx((client) => numbers.take(client, 1));
    const statementsFor = async (size: number): Promise<number> => {
      const ids = Array.from({ length: size }, (_, i) => `batch${size}-${i}`);
      await write(...ids.map((id): [string, string] => ['Observation', id]));
      const rows = await database.store
        .as(EVERYTHING)
        .readMany(ids.map((id) => ({ type: 'Observation', id })));
      const sent: Statement[] = [];
      await database.db.tx(async (client) => {
        const counting: Asking = {
          query(statement) {
            sent.push(statement);
            return client.query(statement);
          },
          send(statement, then) {
            sent.push(statement);
            client.send(statement, then);
          },
        };
        const creates = ids.map((id) => aCreate('Condition', id));
        const versions = [...rows.map((row) => anUpdate(row)), ...creates];
        await writeVersions(counting, numbers, versions, () => undefined);
      });
      return sent.length;
    };

    expect([await statementsFor(1), await statementsFor(100)]).toEqual([2, 2]);
  });

  it('runs a transaction again when a row changed since it was read without a lock.', async () => {
    await write(['Patient', 'raced']);
    const stale = await database.store.as(EVERYTHING).read({ type: 'Patient', id: 'raced' });
    await change('Patient', 'raced', (row) => anUpdate(row));
    const seen: number[] = [];

    await database.store.transaction(async (tx) => {
      const row = seen.length === 0 ? stale : await tx.read({ type: 'Patient', id: 'raced' });
      seen.push(row!.versionId);
      await tx.write([anUpdate(row!)]);
    });

    expect(seen).toEqual([1, 2]);
    expect((await database.store.as(EVERYTHING).read({ type: 'Patient', id: 'raced' }))?.versionId).toBe(3);
  });

  it('lets writers of the same rows in opposite order wait for each other.', async () => {
    await write(['Patient', 'd1'], ['Patient', 'd2']);
    const keys = ['d1', 'd2'].map((id) => ({ type: 'Patient', id }));

    await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        database.store.transaction(async (tx) => {
          const rows = await tx.lockMany(i % 2 === 0 ? keys : keys.toReversed());
          await tx.write(rows.map((row) => anUpdate(row, { lastUpdated: '2026-02-01T12:00:00.000Z' })));
        }),
      ),
    );

    expect((await database.store.as(EVERYTHING).readMany(keys)).map(({ versionId }) => versionId)).toEqual([
      21, 21,
    ]);
  });

  it('stores nothing of a transaction that throws, and no job either (OB-01).', async () => {
    const failing = database.store.transaction(async (tx) => {
      await tx.write([aCreate('Patient', 'half')]);
      await tx.enqueue('half', {});
      throw new Error('changed my mind');
    });

    await expect(failing).rejects.toThrow('changed my mind');

    expect(await database.store.as(EVERYTHING).read({ type: 'Patient', id: 'half' })).toBeUndefined();
    expect(await count(`select count(*) from graphile_worker.jobs where task_identifier = 'half'`)).toBe(0);
  });

  it('does not acknowledge a transaction whose failed statement was swallowed.', async () => {
    const swallowing = database.store.transaction(async (tx) => {
      await tx.write([aCreate('Patient', 'swallowed')]);
      await tx.query({ text: 'select 1/0', values: [] }).catch(() => undefined);
    });

    await expect(swallowing).rejects.toThrow('The transaction was rolled back');
  });

  it('moves an episode to the national store, but neither drafts nor tasks.', async () => {
    const labels = { register: 'r', unit: 'u', episode: 'ep1', national: false };
    await write(
      ['EpisodeOfCare', 'ep1', { labels }],
      ['QuestionnaireResponse', 'done', { labels, index: about('p', 'completed') }],
      ['QuestionnaireResponse', 'draft', { labels, index: about('p', 'in-progress') }],
      ['Task', 'todo', { labels }],
    );

    const moved = await database.store.transaction((tx) =>
      tx.relabel(['ep1'], true, new Date('2026-01-02T12:00:00Z')),
    );

    const rows = await database.db.query({
      text: `select id from resource where episode = 'ep1' and natl order by id`,
    });
    expect([moved, rows]).toEqual([2, [{ id: 'done' }, { id: 'ep1' }]]);
    expect(
      await database.store.transaction((tx) => tx.relabel(['ep1'], false, new Date('2026-01-02T13:00:00Z'))),
    ).toBe(2);
  });

  it('keeps parallel holders of the same text apart.', async () => {
    const order: string[] = [];
    const visit = (name: string): Promise<void> =>
      database.store.transaction(async (tx) => {
        await tx.lockText('If-None-Exist: identifier=x');
        order.push(`${name} in`);
        await tx.query({ text: 'select pg_sleep(0.01)', values: [] });
        order.push(`${name} out`);
      });

    await Promise.all([visit('a'), visit('b')]);

    expect(order.map((step) => step.slice(2))).toEqual(['in', 'out', 'in', 'out']);
  });

  it('streams contents of any number in the state of one moment.', async () => {
    const ids = Array.from({ length: 1200 }, (_, i) => `s${String(i).padStart(4, '0')}`);
    await write(...ids.map((id): [string, string] => ['Flag', id]));
    const got: string[] = [];

    const sql = { text: 'select content from resource r where type = $1 order by id', values: [55] };
    for await (const content of database.store.as(EVERYTHING).stream(sql)) {
      if (got.length === 0) {
        await write(['Flag', 'too-late']);
      }
      got.push((JSON.parse(content) as { id: string }).id);
    }

    expect(got).toEqual(ids);
  });

  it('asks for two batches of a stream ahead at most, however long it is.', async () => {
    // each row that the database produces takes a lock, so the locks count them
    const text = 'select pg_try_advisory_xact_lock_shared(i)::text from generate_series(1, $1::int) i';
    let produced = 0;

    for await (const _ of database.store.as(EVERYTHING).stream({ text, values: [20_000] })) {
      produced = await count(`select count(*) from pg_locks where locktype = 'advisory'`);
      break;
    }

    expect(produced).toBeGreaterThanOrEqual(500);
    expect(produced).toBeLessThanOrEqual(1000);
  });

  it('reports a stream whose statement is wrong, and goes on.', async () => {
    const read = async (text: string): Promise<readonly string[]> => {
      const contents: string[] = [];
      for await (const content of database.store.as(EVERYTHING).stream({ text, values: [] })) {
        contents.push(content);
      }
      return contents;
    };

    await expect(read('select nothing')).rejects.toMatchObject({ code: '42703' });

    expect(await read(`select 'x'`)).toEqual(['x']);
  });

  it('gives the connection back when a stream is left early.', async () => {
    const sql = { text: 'select content from resource r where type = $1', values: [55] };

    for await (const content of database.store.as(EVERYTHING).stream(sql)) {
      expect(content).toContain('Flag');
      break;
    }

    const { pool } = database.db;
    expect(pool.totalCount - pool.idleCount).toBe(0);
  });
});
