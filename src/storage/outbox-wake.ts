/**
 * Waking the outbox after a commit: one job for many commits, put into the queue outside of their transactions, where it
 * would make writers wait for each other. If the server dies before that, the minute's round finds the events.
 */
import type { Db } from './db.ts';
import type { ResourceStore } from './store.ts';

export const OUTBOX_JOB = 'outbox';
const PAUSE_MS = 50;

/** From now on, commits with events put the job into the queue, at most once in a while. */
export function wakeOutbox(store: ResourceStore, db: Db): void {
  let isWaiting = false;
  const enqueue = async (): Promise<void> => {
    isWaiting = false;
    try {
      await db.query({
        name: 'wake_outbox',
        text: 'select graphile_worker.add_job($1, job_key => $1)',
        values: [OUTBOX_JOB],
      });
    } catch {
      // the database is gone, or we are stopping: the events are still there for the minute's round
    }
  };
  store.onEvents(() => {
    if (!isWaiting) {
      isWaiting = true;
      setTimeout(() => void enqueue(), PAUSE_MS).unref();
    }
  });
}
