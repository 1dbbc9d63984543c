/**
 * Several values as SQL: walks through jsonb, conditions on them, and what is made of all of them.
 */
import type { Binder } from './compiler.ts';
import { kindOf, UNKNOWN } from './model.ts';
import {
  EMPTY,
  isWalk,
  jsonOf,
  type Node,
  type Scalar,
  scalar,
  type Several,
  textOf,
  type Value,
  type Walk,
} from './value.ts';

/** A node as the start of a walk. */
export function walkFrom(node: Node, steps: string, type: string): Several {
  const lead = node.path.map((part) => (typeof part === 'number' ? `[${part}]` : `."${part}"`)).join('');
  return {
    form: 'several',
    type,
    from: [],
    conditions: [],
    end: { base: node.root, steps: lead + steps, variables: {} },
  };
}

/** The values that further steps lead to. */
export function walkOn(value: Several, steps: string, type: string, binder: Binder): Several {
  const { choice: _, ...rest } = value;
  if (isWalk(value.end)) {
    return { ...rest, type, end: { ...value.end, steps: value.end.steps + steps } };
  }
  const { several, item } = rowsOf(rest, binder);
  return item.form === 'scalar'
    ? { ...several, type: UNKNOWN, end: EMPTY, conditions: [...several.conditions, 'false'] }
    : { ...several, type, end: walkFrom(item, steps, type).end };
}

const jsonpath = ({ steps }: Walk, binder: Binder): string => binder.bind(`lax $${steps}`, 'jsonpath');

/** `base, path` or `base, path, variables`: the arguments of jsonb_path_query and its kin. */
export function walkArguments(walk: Walk, binder: Binder): string {
  const names = Object.keys(walk.variables);
  return [
    walk.base,
    jsonpath(walk, binder),
    ...(names.length === 0 ? [] : [binder.bind(JSON.stringify(walk.variables), 'jsonb')]),
  ].join(', ');
}

/** The rows behind the values, and one of them: for conditions on it, and for functions of each. */
function rowsOf(value: Several, binder: Binder): { readonly several: Several; readonly item: Node | Scalar } {
  const { end } = value;
  if (!isWalk(end)) {
    return { several: value, item: { ...end, type: value.type } };
  }
  const alias = binder.alias();
  const item: Node = {
    form: 'node',
    type: value.type,
    root: `${alias}.v`,
    path: [],
  };
  const from = [...value.from, `jsonb_path_query(${walkArguments(end, binder)}) as ${alias}(v)`];
  return { several: { ...value, from, end: item }, item };
}

/** Function of each value; values that it leaves without one are no longer there. */
export function each(value: Value, binder: Binder, map: (item: Node | Scalar) => Node | Scalar): Value {
  if (value.form !== 'several') {
    return map(value);
  }
  const { several, item } = rowsOf(value, binder);
  const end = map(item);
  return {
    ...several,
    type: end.type,
    end,
    conditions:
      end.form === 'scalar' ? [...several.conditions, `${end.sql} is not null`] : several.conditions,
  };
}

/** Values that satisfy a condition. */
export function restrict(
  value: Several,
  binder: Binder,
  condition: (item: Node | Scalar) => string,
): Several {
  const { several, item } = rowsOf(value, binder);
  return { ...several, conditions: [...several.conditions, condition(item)] };
}

/** `select v from …`, as jsonb or as what the scalars are; `select` gives another select list. */
export function selectOf(value: Several, binder: Binder, list?: (item: string) => string): string {
  if (isWalk(value.end) && value.from.length === 0 && list === undefined) {
    return `select jsonb_path_query(${walkArguments(value.end, binder)})`;
  }
  const { several, item } = rowsOf(value, binder);
  const sql = item.form === 'scalar' ? item.sql : jsonOf(item);
  const where = several.conditions.length === 0 ? '' : ` where ${several.conditions.join(' and ')}`;
  return `select ${(list ?? ((text: string) => text))(sql)} from ${several.from.join(' cross join lateral ')}${where}`;
}

/** One value of several: none is NULL, more than one is an error of the database (21000). */
export function single(value: Value, binder: Binder): Node | Scalar {
  return value.form === 'several' ? asOne(value, `(${selectOf(value, binder)})`) : value;
}

/** The value at a place, counted from 0. */
export function nth(value: Several, binder: Binder, place: string): Node | Scalar {
  return asOne(value, `(${selectOf(value, binder)} offset ${place} limit 1)`);
}

export function first(value: Several, binder: Binder): Node | Scalar {
  if (isWalk(value.end) && value.from.length === 0) {
    return asOne(value, `jsonb_path_query_first(${walkArguments(value.end, binder)})`);
  }
  return asOne(value, `(${selectOf(value, binder)} limit 1)`);
}

function asOne(value: Several, sql: string): Node | Scalar {
  if (!isWalk(value.end) && value.end.form === 'scalar') {
    return scalar(value.type, sql);
  }
  return { form: 'node', type: value.type, root: sql, path: [] };
}

export function existsOf(value: Value, binder: Binder): string {
  if (value.form === 'several') {
    return isWalk(value.end) && value.from.length === 0
      ? `jsonb_path_exists(${walkArguments(value.end, binder)})`
      : `exists (${selectOf(value, binder, () => '1')})`;
  }
  return `(${value.form === 'scalar' ? value.sql : jsonOf(value)} is not null)`;
}

/** All values as one jsonb array; an empty one when there are none. */
export function arrayOf(value: Value, binder: Binder): string {
  if (value.form === 'several') {
    return isWalk(value.end) && value.from.length === 0
      ? `jsonb_path_query_array(${walkArguments(value.end, binder)})`
      : `coalesce((${selectOf(value, binder, (item) => `jsonb_agg(${item})`)}), '[]'::jsonb)`;
  }
  const sql = value.form === 'scalar' ? value.sql : jsonOf(value);
  return `(case when ${sql} is null then '[]'::jsonb else jsonb_build_array(${sql}) end)`;
}

/** Texts of all values, put together. */
export function joined(value: Value, binder: Binder, separator: string): string {
  if (value.form !== 'several') {
    return `coalesce(${textOf(value)}, '')`;
  }
  const { several, item } = rowsOf(value, binder);
  const where = several.conditions.length === 0 ? '' : ` where ${several.conditions.join(' and ')}`;
  const from = several.from.join(' cross join lateral ');
  return `coalesce((select string_agg(${textOf(item)}, ${separator}) from ${from}${where}), '')`;
}

/** Nothing is known of the values, or that they are primitive. */
export const isPrimitive = (type: string): boolean => type !== UNKNOWN && kindOf(type) !== 'complex';
