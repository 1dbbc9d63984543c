/**
 * Words of texts: `_text` (the narrative) and `_content` (everything), https://hl7.org/fhir/R4/search.html#content
 * One row for each word with the three words after it, so that a phrase is a condition on one row. Only operators of a
 * btree are used, as everywhere in search.
 */
import type { IndexEntry } from '../storage/store.ts';
import { anyOf, allOf, NEVER } from './condition.ts';
import type { Condition } from './condition.ts';
import { wordsOf } from './text.ts';

/** Words of one resource that are indexed; what comes after them is not found. */
const MAX_WORDS = 2000;
const MAX_WORD = 60;
/** Words of a phrase that one row answers for. */
const WINDOW = 4;

/** Texts (an xhtml div too) → rows of the text table. */
export function wordRows(param: number, values: readonly unknown[]): IndexEntry['texts'] {
  const words = values
    .flatMap((value) => (typeof value === 'string' ? wordsOf(withoutTags(value)) : []))
    .slice(0, MAX_WORDS)
    .map((word) => word.slice(0, MAX_WORD));
  return words.map((val, at) => ({ param, val, exact: followers(words, at) }));
}

const followers = (words: readonly string[], at: number): string =>
  words
    .slice(at + 1, at + WINDOW)
    .map((word) => `${word} `)
    .join('');

const withoutTags = (text: string): string =>
  text.startsWith('<')
    ? text
        .replace(/<[^>]*>/g, ' ')
        .replace(/&#(\d{1,7}|x[0-9a-fA-F]{1,6});/g, (_, code: string) => character(code))
        .replace(/&(?:nbsp|lt|gt|quot|apos|amp);/g, ' ')
    : text;

function character(code: string): string {
  const point = code.startsWith('x') ? Number.parseInt(code.slice(1), 16) : Number(code);
  return point <= 0x10ffff ? String.fromCodePoint(point) : ' ';
}

/** Every string in the resource but its narrative, ids, references and urls: what a reader of it would read. */
export function textsIn(value: unknown, key = ''): readonly string[] {
  if (typeof value === 'string') {
    return UNREAD.has(key) || value.length > 100_000 || /^(https?:|urn:)/.test(value) ? [] : [value];
  }
  if (Array.isArray(value)) {
    return value.flatMap((item) => textsIn(item, key));
  }
  return typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([name, member]) =>
        name === 'div' ? [member as string] : textsIn(member, name),
      )
    : [];
}

const UNREAD: ReadonlySet<string> = new Set([
  'resourceType',
  'id',
  'reference',
  'url',
  'system',
  'data',
  'fullUrl',
  'linkId',
  'versionId',
  'lastUpdated',
]);

/** One thing looked for: a word, the beginning of one (`smert*`), or several in a row. */
interface Term {
  readonly words: readonly string[];
  readonly isPrefix: boolean;
}

/**
 * `smerte rygg` = both, `smerte OR rygg` = one of them, `"kronisk smerte"` = in that order, `smert*` = beginning.
 * Undefined when nothing that can be looked for is in it.
 */
export function parseWords(text: string): readonly (readonly Term[])[] | undefined {
  const alternatives: Term[][] = [[]];
  for (const [part] of text.matchAll(/"[^"]*"|[^\s"]+/g)) {
    if (part === 'OR') {
      alternatives.push([]);
    } else if (part !== 'AND') {
      const words = wordsOf(part).map((word) => word.slice(0, MAX_WORD));
      if (words.length > 0) {
        alternatives.at(-1)?.push({ words, isPrefix: part.endsWith('*') });
      }
    }
  }
  return alternatives.every((terms) => terms.length > 0) ? alternatives : undefined;
}

/** The condition that a text with these words satisfies. */
export function wordsCondition(param: number, text: string): Condition {
  const alternatives = parseWords(text);
  return alternatives === undefined
    ? NEVER
    : anyOf(alternatives.map((terms) => allOf(terms.map((term) => termCondition(param, term)))));
}

/** Longer phrases are asked for in overlapping pieces. */
function termCondition(param: number, { words, isPrefix }: Term): Condition {
  const starts = words.length <= WINDOW ? [0] : words.slice(0, words.length - WINDOW + 1).map((_, at) => at);
  return allOf(starts.map((start) => pieceCondition(param, words.slice(start, start + WINDOW), isPrefix)));
}

function pieceCondition(param: number, [val = '', ...rest]: readonly string[], isPrefix: boolean): Condition {
  if (rest.length === 0) {
    return { kind: 'text', param, test: isPrefix ? 'prefix' : 'phrase', val, exact: '' };
  }
  const after = rest.map((word, at) => (isPrefix && at === rest.length - 1 ? word : `${word} `)).join('');
  return { kind: 'text', param, test: 'phrase', val, exact: after };
}
