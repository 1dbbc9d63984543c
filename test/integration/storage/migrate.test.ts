/** Migrations against the real database. */
import { type Db, createDb } from '../../../src/storage/db.ts';
import { type Migration, migrate, readMigrations } from '../../../src/storage/migrate.ts';
import { type TestDatabase, createTestDatabase } from '../../support/database.ts';

let database: TestDatabase;
let known: readonly Migration[];

beforeEach(async () => {
  database = await createTestDatabase();
  known = await readMigrations();
});

afterEach(async () => {
  await database[Symbol.asyncDispose]();
});

const aMigration = (sql: string, name = '9000-test.sql', sha256 = 'x'): Migration => ({ name, sql, sha256 });

describe('The migrator', () => {
  it('finds nothing to do in a database that is up to date.', async () => {
    expect(await migrate(database.db)).toEqual([]);
  });

  it('applies a new file once, also when two programs start together.', async () => {
    await using other: Db = createDb(database.connection);
    const migrations = [...known, aMigration('create table fresh (n int); insert into fresh values (1)')];

    const applied = await Promise.all([migrate(database.db, migrations), migrate(other, migrations)]);

    expect(applied.flat()).toEqual(['9000-test.sql']);
    expect(await database.db.query({ text: 'select n from fresh' })).toEqual([{ n: 1 }]);
  });

  it('leaves nothing of a file that fails half-way.', async () => {
    const migrations = [...known, aMigration('create table half (n int); select 1/0')];

    await expect(migrate(database.db, migrations)).rejects.toThrow('division by zero');

    expect(await database.db.query({ text: `select to_regclass('half') as half` })).toEqual([{ half: null }]);
  });

  it('refuses a file that was changed after it was applied.', async () => {
    const [first, ...rest] = known;

    await expect(migrate(database.db, [{ ...first!, sha256: 'changed' }, ...rest])).rejects.toMatchObject({
      code: 'migration',
      message: expect.stringContaining('0001-resources.sql was changed'),
    });
  });

  it('refuses a database that a newer program has used.', async () => {
    await expect(migrate(database.db, known.slice(0, 1))).rejects.toMatchObject({
      code: 'migration',
      message: expect.stringContaining('newer version'),
    });
  });
});
