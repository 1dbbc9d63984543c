/** `ryggrad views …` on a database: tables of all views of a register, and of one. */
import { jest } from '@jest/globals';
import { dropView, listViews, materialiseViews, refreshViews } from '../../../src/cli-views.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

describe('The commands for tables of views', () => {
  let database: TestDatabase;
  let lines: string[];

  beforeAll(async () => {
    database = await createTestDatabase();
    process.env['DATABASE_URL'] = database.url;
  });
  beforeEach(() => {
    lines = [];
    jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
      lines.push(String(text).trimEnd());
      return true;
    });
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });
  afterAll(async () => {
    delete process.env['DATABASE_URL'];
    await database[Symbol.asyncDispose]();
  });

  it('make the tables of a register, and one by its id again.', async () => {
    expect(await materialiseViews(['smertereg'])).toBe(0);
    expect(await materialiseViews(['smertereg-opioid'])).toBe(0);

    expect(lines.filter((line) => line.startsWith('views.smertereg_opioid_v1_0_0: 0 '))).toHaveLength(2);
    expect(new Set(lines).size).toBeGreaterThanOrEqual(8);
    const columns = await database.db.query<{ name: string }>({
      text: `select column_name as name from information_schema.columns
        where table_schema = 'views' and table_name = 'smertereg_opioid' order by ordinal_position`,
    });
    expect(columns.map(({ name }) => name)).toEqual(expect.arrayContaining(['_episode', 'omeq']));
  });

  it('list, refresh and drop them.', async () => {
    expect(await refreshViews()).toBe(0);
    expect(await listViews()).toBe(0);
    expect(await dropView(['smertereg_opioid'])).toBe(0);
    expect(await dropView(['smertereg_opioid'])).toBe(1);

    expect(lines).toEqual(
      expect.arrayContaining([
        expect.stringContaining('ViewDefinition/smertereg-opioid|1.0.0'),
        'There is no table views.smertereg_opioid.',
      ]),
    );
  });

  it('say what may be named when nothing of that name is there.', async () => {
    await expect(materialiseViews(['none'])).rejects.toThrow(/Name a register, or a view/);
  });
});
