/** Dates, moments and numbers as an old solution writes them, and as FHIR does. */
import { formatDate, isRealDate, parseDateText, parseDateTimeText } from '../../sdc/dates.ts';
import type { Solution } from './solution.ts';

/** A value as FHIR writes it, and the rule by which it is another text than a dump would have. */
export interface Understood<Rule extends string = 'date-form' | 'decimal-sign'> {
  readonly value: string;
  readonly rule?: Rule;
}

const MIDNIGHT = /^(.+?)[ T]00:00(:00(\.0+)?)?$/;

/** A day, as this solution writes it or as people do; a time of midnight after it says nothing. Undefined when it is none. */
export function readDate(text: string, { dates }: Pick<Solution, 'dates'>): Understood | undefined {
  if (dates === 'iso' && isRealDate(text)) {
    return { value: text };
  }
  const day = MIDNIGHT.exec(text)?.[1] ?? text;
  const { value } = parseDateText(day);
  if (value === undefined) {
    return undefined;
  }
  return dates === 'norwegian' && formatDate(value) === text ? { value } : { value, rule: 'date-form' };
}

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/;
const LOCAL = /^(.+?)[ T](\d{1,2}:\d{2})(?::(\d{2})(?:[.,]\d+)?)?$/;

/** A moment; without an offset it is of the clock in Norway. A day alone is one too. */
export function readMoment(text: string, solution: Pick<Solution, 'dates'>): Understood | undefined {
  if (INSTANT.test(text)) {
    return Number.isNaN(Date.parse(text))
      ? undefined
      : { value: text, ...(solution.dates === 'norwegian' && { rule: 'date-form' }) };
  }
  const local = LOCAL.exec(text);
  if (local === null) {
    return readDate(text, solution);
  }
  const { value } = parseDateTimeText(local[1] ?? '', local[2] ?? '');
  const seconds = local[3] ?? '00';
  if (value === undefined || Number(seconds) > 59) {
    return undefined;
  }
  const moment = `${value.slice(0, 17)}${seconds}${value.slice(19)}`;
  return writeMoment(moment, solution) === text ? { value: moment } : { value: moment, rule: 'date-form' };
}

/** The other way. */
export const writeDate = (value: string, { dates }: Pick<Solution, 'dates'>): string =>
  dates === 'norwegian' ? formatDate(value) : value;

const OSLO = new Intl.DateTimeFormat('sv-SE', {
  timeZone: 'Europe/Oslo',
  dateStyle: 'short',
  timeStyle: 'medium',
});

export function writeMoment(value: string, solution: Pick<Solution, 'dates'>): string {
  if (solution.dates === 'iso' || !value.includes('T')) {
    return writeDate(value, solution);
  }
  const [day = '', time = ''] = OSLO.format(new Date(value)).split(' ');
  return `${formatDate(day)} ${time}`;
}

/** `1,5` and `1.5` → 1.5; undefined for what could be two numbers (`1.500` where the sign is a comma), or none. */
export function readNumber(text: string, { decimal }: Pick<Solution, 'decimal'>): Understood | undefined {
  const [, whole = '', sign = '', part = ''] = /^([-+]?\d+)(?:([.,])(\d+))?$/.exec(text) ?? [];
  if (whole === '') {
    return undefined;
  }
  const isThousands = sign !== decimal && part.length === 3 && !/^[-+]?0/.test(whole);
  if (isThousands) {
    return undefined;
  }
  const value = part === '' ? whole : `${whole}.${part}`;
  return part === '' || sign === decimal ? { value } : { value, rule: 'decimal-sign' };
}

export const writeNumber = (value: string, { decimal }: Pick<Solution, 'decimal'>): string =>
  decimal === ',' ? value.replace('.', ',') : value;
