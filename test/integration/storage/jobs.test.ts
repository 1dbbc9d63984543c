/** The job queue against the real database. */
import { createJobs, type JobContext } from '../../../src/storage/jobs.ts';
import { type TestDatabase, createTestDatabase } from '../../support/database.ts';

let database: TestDatabase;

beforeEach(async () => {
  database = await createTestDatabase();
});

afterEach(async () => {
  await database[Symbol.asyncDispose]();
});

const enqueue = async (...args: [task: string, payload: object, options?: object]): Promise<void> => {
  await database.store.transaction((tx) => tx.enqueue(...args));
};

describe('The job queue', () => {
  it('runs a job that was committed, with its payload.', async () => {
    const payloads: unknown[] = [];
    const jobs = createJobs({
      db: database.db,
      handlers: { remind: async (payload) => void payloads.push(payload) },
    });
    await enqueue('remind', { task: 'Task/1' });

    await jobs.runOnce();

    expect(payloads).toEqual([{ task: 'Task/1' }]);
  });

  it('knows no job of a transaction that was rolled back (OB-01).', async () => {
    const payloads: unknown[] = [];
    const jobs = createJobs({
      db: database.db,
      handlers: { remind: async (payload) => void payloads.push(payload) },
    });
    const failing = database.store.transaction(async (tx) => {
      await tx.enqueue('remind', {});
      throw new Error('no');
    });
    await failing.catch(() => undefined);

    await jobs.runOnce();

    expect(payloads).toEqual([]);
  });

  it('keeps one job for one job key.', async () => {
    const payloads: unknown[] = [];
    const jobs = createJobs({
      db: database.db,
      handlers: { refresh: async (payload) => void payloads.push(payload) },
    });
    await enqueue('refresh', { n: 1 }, { jobKey: 'refresh:unit-a' });
    await enqueue('refresh', { n: 2 }, { jobKey: 'refresh:unit-a' });

    await jobs.runOnce();

    expect(payloads).toEqual([{ n: 2 }]);
  });

  it('leaves a job for later alone until its time.', async () => {
    const jobs = createJobs({
      db: database.db,
      handlers: { remind: () => Promise.reject(new Error('too early')) },
    });
    await enqueue('remind', {}, { runAt: new Date('2999-01-01') });

    expect(await jobs.runOnce()).toEqual([]);
  });

  it('runs what a job enqueues in the same go.', async () => {
    const done: string[] = [];
    const jobs = createJobs({
      db: database.db,
      handlers: {
        first: async () => {
          await enqueue('second', {});
          done.push('first');
        },
        second: async () => void done.push('second'),
      },
    });
    await enqueue('first', {});

    await jobs.runOnce();

    expect(done).toEqual(['first', 'second']);
  });

  it('reports a failed attempt and tries again with the same id (OB-02).', async () => {
    const seen: JobContext[] = [];
    const handler = async (_: unknown, job: JobContext): Promise<void> => {
      seen.push(job);
      if (job.attempt === 1) {
        throw new Error('mailbox is down');
      }
    };
    const jobs = createJobs({ db: database.db, handlers: { send: handler } });
    await enqueue('send', {});

    const failures = await jobs.runOnce();
    await database.db.query({ text: 'update graphile_worker._private_jobs set run_at = now()' });
    const again = await jobs.runOnce();

    expect(failures.map(({ task, error }) => [task, (error as Error).message])).toEqual([
      ['send', 'mailbox is down'],
    ]);
    expect(again).toEqual([]);
    expect(seen.map(({ attempt }) => attempt)).toEqual([1, 2]);
    expect(new Set(seen.map(({ id }) => id)).size).toBe(1);
  });

  it('takes jobs as they are committed while it runs, and stops in an orderly way.', async () => {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    await using jobs = createJobs({
      db: database.db,
      handlers: { wake: async (payload) => resolve(payload) },
    });
    await jobs.start();

    await enqueue('wake', { up: true });

    expect(await promise).toEqual({ up: true });
    await jobs.stop();
    await jobs.stop();
  });
});

describe('A job that a killed process had begun', () => {
  const abandoned = () =>
    database.db.pool.query(
      `update graphile_worker._private_jobs set locked_at = now(), locked_by = 'worker-of-the-dead', attempts = 1`,
    );

  it('is begun again by the next server at once, not after hours.', async () => {
    await enqueue('remind', { task: 'Task/1' });
    await abandoned();
    const { promise, resolve } = Promise.withResolvers<unknown>();
    await using jobs = createJobs({
      db: database.db,
      handlers: { remind: async (payload) => Promise.resolve(resolve(payload)) },
    });

    await jobs.start();

    expect(await promise).toEqual({ task: 'Task/1' });
  });

  it('is left alone as long as another server is at work: it may be that one that does it.', async () => {
    const handlers = { remind: async () => Promise.resolve() };
    await using first = createJobs({ db: database.db, handlers });
    await using second = createJobs({ db: database.db, handlers });
    await first.start();
    await enqueue('other', {});
    await abandoned();

    await second.start();
    const { rows } = await database.db.pool.query<{ locked_by: string }>(
      'select locked_by from graphile_worker._private_jobs',
    );

    expect(rows).toEqual([{ locked_by: 'worker-of-the-dead' }]);
  });
});
