/**
 * Plan → statements. Pages go on by comparing with the last row's sort values and number, never by OFFSET.
 */
import { ROW_COLUMNS } from '../storage/row.ts';
import type { Sql } from '../storage/store.ts';
import type { Position } from './cursor.ts';
import type { Direction, OrderKey, Plan } from './plan.ts';
import type { TokenCondition } from './condition.ts';
import { printSource, printTests, tokenTest } from './print-condition.ts';
import type { PrintContext } from './print-condition.ts';
import { join, raw, sql, toSql } from './sql.ts';
import type { Fragment } from './sql.ts';

export type PrintOptions = PrintContext;

/** One page, and one row more that tells whether there is a next. Columns k0, k1 … are the sort values as text. */
export function pageSql(plan: Plan, options: PrintOptions): Sql {
  const keys = plan.order.map((key) => expression(key, plan));
  const columns = keys.map((key, index) => sql`, (${key})::text as ${raw(`k${index}`)}`);
  const order = [
    ...plan.order.map(({ direction }, index) => sql`${keys[index] as Fragment} ${raw(direction)}`),
    sql`r.rid ${raw(plan.tie)}`,
  ];
  return toSql(sql`select ${raw(ROW_COLUMNS)}${join(columns, '')}
${printSource(plan)}
where ${join([...printTests(plan, options), ...after(plan, keys)], '\n  and ')}
order by ${join(order, ', ')}
limit ${plan.count + 1}`);
}

/** How many match in all, whatever the page. */
export const countSql = (plan: Plan, options: PrintOptions): Sql =>
  toSql(sql`select count(*)::int as total
${matching(plan, options)}`);

/** The same, but counting no further than `most`. */
export const boundedCountSql = (plan: Plan, most: number, options: PrintOptions): Sql =>
  toSql(sql`select count(*)::int as total
from (
select 1
${matching(plan, options)}
limit ${most}) as matches`);

/** The query planner's guess of the same. */
export const estimateSql = (plan: Plan, options: PrintOptions): Sql =>
  toSql(sql`explain (format json) select 1
${matching(plan, options)}`);

/** Ids of matches, at most `count` and one more. Rows are unique, so these are. */
export const idSql = (plan: Plan, options: PrintOptions): Sql => toSql(idQuery(plan, options));

/** The same of several plans in one statement; `place` is the plan's. A canonical is named by url and version as well. */
export const idsSql = (plans: readonly Plan[], options: PrintOptions): Sql =>
  toSql(
    join(
      plans.map(
        (plan, place) =>
          sql`(select ${raw(String(place))} as place, r.id as value, r.canon as url, case when r.canon is not null then r.content::json ->> 'version' end as version
${matching(plan, options)}
limit ${plan.count + 1})`,
      ),
      '\nunion all\n',
    ),
  );

const idQuery = (plan: Plan, options: PrintOptions): Fragment => sql`select r.id as value
${matching(plan, options)}
limit ${plan.count + 1}`;

/** One column of matches, at most `count` and one more. */
export const columnSql = (plan: Plan, column: 'patient' | 'org', options: PrintOptions): Sql =>
  toSql(sql`select ${raw(`r.${column}`)} as value
${matching(plan, options)}
  and ${raw(`r.${column}`)} is not null
limit ${plan.count + 1}`);

/** Type, id and content of matches, in no order, at most `count` and one more. */
export const contentSql = (plan: Plan, options: PrintOptions): Sql =>
  toSql(sql`select r.content, r.type, r.id
${matching(plan, options)}
limit ${plan.count + 1}`);

/** How many index rows each token has, counting no further than `most`: columns c0, c1 … */
export const densitySql = (
  types: readonly number[] | undefined,
  tokens: readonly TokenCondition[],
  most: number,
): Sql =>
  toSql(
    sql`select ${join(
      tokens.map(
        (token, index) =>
          sql`(select count(*)::int from (select 1 from idx_token i where ${types === undefined ? raw('true') : sql`i.type = any(${types})`} and ${tokenTest('i', token)} limit ${most}) n) as ${raw(`c${index}`)}`,
      ),
      ',\n',
    )}`,
  );

const matching = (plan: Plan, options: PrintOptions): Fragment =>
  sql`${printSource(plan)}
where ${join(printTests(plan, options), '\n  and ')}`;

/** The driver's date is the resource's, and its index has it in order. */
function expression({ source: from, direction }: OrderKey, { driver }: Plan): Fragment {
  if (from.kind === 'main-date') {
    return raw(driver === undefined ? 'r.d_lo' : 't.d');
  }
  if (from.kind === 'column') {
    return raw(`r.${from.column}`);
  }
  if (from.kind === 'content') {
    return sql`(select ${raw(direction === 'asc' ? 'min' : 'max')}(v #>> '{}' collate "C") from (select r.content::jsonb as d offset 0) c, unnest(${from.paths}::jsonpath[]) p, jsonb_path_query(c.d, p) v where jsonb_typeof(v) not in ('object', 'array', 'null'))`;
  }
  const value = `${direction === 'asc' ? 'min' : 'max'}(i.${from.table === 'idx_text' ? 'val' : 'lo'})`;
  return sql`(select ${raw(value)} from ${raw(from.table)} i where i.cmp = r.cmp and i.type = r.type and i.rid = r.rid and i.param = ${from.param})`;
}

/** Rows after a position. Missing values come last when ascending and first when descending, as the indexes have them. */
function after({ after: position, order, tie }: Plan, keys: readonly Fragment[]): readonly Fragment[] {
  if (position === undefined) {
    return [];
  }
  const values = position.keys.map((value, index) => ({
    key: keys[index] as Fragment,
    value,
    direction: (order[index] as OrderKey).direction,
  }));
  return [single(values, tie, position) ?? lexicographic(values, tie, position)];
}

interface KeyValue {
  readonly key: Fragment;
  readonly value: string | null;
  readonly direction: Direction;
}

const COMPARE: Readonly<Record<Direction, Fragment>> = { asc: raw('>'), desc: raw('<') };

/** With at most one key, a row comparison that an index can begin at. */
function single(values: readonly KeyValue[], tie: Direction, { rid }: Position): Fragment | undefined {
  const [first, second] = values;
  if (first === undefined) {
    return sql`r.rid ${COMPARE[tie]} ${rid}`;
  }
  if (second !== undefined || first.value === null) {
    return undefined;
  }
  const later = sql`(${first.key}, r.rid) ${COMPARE[tie]} (${first.value}, ${rid})`;
  return first.direction === 'asc' ? sql`(${later} or ${first.key} is null)` : later;
}

function lexicographic(values: readonly KeyValue[], tie: Direction, { rid }: Position): Fragment {
  const branches = values.map((last, index) =>
    join([...values.slice(0, index).map(equal), later(last)], ' and '),
  );
  const tied = join([...values.map(equal), sql`r.rid ${COMPARE[tie]} ${rid}`], ' and ');
  return sql`(${join([...branches, tied], ' or ')})`;
}

const equal = ({ key, value }: KeyValue): Fragment =>
  value === null ? sql`${key} is null` : sql`${key} = ${value}`;

function later({ key, value, direction }: KeyValue): Fragment {
  if (value === null) {
    return direction === 'asc' ? raw('false') : sql`${key} is not null`;
  }
  const compared = sql`${key} ${COMPARE[direction]} ${value}`;
  return direction === 'asc' ? sql`(${compared} or ${key} is null)` : compared;
}
