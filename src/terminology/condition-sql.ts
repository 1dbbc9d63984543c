/**
 * A condition as SQL over loaded systems: the row is `c` of term_concept.
 */
import type { Condition } from './condition.ts';
import { ancestorKey, hasPropertyKey, lexeme, parentKey, propertyKey } from './keys.ts';
import { boundedRegExp } from './regex.ts';

/** Collects parameters: `$1`, `$2`, … */
export class Parameters {
  readonly values: unknown[] = [];

  /** The placeholder of a value. */
  add(value: unknown): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }
}

/** The condition as a boolean SQL text. Throws 422 for a regular expression that is not taken. */
export function conditionSql(condition: Condition, parameters: Parameters): string {
  switch (condition.kind) {
    case 'all':
      return 'true';
    case 'and':
      return joined(condition.parts, ' and ', 'true', parameters);
    case 'or':
      return joined(condition.parts, ' or ', 'false', parameters);
    case 'not':
      return `not ${conditionSql(condition.part, parameters)}`;
    default:
      return simple(condition, parameters);
  }
}

function joined(
  parts: readonly Condition[],
  operator: string,
  empty: string,
  parameters: Parameters,
): string {
  return parts.length === 0
    ? empty
    : `(${parts.map((part) => conditionSql(part, parameters)).join(operator)})`;
}

type Simple = Exclude<Condition, { kind: 'all' | 'and' | 'or' | 'not' }>;

function simple(condition: Simple, parameters: Parameters): string {
  const key = (text: string): string => `c.keys @@ ${parameters.add(lexeme(text))}::tsquery`;
  switch (condition.kind) {
    case 'codes':
      return `c.code = any(${parameters.add(condition.codes)}::text[])`;
    case 'is-a':
      return key(ancestorKey(condition.code));
    case 'below':
      return `(${key(ancestorKey(condition.code))} and c.code <> ${parameters.add(condition.code)})`;
    case 'child':
      return key(parentKey(condition.code));
    case 'above':
      return `c.code in (
        select substr(k.lexeme, 2)
        from term_concept b, unnest(b.keys) k
        where b.sid = c.sid and b.code = ${parameters.add(condition.code)} and k.lexeme ^@ 'a')`;
    case 'property':
      return key(propertyKey(condition.name, condition.value));
    case 'property-is-a':
      return propertyIsA(condition, parameters);
    case 'exists':
      return key(hasPropertyKey(condition.name));
    case 'display':
      return `c.display = ${parameters.add(condition.value)}`;
    case 'regex':
      return `${condition.of === 'code' ? 'c.code' : 'c.display'} ~ ${parameters.add(boundedRegExp(condition.pattern).source)}`;
  }
}

/** The index finds those that have the property; the values of each are then held against the hierarchy. */
function propertyIsA(
  { name, code }: { readonly name: string; readonly code: string },
  parameters: Parameters,
): string {
  const start = propertyKey(name, '');
  return `(c.keys @@ ${parameters.add(lexeme(hasPropertyKey(name)))}::tsquery and exists (
    select 1
    from unnest(c.keys) k
    join term_concept v on v.sid = c.sid and v.code = substr(k.lexeme, ${start.length + 1})
    where k.lexeme ^@ ${parameters.add(start)} and v.keys @@ ${parameters.add(lexeme(ancestorKey(code)))}::tsquery))`;
}
