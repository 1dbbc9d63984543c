/**
 * Jobs that a killed process had begun: the queue keeps them for four hours, in case that process comes back. A server that finds
 * no other one at work lets them go at once. Being at work is a lock that the database takes away with the connection.
 */
import type pg from 'pg';
import type { Db } from './db.ts';

/** Any number that nothing else locks. */
const AT_WORK = 7_265_001;

/**
 * Say that this process takes jobs, until it is disposed; when no other does, what was under way waits again. Of two that start
 * at the same moment one lets go, before it takes any.
 */
export async function atWork(db: Pick<Db, 'pool'>): Promise<{ readonly end: () => void }> {
  const client = await db.pool.connect();
  const ask = async (text: string): Promise<pg.QueryResult<{ isAlone: boolean }>> =>
    client.query<{ isAlone: boolean }>(text);
  try {
    const { rows } = await ask(`select pg_try_advisory_lock(${AT_WORK}) as "isAlone"`);
    if (rows[0]?.isAlone === true) {
      await ask(`select graphile_worker.force_unlock_workers(array(
        select locked_by from graphile_worker._private_jobs where locked_by is not null
        union select locked_by from graphile_worker._private_job_queues where locked_by is not null))`);
      await ask(`select pg_advisory_unlock(${AT_WORK})`);
    }
    await ask(`select pg_advisory_lock_shared(${AT_WORK})`);
  } catch (cause) {
    client.release(true);
    throw cause;
  }
  client.on('error', () => undefined); // the database is gone, and the lock with it
  return { end: () => client.release(true) };
}
