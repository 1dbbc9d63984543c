/**
 * What an expression compiles to: SQL for one value or for several, over the resource as jsonb. Empty is NULL, or no row.
 * https://www.postgresql.org/docs/15/functions-json.html
 */
import type { Expression } from './expression.ts';
import { kindOf, UNKNOWN } from './model.ts';

/** A choice whose type nothing has fixed yet: `value` without `ofType`. */
export interface Choice {
  readonly name: string;
  readonly types: readonly string[];
}

/** A member of a jsonb value; `root` is SQL, `path` leads from it. */
export interface Node {
  readonly form: 'node';
  readonly type: string;
  readonly root: string;
  readonly path: readonly (string | number)[];
  readonly choice?: Choice;
}

/** A value of SQL's own: text, integer, numeric or boolean, as the kind of the type says. */
export interface Scalar {
  readonly form: 'scalar';
  readonly type: string;
  readonly sql: string;
  /** What it was written as, for those who can use a literal otherwise. */
  readonly literal?: Expression;
}

/** A way through jsonb that one jsonpath walks. */
export interface Walk {
  readonly base: string;
  readonly steps: string;
  readonly variables: Readonly<Record<string, string | number | boolean>>;
}

/** Several values, in order: the rows of lateral `from` items under `conditions`, then those of the walk, if any. */
export interface Several {
  readonly form: 'several';
  readonly type: string;
  readonly from: readonly string[];
  readonly conditions: readonly string[];
  readonly end: Walk | Node | Scalar;
  readonly choice?: Choice;
}

export type Value = Node | Scalar | Several;

/** No value, of no known type. */
export const EMPTY: Scalar = { form: 'scalar', type: UNKNOWN, sql: 'null::text' };

export const isWalk = (end: Several['end']): end is Walk => !('form' in end);

/** Names that may stand in a path; everything else is refused before it comes here. */
const NAME = /^_?[A-Za-z][A-Za-z0-9]*$/;

export function isName(name: string): boolean {
  return NAME.test(name);
}

export function jsonOf({ root, path }: Node): string {
  if (path.length === 0) {
    return root;
  }
  return path.length === 1 ? `(${root} -> ${key(path[0] ?? '')})` : `(${root} #> '{${path.join(',')}}')`;
}

/** The text of a primitive: digits as they were written. */
export function textOf(value: Node | Scalar): string {
  if (value.form === 'scalar') {
    return kindOf(value.type) === 'text' || isTextual(value.type) ? value.sql : `(${value.sql})::text`;
  }
  const { root, path } = value;
  return path.length === 1 ? `(${root} ->> ${key(path[0] ?? '')})` : `(${root} #>> '{${path.join(',')}}')`;
}

const isTextual = (type: string): boolean => ['time', 'clock', 'unknown'].includes(kindOf(type));

const key = (part: string | number): string => (typeof part === 'number' ? String(part) : `'${part}'`);

/** A number; a scalar that is none already is read from its text. */
export function numberOf(value: Node | Scalar): string {
  const isNumber =
    value.form === 'scalar' && (kindOf(value.type) === 'integer' || kindOf(value.type) === 'decimal');
  return isNumber ? `(${value.sql})::numeric` : `${textOf(value)}::numeric`;
}

export function booleanOf(value: Node | Scalar): string {
  return value.form === 'scalar' && kindOf(value.type) === 'boolean'
    ? value.sql
    : `${textOf(value)}::boolean`;
}

export const scalar = (type: string, sql: string): Scalar => ({ form: 'scalar', type, sql });
export const bool = (sql: string): Scalar => scalar('boolean', sql);
