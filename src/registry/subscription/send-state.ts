/**
 * How sending goes, as kept in `subscription_state`: who is at it, how often it failed, when it is tried again.
 */
import type { Queryable } from '../../storage/db.ts';
import { NOTIFY } from './consumer.ts';

/** Take the subscription for sending, or prolong what is `mine`; false when another sender has it. */
export async function holdLease(
  db: Queryable,
  id: string,
  now: Date,
  milliseconds: number,
  whose: 'nobody' | 'mine' = 'nobody',
): Promise<boolean> {
  const rows = await db.query({
    text: `update subscription_state
      set lease = $3
      where id = $1 and (lease is null or lease <= $2 or $4)
      returning 1`,
    values: [id, now, new Date(now.getTime() + milliseconds), whose === 'mine'],
  });
  return rows.length > 0;
}

/** Let others send. */
export async function releaseLease(db: Queryable, id: string): Promise<void> {
  await db.query({ text: 'update subscription_state set lease = null where id = $1', values: [id] });
}

/** Something arrived: the failures are over. */
export async function recordSuccess(db: Queryable, id: string, now: Date): Promise<void> {
  await db.query({
    text: `update subscription_state
      set failures = 0, failing_since = null, next_attempt = null, last_sent = $2
      where id = $1`,
    values: [id, now],
  });
}

const MARGIN_MS = 50;

/** It failed; the next attempt is put into the queue. */
export async function recordFailure(
  db: Queryable,
  id: string,
  failure: { readonly failures: number; readonly since: string; readonly next: Date; readonly wait: number },
): Promise<void> {
  const { failures, since, next, wait } = failure;
  await db.query({
    text: `update subscription_state set failures = $2, failing_since = $3, next_attempt = $4 where id = $1`,
    values: [id, failures, since, next],
  });
  await db.query({
    text: `select graphile_worker.add_job($1, json_build_object('id', $2::text), job_key => $1 || ':' || $2,
        run_at => now() + make_interval(secs => $3))`,
    values: [NOTIFY, id, (wait + MARGIN_MS) / 1000],
  });
}
