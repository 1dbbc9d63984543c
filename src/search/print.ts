/**
 * Plan → statements. Pages go on by comparing with the last row's sort values and number, never by OFFSET.
 */
import { ROW_COLUMNS } from '../storage/row.ts';
import type { Sql } from '../storage/store.ts';
import type { Direction, OrderKey, Plan } from './plan.ts';
import type { Condition } from './condition.ts';
import { printCondition, printSource, printTests, tokenTest } from './print-condition.ts';
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
    sql`${rid(plan)} ${raw(plan.tie)}`,
  ];
  return toSql(sql`select ${raw(ROW_COLUMNS)}${join(columns, '')}
${pageSource(plan, options)}
where ${join([...pageTests(plan, options), ...after(plan, keys)], '\n  and ')}
order by ${join(order, ', ')}
limit ${plan.count + 1}`);
}

/**
 * The same page, looked for among the first rows in order alone: it is right if it comes out full, and found at once
 * where a link leads to many resources. Undefined when the order has no index or something better leads.
 */
export function nearPageSql(plan: Plan, options: PrintOptions): Sql | undefined {
  if (!isWalked(plan)) {
    return undefined;
  }
  const keys = plan.order.map((key) => expression(key, plan));
  const columns = keys.map((key, index) => sql`, (${key})::text as ${raw(`k${index}`)}`);
  const order = [
    ...plan.order.map(({ direction }, index) => sql`${keys[index] as Fragment} ${raw(direction)}`),
    sql`r.rid ${raw(plan.tie)}`,
  ];
  const first = [ofTypes('r', plan.types), raw('r.content is not null'), ...after(plan, keys)];
  return toSql(sql`select ${raw(ROW_COLUMNS)}${join(columns, '')}
from (select * from resource r where ${join(first, ' and ')} order by ${join(order, ', ')} limit ${NEAR}) r
where ${join(printTests(plan, { ...options, isPerRow: true }), '\n  and ')}
order by ${join(order, ', ')}
limit ${plan.count + 1}`);
}

/** Rows that are looked at one by one before the whole is asked. */
const NEAR = 1500;

/** A link by a column decides, and the order is that of an index of the resources themselves. */
const isWalked = ({ driver, isDateLed, types, order, conditions }: Plan): boolean =>
  driver === undefined &&
  !isDateLed &&
  types?.length === 1 &&
  conditions.some(({ kind }) => kind === 'refers') &&
  !conditions.some(({ kind }) => kind === 'rows' || kind === 'column') &&
  (order.length === 0 || (order.length === 1 && order[0]?.source.kind === 'main-date'));

/** How many match in all, whatever the page. */
export const countSql = (plan: Plan, options: PrintOptions): Sql =>
  toSql(sql`select count(*)::int as total
${matching(plan, options)}`);

/** The same, but counting no further than `most`. */
export const boundedCountSql = (plan: Plan, most: number, options: PrintOptions): Sql =>
  toSql(sql`select count(*)::int as total
from (
select 1
${firstOf(plan, options)}
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
${firstOf(plan, options)}
limit ${plan.count + 1})`,
      ),
      '\nunion all\n',
    ),
  );

const idQuery = (plan: Plan, options: PrintOptions): Fragment => sql`select r.id as value
${firstOf(plan, options)}
limit ${plan.count + 1}`;

/** One column of matches, at most `count` and one more. */
export const columnSql = (plan: Plan, column: 'patient' | 'org', options: PrintOptions): Sql =>
  toSql(sql`select ${raw(`r.${column}`)} as value
${firstOf(plan, options)}
  and ${raw(`r.${column}`)} is not null
limit ${plan.count + 1}`);

/** Type, id and content of matches, in no order, at most `count` and one more. */
export const contentSql = (plan: Plan, options: PrintOptions): Sql =>
  toSql(sql`select r.content, r.type, r.id
${firstOf(plan, options)}
limit ${plan.count + 1}`);

/** How many rows each token or date range has, counting no further than `most`: columns c0, c1 … */
export const densitySql = (
  types: readonly number[] | undefined,
  candidates: readonly Condition[],
  most: number,
  context: PrintContext,
): Sql =>
  toSql(
    sql`select ${join(
      candidates.map(
        (candidate, index) =>
          sql`(select count(*)::int from (${candidateRows(types, candidate, context)} limit ${most}) n) as ${raw(`c${index}`)}`,
      ),
      ',\n',
    )}`,
  );

const candidateRows = (
  types: readonly number[] | undefined,
  candidate: Condition,
  context: PrintContext,
): Fragment =>
  candidate.kind === 'token'
    ? sql`select 1 from idx_token i where ${ofTypes('i', types)} and ${tokenTest('i', candidate)}`
    : sql`select 1 from resource r where ${ofTypes('r', types)} and ${printCondition(candidate, context)}`;

const ofTypes = (alias: string, types: readonly number[] | undefined): Fragment => {
  const [only] = types ?? [];
  if (types === undefined || only === undefined) {
    return raw('true');
  }
  return types.length === 1 ? sql`${raw(alias)}.type = ${only}` : sql`${raw(alias)}.type = any(${types})`;
};

/**
 * Where a page begins. In date order, a driver is read row by row, each resource looked up by itself, so that a page of
 * a common value ends as soon as it is full (the database's estimate of such a join is far too low, and it would sort
 * them all); rows of a narrow range of dates are found before anything else is asked of them.
 */
function pageSource(plan: Plan, context: PrintContext): Fragment {
  if (isReadInOrder(plan)) {
    return lookUps(plan);
  }
  const dates = plan.conditions.filter(({ kind }) => kind === 'date');
  return plan.isDateLed
    ? sql`from (select * from resource r where ${join([ofTypes('r', plan.types), ...dates.map((date) => printCondition(date, context))], ' and ')} offset 0) r`
    : printSource(plan);
}

/** `t.type` is the first column of the driver's index, and not told by `r.type` across the lateral. */
const pageTests = (plan: Plan, options: PrintOptions): readonly Fragment[] =>
  isReadInOrder(plan) ? [ofTypes('t', plan.types), ...printTests(plan, options)] : printTests(plan, options);

const isReadInOrder = (plan: Plan): boolean => isLookedUp(plan) && plan.order[0]?.source.kind === 'main-date';

const isLookedUp = ({ driver, types }: Plan): boolean => driver !== undefined && types?.length === 1;

const lookUps = ({ types }: Plan): Fragment => sql`from idx_token t
cross join lateral (select * from resource r where r.cmp = t.cmp and ${ofTypes('r', types)} and r.rid = t.rid offset 0) r`;

const matching = (plan: Plan, options: PrintOptions): Fragment =>
  sql`${printSource(plan)}
where ${join(printTests(plan, options), '\n  and ')}`;

/** The same where only the first rows are wanted, whichever they are. */
const firstOf = (plan: Plan, options: PrintOptions): Fragment =>
  isLookedUp(plan)
    ? sql`${lookUps(plan)}
where ${join([ofTypes('t', plan.types), ...printTests(plan, options)], '\n  and ')}`
    : matching(plan, options);

/** The driver's row number is the resource's, and stands in its index. */
const rid = (plan: Plan): Fragment => raw(isReadInOrder(plan) ? 't.rid' : 'r.rid');

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
function after(plan: Plan, keys: readonly Fragment[]): readonly Fragment[] {
  const { after: position, order, tie } = plan;
  if (position === undefined) {
    return [];
  }
  const values = position.keys.map((value, index) => ({
    key: keys[index] as Fragment,
    value,
    direction: (order[index] as OrderKey).direction,
  }));
  const last: Last = { key: rid(plan), tie, value: position.rid };
  return [single(values, last) ?? lexicographic(values, last), ...beginning(plan, values)];
}

/** The row number, which makes the order total. */
interface Last {
  readonly key: Fragment;
  readonly tie: Direction;
  readonly value: string;
}

/** The driver's index has rising row numbers within a date, so it begins at the date alone. */
function beginning(plan: Plan, values: readonly KeyValue[]): readonly Fragment[] {
  const [first] = values;
  return isReadInOrder(plan) && first?.direction === 'desc' && first.value !== null
    ? [sql`t.d <= ${first.value}`]
    : [];
}

interface KeyValue {
  readonly key: Fragment;
  readonly value: string | null;
  readonly direction: Direction;
}

const COMPARE: Readonly<Record<Direction, Fragment>> = { asc: raw('>'), desc: raw('<') };

/** With at most one key, a row comparison that an index can begin at. */
function single(values: readonly KeyValue[], { key, tie, value }: Last): Fragment | undefined {
  const [first, second] = values;
  if (first === undefined) {
    return sql`${key} ${COMPARE[tie]} ${value}`;
  }
  if (second !== undefined || first.value === null) {
    return undefined;
  }
  const later = sql`(${first.key}, ${key}) ${COMPARE[tie]} (${first.value}, ${value})`;
  return first.direction === 'asc' ? sql`(${later} or ${first.key} is null)` : later;
}

function lexicographic(values: readonly KeyValue[], { key, tie, value }: Last): Fragment {
  const branches = values.map((last, index) =>
    join([...values.slice(0, index).map(equal), later(last)], ' and '),
  );
  const tied = join([...values.map(equal), sql`${key} ${COMPARE[tie]} ${value}`], ' and ');
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
