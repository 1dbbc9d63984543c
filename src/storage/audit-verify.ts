/**
 * Checking the audit trail against its chain: every event that was changed, removed, added or moved is named (AU-04).
 */
import { GENESIS, linkHash, SEALED_COLUMNS, type Link, type SealedEvent } from './audit-chain.ts';
import type { Db, Queryable } from './db.ts';

/** What is wrong at one place. */
export interface Finding {
  readonly kind:
    | 'changed' // the event is not what was sealed
    | 'missing' // the event was sealed and is gone
    | 'gap' // links of the chain are gone
    | 'extra' // the event is outside of the chain, though it should be in it
    | 'unlisted' // the event's persons are not those that it is found by
    | 'truncated' // the chain ends before a head that was published
    | 'rewritten' // the chain has another hash than a head that was published
    | 'unsigned' // a published head or proof is not ours
    | 'unproven'; // months are gone without a proof outside of the database
  /** Place in the chain, where there is one. */
  readonly n?: string;
  readonly seq?: string;
  /** AuditEvent.id */
  readonly id?: string;
  readonly text: string;
}

/** A head that was published outside of the database, with its signature checked. */
export interface PublishedHead {
  readonly n: string;
  readonly hash: string;
  readonly publishedAt: string;
}

export interface Verification {
  readonly findings: readonly Finding[];
  /** Events that fit their link. */
  readonly good: number;
  /** Links of events that were taken away at the end of their time. */
  readonly retired: number;
  /** Events that have come since the newest link. */
  readonly unsealed: number;
  readonly head: { readonly n: string; readonly hash: string };
  /** Published heads that the chain was compared with. */
  readonly heads: number;
}

/** Months that are gone: the chain begins after `n`, and events stored before `before` may be missing. */
export interface Retirement {
  readonly before: string;
  readonly n: string;
  readonly hash: string;
}

/** Read the whole trail, as it was at one moment, and compare it with its chain and with what was published. */
export function verifyTrail(db: Db, published: readonly PublishedHead[] = []): Promise<Verification> {
  return db.tx((tx) => verify(tx, published), {
    mode: 'isolation level repeatable read read only',
    setup: 'set local statement_timeout = 0',
  });
}

async function verify(tx: Queryable, published: readonly PublishedHead[]): Promise<Verification> {
  const retirement = await newestRetirement(tx);
  const walk = await walkChain(tx, retirement, published);
  const { extra, unsealed } = await outsideChain(tx);
  return {
    findings: [...walk.findings, ...extra, ...(await unlisted(tx)), ...beyond(walk, published)],
    good: walk.good,
    retired: walk.retired,
    unsealed,
    head: { n: walk.n, hash: walk.hash },
    heads: published.length,
  };
}

/** The newest taking away of months; undefined while everything is there. */
async function newestRetirement(tx: Queryable): Promise<Retirement | undefined> {
  const [row] = await tx.query<Retirement>({
    text: `select before, n::text, encode(hash, 'hex') as hash from audit_retired order by before desc limit 1`,
  });
  return row;
}

interface Walk {
  n: string;
  hash: string;
  good: number;
  retired: number;
  readonly findings: Finding[];
}

type LinkRow = Link & SealedEvent & { readonly sealedStored: string };

const PAGE = 5000;

async function walkChain(
  tx: Queryable,
  retirement: Retirement | undefined,
  published: readonly PublishedHead[],
): Promise<Walk> {
  const { n = '0', hash = GENESIS, before } = retirement ?? {};
  const heads = Map.groupBy(published, (head) => head.n);
  const walk: Walk = { n, hash, good: 0, retired: 0, findings: [] };
  for (
    let links: readonly LinkRow[] = [], isFirst = true;
    isFirst || links.length === PAGE;
    isFirst = false
  ) {
    links = await readLinks(tx, walk.n);
    for (const link of links) {
      take(walk, link, before);
      for (const head of heads.get(link.n) ?? []) {
        compare(walk, head);
      }
    }
  }
  return walk;
}

function readLinks(tx: Queryable, after: string): Promise<readonly LinkRow[]> {
  return tx.query<LinkRow>({
    text: `select s.n::text, s.seq::text, encode(s.hash, 'hex') as hash, s.stored as "sealedStored", ${SEALED_COLUMNS}
      from audit_seal s
      left join audit a on a.seq = s.seq and a.stored = s.stored
      where s.n > $1
      order by s.n
      limit $2`,
    values: [after, PAGE],
  });
}

/** Each link is judged by the one stored before it, so that one changed event does not hide the next. */
function take(walk: Walk, link: LinkRow, retiredBefore: string | undefined): void {
  const { n, seq, hash, id } = link;
  const expected = BigInt(walk.n) + 1n;
  const isBehindGap = BigInt(n) !== expected;
  if (isBehindGap) {
    const last = BigInt(n) - 1n;
    const text = `Links ${expected} to ${last} of the chain are gone, and whether their events were changed cannot be told`;
    walk.findings.push({ kind: 'gap', n: String(expected), text });
  }
  if (id === null) {
    takeMissing(walk, link, retiredBefore);
  } else if (!isBehindGap && linkHash(walk.hash, seq, link) !== hash) {
    const text = `Event ${String(id)} (number ${seq}, place ${n}) is not what was sealed: it or its link was changed or moved`;
    walk.findings.push({ kind: 'changed', n, seq, id: String(id), text });
  } else {
    walk.good++;
  }
  walk.n = n;
  walk.hash = hash;
}

function takeMissing(walk: Walk, { n, seq, sealedStored }: LinkRow, retiredBefore: string | undefined): void {
  if (retiredBefore !== undefined && sealedStored < retiredBefore) {
    walk.retired++;
    return;
  }
  const text = `Event number ${seq} (place ${n}), stored ${sealedStored}, was sealed and is gone`;
  walk.findings.push({ kind: 'missing', n, seq, text });
}

function compare(walk: Walk, { n, hash, publishedAt }: PublishedHead): void {
  if (hash !== walk.hash) {
    const text = `The chain has another hash at place ${n} than was published ${publishedAt}: it was made anew at or before it`;
    walk.findings.push({ kind: 'rewritten', n, text });
  }
}

/** Heads that were published and lie behind the end of the chain: its end was cut off, or an older backup restored. */
function beyond({ n }: Walk, published: readonly PublishedHead[]): readonly Finding[] {
  const newest = published
    .filter((head) => BigInt(head.n) > BigInt(n))
    .toSorted((a, b) => (BigInt(a.n) < BigInt(b.n) ? -1 : 1))
    .at(-1);
  if (newest === undefined) {
    return [];
  }
  const lost = BigInt(newest.n) - BigInt(n);
  const text = `The chain ends at place ${n}, but place ${newest.n} was published ${newest.publishedAt}: at least ${lost} events after it are gone (cut off, or an older backup was restored)`;
  return [{ kind: 'truncated', n: String(BigInt(n) + 1n), text }];
}

/** Events without a link: the newest have none yet; those of transactions that were sealed long ago were put in behind. */
async function outsideChain(
  tx: Queryable,
): Promise<{ readonly extra: readonly Finding[]; readonly unsealed: number }> {
  const rows = await tx.query<{ id: string; seq: string; isOld: boolean }>({
    text: `select a.id, a.seq::text, coalesce(a.xid < h.hi, false) as "isOld"
      from audit a
      left join lateral (select hi from audit_head order by n desc limit 1) h on true
      where not exists (select from audit_seal s where s.seq = a.seq)
        and not exists (select from audit_retired r where a.seq <= r.n and a.stored < r.before)
      order by a.seq`,
  });
  const extra = rows
    .filter(({ isOld }) => isOld)
    .map(({ id, seq }): Finding => {
      const text = `Event ${id} (number ${seq}) is outside of the chain: it was put in afterwards, or its link was taken away`;
      return { kind: 'extra', seq, id, text };
    });
  return { extra, unsealed: rows.length - extra.length };
}

/** The list that a person's events are found by holds what the events say, no more and no less. */
async function unlisted(tx: Queryable): Promise<readonly Finding[]> {
  const rows = await tx.query<{ seq: string; isListed: boolean }>({
    text: `select coalesce(e.seq, p.seq)::text as seq, p.seq is not null as "isListed"
      from (select distinct a.seq, x.patient from audit a cross join unnest(a.patients) x (patient)) e
      full join audit_patient p on p.seq = e.seq and p.patient = e.patient
      where e.seq is null or p.seq is null
      order by 1`,
  });
  return rows.map(({ seq, isListed }): Finding => {
    const text = isListed
      ? `A person is said to be in event number ${seq} that is not in it`
      : `A person in event number ${seq} is not on the list that the events of a person are found by`;
    return { kind: 'unlisted', seq, text };
  });
}
