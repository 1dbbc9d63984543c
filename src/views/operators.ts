/**
 * Operators as SQL, whose three-valued logic is FHIRPath's: https://hl7.org/fhirpath/N1/#operations
 */
import type { Binder } from './compiler.ts';
import { type Kind, kindOf } from './model.ts';
import { arrayOf, selectOf, single } from './several.ts';
import {
  bool,
  booleanOf,
  EMPTY,
  jsonOf,
  type Node,
  numberOf,
  type Scalar,
  scalar,
  textOf,
  type Value,
} from './value.ts';
import { ViewError } from './view-error.ts';

type Operator = (left: Value, right: Value, binder: Binder) => Value;

const SQL_LOGIC: Readonly<Record<string, (a: string, b: string) => string>> = {
  and: (a, b) => `(${a} and ${b})`,
  or: (a, b) => `(${a} or ${b})`,
  xor: (a, b) => `(${a} <> ${b})`,
  implies: (a, b) => `(not ${a} or ${b})`,
};

const COMPARISONS = new Set(['<', '<=', '>', '>=']);
const ARITHMETIC = new Set(['+', '-', '*', '/', 'div', 'mod']);

/** The operator's result. Throws `ViewError` for operators that views do not have, and for operands that cannot be. */
export function operate(name: string, left: Value, right: Value, binder: Binder): Value {
  const operator = operatorOf(name);
  if (operator === undefined) {
    throw new ViewError(`The operator "${name}" is not supported in views.`);
  }
  return operator(left, right, binder);
}

function operatorOf(name: string): Operator | undefined {
  const logic = SQL_LOGIC[name];
  if (logic !== undefined) {
    return (left, right, binder) => bool(logic(truth(left, binder), truth(right, binder)));
  }
  if (COMPARISONS.has(name)) {
    return (left, right, binder) => bool(compare(name, single(left, binder), single(right, binder)));
  }
  if (ARITHMETIC.has(name)) {
    return (left, right, binder) => calculate(name, single(left, binder), single(right, binder));
  }
  return OTHERS[name];
}

const OTHERS: Readonly<Record<string, Operator>> = {
  '=': (left, right, binder) => bool(equal(left, right, binder)),
  '!=': (left, right, binder) => bool(`(not ${equal(left, right, binder)})`),
  '&': (left, right, binder) =>
    scalar('string', `(${present(single(left, binder))} || ${present(single(right, binder))})`),
  in: (left, right, binder) => isIn(left, right, binder),
  contains: (left, right, binder) => isIn(right, left, binder),
};

const present = (value: Node | Scalar): string => `coalesce(${textOf(value)}, '')`;

/** A condition as SQL: one value that is no boolean counts as true. */
export function truth(value: Value, binder: Binder): string {
  const one = single(value, binder);
  const kind = kindOf(one.type);
  if (kind === 'boolean' || kind === 'unknown') {
    return booleanOf(one);
  }
  return `(case when ${one.form === 'scalar' ? one.sql : jsonOf(one)} is not null then true end)`;
}

/** Collections are equal when they have the same values in the same order; one of different size is not. */
function equal(left: Value, right: Value, binder: Binder): string {
  if (left.form === 'several' && right.form === 'several') {
    const [a, b] = [arrayOf(left, binder), arrayOf(right, binder)];
    return `(case when ${a} <> '[]'::jsonb and ${b} <> '[]'::jsonb then ${a} = ${b} end)`;
  }
  if (left.form === 'several') {
    return equalToOne(left, single(right, binder), binder);
  }
  return right.form === 'several' ? equalToOne(right, left, binder) : compare('=', left, right);
}

function equalToOne(several: Value & { form: 'several' }, one: Node | Scalar, binder: Binder): string {
  const alias = binder.alias();
  const isScalar = 'form' in several.end && several.end.form === 'scalar';
  const item: Node | Scalar = isScalar
    ? scalar(several.type, `${alias}.v`)
    : { form: 'node', type: several.type, root: `${alias}.v`, path: [] };
  return `(select case count(*) when 0 then null when 1 then bool_and(${compare('=', item, one)}) else false end from (${selectOf(several, binder)}) ${alias}(v))`;
}

function compare(operator: string, left: Node | Scalar, right: Node | Scalar): string {
  const [a, b] = [kindOf(left.type), kindOf(right.type)];
  const kind = commonKind(a, b);
  if (kind === undefined) {
    return mismatch(operator, left, right);
  }
  return COMPARE[kind](operator, left, right);
}

function commonKind(a: Kind, b: Kind): Kind | undefined {
  if (a === b || b === 'unknown') {
    return a;
  }
  if (a === 'unknown') {
    return b;
  }
  const both = new Set([a, b]);
  if (both.has('integer') && both.has('decimal')) {
    return 'decimal';
  }
  const other = a === 'text' ? b : a;
  return both.has('text') && (other === 'time' || other === 'clock') ? other : undefined;
}

type Compare = (operator: string, left: Node | Scalar, right: Node | Scalar) => string;

const byNumber: Compare = (operator, left, right) => `(${numberOf(left)} ${operator} ${numberOf(right)})`;
const byText: Compare = (operator, left, right) => `(${textOf(left)} ${operator} ${textOf(right)})`;

const COMPARE: Readonly<Record<Kind, Compare>> = {
  integer: byNumber,
  decimal: byNumber,
  text: (operator, left, right) => `(${textOf(left)} collate "C" ${operator} ${textOf(right)})`,
  unknown: byText,
  boolean: (operator, left, right) => `(${booleanOf(left)} ${operator} ${booleanOf(right)})`,
  time: (operator, left, right) => `(view_compare_time(${textOf(left)}, ${textOf(right)}) ${operator} 0)`,
  clock: (operator, left, right) => `(view_compare_time(${textOf(left)}, ${textOf(right)}) ${operator} 0)`,
  complex(operator, left, right) {
    if (operator !== '=' || left.form === 'scalar' || right.form === 'scalar') {
      throw new ViewError(`${left.type} and ${right.type} cannot be compared with "${operator}" in views.`);
    }
    return `(${jsonOf(left)} = ${jsonOf(right)})`;
  },
};

/** Values of different kinds are never equal, and cannot be ordered. */
function mismatch(operator: string, left: Node | Scalar, right: Node | Scalar): string {
  if (operator !== '=') {
    throw new ViewError(`${left.type} and ${right.type} cannot be compared with "${operator}".`);
  }
  const sql = (value: Node | Scalar): string => (value.form === 'scalar' ? value.sql : jsonOf(value));
  return `(case when ${sql(left)} is not null and ${sql(right)} is not null then false end)`;
}

function calculate(operator: string, left: Node | Scalar, right: Node | Scalar): Scalar {
  const kinds = [kindOf(left.type), kindOf(right.type)];
  if (operator === '+' && kinds.every((kind) => kind === 'text')) {
    return scalar('string', `(${textOf(left)} || ${textOf(right)})`);
  }
  if (!kinds.every((kind) => kind === 'integer' || kind === 'decimal' || kind === 'unknown')) {
    throw new ViewError(`"${operator}" of ${left.type} and ${right.type} is not supported in views.`);
  }
  const type = kinds.every((kind) => kind === 'integer') && operator !== '/' ? 'integer' : 'decimal';
  return scalar(type, FORMULAS[operator]?.(numberOf(left), numberOf(right)) ?? EMPTY.sql);
}

/** Division by zero is empty. */
const FORMULAS: Readonly<Record<string, (a: string, b: string) => string>> = {
  '+': (a, b) => `(${a} + ${b})`,
  '-': (a, b) => `(${a} - ${b})`,
  '*': (a, b) => `(${a} * ${b})`,
  '/': (a, b) => `trim_scale(${a} / nullif(${b}, 0))`,
  div: (a, b) => `div(${a}, nullif(${b}, 0))`,
  mod: (a, b) => `mod(${a}, nullif(${b}, 0))`,
};

function isIn(left: Value, right: Value, binder: Binder): Value {
  const one = single(left, binder);
  if (right.form !== 'several') {
    return bool(`coalesce(${compare('=', one, right)}, case when ${sqlOf(one)} is not null then false end)`);
  }
  const list = selectOf(right, binder);
  const isScalar = 'form' in right.end && right.end.form === 'scalar';
  const alias = binder.alias();
  const item: Node | Scalar = isScalar
    ? scalar(right.type, `${alias}.v`)
    : { form: 'node', type: right.type, root: `${alias}.v`, path: [] };
  return bool(
    `(case when ${sqlOf(one)} is not null then exists (select 1 from (${list}) ${alias}(v) where ${compare('=', one, item)}) end)`,
  );
}

const sqlOf = (value: Node | Scalar): string => (value.form === 'scalar' ? value.sql : jsonOf(value));
