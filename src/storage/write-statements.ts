/**
 * The two statements that store versions. Parameters, each a JSON array: 1 rows, 2 unique keys, 3 tokens, 4 dates,
 * 5 texts, 6 numbers. All parts of a statement see the data as they were before it.
 */

const INDEX_TABLES = [
  { name: 'idx_token', parameter: 3, columns: 'h bigint, hv bigint, d timestamptz' },
  { name: 'idx_date', parameter: 4, columns: 'lo timestamptz, hi timestamptz' },
  { name: 'idx_text', parameter: 5, columns: 'val text, exact text' },
  { name: 'idx_number', parameter: 6, columns: 'lo float8, hi float8, unit bigint' },
] as const;

type IndexTable = (typeof INDEX_TABLES)[number];

const KEY = 'cmp int, type smallint, rid bigint';

const ROWS = `w as materialized (
  select *
  from json_to_recordset($1) as x (
    ${KEY}, id text, ver int, prev int, lu timestamptz, op char(1), ihash bigint, natl boolean, reg text, unit text,
    episode text, patient text, org text, canon text, status text, d_lo timestamptz, d_hi timestamptz, content text
  )
)`;

const KEYS = `k as materialized (
  select * from json_to_recordset($2) as x (${KEY}, h bigint)
)`;

const COLUMNS =
  'type, rid, id, ver, lu, op, ihash, natl, reg, unit, episode, patient, org, canon, status, d_lo, d_hi, content';

const EVENT_COLUMNS = 'type, id, ver, op, reg, unit, natl, patient, episode, at';

/** Events of the types that somebody watches (outbox.ts); asked of the table, so that no process can be behind. */
const events = (source: string): string => `event as (
  insert into outbox (${EVENT_COLUMNS})
  select w.type, w.id, w.ver, w.op, w.reg, w.unit, w.natl, w.patient, w.episode, w.lu
  from ${source}
  where w.type = any (array(select type from outbox_watch))
  returning 1
)`;

/** Insert the rows of one parameter; `old` is named only where existing resources are written again. */
const insertIndex = ({ name, parameter, columns }: IndexTable, source: 'new' | 'old'): string => {
  const names = columns.replaceAll(/ (bigint|timestamptz|text|float8)/g, '');
  const rows = `json_to_recordset($${parameter}) as x (${KEY}, param int, ${columns})`;
  return `${name}_rows as (
  insert into ${name} (cmp, type, rid, param, ${names})
  select ${source === 'new' ? 'x' : 'old'}.cmp, x.type, x.rid, param, ${names}
  from ${rows}${source === 'new' ? '' : '\n  join old on old.is_reindexed and old.rid = x.rid'}
)`;
};

/** By an array: a join would be planned as a walk through the whole table while that is small, and stay so when it is not. */
const deleteIndex = ({ name }: IndexTable): string => `${name}_gone as (
  delete from ${name} i where i.rid = any (array(select old.rid from old where old.is_reindexed))
)`;

/** New resources. A taken (type, id) or unique key makes a unique violation. Answers how many events they are. */
export const CREATE = `with
${ROWS},
${KEYS},
id as (
  insert into resource_id (type, id, cmp, rid)
  select type, id, cmp, rid from w order by type, id
),
key as (
  insert into identifier_key (h, type, cmp, rid)
  select h, type, cmp, rid from k order by type, h
),
${INDEX_TABLES.map((table) => insertIndex(table, 'new')).join(',\n')},
${events('w')},
new as (
  insert into resource (cmp, ${COLUMNS})
  select cmp, ${COLUMNS} from w
)
select count(*)::int as events from event`;

/**
 * New versions. The superseded ones go to history; index rows are rewritten only where they changed (ihash).
 * Answers how many rows were updated (fewer than asked for when another writer came between), and how many events they are.
 */
export const UPDATE = `with
${ROWS},
${KEYS},
old as materialized (
  select r.cmp, r.type, r.id, r.ver, r.rid, r.lu, r.op, r.content, r.ihash is distinct from w.ihash as is_reindexed
  from w
  cross join lateral ( -- one index look-up each, also by a plan made when the table was small
    select *
    from resource r
    where r.type = w.type and r.id = w.id and r.ver = w.prev and r.cmp = coalesce(w.cmp, r.cmp)
    offset 0
  ) r
),
kept as (
  insert into history (cmp, type, id, ver, rid, lu, op, content)
  select cmp, type, id, ver, rid, lu, op, content from old
),
gone as (
  delete from identifier_key i
  using old
  where i.rid = any (array(select o.rid from old o)) and i.rid = old.rid and i.type = old.type and not exists (select from k where k.rid = i.rid and k.h = i.h)
  returning i.h
),
key as (
  insert into identifier_key (h, type, cmp, rid)
  select k.h, k.type, old.cmp, k.rid
  from k
  join old on old.rid = k.rid
  where not exists (select from identifier_key i where i.h = k.h and i.type = k.type and i.rid = k.rid)
    and (select count(*) from gone) >= 0 -- after the freed ones are gone: a key may move between two resources
  order by k.type, k.h
),
${INDEX_TABLES.map((table) => `${deleteIndex(table)},\n${insertIndex(table, 'old')}`).join(',\n')},
new as (
  update resource r
  set ver = w.ver, lu = w.lu, op = w.op, ihash = w.ihash, natl = w.natl, reg = w.reg, unit = w.unit,
      episode = w.episode, patient = w.patient, org = w.org, canon = w.canon, status = w.status,
      d_lo = w.d_lo, d_hi = w.d_hi, content = w.content
  from w
  join old on old.type = w.type and old.id = w.id
  where r.cmp = old.cmp and r.type = old.type and r.id = old.id and r.ver = w.prev
  returning 1
),
${events('w')}
select (select count(*)::int from new) as count, (select count(*)::int from event) as events`;

/**
 * New index rows for versions that stay as they are; $2 is not used. A row that somebody is writing is left out when
 * `lock` says so: the writer makes its index rows, or is waited for in a second attempt. Answers the row numbers done.
 */
const reindex = (lock: string): string => `with
w as materialized (
  select *
  from json_to_recordset($1) as x (
    ${KEY}, id text, ver int, ihash bigint, patient text, org text, canon text, status text, d_lo timestamptz,
    d_hi timestamptz
  )
),
unused as (
  select $2::text
),
old as materialized (
  select r.cmp, r.type, r.id, r.rid, r.ver, r.ihash is distinct from w.ihash as is_reindexed
  from w
  cross join lateral (
    select *
    from resource r
    where r.type = w.type and r.id = w.id and r.ver = w.ver
    ${lock}
  ) r
),
${INDEX_TABLES.map((table) => `${deleteIndex(table)},\n${insertIndex(table, 'old')}`).join(',\n')},
new as (
  update resource r
  set ihash = w.ihash, patient = w.patient, org = w.org, canon = w.canon, status = w.status, d_lo = w.d_lo, d_hi = w.d_hi
  from w
  join old on old.rid = w.rid and old.is_reindexed
  where r.cmp = old.cmp and r.type = old.type and r.id = old.id
)
select rid from old`;

export const REINDEX = reindex('for update skip locked');
export const REINDEX_WAITING = reindex('for update');
