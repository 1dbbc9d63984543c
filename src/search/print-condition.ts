/**
 * Conditions → SQL on the resource row `r`. Index tables are joined on cmp, type and rid, always; operators are those
 * that stay indexable under row-level security.
 */
import { approximately } from '../fhir/date.ts';
import type { InstantRange, Prefix } from '../fhir/date.ts';
import type { WrittenNumber } from '../fhir/quantity.ts';
import { typeCode } from '../fhir/resource-types.ts';
import type { Sql } from '../storage/store.ts';
import type { Condition, Selection, TokenCondition } from './condition.ts';
import { boxAround, EARTH_RADIUS } from './near.ts';
import { fromSql, join, raw, sql } from './sql.ts';
import type { Fragment } from './sql.ts';

export interface PrintContext {
  /** For `ap`, which depends on how long ago a date is. */
  readonly now: Date;
  /** What the caller may see: a condition on `r`, on either side of every link; undefined = everything. */
  readonly filter: Sql | undefined;
  /** A link is looked up for each row by itself, because only a few rows are looked at. */
  readonly isPerRow?: true;
}

type Of<K extends Condition['kind']> = Extract<Condition, { readonly kind: K }>;

export function printCondition(condition: Condition, context: PrintContext): Fragment {
  const print = PRINTERS[condition.kind] as (condition: Condition, context: PrintContext) => Fragment;
  return print(condition, context);
}

const PRINTERS = {
  column: ({ column, values }) => oneOf(raw(`r.${column}`), values),
  'column-present': ({ column }) => raw(`r.${column} is not null`),
  token: (condition) => exists('idx_token', tokenTest('i', condition)),
  text: (condition) => exists('idx_text', sql`i.param = ${condition.param} and ${textTest(condition)}`),
  date: printDate,
  number: ({ param, unit, prefix, number }) =>
    exists(
      'idx_number',
      sql`i.param = ${param} and ${unit === null ? raw('i.unit is null') : sql`i.unit = ${unit}`} and ${NUMBER_TESTS[prefix](number)}`,
    ),
  pair: printPair,
  present: ({ table, param }) => exists(table, sql`i.param = ${param}`),
  refers: printRefers,
  referred: printReferred,
  rows: printRows,
  and: ({ conditions }, context) => printAll(conditions, ' and ', 'true', context),
  or: ({ conditions }, context) => printAll(conditions, ' or ', 'false', context),
  not: printNot,
} as const satisfies { [K in Condition['kind']]: (condition: Of<K>, context: PrintContext) => Fragment };

/** A missing value satisfies `:not`. */
function printNot({ condition }: Of<'not'>, context: PrintContext): Fragment {
  const printed = printCondition(condition, context);
  return isNeverNull(condition) ? sql`not (${printed})` : sql`(${printed}) is not true`;
}

/** Tests that are true or false of every row; a comparison with a column may be neither. */
const ALWAYS_KNOWN: ReadonlySet<Condition['kind']> = new Set([
  'column-present',
  'token',
  'text',
  'number',
  'pair',
  'present',
  'rows',
  'not',
]);

function isNeverNull(condition: Condition): boolean {
  if (condition.kind === 'and' || condition.kind === 'or') {
    return condition.conditions.every(isNeverNull);
  }
  return ALWAYS_KNOWN.has(condition.kind) || (condition.kind === 'date' && condition.source !== 'main');
}

/** `from …`: the resource rows `r`, begun at the driver if there is one. */
export const printSource = ({ driver }: Pick<Selection, 'driver'>): Fragment =>
  driver === undefined
    ? raw('from resource r')
    : raw('from resource r\njoin idx_token t on t.cmp = r.cmp and t.type = r.type and t.rid = r.rid');

/** What must hold of `r`: the access filter is always part of it. */
export function printTests(
  { types, driver, conditions }: Selection,
  context: PrintContext,
): readonly Fragment[] {
  return [
    ...typeTest(types),
    ...(driver === undefined ? [] : [tokenTest('t', driver), ...driverBounds(conditions)]),
    raw('r.content is not null'),
    ...conditions.map((condition) => printCondition(condition, context)),
    ...(context.filter === undefined ? [] : [sql`(${fromSql(context.filter)})`]),
  ];
}

function typeTest(types: readonly number[] | undefined): readonly Fragment[] {
  if (types === undefined) {
    return [];
  }
  const [only] = types;
  return types.length === 1 && only !== undefined ? [sql`r.type = ${only}`] : [sql`r.type = any(${types})`];
}

/** The driver's rows carry the main date: what it must be is a range of the driver's index, too. */
const driverBounds = (conditions: readonly Condition[]): readonly Fragment[] =>
  conditions.flatMap((condition) =>
    condition.kind === 'date' && condition.source === 'main'
      ? (BOUNDS[condition.prefix]?.(condition.range) ?? [])
      : [],
  );

const BOUNDS: Readonly<Partial<Record<Prefix | 'po', (asked: InstantRange) => readonly Fragment[]>>> = {
  eq: ({ lo, hi }) => [sql`t.d >= ${lo}`, sql`t.d <= ${hi}`],
  lt: ({ lo }) => [sql`t.d < ${lo}`],
  le: ({ hi }) => [sql`t.d < ${hi}`],
  sa: ({ hi }) => [sql`t.d >= ${hi}`],
  eb: ({ lo }) => [sql`t.d <= ${lo}`],
  po: ({ hi }) => [sql`t.d < ${hi}`],
};

/** Without a join: whether to begin on this side at all is the database's to say, and it judges tests better than joins. */
function selected(column: Fragment, selection: Selection, joined: Fragment, context: PrintContext): Fragment {
  return sql`(select ${column} from resource r${joined} where ${join(farTests(selection, context), ' and ')})`;
}

function farTests({ types, driver, conditions }: Selection, context: PrintContext): readonly Fragment[] {
  const all = driver === undefined ? conditions : [driver, ...conditions];
  return printTests({ types, driver: undefined, conditions: all }, context);
}

/** The far side stands by itself (it names no row of the near side), so that either side may lead. */
function printRefers({ param, targets }: Of<'refers'>, context: PrintContext): Fragment {
  const tests = targets.map(({ type, column, selection }) =>
    column === undefined
      ? exists(
          'idx_token',
          sql`i.param = ${param} and i.h in ${selected(hashOf(type), selection, raw(''), context)}`,
        )
      : refersByColumn(column, selection, context),
  );
  return sql`(${join(tests, ' or ')})`;
}

function refersByColumn(column: 'patient' | 'org', selection: Selection, context: PrintContext): Fragment {
  return context.isPerRow === true
    ? sql`exists (select 1 from (select ${raw(`r.${column}`)} as id offset 0) n cross join lateral (select 1 from resource r where r.id = n.id and ${join(farTests(selection, context), ' and ')} limit 1) f)`
    : sql`${raw(`r.${column}`)} in ${selected(raw('r.id'), selection, raw(''), context)}`;
}

function printReferred({ param, types, column, selection }: Of<'referred'>, context: PrintContext): Fragment {
  if (column !== undefined) {
    return sql`r.id in ${selected(raw(`r.${column}`), selection, raw(''), context)}`;
  }
  const joined = sql` join idx_token l on l.cmp = r.cmp and l.type = r.type and l.rid = r.rid and l.param = ${param}`;
  const hashes = selected(raw('l.h'), selection, joined, context);
  return sql`(${join(
    types.map((type) => sql`(r.type = ${typeCode(type) as number} and ${hashOf(type)} in ${hashes})`),
    ' or ',
  )})`;
}

/** `hash64('Type/id')` of fhir/id.ts for the row `r`. */
const hashOf = (type: string): Fragment =>
  sql`('x' || left(md5(${`${type}/`} || r.id), 16))::bit(64)::bigint`;

function printRows({ columns, tokens }: Of<'rows'>): Fragment {
  const byColumn = columns.map(
    ({ column, types, value }) =>
      sql`select s.cmp, s.type, s.rid from resource s where s.type = any(${types}) and ${raw(`s.${column}`)} = ${value}`,
  );
  const byToken =
    tokens.length === 0
      ? []
      : [
          sql`select i.cmp, i.type, i.rid from unnest(${tokens.map(({ type }) => type)}::smallint[], ${tokens.map(({ param }) => param)}::int[], ${tokens.map(({ h }) => h)}::bigint[]) w (type, param, h) join idx_token i on i.type = w.type and i.param = w.param and i.h = w.h`,
        ];
  return sql`(r.cmp, r.type, r.rid) in (${join([...byColumn, ...byToken], ' union all ')})`;
}

function printAll(
  conditions: readonly Condition[],
  separator: string,
  empty: string,
  context: PrintContext,
): Fragment {
  return conditions.length === 0
    ? raw(empty)
    : sql`(${join(
        conditions.map((condition) => printCondition(condition, context)),
        separator,
      )})`;
}

const exists = (table: string, test: Fragment): Fragment =>
  sql`exists (select 1 from ${raw(table)} i where i.cmp = r.cmp and i.type = r.type and i.rid = r.rid and ${test})`;

/** The test of a token row under any alias; the planner joins the driver with it. */
export const tokenTest = (alias: string, { param, column, hashes }: TokenCondition): Fragment =>
  sql`${raw(alias)}.param = ${param} and ${oneOf(raw(`${alias}.${column}`), hashes)}`;

function oneOf(column: Fragment, values: readonly string[]): Fragment {
  const [only] = values;
  return values.length === 1 && only !== undefined
    ? sql`${column} = ${only}`
    : sql`${column} = any(${values})`;
}

const textTest = ({ test, val, exact }: Of<'text'>): Fragment => TEXT_TESTS[test](val, exact);

const TEXT_TESTS = {
  prefix: (val) => sql`i.val ^@ ${val}`,
  exact: (val, exact) => sql`i.val = ${val} and i.exact = ${exact}`,
  contains: (val) => sql`strpos(i.val, ${val}) > 0`,
  equals: (val) => sql`i.val = ${val}`,
  ends: (val) => sql`right(i.val, length(${val}::text)) = ${val}`,
  phrase: (val, exact) => (exact === '' ? sql`i.val = ${val}` : sql`i.val = ${val} and i.exact ^@ ${exact}`),
} as const satisfies Record<Of<'text'>['test'], (val: string, exact: string) => Fragment>;

function printPair({ param, unit, test }: Of<'pair'>): Fragment {
  const owner = sql`i.param = ${param} and ${unit === null ? raw('i.unit is null') : sql`i.unit = ${unit}`}`;
  return exists(
    'idx_number',
    test.kind === 'near'
      ? sql`${owner} and ${nearTest(test)}`
      : sql`${owner} and ${SINGLE_TESTS[test.first.prefix](raw('i.lo'), test.first.number)} and ${SINGLE_TESTS[test.second.prefix](raw('i.hi'), test.second.number)}`,
  );
}

/** The box is what the index narrows to; the great circle (haversine) decides. */
function nearTest(near: { latitude: number; longitude: number; metres: number }): Fragment {
  const { latitudes, longitudes } = boxAround(near);
  const [south, north] = latitudes;
  const inside = longitudes.map(([west, east]) => sql`i.hi between ${west} and ${east}`);
  return sql`i.lo between ${south} and ${north} and (${join(inside, ' or ')})
    and ${2 * EARTH_RADIUS}::float8 * asin(least(1, sqrt(
      power(sin(radians(i.lo - ${near.latitude}) / 2), 2)
      + cos(radians(${near.latitude}::float8)) * cos(radians(i.lo)) * power(sin(radians(i.hi - ${near.longitude}) / 2), 2)
    ))) <= ${near.metres}`;
}

function printDate({ source, prefix, range }: Of<'date'>, { now }: PrintContext): Fragment {
  const asked = prefix === 'ap' ? approximately(range, now) : range;
  if (source === 'lu') {
    return INSTANT_TESTS[prefix](asked);
  }
  const test = RANGE_TESTS[prefix];
  return source === 'main'
    ? sql`(${test(raw('r.d_lo'), raw('r.d_hi'), asked)})`
    : exists('idx_date', sql`i.param = ${source} and (${test(raw('i.lo'), raw('i.hi'), asked)})`);
}

type RangeTest = (lo: Fragment, hi: Fragment, asked: InstantRange) => Fragment;

/** What each prefix asks of a range: https://hl7.org/fhir/R4/search.html#prefix */
const RANGE_TESTS = {
  // a range ends after it begins: the second test adds nothing but an end for the index
  eq: (lo, hi, asked) => sql`${lo} >= ${asked.lo} and ${lo} < ${asked.hi} and ${hi} <= ${asked.hi}`,
  ne: (lo, hi, asked) => sql`${lo} < ${asked.lo} or ${hi} > ${asked.hi}`,
  gt: (_, hi, asked) => sql`${hi} > ${asked.hi}`,
  lt: (lo, _, asked) => sql`${lo} < ${asked.lo}`,
  ge: (_, hi, asked) => sql`${hi} > ${asked.lo}`,
  le: (lo, _, asked) => sql`${lo} < ${asked.hi}`,
  sa: (lo, _, asked) => sql`${lo} >= ${asked.hi}`,
  eb: (_, hi, asked) => sql`${hi} <= ${asked.lo}`,
  ap: (lo, hi, asked) => sql`${lo} < ${asked.hi} and ${hi} > ${asked.lo}`,
  po: (lo, hi, asked) => sql`${lo} < ${asked.hi} and ${hi} > ${asked.lo}`,
} as const satisfies Record<Prefix | 'po', RangeTest>;

/** The same for a single instant. */
const INSTANT_TESTS = {
  eq: ({ lo, hi }) => sql`(r.lu >= ${lo} and r.lu < ${hi})`,
  ne: ({ lo, hi }) => sql`(r.lu < ${lo} or r.lu >= ${hi})`,
  gt: ({ hi }) => sql`r.lu >= ${hi}`,
  lt: ({ lo }) => sql`r.lu < ${lo}`,
  ge: ({ lo }) => sql`r.lu >= ${lo}`,
  le: ({ hi }) => sql`r.lu < ${hi}`,
  sa: ({ hi }) => sql`r.lu >= ${hi}`,
  eb: ({ lo }) => sql`r.lu < ${lo}`,
  ap: ({ lo, hi }) => sql`(r.lu >= ${lo} and r.lu < ${hi})`,
  po: ({ lo, hi }) => sql`(r.lu >= ${lo} and r.lu < ${hi})`,
} as const satisfies Record<Prefix | 'po', (asked: InstantRange) => Fragment>;

/** One number, not a range. */
const SINGLE_TESTS = {
  eq: (n, { lo, hi }) => sql`(${n} >= ${lo} and ${n} < ${hi})`,
  ne: (n, { lo, hi }) => sql`(${n} < ${lo} or ${n} >= ${hi})`,
  gt: (n, { value }) => sql`${n} > ${value}`,
  lt: (n, { value }) => sql`${n} < ${value}`,
  ge: (n, { value }) => sql`${n} >= ${value}`,
  le: (n, { value }) => sql`${n} <= ${value}`,
  sa: (n, { value }) => sql`${n} > ${value}`,
  eb: (n, { value }) => sql`${n} < ${value}`,
  ap: (n, { value }) => sql`abs(${n} - ${value}) <= ${Math.abs(value) / 10}`,
} as const satisfies Record<Prefix, (n: Fragment, number: WrittenNumber) => Fragment>;

/** Comparisons ignore the written precision, equality does not: https://hl7.org/fhir/R4/search.html#number */
const NUMBER_TESTS = {
  eq: ({ lo, hi }) => sql`i.lo >= ${lo} and i.hi < ${hi}`,
  ne: ({ lo, hi }) => sql`(i.lo < ${lo} or i.hi >= ${hi})`,
  gt: ({ value }) => sql`i.hi > ${value}`,
  lt: ({ value }) => sql`i.lo < ${value}`,
  ge: ({ value }) => sql`i.hi >= ${value}`,
  le: ({ value }) => sql`i.lo <= ${value}`,
  sa: ({ value }) => sql`i.lo > ${value}`,
  eb: ({ value }) => sql`i.hi < ${value}`,
  ap: ({ value, near }) => {
    const margin = Math.abs(value) / 10;
    return sql`i.lo <= ${near?.hi ?? value + margin} and i.hi >= ${near?.lo ?? value - margin}`;
  },
} as const satisfies Record<Prefix, (number: WrittenNumber) => Fragment>;
