/**
 * How strings compare: https://hl7.org/fhir/R4/search.html#string
 * Without regard to case, accents, punctuation and repeated space. æ, ø and å are letters of their own and no accented
 * ones: Bråten is not Braten. (å is kept as ÿ, so that the order of the bytes is that of the alphabet: æ, ø, å.) A letter is the same whether it comes as one character or with combining marks.
 */
const LETTERS: Readonly<Record<string, string>> = {
  å: 'ÿ',
  œ: 'oe',
  ß: 'ss',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ł: 'l',
  ŋ: 'n',
  ŧ: 't',
};

const ASCII = /^[\x20-\x7e]*$/;

/** The form that is indexed and asked for. */
export function normaliseText(text: string): string {
  const plain = ASCII.test(text)
    ? text.toLowerCase()
    : text
        .normalize('NFC')
        .toLowerCase()
        .replace(/[^\0-\x7fæø]/gu, fold);
  return WORD.test(plain)
    ? plain
    : plain
        .replace(/['`]/g, '')
        .replace(/[^\p{L}\p{N}]+/gu, ' ')
        .trim();
}

const WORD = /^[a-z0-9æøÿ]*$/;

/** Characters that fold to themselves or to others, as met; Unicode has an end. */
const folded = new Map<string, string>();

function fold(character: string): string {
  const known = folded.get(character);
  if (known !== undefined) {
    return known;
  }
  const plain = character
    .normalize('NFD')
    .replace(/(?<!a)\u030a/g, '')
    .replace(/[^\P{M}\u030a]/gu, '')
    .normalize('NFC');
  const letter = /[’´]/u.test(plain) ? '' : (LETTERS[plain] ?? plain);
  folded.set(character, letter);
  return letter;
}

/** The words of a text, in order. */
export const wordsOf = (text: string): readonly string[] =>
  normaliseText(text)
    .split(' ')
    .filter((word) => word !== '');
