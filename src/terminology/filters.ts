/**
 * The filters of a value set as conditions: https://hl7.org/fhir/R4/valueset-filter-operator.html
 */
import type { ValueSetComposeIncludeFilter } from '../fhir/types.ts';
import { and, not, or, type Condition } from './condition.ts';
import { conditionOfEcl } from './ecl.ts';
import { faultOf } from './regex.ts';

export const SNOMED = 'http://snomed.info/sct';

/** All filters together; undefined when one of them is not supported. */
export function conditionOfFilters(
  system: string,
  filters: readonly ValueSetComposeIncludeFilter[] = [],
): Condition | undefined {
  const conditions = filters.map((filter) => conditionOfFilter(system, filter));
  return conditions.every((condition) => condition !== undefined) ? and(...conditions) : undefined;
}

/** One filter; undefined when it is not supported. */
export function conditionOfFilter(
  system: string,
  { property = '', op, value = '' }: ValueSetComposeIncludeFilter,
): Condition | undefined {
  if (system === SNOMED && ECL_PROPERTIES.has(property)) {
    return op === '=' ? conditionOfEcl(value) : undefined;
  }
  return OPERATORS[op ?? '']?.(property, value);
}

const ECL_PROPERTIES: ReadonlySet<string> = new Set(['constraint', 'expression']);
const CODE_PROPERTIES: ReadonlySet<string> = new Set(['code', 'concept']);

const OPERATORS: Readonly<Record<string, (property: string, value: string) => Condition | undefined>> = {
  'is-a': (_property, code) => ({ kind: 'is-a', code }),
  'descendent-of': (_property, code) => ({ kind: 'below', code }),
  'is-not-a': (_property, code) => not({ kind: 'is-a', code }),
  generalizes: (_property, code) => ({ kind: 'above', code }),
  '=': equals,
  in: (property, values) => or(...listed(values).map((value) => equals(property, value))),
  'not-in': (property, values) => not(or(...listed(values).map((value) => equals(property, value)))),
  exists: (name, value) => (value === 'true' ? { kind: 'exists', name } : not({ kind: 'exists', name })),
  regex: (property, pattern) =>
    (CODE_PROPERTIES.has(property) || property === 'display') && faultOf(pattern) === undefined
      ? { kind: 'regex', of: property === 'display' ? 'display' : 'code', pattern }
      : undefined,
};

function equals(property: string, value: string): Condition {
  if (CODE_PROPERTIES.has(property)) {
    return { kind: 'codes', codes: [value] };
  }
  if (property === 'display') {
    return { kind: 'display', value };
  }
  return property === 'parent'
    ? or({ kind: 'child', code: value }, { kind: 'property', name: property, value })
    : { kind: 'property', name: property, value };
}

const listed = (values: string): readonly string[] => values.split(',').map((value) => value.trim());
