/**
 * Index rows made anew while the server runs: reading rows by number, writing their index, keeping count.
 */
import { typeCode, typeName } from '../fhir/resource-types.ts';
import type { Db, Queryable } from './db.ts';
import type { IndexEntry } from './store.ts';
import { indexHash } from './write-sql.ts';
import { REINDEX, REINDEX_WAITING } from './write-statements.ts';

/** What the index of a type was made from, and what it is being made from. */
export interface IndexStateRow {
  readonly type: string;
  readonly params: Readonly<Record<string, string>>;
  readonly target: Readonly<Record<string, string>> | null;
  /** Row number up to which the work is done. */
  readonly after: string;
  readonly done: number;
  readonly total: number;
}

export async function readIndexState(db: Queryable): Promise<readonly IndexStateRow[]> {
  const rows = await db.query<Omit<IndexStateRow, 'type'> & { readonly type: number }>({
    text: 'select type, params, target, after::text as after, done::int as done, total::int as total from index_state',
  });
  return rows.map((row) => ({ ...row, type: typeName(row.type) }));
}

/** Live rows of each of the types that have any. */
export async function countRows(
  db: Queryable,
  types: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const rows = await db.query<{ type: number; count: number }>({
    text: `select type, count(*)::int as count from resource where type = any($1) and content is not null group by type`,
    values: [types.map(typeCode)],
  });
  return new Map(rows.map(({ type, count }) => [typeName(type), count]));
}

/** Write states of types, each in place of the one before; one statement. */
export async function saveIndexState(
  db: Queryable,
  states: readonly IndexStateRow[],
  now: Date,
): Promise<void> {
  await db.query({
    text: `insert into index_state (type, params, target, after, done, total, changed)
      select type, params, target, after, done, total, $2
      from json_to_recordset($1) as x (type smallint, params json, target json, after bigint, done bigint, total bigint)
      on conflict (type) do update
      set params = excluded.params, target = excluded.target, after = excluded.after, done = excluded.done,
          total = excluded.total, changed = excluded.changed`,
    values: [
      JSON.stringify(states.map((state) => ({ ...state, type: typeCode(state.type) }))),
      now.toISOString(),
    ],
  });
}

/** How far the work on a type is; never back, so that two processes at the same work do no harm. */
export async function saveProgress(
  db: Queryable,
  type: string,
  { after, count, now }: { readonly after: string; readonly count: number; readonly now: Date },
): Promise<void> {
  await db.query({
    text: `update index_state set after = $2, done = done + $3, changed = $4
      where type = $1 and target is not null and after < $2`,
    values: [typeCode(type), after, count, now.toISOString()],
  });
}

/** The type is done, if its target is still the one that was worked for; another start may have set another. */
export async function finishType(
  db: Queryable,
  { type, target }: Pick<IndexStateRow, 'type' | 'target'>,
  now: Date,
): Promise<void> {
  await db.query({
    text: `update index_state set params = target, target = null, done = total, changed = $2
      where type = $1 and target::text = $3`,
    values: [typeCode(type), now.toISOString(), JSON.stringify(target)],
  });
}

export interface ReindexRow {
  readonly rid: string;
  readonly id: string;
  readonly ver: number;
  readonly content: string;
}

export const readBatch = (
  db: Queryable,
  type: string,
  after: string,
  count: number,
): Promise<readonly ReindexRow[]> =>
  db.query({
    name: 'reindex-batch',
    text: `select rid, id, ver, content from resource
      where type = $1 and rid > $2 and content is not null order by rid limit $3`,
    values: [typeCode(type), after, count],
  });

/** A version and its new index. */
export interface Reindexed {
  readonly row: ReindexRow;
  readonly index: IndexEntry;
}

/**
 * Write the index rows of a batch in one statement. A version that is no longer current is left alone: its writer has
 * indexed it. Rows that a writer holds at this moment are waited for one by one, without any lock of our own.
 */
export async function writeIndex(db: Db, type: string, batch: readonly Reindexed[]): Promise<void> {
  const done = await db.query<{ rid: string }>({
    name: 'reindex',
    text: REINDEX,
    values: documents(type, batch),
  });
  const written = new Set(done.map(({ rid }) => rid));
  for (const late of batch.filter(({ row }) => !written.has(row.rid))) {
    await db.query({ name: 'reindex-waiting', text: REINDEX_WAITING, values: documents(type, [late]) });
  }
}

/** The parameters of REINDEX. */
function documents(type: string, batch: readonly Reindexed[]): readonly (string | null)[] {
  const code = typeCode(type);
  const each = <T extends object>(rows: (index: IndexEntry) => readonly T[]): string =>
    JSON.stringify(
      batch.flatMap(({ row, index }) => rows(index).map((entry) => ({ type: code, rid: row.rid, ...entry }))),
    );
  return [
    JSON.stringify(
      batch.map(({ row: { rid, id, ver }, index }) => ({
        type: code,
        rid,
        id,
        ver,
        ihash: indexHash(index),
        patient: index.hot.patient,
        org: index.hot.org,
        canon: index.hot.canon,
        status: index.hot.status,
        d_lo: index.hot.dLo,
        d_hi: index.hot.dHi,
      })),
    ),
    null,
    each(({ tokens, hot }) => tokens.map((row) => ({ ...row, d: hot.dLo }))),
    each(({ dates }) => dates),
    each(({ texts }) => texts),
    each(({ numbers }) => numbers),
  ];
}
