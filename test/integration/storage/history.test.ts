/** History and vread of the store: https://hl7.org/fhir/R4/http.html#history */
import type { HistoryQuery, HistoryRow } from '../../../src/storage/store.ts';
import { EVERYTHING } from '../../../src/storage/row-access.ts';
import { type TestDatabase, createTestDatabase } from '../../support/database.ts';
import { aCreate, aDeletion, anUpdate } from '../../support/stored-resources.ts';

let database: TestDatabase;

/** p1: created on 1 January, updated on the 2nd and the 3rd; p2: created on the 1st, deleted on the 2nd; a Task on the 1st. */
beforeAll(async () => {
  database = await createTestDatabase();
  const { store } = database;
  await store.transaction((tx) =>
    tx.write([
      aCreate('Patient', 'p1', { labels: { register: 'r', unit: 'a', episode: null, national: false } }),
      aCreate('Patient', 'p2'),
      aCreate('Task', 't1'),
    ]),
  );
  for (const make of [anUpdate, anUpdate]) {
    await store.transaction(async (tx) => {
      const rows = await tx.lockMany([{ type: 'Patient', id: 'p1' }]);
      await tx.write(rows.map((row) => make(row)));
    });
  }
  await store.transaction(async (tx) => {
    const rows = await tx.lockMany([{ type: 'Patient', id: 'p2' }]);
    await tx.write(rows.map((row) => aDeletion(row)));
  });
});

afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

const show = ({ type, id, versionId, op }: HistoryRow): string => `${type}/${id} ${versionId}${op}`;

const history = async (query: Omit<HistoryQuery, 'count'>): Promise<readonly string[]> =>
  (await database.store.as(EVERYTHING).history({ ...query, count: 20 })).map(show);

describe('The history of the store', () => {
  it('lists the versions of one resource, newest first.', async () => {
    expect(await history({ type: 'Patient', id: 'p1' })).toEqual([
      'Patient/p1 3U',
      'Patient/p1 2U',
      'Patient/p1 1C',
    ]);
  });

  it('lists a deletion as a version without content.', async () => {
    const rows = await database.store.as(EVERYTHING).history({ type: 'Patient', id: 'p2', count: 5 });

    expect(rows.map((row) => [show(row), row.content === null])).toEqual([
      ['Patient/p2 2D', true],
      ['Patient/p2 1C', false],
    ]);
  });

  it('lists the versions of a type.', async () => {
    expect(await history({ type: 'Patient' })).toEqual([
      'Patient/p1 3U',
      'Patient/p2 2D',
      'Patient/p1 2U',
      'Patient/p2 1C',
      'Patient/p1 1C',
    ]);
  });

  it('lists the versions of the whole system.', async () => {
    const all = await history({});

    expect(all).toHaveLength(6);
    expect(all).toContain('Task/t1 1C');
  });

  it('starts at the instant of _since.', async () => {
    expect(await history({ since: '2026-01-02T12:00:00.000Z' })).toEqual([
      'Patient/p1 3U',
      'Patient/p2 2D',
      'Patient/p1 2U',
    ]);
  });

  it('shows what was current at the instant of _at.', async () => {
    expect(await history({ at: '2026-01-02T18:00:00.000Z' })).toEqual([
      'Patient/p2 2D',
      'Patient/p1 2U',
      'Task/t1 1C',
    ]);
    expect(await history({ at: '2026-01-01T18:00:00.000Z', type: 'Patient' })).toEqual([
      'Patient/p2 1C',
      'Patient/p1 1C',
    ]);
  });

  it('goes on after the last entry of a page.', async () => {
    const session = database.store.as(EVERYTHING);
    const first = await session.history({ count: 4 });

    const second = await session.history({ count: 4, cursor: first[3]!.cursor });

    expect([...first, ...second].map(show)).toEqual(await history({}));
  });

  it('refuses a cursor that is none.', async () => {
    await expect(history({ cursor: 'abc' })).rejects.toMatchObject({ status: 400 });
  });

  it('shows only resources whose current version passes the filter.', async () => {
    const filter = { text: 'r.unit = $1', values: ['a'] };

    expect(await history({ filter, since: '2026-01-02T00:00:00Z' })).toEqual([
      'Patient/p1 3U',
      'Patient/p1 2U',
    ]);
  });
});
