/**
 * What a loaded concept is found by, as lexemes of a PostgreSQL text-search vector: words, ancestors, properties. One
 * inverted index then answers "below this code, with these words" as one question, without any extension.
 * https://www.postgresql.org/docs/current/datatype-textsearch.html
 */
import type { Concept } from './concept.ts';
import { foldText, wordsOf } from './words.ts';

const MAX_VALUE = 200;
const SHORT = 4;

const wordKey = (word: string): string => `w${word}`;
/** The first one to four letters of a word: short beginnings are in so many words that each has a key of its own. */
const beginningKey = (letters: string): string => `b${letters}`;
/** First word of a text other than the display. */
export const startKey = (word: string): string => `^${word}`;
/** The concept itself and everything above it. */
export const ancestorKey = (code: string): string => `a${code}`;
export const parentKey = (code: string): string => `p${code}`;
export const propertyKey = (name: string, value: string): string => `=${name}=${value.slice(0, MAX_VALUE)}`;
export const hasPropertyKey = (name: string): string => `?${name}`;

/** A key as a lexeme of a vector or query. */
export const lexeme = (key: string): string => `'${key.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;

/** All of the words, each as a beginning. */
export const wordsQuery = (words: readonly string[]): string =>
  words
    .map((word) => (word.length <= SHORT ? lexeme(beginningKey(word)) : `${lexeme(wordKey(word))}:*`))
    .join(' & ');

const beginnings = (word: string): readonly string[] =>
  [1, 2, 3, 4].filter((length) => length <= word.length).map((length) => beginningKey(word.slice(0, length)));

/** The vector of a concept, as text that PostgreSQL reads. */
export function vectorOf(concept: Concept, ancestors: readonly string[]): string {
  const texts = concept.designations.map(({ value }) => value);
  const words = [concept.display ?? '', ...texts].flatMap(wordsOf);
  const starts = texts.flatMap((text) => foldText(text).split(' ', 1)).filter((word) => word !== '');
  const keys = new Set([
    ...words.map(wordKey),
    ...words.flatMap(beginnings),
    ...starts.map(startKey),
    ...ancestors.map(ancestorKey),
    ...concept.parents.map(parentKey),
    ...concept.properties.map(({ code }) => hasPropertyKey(code)),
    ...concept.properties.map(({ code, value }) => propertyKey(code, String(value))),
  ]);
  return [...keys].map(lexeme).join(' ');
}
