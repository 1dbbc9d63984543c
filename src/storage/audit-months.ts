/**
 * The months of the audit trail: their tables are made ahead, and taken away whole when they are too old (AU-06).
 */
import { GENESIS } from './audit-chain.ts';
import { SEAL_LOCK } from './audit-seal.ts';
import type { Retirement } from './audit-verify.ts';
import type { Db, Queryable } from './db.ts';

const AHEAD = 3;

/** Make the tables of this month and of the next ones; answers how many were made. */
export async function makeMonths(db: Db): Promise<number> {
  let made = 0;
  for (let ahead = 0; ahead <= AHEAD; ahead++) {
    const [row] = await db.query<{ isNew: boolean }>({
      text: `select audit_make_month(now() + $1 * interval '1 month') as "isNew"`,
      values: [ahead],
    });
    made += row?.isNew === true ? 1 : 0;
  }
  return made;
}

/** The first moment of the month (UTC) that lies so many months before a time: what was stored before it is too old. */
export function oldestKept(now: Date, months: number): Date {
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - months, 1));
}

/** What was taken away. */
export interface Retired extends Retirement {
  readonly events: number;
}

/**
 * Take away the events that were stored before a month, with their links, and leave a signed proof of where the chain goes
 * on. `sign` makes the proof of the record. Answers undefined when there is nothing that old. Throws when an event that
 * old has no link yet (seal first), and when it is asked to take what is younger than two years.
 */
export function retireMonths(
  db: Db,
  before: Date,
  sign: (retired: Retired) => Promise<string>,
): Promise<Retired | undefined> {
  return db.tx((tx) => retire(tx, before.toISOString(), sign), {
    setup: `set local statement_timeout = '10min'; set local lock_timeout = '5s'`,
  });
}

async function retire(
  tx: Queryable,
  before: string,
  sign: (retired: Retired) => Promise<string>,
): Promise<Retired | undefined> {
  await tx.query({ text: 'select pg_advisory_xact_lock($1)', values: [SEAL_LOCK] });
  const events = await countOld(tx, before);
  if (events === 0) {
    return undefined;
  }
  const retired = { before, events, ...(await lastBefore(tx, before)) };
  await tx.query({
    text: `select audit_retire($1, $2, decode($3, 'hex'), $4, $5)`,
    values: [before, retired.n, retired.hash, events, await sign(retired)],
  });
  return retired;
}

async function countOld(tx: Queryable, before: string): Promise<number> {
  const [row] = await tx.query<{ events: number; unsealed: number }>({
    text: `select count(*)::int as events, (count(*) filter (where s.seq is null))::int as unsealed
      from audit a
      left join audit_seal s on s.seq = a.seq
      where a.stored < $1`,
    values: [before],
  });
  const { events = 0, unsealed = 0 } = row ?? {};
  if (unsealed > 0) {
    throw new Error(`${unsealed} audit events stored before ${before} are not sealed yet.`);
  }
  return events;
}

/** The last link of which all before it are old too: a few old events may have links behind it. */
async function lastBefore(tx: Queryable, before: string): Promise<Pick<Retired, 'n' | 'hash'>> {
  const [row] = await tx.query<Pick<Retired, 'n' | 'hash'>>({
    text: `select s.n::text, encode(s.hash, 'hex') as hash
      from audit_seal s
      where s.n < coalesce((select min(k.n) from audit_seal k where k.stored >= $1), 9223372036854775807)
      order by s.n desc
      limit 1`,
    values: [before],
  });
  if (row !== undefined) {
    return row;
  }
  const [earlier] = await tx.query<Pick<Retired, 'n' | 'hash'>>({
    text: `select n::text, encode(hash, 'hex') as hash from audit_retired order by before desc limit 1`,
  });
  return earlier ?? { n: '0', hash: GENESIS };
}
