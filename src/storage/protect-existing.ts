/**
 * Versions from before direct identifiers were kept apart: they are taken out of these too, at the first start of a version
 * that does so, before anything is answered. Batch after batch; a start that is interrupted goes on where it stopped.
 * Index rows are made anew by the reindexing that follows (repository/reindex.ts).
 */
import { directValuesIn, markOf, mayHoldDirect, replaceDirect } from '../fhir/direct-identifiers.ts';
import { parseStored, stringifyJson } from '../fhir/json.ts';
import { personKeys } from '../fhir/person-keys.ts';
import type { JsonObject } from '../fhir/types.ts';
import type { Db, Queryable } from './db.ts';
import type { DirectIdentifiers } from './direct-identifiers.ts';

export interface Protected {
  readonly part: Part;
  /** Versions looked at so far. */
  readonly done: number;
}

type Part = 'resource' | 'history';

interface Place {
  readonly cmp: number;
  readonly type: number;
  readonly id: string;
  readonly ver: number;
  readonly rid: string;
  readonly content: string;
}

const BATCH = 500;
const LOCK = 7_471_917; // any number that all servers agree on

/** Rows after the last one, in the order of an index; `$1` is that row's key. */
const NEXT: Readonly<Record<Part, string>> = {
  resource: `select cmp, type, id, ver, rid, content from resource
    where rid > coalesce(($1::jsonb ->> 'rid')::bigint, 0) and content is not null
    order by rid limit ${BATCH} for update`,
  history: `select cmp, type, id, ver, rid, content from history
    where (cmp, type, id, ver) > (
      coalesce(($1::jsonb ->> 'cmp')::int, -2147483648), coalesce(($1::jsonb ->> 'type')::smallint, 0::smallint),
      coalesce($1::jsonb ->> 'id', ''), coalesce(($1::jsonb ->> 'ver')::int, 0))
    order by cmp, type, id, ver limit ${BATCH}`,
};

/** As the owner of the tables. Answers how many versions had identifiers in them. */
export async function protectExisting(
  owner: Db,
  identifiers: DirectIdentifiers,
  report: (progress: Protected) => void = () => undefined,
): Promise<number> {
  let changed = 0;
  for (const part of ['resource', 'history'] as const) {
    for (let isDone = false; !isDone;) {
      const batch = await owner.tx((tx) => protectBatch(tx, identifiers, part), {
        setup: 'set local statement_timeout = 0',
      });
      isDone = batch.isDone;
      changed += batch.changed;
      if (batch.looked > 0) {
        report({ part, done: batch.done });
      }
    }
  }
  return changed;
}

interface Batch {
  readonly isDone: boolean;
  readonly looked: number;
  readonly changed: number;
  readonly done: number;
}

async function protectBatch(tx: Queryable, identifiers: DirectIdentifiers, part: Part): Promise<Batch> {
  await tx.query({ text: 'select pg_advisory_xact_lock($1)', values: [LOCK] }); // one server does it, others wait
  const [state] = await tx.query<{ after: object; done: string; finished: boolean }>({
    text: 'select after, done, finished from identifier_migration where part = $1 for update',
    values: [part],
  });
  const before = Number(state?.done ?? 0);
  if (state?.finished === true) {
    return { isDone: true, looked: 0, changed: 0, done: before };
  }
  const rows = await tx.query<Place>({ text: NEXT[part], values: [JSON.stringify(state?.after ?? {})] });
  const changed = await protectRows(tx, identifiers, part, rows);
  const last = rows.at(-1);
  const { content: _content, ...after } = last ?? { content: '' };
  const done = before + rows.length;
  await tx.query({
    text: `insert into identifier_migration (part, after, done, finished) values ($1, $2, $3, $4)
      on conflict (part) do update set after = excluded.after, done = excluded.done, finished = excluded.finished`,
    values: [part, JSON.stringify(after), done, last === undefined],
  });
  return { isDone: last === undefined, looked: rows.length, changed, done };
}

async function protectRows(
  tx: Queryable,
  identifiers: DirectIdentifiers,
  part: Part,
  rows: readonly Place[],
): Promise<number> {
  const open = rows
    .filter(({ content }) => content !== null && mayHoldDirect(content))
    .map((row) => ({ row, resource: parseStored(row.content) as JsonObject }));
  const values = [...new Set(open.flatMap(({ resource }) => directValuesIn(resource)))];
  if (values.length === 0) {
    return 0;
  }
  const refs = await identifiers.keep(tx, values);
  const changed = open.flatMap(({ row, resource }) => {
    const closed = replaceDirect(resource, (value, separator) =>
      markOf(refs.get(value) as string, separator),
    );
    return closed === resource ? [] : [{ ...row, content: stringifyJson(closed), keys: personKeys(closed) }];
  });
  await tx.query({
    text: `update ${part} r set content = x.content
      from json_to_recordset($1) x (cmp int, type smallint, id text, ver int, content text)
      where r.cmp = x.cmp and r.type = x.type and r.id = x.id and r.ver = x.ver`,
    values: [JSON.stringify(changed)],
  });
  if (part === 'resource') {
    await renewKeys(tx, changed);
  }
  return changed.length;
}

/** Unique keys of persons, and a note that the index of their types is made of what is not there any more. */
async function renewKeys(
  tx: Queryable,
  changed: readonly (Place & { readonly keys: readonly string[] })[],
): Promise<void> {
  const keys = changed.flatMap(({ cmp, type, rid, keys: own }) => own.map((h) => ({ cmp, type, rid, h })));
  await tx.query({
    text: 'delete from identifier_key where rid = any($1::bigint[])',
    values: [changed.map(({ rid }) => rid)],
  });
  await tx.query({
    text: `insert into identifier_key (h, type, cmp, rid)
      select h, type, cmp, rid from json_to_recordset($1) x (h bigint, type smallint, cmp int, rid bigint)
      order by type, h`,
    values: [JSON.stringify(keys)],
  });
  await tx.query({
    text: `update index_state set params = '{}', target = null where type = any($1::smallint[])`,
    values: [[...new Set(changed.map(({ type }) => type))]],
  });
}
