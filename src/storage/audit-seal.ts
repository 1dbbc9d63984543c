/**
 * Sealing: events that are settled get their place in the chain, in the background. Requests know nothing of it: they
 * insert their events as they come, and the sealer follows behind every transaction that is still open, as readers of the
 * outbox do (docs/adr/0008), so that no event can turn up behind it.
 */
import { GENESIS, linkHash, SEALED_COLUMNS, type Link, type SealedEvent } from './audit-chain.ts';
import type { Db, Queryable } from './db.ts';

/** The newest link, and how far its transactions go. */
export interface Head {
  readonly n: string;
  readonly hash: string;
}

/** One sealer, or one taking away of old months, at a time. */
export const SEAL_LOCK = 7_471_904;

const PAGE = 5000;

/** Seal what is settled; answers how many events. Safe to run in several processes at once. */
export async function sealTrail(db: Db): Promise<number> {
  let sealed = 0;
  for (let count = PAGE; count === PAGE; sealed += count) {
    count = await db.tx(sealPage, { setup: `set local statement_timeout = '60s'` });
  }
  return sealed;
}

/** The newest link; undefined before the first event was sealed. */
export async function readHead(db: Queryable): Promise<Head | undefined> {
  const [head] = await db.query<Head>({
    text: `select n::text, encode(hash, 'hex') as hash from audit_head order by n desc limit 1`,
  });
  return head;
}

interface Window extends Head {
  readonly lo: string;
  readonly hi: string;
  readonly future: string;
}

async function sealPage(tx: Queryable): Promise<number> {
  const [lock] = await tx.query<{ mine: boolean }>({
    text: 'select pg_try_advisory_xact_lock($1) as mine',
    values: [SEAL_LOCK],
  });
  if (lock?.mine !== true) {
    return 0;
  }
  const window = await readWindow(tx);
  const events = await readEvents(tx, window);
  if (events.length === 0) {
    return 0;
  }
  const links = chain(window, events);
  await insertLinks(tx, links, events);
  const last = links.at(-1) as Link;
  // the window is done with its last page only
  const hi = events.length < PAGE ? window.hi : window.lo;
  await tx.query({
    text: `insert into audit_head (n, hash, hi) values ($1, decode($2, 'hex'), $3::xid8)`,
    values: [last.n, last.hash, hi],
  });
  return events.length;
}

/**
 * Transactions from where the last sealing ended up to the oldest that is still open. A backup that is restored into another
 * cluster meets transaction numbers of the future: then everything is looked through once.
 */
async function readWindow(tx: Queryable): Promise<Window> {
  const [window] = await tx.query<Window>({
    text: `select
        coalesce(h.n, 0)::text as n,
        coalesce(encode(h.hash, 'hex'), $1) as hash,
        case when h.hi <= pg_snapshot_xmax(s) then h.hi::text else '0' end as lo,
        pg_snapshot_xmin(s)::text as hi,
        pg_snapshot_xmax(s)::text as future
      from pg_current_snapshot() s
      left join lateral (select * from audit_head order by n desc limit 1) h on true`,
    values: [GENESIS],
  });
  return window as Window;
}

type EventRow = SealedEvent & { readonly seq: string };

function readEvents(tx: Queryable, { lo, hi, future }: Window): Promise<readonly EventRow[]> {
  return tx.query<EventRow>({
    text: `select a.seq::text, ${SEALED_COLUMNS}
      from audit a
      where a.xid >= $1::xid8 and (a.xid < $2::xid8 or a.xid >= $3::xid8)
        and not exists (select from audit_seal s where s.seq = a.seq)
      order by a.seq
      limit $4`,
    values: [lo, hi, future, PAGE],
  });
}

function chain(head: Head, events: readonly EventRow[]): readonly Link[] {
  let { hash } = head;
  return events.map((event, index) => {
    hash = linkHash(hash, event.seq, event);
    return { n: String(BigInt(head.n) + BigInt(index + 1)), seq: event.seq, hash };
  });
}

async function insertLinks(
  tx: Queryable,
  links: readonly Link[],
  events: readonly EventRow[],
): Promise<void> {
  await tx.query({
    text: `insert into audit_seal (n, seq, stored, hash)
      select n, seq, stored, decode(hash, 'hex')
      from unnest($1::bigint[], $2::bigint[], $3::timestamptz[], $4::text[]) x (n, seq, stored, hash)`,
    values: [
      links.map(({ n }) => n),
      links.map(({ seq }) => seq),
      events.map(({ stored }) => stored),
      links.map(({ hash }) => hash),
    ],
  });
}
