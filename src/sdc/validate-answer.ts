/**
 * The rules of one answer: type, limits, format, options. Sections 1 and 2 of docs/sdc-dialect.md.
 */
import { VALUE_KEYS, answerValue, codingKey, compareValues, isObject, valueKey } from './answer.ts';
import { dayInOslo } from './expression.ts';
import { EXT, hasFlag } from './extensions.ts';
import { decimalPlaces } from './decimal.ts';
import { formatDate, formatDateTime, isRealDate } from './dates.ts';
import { formatNumber } from './numbers.ts';
import type { Answer, ValueKey } from './answer.ts';
import type { FormItem, ItemType, Limit } from './form-types.ts';
import type { Issue } from '../fhir/outcome.ts';

/** A rule that an answer breaks, in bokmål and without the answer itself. */
export interface Breach {
  readonly rule: string;
  readonly text: string;
  readonly code: Issue['code'];
  readonly severity: 'error' | 'warning';
}

/** A rule broken beyond doubt. */
export const breach = (rule: string, text: string, code: Issue['code'] = 'invalid'): Breach => ({
  rule,
  text,
  code,
  severity: 'error',
});

/** A rule that asks for a second look. */
export const doubt = (rule: string, text: string, code: Issue['code'] = 'business-rule'): Breach => ({
  ...breach(rule, text, code),
  severity: 'warning',
});

/** All rules that an answer breaks. An answer of the wrong type is checked for nothing else. */
export function checkAnswer(item: FormItem, answer: unknown, now: Date): readonly Breach[] {
  const key = valueKey(answer);
  if (
    key === undefined ||
    !isObject(answer) ||
    VALUE_KEYS.filter((name) => answer[name] !== undefined).length !== 1
  ) {
    return [breach('answer-value', 'Svaret må ha nøyaktig én verdi.', 'structure')];
  }
  const types = TYPES[item.type];
  const value = answerValue(answer);
  if (!types.includes(key) || !isWellFormed(key, value)) {
    return [breach('answer-type', WRONG_TYPE[item.type] ?? 'Svaret har feil type.', 'structure')];
  }
  return [
    ...checkText(item, value),
    ...checkLimits(item, value),
    ...checkDecimals(item, value),
    ...checkMoment(item, value, now),
    ...checkOption(item, answer),
    ...checkUnit(item, value),
    ...checkUsual(item, answer, value),
  ];
}

const TYPES: Readonly<Record<ItemType, readonly ValueKey[]>> = {
  group: [],
  display: [],
  boolean: ['valueBoolean'],
  integer: ['valueInteger'],
  decimal: ['valueDecimal'],
  date: ['valueDate'],
  dateTime: ['valueDateTime'],
  string: ['valueString'],
  text: ['valueString'],
  choice: ['valueCoding'],
  'open-choice': ['valueCoding', 'valueString'],
  quantity: ['valueQuantity'],
};

const WRONG_TYPE: Readonly<Partial<Record<ItemType, string>>> = {
  boolean: 'Svaret må være ja eller nei.',
  integer: 'Svaret må være et helt tall.',
  decimal: 'Svaret må være et tall.',
  quantity: 'Svaret må være et tall med enhet.',
  date: 'Svaret må være en dato (dd.mm.åååå).',
  dateTime: 'Svaret må være en dato med klokkeslett.',
  choice: 'Svaret må være et av alternativene.',
};

const MAX_INTEGER = 2_147_483_647;
const MOMENT = /^(\d{4}-\d{2}-\d{2})T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?(Z|[+-]([01]\d):[0-5]\d)$/;
const isText = (value: unknown): boolean => typeof value === 'string' && value.trim() !== '';
const isNumber = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value);

const WELL_FORMED: Readonly<Partial<Record<ValueKey, (value: unknown) => boolean>>> = {
  valueBoolean: (value) => typeof value === 'boolean',
  valueInteger: (value) => Number.isInteger(value) && Math.abs(value as number) <= MAX_INTEGER,
  valueDecimal: isNumber,
  valueDate: (value) => typeof value === 'string' && isRealDate(value),
  valueDateTime: (value) => typeof value === 'string' && isRealDate(MOMENT.exec(value)?.[1] ?? ''),
  valueString: isText,
  valueCoding: (value) => isObject(value) && isText(value['code']),
  valueQuantity: (value) => isObject(value) && isNumber(value['value']),
};

const isWellFormed = (key: ValueKey, value: unknown): boolean => WELL_FORMED[key]?.(value) ?? false;

function checkText({ limits }: FormItem, value: unknown): readonly Breach[] {
  if (typeof value !== 'string') {
    return [];
  }
  const { minLength = 0, maxLength = Infinity, regex, entryFormat } = limits;
  const found: Breach[] = [];
  if (value.length > maxLength) {
    found.push(breach('max-length', `Teksten kan ha høyst ${maxLength} tegn.`, 'too-long'));
  }
  if (value.length < minLength) {
    found.push(breach('min-length', `Teksten må ha minst ${minLength} tegn.`));
  }
  if (regex?.test(value) === false) {
    found.push(
      breach('regex', `Svaret har feil form${entryFormat === undefined ? '' : `: skriv ${entryFormat}`}.`),
    );
  }
  return found;
}

function checkLimits({ limits }: FormItem, value: unknown): readonly Breach[] {
  const { min, max } = limits;
  if (isBeyond(value, min, -1)) {
    return [breach('min-value', `Verdien kan ikke være under ${limitText(min)}.`)];
  }
  return isBeyond(value, max, 1)
    ? [breach('max-value', `Verdien kan ikke være over ${limitText(max)}.`)]
    : [];
}

function checkUsual({ limits }: FormItem, answer: Answer, value: unknown): readonly Breach[] {
  const isUnusual = isBeyond(value, limits.low, -1) || isBeyond(value, limits.high, 1);
  return isUnusual && !hasFlag(answer, EXT.confirmed)
    ? [
        doubt(
          'usual-range',
          'Verdien er ikke innenfor vanlige verdier for dette feltet. Er du sikker på at den er riktig?',
        ),
      ]
    : [];
}

function isBeyond(value: unknown, limit: Limit | undefined, side: 1 | -1): boolean {
  const bare = isObject(value) ? value['value'] : value;
  return limit !== undefined && (compareValues(bare, limit) ?? 0) * side > 0;
}

function limitText(limit: Limit | undefined): string {
  if (typeof limit === 'number') {
    return formatNumber(limit, 'nb');
  }
  return limit?.includes('T') === true ? formatDateTime(limit) : formatDate(limit ?? '');
}

function checkDecimals({ limits, type }: FormItem, value: unknown): readonly Breach[] {
  const bare = isObject(value) ? value['value'] : value;
  const places = limits.decimals;
  if (
    typeof bare !== 'number' ||
    places === undefined ||
    type === 'integer' ||
    decimalPlaces(bare) <= places
  ) {
    return [];
  }
  return [breach('decimals', `Tallet kan ha høyst ${places} ${places === 1 ? 'desimal' : 'desimaler'}.`)];
}

function checkMoment({ limits, type }: FormItem, value: unknown, now: Date): readonly Breach[] {
  if (!limits.notAfterNow || typeof value !== 'string') {
    return [];
  }
  const isLater = type === 'date' ? value > dayInOslo(now) : Date.parse(value) > now.getTime();
  return isLater ? [breach('not-after-now', 'Datoen kan ikke være etter i dag.')] : [];
}

function checkOption(item: FormItem, answer: Answer): readonly Breach[] {
  const { valueCoding } = answer;
  if (valueCoding === undefined || item.options === undefined) {
    return [];
  }
  const option = item.options.byKey.get(codingKey(valueCoding));
  if (option === undefined) {
    return [breach('option', 'Svaret er ikke blant alternativene.', 'code-invalid')];
  }
  const isSetBySystem =
    item.calculation !== undefined &&
    (item.calculationMode === 'fixed' || hasFlag(answer, EXT.calculatedAnswer));
  return option.isSystemOnly && !isSetBySystem
    ? [breach('option-system-only', 'Dette alternativet kan bare settes av systemet.', 'business-rule')]
    : [];
}

function checkUnit({ unit, unitOptions }: FormItem, value: unknown): readonly Breach[] {
  const units = [...(unit === undefined ? [] : [unit]), ...unitOptions];
  const isQuantity = isObject(value) && 'value' in value;
  const isKnown =
    isQuantity &&
    units.some(({ code, system }) => code === value['code'] && (system ?? '') === (value['system'] ?? ''));
  return isQuantity && units.length > 0 && !isKnown
    ? [breach('unit', 'Enheten er ikke blant de tillatte.')]
    : [];
}
