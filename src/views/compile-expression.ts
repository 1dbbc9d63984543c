/**
 * An expression as SQL over a resource: https://sql-on-fhir.org/ig/StructureDefinition-ViewDefinition.html
 */
import type { Scope } from './compiler.ts';
import type { Expression } from './expression.ts';
import { callFunction } from './functions.ts';
import { kindOf } from './model.ts';
import { operate } from './operators.ts';
import { member, ofType, settled } from './paths.ts';
import { existsOf, nth, selectOf, single } from './several.ts';
import { bool, EMPTY, numberOf, scalar, type Scalar, type Several, textOf, type Value } from './value.ts';
import { ViewError } from './view-error.ts';

/** Compile; a choice without a type is what stands there. Throws `ViewError` for what views do not have. */
export const compileExpression = (expression: Expression, scope: Scope): Value =>
  settled(compileRaw(expression, scope), scope);

/** Kind of expression → its compiler. A choice stays open, for `ofType`. */
const COMPILERS: {
  readonly [K in Expression['kind']]: (expression: Extract<Expression, { kind: K }>, scope: Scope) => Value;
} = {
  literal: (literal, scope) => literalOf(literal, scope),
  empty: () => EMPTY,
  this: (_, { focus }) => focus,
  variable: ({ name }, scope) => variable(name, scope),
  member: ({ of, name }, scope) => memberOf(of, name, scope),
  call: ({ of, name, args }, scope) =>
    callFunction({ name, args, scope, input: inputOf(of, scope), compile: compileExpression }),
  index: ({ of, at }, scope) => place(compileExpression(of, scope), at, scope),
  negative: ({ of }, scope) => negative(compileExpression(of, scope), scope),
  type: ({ name, of, type }, scope) => typed(name, compileRaw(of, scope), type, scope),
  operator: ({ name, left, right }, scope) =>
    name === '|'
      ? union(compileExpression(left, scope), compileExpression(right, scope), scope)
      : operate(name, compileExpression(left, scope), compileExpression(right, scope), scope.binder),
};

function compileRaw(expression: Expression, scope: Scope): Value {
  const compile = COMPILERS[expression.kind] as (expression: Expression, scope: Scope) => Value;
  return compile(expression, scope);
}

const inputOf = (of: Expression | undefined, scope: Scope): Value =>
  of === undefined ? scope.focus : compileRaw(of, scope);

const SQL_TYPES: Readonly<Partial<Record<string, string>>> = {
  boolean: 'boolean',
  integer: 'numeric',
  decimal: 'numeric',
};

/** A literal as a parameter, with its digits as written. */
export function literalOf(
  literal: Extract<Expression, { kind: 'literal' }>,
  scope: Pick<Scope, 'binder'>,
): Scalar {
  const { type, text } = literal;
  return { ...scalar(type, scope.binder.bind(text, SQL_TYPES[kindOf(type)] ?? 'text')), literal };
}

function variable(name: string, { rowIndex, resource, constants }: Scope): Value {
  if (name === 'rowIndex') {
    return scalar('integer', rowIndex);
  }
  if (name === 'resource' || name === 'rootResource' || name === 'context') {
    return resource;
  }
  const constant = constants.get(name);
  if (constant === undefined) {
    throw new ViewError(`The view has no constant "${name.slice(0, 60)}".`);
  }
  return constant;
}

/** A path may begin with the name of the resource's own type. */
function memberOf(of: Expression | undefined, name: string, scope: Scope): Value {
  const { focus, resource, resourceType } = scope;
  if (of === undefined && name === resourceType && focus === resource) {
    return resource;
  }
  return member(of === undefined ? focus : compileExpression(of, scope), name, scope);
}

function place(value: Value, at: Expression, scope: Scope): Value {
  const index = single(compileExpression(at, scope), scope.binder);
  if (kindOf(index.type) !== 'integer' || index.form !== 'scalar') {
    throw new ViewError('An index is a whole number.');
  }
  const number = index.literal?.kind === 'literal' ? Number(index.literal.text) : undefined;
  if (number === undefined || !Number.isSafeInteger(number) || number < 0 || number > 100_000) {
    throw new ViewError('An index is a whole number from 0, written out or a constant.');
  }
  if (value.form !== 'several') {
    return number === 0 ? value : EMPTY;
  }
  return nth(value, scope.binder, String(number));
}

function negative(value: Value, scope: Scope): Value {
  const one = single(value, scope.binder);
  const type = kindOf(one.type) === 'integer' ? 'integer' : 'decimal';
  return scalar(type, `(- ${numberOf(one)})`);
}

function typed(name: 'is' | 'as', value: Value, type: string, scope: Scope): Value {
  const values = ofType(value, type, scope);
  return name === 'as' ? values : bool(existsOf(values, scope.binder));
}

/** Values of both, each once: https://hl7.org/fhirpath/N1/#union-collections. In the order of their texts. */
function union(left: Value, right: Value, scope: Scope): Several {
  const { binder } = scope;
  const kinds = new Set([left, right].map(({ type }) => kindOf(type)).filter((kind) => kind !== 'unknown'));
  if (kinds.size > 1 || kinds.has('complex')) {
    throw new ViewError('"|" joins values of one primitive type in views.');
  }
  const type = [left, right].find((value) => kindOf(value.type) !== 'unknown')?.type ?? left.type;
  const alias = binder.alias();
  const parts = [left, right].map((value) => texts(value, scope));
  return {
    form: 'several',
    type,
    from: [`(${parts.join(' union ')}) as ${alias}(v)`],
    conditions: [`${alias}.v is not null`],
    end: scalar(type, castText(`${alias}.v`, type)),
  };
}

const castText = (sql: string, type: string): string => {
  const cast = SQL_TYPES[kindOf(type)];
  return cast === undefined ? sql : `${sql}::${cast}`;
};

function texts(value: Value, { binder }: Scope): string {
  if (value.form !== 'several') {
    return `select ${textOf(value)}`;
  }
  const isScalar = 'form' in value.end && value.end.form === 'scalar';
  return isScalar
    ? selectOf(value, binder, (item) => `(${item})::text`)
    : selectOf(value, binder, (item) => `${item} #>> '{}'`);
}
