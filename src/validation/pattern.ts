/**
 * Fixed values and patterns: https://hl7.org/fhir/R4/elementdefinition-definitions.html#ElementDefinition.pattern_x_
 */
import type { ElementDefinition, JsonValue } from '../fhir/types.ts';
import { fail, isObject, type Check } from './run.ts';

/** Same type and members, arrays in the same order. */
function isSame(value: JsonValue | undefined, wanted: JsonValue | undefined): boolean {
  if (isObject(value) && isObject(wanted)) {
    const names = Object.keys(wanted);
    return (
      names.length === Object.keys(value).length && names.every((name) => isSame(value[name], wanted[name]))
    );
  }
  if (Array.isArray(value) && Array.isArray(wanted)) {
    return (
      value.length === wanted.length &&
      wanted.every((item, i) => isSame(value[i] as JsonValue, item as JsonValue))
    );
  }
  return value === wanted;
}

/** The value has at least what the pattern has; every item of a pattern's array is found somewhere in the value's. */
export function isLike(value: JsonValue | undefined, pattern: JsonValue | undefined): boolean {
  if (isObject(value) && isObject(pattern)) {
    return Object.entries(pattern).every(([name, wanted]) => isLike(value[name], wanted));
  }
  if (Array.isArray(value) && Array.isArray(pattern)) {
    const items = value as readonly JsonValue[];
    return (pattern as readonly JsonValue[]).every((wanted) => items.some((item) => isLike(item, wanted)));
  }
  return value === pattern;
}

export interface WantedValue {
  readonly kind: 'fixed' | 'pattern';
  readonly value: JsonValue;
  matches(value: JsonValue | undefined): boolean;
}

/** The `fixed[x]` or `pattern[x]` of an element. */
export function wantedValue(definition: ElementDefinition): WantedValue | undefined {
  for (const [name, wanted] of Object.entries(definition) as [string, JsonValue][]) {
    if (/^fixed[A-Z]/.test(name)) {
      return { kind: 'fixed', value: wanted, matches: (value) => isSame(value, wanted) };
    }
    if (/^pattern[A-Z]/.test(name)) {
      return { kind: 'pattern', value: wanted, matches: (value) => isLike(value, wanted) };
    }
  }
  return undefined;
}

/** The check that a value is the fixed one or fits the pattern. */
export function wantedValueCheck(definition: ElementDefinition): Check | undefined {
  const wanted = wantedValue(definition);
  if (wanted === undefined) {
    return undefined;
  }
  const shape = JSON.stringify(wanted.value);
  const words = wanted.kind === 'fixed' ? 'must be exactly' : 'must contain';
  return (value, at, run) => {
    if (!wanted.matches(value)) {
      fail(run, 'value', wanted.kind, at, `The value ${words} ${shape}.`);
    }
  };
}
