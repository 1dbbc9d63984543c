/**
 * Numbers as people in Norway type and read them. `7,5` and `7.5` are the same number; what could be two numbers is refused:
 * a dose must never become ten or a thousand times another.
 */
import type { Language } from './language.ts';

/** What was understood, or why nothing was. */
export type Parsed<T> =
  { readonly value: T; readonly message?: never } | { readonly value?: never; readonly message: string };

const SPACES = /[\s\u00a0\u202f]/g;
const GROUPED = /^[+-]?\d{1,3}(?:[\s\u00a0\u202f]\d{3})+(?:[.,]\d+)?$/;
const PLAIN = /^[+-]?\d+(?:[.,]\d+)?$/;
/** `1.000`: a thousand, or one with three decimals. */
const AMBIGUOUS = /^[+-]?[1-9]\d{0,2}[.,]\d{3}$/;

/**
 * `'7,5'` and `'7.5'` → 7.5; `'1 000,5'` → 1000.5. Refused with a message in bokmål: `'1.000,5'`, `'1.000'`, `'7,5 mg'`,
 * `'1e3'`, `',5'`, and everything that is no number.
 */
export function parseDecimal(text: string): Parsed<number> {
  const trimmed = text.trim().replaceAll('\u2212', '-');
  if (AMBIGUOUS.test(trimmed)) {
    const digits = trimmed.replace(/[.,]/, '');
    return { message: `«${trimmed}» kan forstås på to måter. Skriv ${digits} eller ${shorter(trimmed)}.` };
  }
  if ((trimmed.match(/[.,]/g) ?? []).length > 1) {
    return { message: 'Skriv tallet uten skilletegn mellom tusener, for eksempel 1000,5.' };
  }
  if (/^[.,]\d+$/.test(trimmed)) {
    return { message: `Skriv 0 foran kommaet: 0,${trimmed.slice(1)}.` };
  }
  if (!PLAIN.test(trimmed) && !GROUPED.test(trimmed)) {
    return { message: 'Skriv et tall, for eksempel 7,5.' };
  }
  return exact(trimmed.replace(SPACES, '').replace(',', '.'));
}

/** Whole numbers: `'12'` → 12, `'12,5'` is refused. */
export function parseInteger(text: string): Parsed<number> {
  const parsed = parseDecimal(text);
  if (parsed.value === undefined) {
    return { message: parsed.message.replace('7,5', '7') };
  }
  return Number.isInteger(parsed.value) ? parsed : { message: 'Skriv et helt tall, uten desimaler.' };
}

/** 1000.5 → `1 000,5` (nb, nn) or `1,000.5` (en); all digits are shown. */
export function formatNumber(value: number, language: Language): string {
  return FORMATS[language].format(value);
}

/** A number as it stands in an input field: comma in Norwegian, no thousands. */
export function inputNumber(value: number, language: Language): string {
  return INPUTS[language].format(value);
}

const all = { maximumFractionDigits: 15 };
const FORMATS: Readonly<Record<Language, Intl.NumberFormat>> = {
  nb: new Intl.NumberFormat('nb-NO', all),
  nn: new Intl.NumberFormat('nn-NO', all),
  en: new Intl.NumberFormat('en-GB', all),
};
const INPUTS: Readonly<Record<Language, Intl.NumberFormat>> = {
  nb: new Intl.NumberFormat('nb-NO', { ...all, useGrouping: false }),
  nn: new Intl.NumberFormat('nn-NO', { ...all, useGrouping: false }),
  en: new Intl.NumberFormat('en-GB', { ...all, useGrouping: false }),
};

const MOST_DIGITS = 15;

function exact(digits: string): Parsed<number> {
  return digits.replace(/\D/g, '').length > MOST_DIGITS
    ? { message: 'Tallet har for mange siffer.' }
    : { value: Number(digits) };
}

/** The ambiguous number read as decimal, written so that it is not: `1.000` → `1,0`, `7.250` → `7,25`. */
function shorter(text: string): string {
  const [whole = '', fraction = ''] = text.split(/[.,]/);
  const digits = fraction.replace(/0+$/, '');
  return digits.length === 3 ? `${whole},${digits}0` : `${whole},${digits === '' ? '0' : digits}`;
}
