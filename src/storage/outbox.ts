/**
 * The outbox: change events, written by the statement that writes the data, so that they are committed with it or not at
 * all. Consumers read them in order, behind every transaction that is still open (docs/adr/0008): an event is never
 * skipped, and is consumed once with the effects that the consumer has in the same transaction.
 */
import { typeCode, typeName } from '../fhir/resource-types.ts';
import type { Db, Queryable, Transaction } from './db.ts';

export interface OutboxEvent {
  /** Grows in the order of commits for one resource; the same whenever the event is read again. */
  readonly seq: string;
  readonly type: string;
  readonly id: string;
  readonly versionId: number;
  /** Created, updated, deleted; or moved into or out of the national store, without a new version. */
  readonly op: 'C' | 'U' | 'D' | 'M';
  readonly register: string | null;
  readonly unit: string | null;
  readonly national: boolean;
  readonly patient: string | null;
  readonly episode: string | null;
  readonly at: string;
}

/** Somebody who is told of what has changed; app.ts lists them. */
export interface OutboxConsumer {
  /** Names its place in the outbox; never changed. */
  readonly name: string;
  /** Types that it always wants events of. Others it watches and unwatches with `watch`. */
  readonly types: readonly string[];
  /**
   * Take events up, in order. Its effects belong in `tx`: they are committed with its place in the outbox. A page that
   * throws comes again, so that effects elsewhere happen at least once.
   */
  consume(tx: Transaction, events: readonly OutboxEvent[]): Promise<void>;
}

export interface Outbox {
  /** Hand all events that are settled to their consumers; answers how many. Safe to run in several processes at once. */
  run(): Promise<number>;
}

const PAGE = 500;

/** Enter the consumers and make the outbox ready; a consumer that is new begins with what happens from now on. */
export async function openOutbox(db: Db, consumers: readonly OutboxConsumer[]): Promise<Outbox> {
  const names = consumers.map(({ name }) => name);
  await db.tx(async (tx) => {
    await rebase(tx);
    await tx.query({ text: 'delete from outbox_cursor where consumer <> all ($1)', values: [names] });
    await tx.query({ text: 'delete from outbox_watch where consumer <> all ($1)', values: [names] });
    await tx.query({
      text: `insert into outbox_cursor (consumer, lo, hi, seq)
        select n, pg_snapshot_xmin(pg_current_snapshot()), pg_snapshot_xmin(pg_current_snapshot()), 0
        from unnest($1::text[]) n
        on conflict do nothing`,
      values: [names],
    });
    for (const { name, types } of consumers) {
      await watch(tx, name, '', types);
    }
  });
  return {
    async run() {
      let count = 0;
      for (const consumer of consumers) {
        for (let taken = -1; taken !== 0; count += taken) {
          taken = await db.tx((tx) => nextPage(tx, consumer));
        }
      }
      if (count > 0) {
        await clear(db);
      }
      return count;
    },
  };
}

/**
 * A backup that is restored into another cluster meets transaction numbers that are lower than its own. What it brought is
 * then read first: nothing that can be seen has a number of the future.
 */
async function rebase(tx: Queryable): Promise<void> {
  const future = 'pg_snapshot_xmax(pg_current_snapshot())';
  await tx.query({ text: `update outbox set xid = '0' where xid >= ${future}` });
  await tx.query({
    text: `update outbox_cursor set lo = '0', hi = '0', seq = 0 where hi > ${future}`,
  });
}

/** From this transaction's commit on, changes of exactly these types are events for the consumer's `key`. */
export async function watch(
  tx: Queryable,
  consumer: string,
  key: string,
  types: readonly string[],
): Promise<void> {
  const codes = types.map(typeCode).filter((code) => code !== undefined);
  await tx.query({
    text: 'delete from outbox_watch where consumer = $1 and key = $2 and type <> all ($3::smallint[])',
    values: [consumer, key, codes],
  });
  if (codes.length > 0) {
    await tx.query({
      text: `insert into outbox_watch (type, consumer, key)
        select t, $1, $2 from unnest($3::smallint[]) t
        on conflict do nothing`,
      values: [consumer, key, codes],
    });
  }
}

interface Cursor {
  readonly lo: string;
  readonly hi: string;
  readonly seq: string;
}

/** Events of one page handed over, and the place moved on; 0 when there is nothing new. */
async function nextPage(tx: Transaction, consumer: OutboxConsumer): Promise<number> {
  const window = await currentWindow(tx, consumer.name);
  if (window === undefined) {
    return 0;
  }
  const events = await readEvents(tx, window);
  if (events.length === 0 && window.seq === '0') {
    return 0;
  }
  if (events.length > 0) {
    await consumer.consume(tx, events);
  }
  const isDone = events.length < PAGE;
  await moveTo(tx, consumer.name, {
    lo: isDone ? window.hi : window.lo,
    hi: window.hi,
    seq: isDone ? '0' : (events.at(-1)?.seq ?? '0'),
  });
  return events.length;
}

/**
 * The window that the consumer is in, else the next: transactions from where the last window ended up to the oldest that
 * is still open. All of them have ended, so no event can appear in it any more, and `seq` orders what one row has gone
 * through: a later writer of the row took its number after the earlier one had committed.
 */
async function currentWindow(tx: Queryable, name: string): Promise<Cursor | undefined> {
  const [cursor] = await tx.query<Cursor>({
    text: 'select lo::text, hi::text, seq::text from outbox_cursor where consumer = $1 for update',
    values: [name],
  });
  if (cursor === undefined || cursor.lo !== cursor.hi) {
    return cursor;
  }
  const [now] = await tx.query<{ oldest: string }>({
    text: 'select pg_snapshot_xmin(pg_current_snapshot())::text as oldest',
  });
  const oldest = now?.oldest ?? cursor.hi;
  return BigInt(cursor.hi) < BigInt(oldest) ? { lo: cursor.hi, hi: oldest, seq: '0' } : undefined;
}

interface EventRecord {
  readonly seq: string;
  readonly type: number;
  readonly id: string;
  readonly ver: number;
  readonly op: OutboxEvent['op'];
  readonly reg: string | null;
  readonly unit: string | null;
  readonly natl: boolean;
  readonly patient: string | null;
  readonly episode: string | null;
  readonly at: string;
}

async function readEvents(tx: Queryable, { lo, hi, seq }: Cursor): Promise<readonly OutboxEvent[]> {
  const records = await tx.query<EventRecord>({
    text: `select seq, type, id, ver, op, reg, unit, natl, patient, episode, at
      from outbox
      where xid >= $1::xid8 and xid < $2::xid8 and seq > $3
      order by seq
      limit $4`,
    values: [lo, hi, seq, PAGE],
  });
  return records.map(({ type, ver, reg, natl, ...rest }) => ({
    ...rest,
    type: typeName(type),
    versionId: ver,
    register: reg,
    national: natl,
  }));
}

async function moveTo(tx: Queryable, name: string, { lo, hi, seq }: Cursor): Promise<void> {
  await tx.query({
    text: 'update outbox_cursor set lo = $2::xid8, hi = $3::xid8, seq = $4 where consumer = $1',
    values: [name, lo, hi, seq],
  });
}

/** What every consumer has passed is not needed any more. */
async function clear(db: Db): Promise<void> {
  await db.query({
    text: 'delete from outbox where xid < (select lo from outbox_cursor order by lo limit 1)',
  });
}
