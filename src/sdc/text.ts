/**
 * The texts of a form in bokmål, nynorsk and English: https://hl7.org/fhir/R4/extension-translation.html
 */
import { answerValue, codingKey, entries, isObject, valueKey } from './answer.ts';
import { EXT, companion, extensionOf, extensionsOf } from './extensions.ts';
import { formatDate, formatDateTime } from './dates.ts';
import { formatNumber } from './numbers.ts';
import type { Answer } from './answer.ts';
import type { AnswerOption, Constraint, FormItem } from './form-types.ts';
import type { FormNode } from './tree.ts';
import type { Extensible } from './extensions.ts';
import type { Language } from './language.ts';
import type { Coding, Quantity } from '../fhir/types.ts';

/** Longest name of a question in a message. */
const SHORT = 60;

/** `localised(item, 'text', 'en')`: the translation, else the base text, else the empty string. */
export function localised(element: object | undefined, name: string, language: Language): string {
  const base = (element as Record<string, unknown> | undefined)?.[name];
  return translation(companion(element, name), language) ?? (typeof base === 'string' ? base : '');
}

/** The text of a question or group, with its prefix. */
export function itemText(item: FormItem, language: Language): string {
  const prefix = localised(item.source, 'prefix', language);
  const text = localised(item.source, 'text', language);
  return prefix === '' ? text : `${prefix} ${text}`;
}

/** The help text of a question, if it has one. */
export function helpText(item: FormItem, language: Language): string | undefined {
  return item.help === undefined ? undefined : localised(item.help, 'text', language);
}

/** The text of an option, with its prefix. */
export function optionText(option: AnswerOption, language: Language): string {
  const { source, coding, prefix } = option;
  const text =
    translation(companion(source, 'display'), language) ??
    designation(source, language) ??
    coding.display ??
    coding.code ??
    '';
  return prefix === undefined ? text : `${prefix} ${text}`;
}

/** The message of a constraint. */
export function constraintText(constraint: Constraint, language: Language): string {
  return translation(constraint.humanSource, language) ?? constraint.human;
}

/** A short name of the question for messages, table heads and differences. */
export function shortText(item: FormItem, language: Language): string {
  const short = extensionOf(item.source, EXT.shortText);
  const text =
    localised(short, 'valueString', language) || localised(item.source, 'text', language) || item.linkId;
  return text.length <= SHORT ? text : `${text.slice(0, SHORT - 1).trimEnd()}…`;
}

/** The short name of a question with its row: `Døgndose (rad 2)`. */
export function nodeText(node: FormNode, language: Language): string {
  const rows = rowNumbers(node);
  const name = shortText(node.item, language);
  return rows.length === 0 ? name : `${name} (${ROW[language]} ${rows.join('.')})`;
}

/** An answer as a reader sees it. */
export function answerText(item: FormItem, answer: Answer, language: Language): string {
  const key = valueKey(answer);
  return key === undefined ? '' : (SHOWN[key] ?? plain)(answerValue(answer), item, language);
}

const ROW: Readonly<Record<Language, string>> = { nb: 'rad', nn: 'rad', en: 'row' };
const YES_NO: Readonly<Record<Language, readonly [string, string]>> = {
  nb: ['Ja', 'Nei'],
  nn: ['Ja', 'Nei'],
  en: ['Yes', 'No'],
};

type Show = (value: unknown, item: FormItem, language: Language) => string;

const plain: Show = (value) => (typeof value === 'object' ? JSON.stringify(value) : String(value));

const number: Show = (value, item, language) => {
  const unit = item.unit?.display ?? item.unit?.code;
  const digits = typeof value === 'number' ? formatNumber(value, language) : plain(value, item, language);
  return unit === undefined ? digits : `${digits} ${unit}`;
};

const SHOWN: Readonly<Partial<Record<NonNullable<ReturnType<typeof valueKey>>, Show>>> = {
  valueBoolean: (value, _item, language) => YES_NO[language][value === true ? 0 : 1],
  valueInteger: number,
  valueDecimal: number,
  valueDate: (value) => formatDate(String(value)),
  valueDateTime: (value) => formatDateTime(String(value)),
  valueCoding: (value, item, language) => codingText(value, item, language),
  valueQuantity: (value, _item, language) => quantityText(isObject(value) ? value : {}, language),
};

function codingText(value: unknown, item: FormItem, language: Language): string {
  const coding: Coding = isObject(value) ? value : {};
  const option = item.options?.byKey.get(codingKey(coding));
  return option === undefined ? (coding.display ?? coding.code ?? '') : optionText(option, language);
}

function quantityText({ value, unit, code }: Quantity, language: Language): string {
  const digits = typeof value === 'number' ? formatNumber(value, language) : '';
  return [digits, unit ?? code ?? ''].filter((part) => part !== '').join(' ');
}

/** The designation of a value set's concept in a language other than the display's. */
function designation(source: object, language: Language): string | undefined {
  const all = entries<{ language?: string; value?: string }>(
    (source as { designation?: unknown }).designation,
  );
  return language === 'nb'
    ? undefined
    : all.map(({ entry }) => entry).find((entry) => entry.language?.split('-')[0] === language)?.value;
}

function rowNumbers(node: FormNode | undefined): readonly number[] {
  if (node === undefined) {
    return [];
  }
  const above = rowNumbers(node.parent);
  return node.row === undefined ? above : [...above, node.row + 1];
}

function translation(element: Extensible | undefined, language: Language): string | undefined {
  const entry = extensionsOf(element, EXT.translation).find((extension) => {
    const lang = extensionOf(extension, 'lang');
    return (lang?.valueCode ?? lang?.valueString)?.split('-')[0] === language;
  });
  const content = extensionOf(entry, 'content');
  return content?.valueString ?? content?.valueMarkdown;
}
