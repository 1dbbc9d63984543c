/**
 * What an expression gave → answers of an item's type: section 4.2 of docs/sdc-dialect.md.
 */
import { codingKey, isObject } from './answer.ts';
import { roundDecimal } from './decimal.ts';
import type { Answer } from './answer.ts';
import type { AnswerOption, FormItem } from './form-types.ts';
import type { Coding, Quantity } from '../fhir/types.ts';

/**
 * Results of an expression as answers of this item; results that do not suit the type are dropped. One answer, unless the item
 * repeats. Numbers stay unrounded: see `roundAnswer`.
 */
export function toAnswers(item: FormItem, values: readonly unknown[]): readonly Answer[] {
  const answers = allAnswers(item, values);
  return item.isRepeating ? answers : answers.slice(0, 1);
}

/** As toAnswers, but all of them also where the item takes one. */
export function allAnswers(item: FormItem, values: readonly unknown[]): readonly Answer[] {
  const convert = CONVERTERS[item.type];
  return convert === undefined ? [] : values.flatMap((value) => convert(value, item) ?? []);
}

/** Results that the item has no answer for: a code that is no option, a quantity in another unit, a text that is no number. */
export function refusedValues(item: FormItem, values: readonly unknown[]): readonly unknown[] {
  const convert = CONVERTERS[item.type];
  return convert === undefined ? [] : values.filter((value) => convert(value, item) === undefined);
}

/** The answer with the digits that are stored: `maxDecimalPlaces`, or all that are sure. */
export function roundAnswer(item: FormItem, answer: Answer): Answer {
  const places = item.limits.decimals;
  if (typeof answer.valueDecimal === 'number') {
    return { ...answer, valueDecimal: roundDecimal(answer.valueDecimal, places) };
  }
  if (typeof answer.valueQuantity?.value === 'number') {
    return {
      ...answer,
      valueQuantity: { ...answer.valueQuantity, value: roundDecimal(answer.valueQuantity.value, places) },
    };
  }
  return answer;
}

type Converter = (value: unknown, item: FormItem) => Answer | undefined;

const text: Converter = (value) =>
  ['string', 'number', 'boolean'].includes(typeof value) && value !== ''
    ? { valueString: String(value) }
    : undefined;

const CONVERTERS: Readonly<Partial<Record<FormItem['type'], Converter>>> = {
  boolean: (value) => (typeof value === 'boolean' ? { valueBoolean: value } : undefined),
  integer: (value) => {
    const number = toNumber(value);
    return number !== undefined && Number.isInteger(roundDecimal(number))
      ? { valueInteger: roundDecimal(number) }
      : undefined;
  },
  decimal: (value) => {
    const number = toNumber(value);
    return number === undefined ? undefined : { valueDecimal: number };
  },
  date: (value) => {
    const day = typeof value === 'string' ? /^@?(\d{4}-\d{2}-\d{2})/.exec(value)?.[1] : undefined;
    return day === undefined ? undefined : { valueDate: day };
  },
  dateTime: (value) => {
    const moment = typeof value === 'string' ? /^@?(\d{4}-\d{2}-\d{2}(T.+)?)$/.exec(value)?.[1] : undefined;
    return moment === undefined ? undefined : { valueDateTime: moment };
  },
  string: text,
  text,
  choice: (value, item) => {
    const coding = codingFor(value, item);
    return coding === undefined ? undefined : { valueCoding: coding };
  },
  'open-choice': (value, item) => {
    const coding = codingFor(value, item);
    return coding === undefined ? text(value, item) : { valueCoding: coding };
  },
  quantity: (value, item) => {
    const quantity = quantityFor(value, item);
    return quantity === undefined ? undefined : { valueQuantity: quantity };
  },
};

/** Numbers come as numbers or, from exact arithmetic, as their digits. */
function toNumber(value: unknown): number | undefined {
  const number =
    typeof value === 'string' && /^[-+]?\d+(\.\d+)?([eE][-+]?\d+)?$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

/** A code or Coding as the option's Coding; a Coding stands by itself where the options are not known here. */
function codingFor(value: unknown, item: FormItem): Coding | undefined {
  if (isObject(value) && typeof value['code'] === 'string') {
    const coding = value as Coding;
    const option = optionFor(coding, item);
    return item.options === undefined ? coding : option?.coding;
  }
  return typeof value === 'string'
    ? item.options?.list.find((option) => option.coding.code === value)?.coding
    : undefined;
}

function optionFor(coding: Coding, item: FormItem): AnswerOption | undefined {
  return coding.system === undefined
    ? item.options?.list.find((option) => option.coding.code === coding.code)
    : item.options?.byKey.get(codingKey(coding));
}

function quantityFor(value: unknown, item: FormItem): Quantity | undefined {
  const number = toNumber(isObject(value) ? value['value'] : value);
  if (number === undefined) {
    return undefined;
  }
  if (!isObject(value)) {
    return quantityWithUnit(number, item.unit);
  }
  return isUnitOf(item, value as Quantity) ? { ...(value as Quantity), value: number } : undefined;
}

/** Is it in a unit of the question? One that has none takes any. */
function isUnitOf({ unit, unitOptions }: FormItem, { code, unit: name }: Quantity): boolean {
  const units = unit === undefined ? unitOptions : [unit, ...unitOptions];
  return (
    units.length === 0 ||
    (code ?? name) === undefined ||
    units.some((one) => one.code === (code ?? name) || one.display === name)
  );
}

/** `quantityWithUnit(7.5, {code: 'mg', …})` → Quantity. */
export function quantityWithUnit(value: number, unit: Coding | undefined): Quantity {
  const name = unit?.display ?? unit?.code;
  return {
    value,
    ...(name !== undefined && { unit: name }),
    ...(unit?.system !== undefined && { system: unit.system }),
    ...(unit?.code !== undefined && { code: unit.code }),
  };
}
