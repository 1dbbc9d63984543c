/** One cell of a table as the mapping understands it; what is not understood is refused with what is nearest, and never guessed. */
import {
  checkIdentifier,
  IDENTIFIER_SYSTEMS,
  isOrganisationNumber,
  systemOfNumber,
} from '../../fhir/identifiers.ts';
import type { Coding, JsonValue } from '../../fhir/types.ts';
import type { CellType, CsvColumn, CsvMapping } from '../../content/csv-mapping.ts';
import { nearestOf } from '../../registry/dump/nearest.ts';
import { readDate, readMoment, readNumber } from '../../registry/dump/written.ts';

export interface Cell {
  /** As it stands in a resource; undefined for a cell without a value. */
  readonly value?: JsonValue;
  /** How it was corrected. */
  readonly correction?: string;
  readonly problem?: string;
}

export interface CellContext {
  readonly mapping: CsvMapping;
  /** Codes of a value set; undefined when it cannot be listed. */
  readonly codesOf: (valueSet: string) => readonly Coding[] | undefined;
}

type Reader = (text: string, column: CsvColumn, context: CellContext) => Cell;

const READERS: Readonly<Record<CellType, Reader>> = {
  text: (text) => ({ value: text }),
  date: (text, _column, { mapping }) => understood(readDate(text, solution(mapping)), 'a date', mapping),
  moment: (text, _column, { mapping }) => understood(readMoment(text, solution(mapping)), 'a time', mapping),
  number: readDecimal,
  integer: readInteger,
  code: readCode,
  'national-number': readNationalNumber,
  unit: readUnit,
};

/** Read a cell. A value of `missing` is none. */
export function readCell(cell: string, column: CsvColumn, context: CellContext): Cell {
  const text = cell.trim();
  const isEmpty = text === '' || context.mapping.missing?.includes(text) === true;
  if (isEmpty) {
    return column.required === true ? { problem: 'A value is needed here.' } : {};
  }
  return READERS[column.type](text, column, context);
}

const solution = ({ dates = 'iso', decimal = ',' }: CsvMapping) => ({ dates, decimal });

function understood(
  read: { readonly value: string; readonly rule?: string } | undefined,
  what: string,
  { dates = 'iso' }: CsvMapping,
): Cell {
  if (read === undefined) {
    return {
      problem: `This is no ${what.slice(2)} of the calendar: write ${dates === 'iso' ? 'YYYY-MM-DD' : 'DD.MM.YYYY'}.`,
    };
  }
  return read.rule === undefined ? { value: read.value } : { value: read.value, correction: read.rule };
}

function readDecimal(text: string, _column: CsvColumn, { mapping }: CellContext): Cell {
  const read = readNumber(text, solution(mapping));
  if (read === undefined) {
    return { problem: 'This is no number.' };
  }
  return { value: Number(read.value), ...(read.rule !== undefined && { correction: read.rule }) };
}

function readInteger(text: string): Cell {
  return /^[-+]?\d{1,15}$/.test(text) ? { value: Number(text) } : { problem: 'This is no whole number.' };
}

function readCode(text: string, { codes, valueSet = '' }: CsvColumn, { codesOf }: CellContext): Cell {
  const known =
    codes === undefined ? (codesOf(valueSet) ?? []).map(asKnown) : Object.entries(codes).map(asText);
  const exact = known.find(({ code }) => code === text);
  const near = known.filter(({ code }) => plain(code) === plain(text));
  const [alike] = near.length === 1 ? near : [];
  if (exact !== undefined) {
    return { value: exact.value };
  }
  return alike === undefined
    ? { problem: `"${text.slice(0, 40)}" is none of the codes. ${nearestOf(text, known)}` }
    : { value: alike.value, correction: 'code-form' };
}

interface KnownCode {
  readonly code: string;
  readonly display: string;
  readonly value: JsonValue;
}

const asKnown = ({ system, code = '', display = '' }: Coding): KnownCode => ({
  code,
  display,
  value: { ...(system !== undefined && { system }), code, ...(display !== '' && { display }) },
});
const asText = ([code, value]: readonly [string, string]): KnownCode => ({ code, display: value, value });

/** Without what people add to codes: spaces and points, and capitals for small letters. */
const plain = (code: string): string => code.replaceAll(/[\s.]/g, '').toLowerCase();

/** As an Identifier. A spreadsheet takes away a zero at the beginning. */
function readNationalNumber(text: string): Cell {
  const digits = text.replaceAll(/[\s-]/g, '');
  const number = /^\d{10}$/.test(digits) ? `0${digits}` : digits;
  const system = systemOfNumber(number);
  if (system === undefined) {
    const fault = checkIdentifier(IDENTIFIER_SYSTEMS.fnr, number);
    return { problem: fault?.message ?? 'This is no national identity number.' };
  }
  const correction = number.length === digits.length ? 'number-form' : 'leading-zero';
  return { value: { system, value: number }, ...(number !== text && { correction }) };
}

/** As a logical reference: a RESH id, an organisation number, or a name that the mapping knows. */
function readUnit(text: string, { codes }: CsvColumn): Cell {
  const named = codes === undefined ? undefined : codes[text];
  if (codes !== undefined && named === undefined) {
    const known = Object.entries(codes).map(([code, display]) => ({ code, display }));
    return { problem: `"${text.slice(0, 40)}" is none of the units. ${nearestOf(text, known)}` };
  }
  const number = (named ?? text).replace(/^(?:resh|enh):/, '');
  if (!/^\d{1,10}$/.test(number)) {
    return { problem: 'This is no RESH id and no organisation number.' };
  }
  const system = isOrganisationNumber(number) ? IDENTIFIER_SYSTEMS.enh : IDENTIFIER_SYSTEMS.resh;
  return { value: { identifier: { system, value: number } } };
}
