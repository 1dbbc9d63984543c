/**
 * Criteria of `where` that jsonpath can test as it walks: equalities of single elements with literals, and what `and`
 * and `or` make of them. Nothing that negates: jsonpath knows no empty result, only true and not true.
 */
import type { Scope } from './compiler.ts';
import type { Expression } from './expression.ts';
import { elementOf, kindOf } from './model.ts';
import type { Walk } from './value.ts';

export interface Filter {
  readonly text: string;
  readonly variables: Walk['variables'];
}

/** The criterion as a jsonpath filter on items of `type`; undefined = it needs SQL. `names` are taken variables. */
export function toFilter(
  criterion: Expression,
  type: string,
  scope: Scope,
  taken: number,
): Filter | undefined {
  const variables: Record<string, string | number | boolean> = {};
  const variable = (value: string | boolean): string => {
    const name = `v${taken + Object.keys(variables).length}`;
    variables[name] = value;
    return `$${name}`;
  };
  const text = filterText(criterion, type, scope, variable);
  return text === undefined ? undefined : { text, variables };
}

type Variable = (value: string | boolean) => string;

function filterText(
  expression: Expression,
  type: string,
  scope: Scope,
  variable: Variable,
): string | undefined {
  if (expression.kind !== 'operator') {
    return undefined;
  }
  const { name, left, right } = expression;
  if (name === 'and' || name === 'or') {
    const a = filterText(left, type, scope, variable);
    const b = a === undefined ? undefined : filterText(right, type, scope, variable);
    return b === undefined ? undefined : `(${a ?? ''} ${name === 'and' ? '&&' : '||'} ${b})`;
  }
  return name === '=' ? equality(left, right, type, scope, variable) : undefined;
}

function equality(
  left: Expression,
  right: Expression,
  type: string,
  scope: Scope,
  variable: Variable,
): string | undefined {
  const element = accessor(left, type);
  const value = constantOf(right, scope);
  return element === undefined || value === undefined || kindOf(element.type) !== value.kind
    ? undefined
    : `@${element.text} == ${variable(value.value)}`;
}

/** A way through elements that do not repeat. */
function accessor(
  expression: Expression,
  type: string,
): { readonly text: string; readonly type: string } | undefined {
  if (expression.kind === 'this') {
    return { text: '', type };
  }
  if (expression.kind !== 'member') {
    return undefined;
  }
  const parent = expression.of === undefined ? { text: '', type } : accessor(expression.of, type);
  const element = parent && elementOf(parent.type, expression.name);
  return parent === undefined || element === undefined || element.repeats || element.isChoice
    ? undefined
    : { text: `${parent.text}."${element.name}"`, type: element.types[0] ?? '' };
}

function constantOf(
  expression: Expression,
  { constants }: Scope,
): { readonly kind: 'text' | 'boolean'; readonly value: string | boolean } | undefined {
  const literal = expression.kind === 'variable' ? constants.get(expression.name)?.literal : expression;
  if (literal === undefined || literal.kind !== 'literal') {
    return undefined;
  }
  const kind = kindOf(literal.type);
  if (kind === 'boolean') {
    return { kind, value: literal.text === 'true' };
  }
  return kind === 'text' ? { kind, value: literal.text } : undefined;
}
