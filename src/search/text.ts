/**
 * How strings compare: https://hl7.org/fhir/R4/search.html#string
 * Without regard to case, diacritics, punctuation and repeated space; å counts as a, ø as o, æ as ae, so that a name is
 * found from a keyboard without Norwegian letters and the other way round.
 */
const LETTERS: Readonly<Record<string, string>> = {
  æ: 'ae',
  ø: 'o',
  œ: 'oe',
  ß: 'ss',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ł: 'l',
  ŋ: 'n',
  ŧ: 't',
};

/** The form that is indexed and asked for. */
export function normaliseText(text: string): string {
  return text
    .toLowerCase()
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/[æøœßđðþłŋŧ]/g, (letter) => LETTERS[letter] ?? letter)
    .replace(/['’`´]/g, '')
    .replace(/[\p{P}\p{S}\s]+/gu, ' ')
    .trim();
}
