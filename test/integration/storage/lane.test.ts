import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { StorageError } from '../../../src/storage/errors.ts';

describe('The lane of short look-ups', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
  });

  afterAll(async () => {
    await database[Symbol.asyncDispose]();
  });

  const pid = { name: 'pid', text: 'select pg_backend_pid() as pid, $1::int as n' };

  it('answers each of many at once with its own rows, on one connection.', async () => {
    const { lane } = database.db;
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, n) => lane.query<{ pid: number; n: number }>({ ...pid, values: [n] })),
    );
    expect(answers.map(([row]) => row?.n)).toEqual(Array.from({ length: 200 }, (_, n) => n));
    expect(new Set(answers.map(([row]) => row?.pid)).size).toBe(1);
  });

  it('fails the statement that is wrong and no other.', async () => {
    const { lane } = database.db;
    const [before, wrong, after] = await Promise.allSettled([
      lane.query({ ...pid, values: [1] }),
      lane.query({ text: 'select 1 / $1::int as n', values: [0] }),
      lane.query<{ n: number }>({ ...pid, values: [3] }),
    ]);
    expect(before.status).toBe('fulfilled');
    expect(wrong).toMatchObject({ status: 'rejected', reason: { code: '22012' } });
    expect(after).toMatchObject({ status: 'fulfilled', value: [{ n: 3 }] });
  });

  it('says that the database is gone when its connection is cut, and opens another for the next.', async () => {
    const { lane, query } = database.db;
    const [first] = await lane.query<{ pid: number }>({ ...pid, values: [0] });
    const hanging = lane.query({ text: 'select pg_sleep(60)' });
    const refused = expect(hanging).rejects.toThrow(StorageError);
    await query({ text: 'select pg_terminate_backend($1)', values: [first?.pid] });
    await refused;
    const [second] = await lane.query<{ pid: number }>({ ...pid, values: [0] });
    expect(second?.pid).not.toBe(first?.pid);
  });
});
