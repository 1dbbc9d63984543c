/**
 * Texts and codes as they are compared when somebody types: small letters, no accents, words.
 * Norwegian letters stay letters; their Swedish forms are read as them.
 */

const SAME_LETTER: Readonly<Record<string, string>> = { ä: 'æ', ö: 'ø', ß: 'ss', ð: 'd', þ: 'th', ł: 'l' };
const MAX_WORD = 60;

/** `Isjias, akutt (høyre)` → `['isjias', 'akutt', 'høyre']`. */
export function wordsOf(text: string): readonly string[] {
  const plain = text
    .toLowerCase()
    .normalize('NFC')
    .replace(/[^a-z0-9\s]/gu, (letter) => SAME_LETTER[letter] ?? withoutAccent(letter));
  return plain
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
    .map((word) => word.slice(0, MAX_WORD));
}

/** æ, ø and å are letters of their own. */
const withoutAccent = (letter: string): string =>
  letter === 'å' ? letter : letter.normalize('NFD').replace(/\p{M}/gu, '');

/** Words with one space between them, to compare beginnings of texts. */
export const foldText = (text: string): string => wordsOf(text).join(' ');

/** `M51.1`, `m 51.1` and `M511` are one code to somebody who types it. */
export const foldCode = (code: string): string => code.toLowerCase().replace(/[.\s-]/g, '');
