/**
 * maxLength, minValue[x], maxValue[x]: https://hl7.org/fhir/R4/elementdefinition-definitions.html
 */
import type { ElementDefinition, JsonValue } from '../fhir/types.ts';
import { fail, isObject, type Check } from './run.ts';

const MIN_LENGTH = 'http://hl7.org/fhir/StructureDefinition/minLength';

/** Checks of length and range that an element asks for. */
export function limitChecks(definition: ElementDefinition): readonly Check[] {
  const { maxLength, extension = [] } = definition;
  const minLength = extension.find(({ url }) => url === MIN_LENGTH)?.valueInteger;
  const least = limit(definition, 'minValue');
  const most = limit(definition, 'maxValue');
  return [
    ...(maxLength === undefined ? [] : [lengthCheck(maxLength)]),
    ...(minLength === undefined ? [] : [leastLengthCheck(minLength)]),
    ...(least === undefined ? [] : [rangeCheck('min-value', least, (order) => order >= 0, 'at least')]),
    ...(most === undefined ? [] : [rangeCheck('max-value', most, (order) => order <= 0, 'at most')]),
  ];
}

function lengthCheck(maxLength: number): Check {
  return (value, at, run) => {
    if (typeof value === 'string' && value.length > maxLength) {
      fail(run, 'value', 'max-length', at, `The text may have at most ${maxLength} characters.`);
    }
  };
}

function leastLengthCheck(minLength: number): Check {
  return (value, at, run) => {
    if (typeof value === 'string' && value.length < minLength) {
      fail(run, 'value', 'min-length', at, `The text must have at least ${minLength} characters.`);
    }
  };
}

function limit(definition: ElementDefinition, name: string): JsonValue | undefined {
  return Object.entries(definition).find(([key]) => key.startsWith(name))?.[1] as JsonValue | undefined;
}

function rangeCheck(
  rule: string,
  bound: JsonValue,
  isGood: (order: number) => boolean,
  words: string,
): Check {
  const text = isObject(bound)
    ? `${String(bound['value'])} ${String(bound['unit'] ?? bound['code'] ?? '')}`.trim()
    : String(bound);
  return (value, at, run) => {
    const order = compare(value, bound);
    if (order !== undefined && !isGood(order)) {
      fail(run, 'value', rule, at, `The value must be ${words} ${text}.`);
    }
  };
}

/** Negative, zero or positive; undefined when the two cannot be compared (other units, other precision). */
function compare(value: JsonValue, bound: JsonValue): number | undefined {
  if (typeof value === 'number' && typeof bound === 'number') {
    return value - bound;
  }
  if (typeof value === 'string' && typeof bound === 'string') {
    return compareDates(value, bound);
  }
  if (
    isObject(value) &&
    isObject(bound) &&
    value['code'] === bound['code'] &&
    value['system'] === bound['system']
  ) {
    return compare(value['value'] ?? null, bound['value'] ?? null);
  }
  return undefined;
}

/** Dates and times by their common precision; equal so far counts as equal. */
export function compareDates(a: string, b: string): number {
  if (a.length > 10 && b.length > 10) {
    return Date.parse(a) - Date.parse(b);
  }
  const precision = Math.min(a.length, b.length, 10);
  const [left, right] = [a.slice(0, precision), b.slice(0, precision)];
  if (left === right) {
    return 0;
  }
  return left < right ? -1 : 1;
}
