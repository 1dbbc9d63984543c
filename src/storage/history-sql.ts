/**
 * Versions, newest first: https://hl7.org/fhir/R4/http.html#history
 * The current version is in `resource`, the ones before it in `history`.
 */
import { badRequest } from '../fhir/outcome.ts';
import { RESOURCE_TYPES, typeCode, typeName } from '../fhir/resource-types.ts';
import type { HistoryQuery, HistoryRow, Sql, TypeAndId } from './store.ts';

export interface HistoryRecord {
  readonly type: number;
  readonly id: string;
  readonly ver: number;
  readonly rid: string;
  readonly lu: string;
  readonly op: HistoryRow['op'];
  readonly content: string | null;
}

export function toHistoryRow(record: HistoryRecord): HistoryRow {
  const { type, id, ver, rid, lu, op, content } = record;
  return {
    type: typeName(type),
    id,
    versionId: ver,
    lastUpdated: lu,
    op,
    content,
    cursor: `${lu}_${rid}_${ver}`,
  };
}

/** One version of one resource, wherever it lies. */
export function historyVersionStatement({ type, id }: TypeAndId, versionId: number): Sql & { name: string } {
  return {
    name: 'read_version',
    text: `select type, id, ver, rid, lu, op, content from resource where type = $1 and id = $2 and ver = $3
           union all
           select type, id, ver, rid, lu, op, content from history where type = $1 and id = $2 and ver = $3`,
    values: [typeCode(type) ?? 0, id, versionId],
  };
}

/**
 * A page of history. Each type is read from its own index in order and cut at the page size, so that the whole
 * system's history costs no more than one page per type.
 */
export function historyStatement(query: HistoryQuery): Sql {
  const values = [...(query.filter?.values ?? [])]; // the filter's parameters keep their numbers; ours follow
  const add = (value: unknown): string => `$${values.push(value)}`;
  const { id, since, at, cursor, filter, type, count } = query;
  const codes = type === undefined ? RESOURCE_TYPES.map((_, index) => index + 1) : [typeCode(type) ?? 0];
  const types = add(codes);
  const limit = add(count);
  const tests: readonly Test[] = [
    (v) => `${v}.type = t.type`,
    ...optional(id && add(id), (value) => (v) => `${v}.id = ${value}`),
    ...optional(since && add(since), (value) => (v) => `${v}.lu >= ${value}`),
    ...optional(at && add(at), (value) => (v) => `${v}.lu <= ${value}`),
    ...optional(at && `$${values.length}`, (value) => (v) => (v === 'h' ? notYetReplaced(value) : 'true')),
    ...optional(
      cursor && position(cursor).map(add).join(', '),
      (value) => (v) => `(${v}.lu, ${v}.rid, ${v}.ver) < (${value})`,
    ),
    ...optional(filter?.text, (text) => (v) => (v === 'h' ? currentVersion(text) : `(${text})`)),
  ];
  const page = (table: string, v: Alias): string => `(
    select ${v}.type, ${v}.id, ${v}.ver, ${v}.rid, ${v}.lu, ${v}.op, ${v}.content
    from ${table} ${v}
    where ${tests.map((test) => test(v)).join('\n      and ')}
    order by ${v}.lu desc, ${v}.rid desc, ${v}.ver desc
    limit ${limit}
  )`;
  return {
    text: `select p.*
from unnest(${types}::smallint[]) t (type)
cross join lateral (
  ${page('resource', 'r')}
  union all
  ${page('history', 'h')}
) p
order by p.lu desc, p.rid desc, p.ver desc
limit ${limit}`,
    values,
  };
}

type Alias = 'r' | 'h';
/** A condition on the current rows (r) or the past ones (h). */
type Test = (alias: Alias) => string;

const optional = (value: string | undefined, test: (value: string) => Test): readonly Test[] =>
  value === undefined || value === '' ? [] : [test(value)];

/** `<lu>_<rid>_<ver>` → its parts. Throws 400 for anything else: an empty page would look like the end. */
function position(cursor: string): readonly [string, string, number] {
  const [lu = '', rid = '', ver = ''] = cursor.split('_');
  if (Number.isNaN(Date.parse(lu)) || !/^\d{1,18}$/.test(rid) || !/^\d{1,9}$/.test(ver)) {
    throw badRequest(
      'The page position is not one of this history. Follow the links of the Bundle.',
      undefined,
      'cursor',
    );
  }
  return [lu, rid, Number(ver)];
}

const SAME = 'n.cmp = h.cmp and n.type = h.type and n.id = h.id';

const notYetReplaced = (at: string): string =>
  ['resource', 'history']
    .map((table) => `not exists (select from ${table} n where ${SAME} and n.ver > h.ver and n.lu <= ${at})`)
    .join('\n      and ');

const currentVersion = (filter: string): string =>
  `exists (select from resource r where r.cmp = h.cmp and r.type = h.type and r.id = h.id and (${filter}))`;
