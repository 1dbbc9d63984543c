/**
 * One answer: its value, its type, equality and order. https://hl7.org/fhir/R4/questionnaireresponse.html
 */
import { EXT, hasFlag } from './extensions.ts';
import type {
  Coding,
  Quantity,
  QuestionnaireResponseItem,
  QuestionnaireResponseItemAnswer,
} from '../fhir/types.ts';

export type Answer = QuestionnaireResponseItemAnswer;

/** The members of an answer that hold its value. */
export const VALUE_KEYS = [
  'valueBoolean',
  'valueInteger',
  'valueDecimal',
  'valueDate',
  'valueDateTime',
  'valueTime',
  'valueString',
  'valueUri',
  'valueCoding',
  'valueQuantity',
  'valueAttachment',
  'valueReference',
] as const;
export type ValueKey = (typeof VALUE_KEYS)[number];

/** Which `value[x]` the answer has; undefined when it has none. */
export function valueKey(answer: unknown): ValueKey | undefined {
  return isObject(answer) ? VALUE_KEYS.find((key) => (answer as Answer)[key] !== undefined) : undefined;
}

/** The value itself, whatever its type. */
export function answerValue(answer: Answer | undefined): unknown {
  const key = valueKey(answer);
  return key === undefined ? undefined : (answer as Record<string, unknown>)[key];
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The objects of what should be an array of them, with the place each has there. */
export function entries<T>(value: unknown): readonly { readonly index: number; readonly entry: T }[] {
  return Array.isArray(value)
    ? value.flatMap((entry: unknown, index) => (isObject(entry) ? [{ index, entry: entry as T }] : []))
    : [];
}

/** The answers of a response item that hold a value; an empty text is none. */
export function answersOf(item: QuestionnaireResponseItem | undefined): readonly Answer[] {
  return entries<Answer>(item?.answer)
    .map(({ entry }) => entry)
    .filter((answer) => {
      const value = answerValue(answer);
      return value !== undefined && value !== null && value !== '';
    });
}

/** True when a calculation wrote the answer (section 4.2 of the dialect). */
export function isCalculated(answer: Answer): boolean {
  return hasFlag(answer, EXT.calculatedAnswer);
}

/** The same values in the same order; extensions, ids and displays do not count. */
export function sameAnswers(left: readonly Answer[], right: readonly Answer[]): boolean {
  return left.length === right.length && left.every((answer, index) => sameAnswer(answer, right[index]));
}

/** The same value; for a Coding system and code, for a Quantity value and unit. */
export function sameAnswer(left: Answer | undefined, right: Answer | undefined): boolean {
  return valueKey(left) === valueKey(right) && sameValue(answerValue(left), answerValue(right));
}

/** Equality as enableWhen understands it. */
export function sameValue(left: unknown, right: unknown): boolean {
  if (isObject(left) && isObject(right)) {
    return 'value' in left || 'value' in right
      ? sameQuantity(left as Quantity, right as Quantity)
      : left['code'] === right['code'] &&
          left['system'] === right['system'] &&
          left['reference'] === right['reference'];
  }
  return left === right;
}

/** `system|code`, the identity of a Coding among options. */
export function codingKey(coding: unknown): string {
  const { system, code } = (isObject(coding) ? coding : {}) as Coding;
  return `${system ?? ''}|${code ?? ''}`;
}

/**
 * Order of two values: negative, 0 or positive; undefined when they cannot be compared (other type, other unit, dates
 * whose shared precision leaves it open only if `toSharedPrecision` finds nothing to compare).
 */
export function compareValues(left: unknown, right: unknown): number | undefined {
  if (typeof left === 'number' && typeof right === 'number') {
    return left - right;
  }
  if (typeof left === 'string' && typeof right === 'string') {
    return isDateLike(left) && isDateLike(right)
      ? compareDates(left, right)
      : left.localeCompare(right, 'nb');
  }
  if (isObject(left) && isObject(right) && sameUnit(left as Quantity, right as Quantity)) {
    return compareValues(left['value'], right['value']);
  }
  return undefined;
}

function sameQuantity(left: Quantity, right: Quantity): boolean {
  return left.value === right.value && sameUnit(left, right);
}

function sameUnit(left: Quantity, right: Quantity): boolean {
  return (
    (left.code ?? left.unit) === (right.code ?? right.unit) && (left.system ?? '') === (right.system ?? '')
  );
}

const DATE_LIKE = /^\d{4}(-\d{2}(-\d{2}(T.*)?)?)?$/;
const isDateLike = (text: string): boolean => DATE_LIKE.test(text);

/** Dates and times by the precision both have; moments with offsets by the moment. */
function compareDates(left: string, right: string): number {
  if (left.includes('T') && right.includes('T')) {
    return Date.parse(left) - Date.parse(right);
  }
  const shared = Math.min(left.split('T')[0]?.length ?? 0, right.split('T')[0]?.length ?? 0);
  return left.slice(0, shared).localeCompare(right.slice(0, shared), 'en');
}
