/**
 * Which concepts of one code system belong to a set: https://hl7.org/fhir/R4/valueset-filter-operator.html
 * A condition is data, with two readers: over a list in memory (here) and as SQL over loaded systems (condition-sql.ts).
 */
import type { CodeList } from './code-list.ts';
import { nameOf, type Concept } from './concept.ts';
import { boundedRegExp } from './regex.ts';

export type Condition =
  | { readonly kind: 'all' }
  | { readonly kind: 'codes'; readonly codes: readonly string[] }
  /** `is-a`: the code and below; `below`: only below; `child`: right below; `above`: the code and above. */
  | { readonly kind: 'is-a' | 'below' | 'child' | 'above'; readonly code: string }
  | { readonly kind: 'property'; readonly name: string; readonly value: string }
  /** The property's value is the code or below it, in the same system. */
  | { readonly kind: 'property-is-a'; readonly name: string; readonly code: string }
  | { readonly kind: 'exists'; readonly name: string }
  | { readonly kind: 'display'; readonly value: string }
  | { readonly kind: 'regex'; readonly of: 'code' | 'display'; readonly pattern: string }
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Condition[] }
  | { readonly kind: 'not'; readonly part: Condition };

export const ALL: Condition = { kind: 'all' };

export function and(...parts: readonly Condition[]): Condition {
  const limiting = parts.filter(({ kind }) => kind !== 'all');
  const [first = ALL, ...rest] = limiting;
  return rest.length === 0 ? first : { kind: 'and', parts: limiting };
}

export function or(...parts: readonly Condition[]): Condition {
  const [first, ...rest] = parts;
  if (first !== undefined && rest.length === 0) {
    return first;
  }
  return parts.some(({ kind }) => kind === 'all') ? ALL : { kind: 'or', parts };
}

export const not = (part: Condition): Condition => ({ kind: 'not', part });

type Accepts = (concept: Concept) => boolean;

/** The condition over a list in memory. */
export function accepts(condition: Condition, list: CodeList): Accepts {
  switch (condition.kind) {
    case 'all':
      return () => true;
    case 'and':
      return every(condition.parts.map((part) => accepts(part, list)));
    case 'or':
      return some(condition.parts.map((part) => accepts(part, list)));
    case 'not':
      return negated(accepts(condition.part, list));
    default:
      return simple(condition, list);
  }
}

const every =
  (parts: readonly Accepts[]): Accepts =>
  (concept) =>
    parts.every((part) => part(concept));
const some =
  (parts: readonly Accepts[]): Accepts =>
  (concept) =>
    parts.some((part) => part(concept));
const negated =
  (part: Accepts): Accepts =>
  (concept) =>
    !part(concept);

type Simple = Exclude<Condition, { kind: 'all' | 'and' | 'or' | 'not' }>;

function simple(condition: Simple, list: CodeList): Accepts {
  switch (condition.kind) {
    case 'codes': {
      const codes = new Set(condition.codes.map((code) => list.get(code)?.code ?? code));
      return ({ code }) => codes.has(code);
    }
    case 'is-a':
      return ({ code }) => list.isA(code, condition.code);
    case 'below':
      return ({ code }) => code !== list.get(condition.code)?.code && list.isA(code, condition.code);
    case 'above':
      return ({ code }) => list.isA(condition.code, code);
    case 'child':
      return ({ parents }) => parents.includes(condition.code);
    case 'property':
      return ({ properties }) =>
        properties.some(({ code, value }) => code === condition.name && String(value) === condition.value);
    case 'property-is-a':
      return ({ properties }) =>
        properties.some(
          ({ code, value }) => code === condition.name && list.isA(String(value), condition.code),
        );
    case 'exists':
      return ({ properties }) => properties.some(({ code }) => code === condition.name);
    case 'display':
      return ({ display }) => display === condition.value;
    case 'regex': {
      const pattern = boundedRegExp(condition.pattern);
      return (concept) => pattern.test(condition.of === 'code' ? concept.code : nameOf(concept));
    }
  }
}
