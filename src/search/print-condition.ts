/**
 * Conditions → SQL on the resource row `r`. Index tables are joined on cmp, type and rid, always; operators are those
 * that stay indexable under row-level security.
 */
import { approximately } from '../fhir/date.ts';
import type { InstantRange, Prefix } from '../fhir/date.ts';
import type { WrittenNumber } from '../fhir/quantity.ts';
import type { Condition, TokenCondition } from './condition.ts';
import { join, raw, sql } from './sql.ts';
import type { Fragment } from './sql.ts';

export interface PrintContext {
  /** For `ap`, which depends on how long ago a date is. */
  readonly now: Date;
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
  present: ({ table, param }) => exists(table, sql`i.param = ${param}`),
  and: ({ conditions }, context) => printAll(conditions, ' and ', 'true', context),
  or: ({ conditions }, context) => printAll(conditions, ' or ', 'false', context),
  not: printNot,
} as const satisfies { [K in Condition['kind']]: (condition: Of<K>, context: PrintContext) => Fragment };

/** A missing value satisfies `:not`. */
function printNot({ condition }: Of<'not'>, context: PrintContext): Fragment {
  const printed = printCondition(condition, context);
  return condition.kind === 'column' ? sql`(${printed}) is not true` : sql`not (${printed})`;
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
} as const satisfies Record<Of<'text'>['test'], (val: string, exact: string) => Fragment>;

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

/** `matchesDate` of fhir/date.ts in SQL. */
const RANGE_TESTS = {
  eq: (lo, hi, asked) => sql`${lo} >= ${asked.lo} and ${hi} <= ${asked.hi}`,
  ne: (lo, hi, asked) => sql`${lo} < ${asked.lo} or ${hi} > ${asked.hi}`,
  gt: (_, hi, asked) => sql`${hi} > ${asked.hi}`,
  lt: (lo, _, asked) => sql`${lo} < ${asked.lo}`,
  ge: (_, hi, asked) => sql`${hi} > ${asked.lo}`,
  le: (lo, _, asked) => sql`${lo} < ${asked.hi}`,
  sa: (lo, _, asked) => sql`${lo} >= ${asked.hi}`,
  eb: (_, hi, asked) => sql`${hi} <= ${asked.lo}`,
  ap: (lo, hi, asked) => sql`${lo} < ${asked.hi} and ${hi} > ${asked.lo}`,
} as const satisfies Record<Prefix, RangeTest>;

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
} as const satisfies Record<Prefix, (asked: InstantRange) => Fragment>;

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
  ap: ({ value }) => sql`i.lo <= ${value + Math.abs(value) / 10} and i.hi >= ${value - Math.abs(value) / 10}`,
} as const satisfies Record<Prefix, (number: WrittenNumber) => Fragment>;
