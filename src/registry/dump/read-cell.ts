/**
 * One cell of an old dump, as the question that it answers understands it. What is written otherwise than the dump would write it is
 * corrected by a rule that has a name (docs/adr/0027); what is not understood is refused, and never guessed.
 */
import type { FormItem } from '../../sdc/form-types.ts';
import type { LegacyCodes } from './legacy-codes.ts';
import { nearest } from './nearest.ts';
import type { DumpColumn } from './shape.ts';
import type { Solution } from './solution.ts';
import { readDate, readMoment, readNumber, type Understood } from './written.ts';

/** Rules of corrections, in the words of the report. */
export const RULES = {
  trimmed: 'Spaces around the value are left out.',
  'date-form': 'The date is written as dates are here.',
  'decimal-sign': 'The decimal sign is the one that is used here.',
  'whole-number': 'A whole number is written without decimals.',
  'yes-no-word': 'Yes and no are written as here.',
  'icd-10-form': 'The code is written as ICD-10 writes it.',
  'leading-zero': 'The code is written without zeros before it.',
  'not-answered': 'The code means that the question is not answered.',
  'same-person': 'It is the person of another number in the dump: the national number is the same.',
} as const;
export type Rule = keyof typeof RULES;

export type CellReading =
  (Understood<Rule> & { readonly problem?: never }) | { readonly problem: string; readonly value?: never };

export interface CellRules {
  readonly solution: Solution;
  readonly codes: LegacyCodes;
}

/** The value as `fromCells` takes it: dates of ISO 8601, numbers with a point, 0 and 1, old codes as maps have them. */
export function readCell(cell: string, column: DumpColumn, rules: CellRules): CellReading {
  const text = cell.trim();
  const [item] = column.items;
  if (text === '' || item === undefined) {
    return cell === '' ? { value: '' } : { value: '', rule: 'trimmed' };
  }
  if (isFree(item) && column.option === undefined) {
    return { value: cell };
  }
  const read = column.option === undefined ? (READERS[item.type] ?? readNothing) : readFlag;
  const reading = read(text, column, rules);
  if (reading.problem !== undefined) {
    return reading;
  }
  return text !== cell && reading.rule === undefined ? { ...reading, rule: 'trimmed' } : reading;
}

const isFree = ({ type }: FormItem): boolean => type === 'string' || type === 'text';

type Reader = (text: string, column: DumpColumn, rules: CellRules) => CellReading;

const readNothing: Reader = (text) => ({ problem: `"${text}" answers no question.` });

const WORDS: Readonly<Record<string, number>> = {
  '0': 0,
  '1': 1,
  false: 0,
  true: 1,
  nei: 0,
  ja: 1,
  no: 0,
  yes: 1,
};

const readFlag: Reader = (text, _column, { solution: { booleans, missing } }) => {
  const at = booleans.indexOf(text);
  const word = at === -1 ? WORDS[text.toLowerCase()] : at;
  if (word !== undefined) {
    return at === -1 ? { value: String(word), rule: 'yes-no-word' } : { value: String(word) };
  }
  return missing.includes(text)
    ? { value: '', rule: 'not-answered' }
    : { problem: `"${text}" is neither yes nor no: write ${booleans.join(' or ')}.` };
};

const numberReader =
  (isWhole: boolean): Reader =>
  (text, { items }, { solution }) => {
    const read = readNumber(text, solution);
    const whole = isWhole && read !== undefined ? /^([-+]?\d+)\.0+$/.exec(read.value)?.[1] : undefined;
    const value = whole ?? read?.value;
    const isRead = value !== undefined && !(isWhole && value.includes('.'));
    const isWithin = isRead && items.some((item) => withinLimits(Number(value), item));
    if (!isWithin && solution.missing.includes(text)) {
      return { value: '', rule: 'not-answered' };
    }
    if (!isRead) {
      return { problem: `"${text}" is no ${isWhole ? 'whole number' : 'number'}.` };
    }
    if (!isWithin) {
      return { problem: `${text} is outside of what the question takes: ${rangeOf(items)}.` };
    }
    const rule = whole === undefined ? read?.rule : 'whole-number';
    return rule === undefined ? { value } : { value, rule };
  };

function withinLimits(value: number, { limits: { min, max } }: FormItem): boolean {
  return !(typeof min === 'number' && value < min) && !(typeof max === 'number' && value > max);
}

const rangeOf = (items: readonly FormItem[]): string =>
  items.map(({ limits: { min = '…', max = '…' } }) => `${min} to ${max}`).join(' or ');

const dayReader =
  (read: typeof readDate): Reader =>
  (text, _column, { solution }) => {
    const day = read(text, solution);
    if (day !== undefined) {
      return day;
    }
    return solution.missing.includes(text)
      ? { value: '', rule: 'not-answered' }
      : {
          problem: `"${text}" is no date of the calendar, written ${solution.dates === 'iso' ? 'YYYY-MM-DD' : 'DD.MM.YYYY'}.`,
        };
  };

const readChoice: Reader = (text, column, { codes, solution }) => {
  const { items } = column;
  const holds = (code: string): boolean =>
    items.some((item) => codes.fromOld(column, item, code) !== undefined);
  if (holds(text)) {
    return { value: text };
  }
  const absent = codes.unanswered?.(column);
  if (text === absent) {
    return solution.unanswered === 'coded' ? { value: '' } : { value: '', rule: 'not-answered' };
  }
  const other = SPELLINGS.map(({ rule, spell }) => ({ rule, value: spell(text) })).find(
    ({ value }) => value !== undefined && (holds(value) || value === absent),
  );
  if (other?.value !== undefined) {
    return { value: other.value === absent && !holds(absent) ? '' : other.value, rule: other.rule };
  }
  if (solution.missing.includes(text)) {
    return { value: '', rule: 'not-answered' };
  }
  return items.some(({ type, options }) => type === 'open-choice' || options === undefined)
    ? { value: text }
    : { problem: `"${text}" is no code of ${column.name}. ${nearest(text, column, codes)}` };
};

const SPELLINGS: readonly { readonly rule: Rule; readonly spell: (text: string) => string | undefined }[] = [
  { rule: 'leading-zero', spell: (text) => /^0+(\d+)$/.exec(text)?.[1] },
  { rule: 'whole-number', spell: (text) => /^(\d+)[.,]0+$/.exec(text)?.[1] },
  { rule: 'icd-10-form', spell: (text) => icd10(text, '.') },
  { rule: 'icd-10-form', spell: (text) => icd10(text, '') },
];

/** `m545` → `M54.5`. */
function icd10(text: string, point: '.' | ''): string | undefined {
  const [, category, rest = ''] = /^([A-Za-z]\d{2})[ .,]?(\d{0,2})$/.exec(text) ?? [];
  return category === undefined
    ? undefined
    : `${category.toUpperCase()}${rest === '' ? '' : `${point}${rest}`}`;
}

const READERS: Readonly<Partial<Record<FormItem['type'], Reader>>> = {
  boolean: readFlag,
  integer: numberReader(true),
  decimal: numberReader(false),
  quantity: numberReader(false),
  date: dayReader(readDate),
  dateTime: dayReader(readMoment),
  choice: readChoice,
  'open-choice': readChoice,
};
