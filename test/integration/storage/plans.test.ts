/** Prepared statements keep their plan; one made while a table was empty must do when it is large. */
import { EVERYTHING } from '../../../src/storage/row-access.ts';
import { type TestDatabase, createTestDatabase } from '../../support/database.ts';
import { about, aCreate, anUpdate } from '../../support/stored-resources.ts';

let database: TestDatabase;

/** One connection, on which each hot statement has run once, on empty partitions. */
beforeAll(async () => {
  database = await createTestDatabase({ poolSize: 1 });
  const key = { type: 'Task', id: 't1' };
  await database.store.as(EVERYTHING).read(key);
  await database.store.as(EVERYTHING).readMany([key]);
  await database.store.transaction(async (tx) => {
    await tx.write([aCreate('Task', 't1', { index: about('p') })]);
    const rows = await tx.lockMany([key]);
    await tx.write(rows.map((row) => anUpdate(row)));
    await tx.findUnique('Patient', ['1']);
  });
  await database.app.query({ text: 'set plan_cache_mode = force_generic_plan' });
});

afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

const planOf = async (call: string): Promise<string> => {
  const rows = await database.app.as(EVERYTHING).query<{ 'QUERY PLAN': string }>({
    text: `explain (costs off) execute ${call}`,
  });
  return rows.map((row) => row['QUERY PLAN']).join('\n');
};

describe('The plan of a hot statement', () => {
  it.each([
    ['a read', `read(96::smallint, 'x')`],
    ['a read of many', `read_many('[{"type":96,"id":"x"}]')`],
    ['a lock', `lock_many('[{"type":96,"id":"x"}]')`],
    ['an update', `update('[]', '[]', '[]', '[]', '[]', '[]')`],
  ])('finds the resource of %s by type and id.', async (_, call) => {
    const plan = await planOf(call);

    expect(plan).toContain('resource_observation_type_id_idx');
    expect(plan).not.toMatch(/Seq Scan on (?!outbox_watch)/); // a handful of rows
  });

  it('finds a unique identifier by its key.', async () => {
    const plan = await planOf(`find_unique(103::smallint, '{1}')`);

    expect(plan).not.toContain('Seq Scan on');
  });
});
