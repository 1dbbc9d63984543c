/** RE-03: a database that is gone for a while is an error that says so, and no reason to restart. */
import { createDb } from '../../../src/storage/db.ts';
import { type TestDatabase, createTestDatabase } from '../../support/database.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase({ poolSize: 2, statementTimeoutMs: 500 });
});

afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

/** Cut every connection of the suite's pool, as a restarting server does. */
const cutConnections = async (): Promise<void> => {
  await using admin = createDb(database.connection, { applicationName: 'scissors' });
  await admin.query({
    text: `select pg_terminate_backend(pid) from pg_stat_activity
           where datname = current_database() and application_name = 'ryggrad'`,
  });
};

describe('The database connection', () => {
  it('goes on after all its connections were cut (RE-03).', async () => {
    await database.db.query({ text: 'select 1' });

    await cutConnections();
    await database.db.query({ text: 'select 1' }).catch(() => undefined);

    expect(await database.db.query({ text: 'select 1 as one' })).toEqual([{ one: 1 }]);
  });

  it('calls a transaction that was cut unavailable, and takes no connection with it.', async () => {
    const cut = database.db.tx(async (client) => {
      await client.query({ text: 'select 1' });
      await cutConnections();
      await client.query({ text: 'select 1' });
    });

    await expect(cut).rejects.toMatchObject({ code: 'unavailable' });
    expect(await database.db.tx((client) => client.query({ text: 'select 1 as one' }))).toEqual([{ one: 1 }]);
    expect(database.db.pool.totalCount - database.db.pool.idleCount).toBe(0);
  });

  it('ends a statement that takes too long.', async () => {
    await expect(database.db.query({ text: 'select pg_sleep(5)' })).rejects.toMatchObject({
      code: 'too-slow',
    });
  });

  it('calls a server that is not there unavailable.', async () => {
    await using gone = createDb({ host: '/nonexistent', user: 'x', database: 'x' });

    await expect(gone.query({ text: 'select 1' })).rejects.toMatchObject({ code: 'unavailable' });
    await expect(gone.tx((client) => client.query({ text: 'select 1' }))).rejects.toMatchObject({
      code: 'unavailable',
    });
  });

  it('tries a transaction again after a deadlock, and gives up after six attempts.', async () => {
    const deadlock = Object.assign(new Error('deadlock detected'), { code: '40P01' });
    let attempts = 0;

    const second = await database.db.tx(async () => {
      attempts++;
      if (attempts < 2) {
        throw deadlock;
      }
      return attempts;
    });
    const never = database.db.tx(async () => {
      attempts++;
      throw deadlock;
    });

    expect(second).toBe(2);
    await expect(never).rejects.toBe(deadlock);
    expect(attempts).toBe(8);
  });
});
