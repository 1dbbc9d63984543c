/**
 * Conditions of a view that the columns of a resource's own row can test, so that other rows are never read: they
 * narrow what is read, and the view's own conditions still decide.
 */
import type { Sql } from '../storage/store.ts';
import type { Literal, ViewDefinition } from './definition.ts';
import type { Expression } from './expression.ts';
import { elementOf } from './model.ts';

/** A condition on `r`, implied by the view's; undefined = none is known. */
export function rowHint({ resource, where, constants }: ViewDefinition): Sql | undefined {
  const hints = where.flatMap(({ path }) => [
    ...statusHint(resource, path, constants),
    ...questionnaireHint(resource, path, constants),
  ]);
  if (hints.length === 0) {
    return undefined;
  }
  const values: unknown[] = [];
  const texts = hints.map(({ text, value }) => {
    values.push(value);
    return text.replace('$', `$${values.length}`);
  });
  return { text: texts.join(' and '), values };
}

interface Hint {
  readonly text: string;
  readonly value: unknown;
}

type Constants = ReadonlyMap<string, Literal>;

/** `status = 'a' or status = 'b'` */
function statusHint(resource: string, path: Expression, constants: Constants): readonly Hint[] {
  const isCode = elementOf(resource, 'status')?.types[0] === 'code';
  const values = isCode ? alternatives(path, 'status', constants) : undefined;
  return values === undefined ? [] : [{ text: 'r.status = any($::text[])', value: values }];
}

function alternatives(path: Expression, name: string, constants: Constants): readonly string[] | undefined {
  if (path.kind !== 'operator') {
    return undefined;
  }
  const { left, right } = path;
  if (path.name === 'or') {
    const [a, b] = [alternatives(left, name, constants), alternatives(right, name, constants)];
    return a === undefined || b === undefined ? undefined : [...a, ...b];
  }
  const value = path.name === '=' && isMember(left, name) ? textIn(right, constants) : undefined;
  return value === undefined ? undefined : [value];
}

/** The row keeps the questionnaire's url without its version. */
function questionnaireHint(resource: string, path: Expression, constants: Constants): readonly Hint[] {
  if (resource !== 'QuestionnaireResponse') {
    return [];
  }
  const equal = alternatives(path, 'questionnaire', constants);
  if (equal !== undefined) {
    return [{ text: 'r.canon = any($::text[])', value: equal.map(withoutVersion) }];
  }
  const [argument] = path.kind === 'call' && path.name === 'startsWith' ? path.args : [];
  const isOf = path.kind === 'call' && path.of !== undefined && isMember(path.of, 'questionnaire');
  const start = argument !== undefined && isOf ? textIn(argument, constants) : undefined;
  return start?.includes('|') === true ? [{ text: 'r.canon = $::text', value: withoutVersion(start) }] : [];
}

const withoutVersion = (canonical: string): string => canonical.split('|', 1)[0] ?? canonical;

const isMember = (expression: Expression, name: string): boolean =>
  expression.kind === 'member' && expression.of === undefined && expression.name === name;

function textIn(expression: Expression, constants: Constants): string | undefined {
  const literal = expression.kind === 'variable' ? constants.get(expression.name) : expression;
  return literal?.kind === 'literal' ? literal.text : undefined;
}
