/**
 * What a password must be like: upper and lower case, digit and sign, as the registers' user guides say; long enough
 * (ASVS 5.0 6.2.1); and not what everybody tries first (6.2.4, 6.2.11).
 */
import { COMMON_WORDS } from './common-words.ts';

const SHORTEST_PASSWORD = 10;
const LONGEST_PASSWORD = 128;

/** `kort`: too short, `lang`: too long, `tegn`: a kind of character is missing, `vanlig`: guessed at once. */
export type PasswordProblem = 'kort' | 'lang' | 'tegn' | 'vanlig';

const KINDS = [/\p{Lu}/u, /\p{Ll}/u, /\p{Nd}/u, /[^\p{L}\p{Nd}]/u] as const;

/** What is wrong with a password, if anything; `own` are the person's names and the account's. */
export function passwordProblem(password: string, own: readonly string[]): PasswordProblem | undefined {
  const length = [...password].length;
  if (length < SHORTEST_PASSWORD) {
    return 'kort';
  }
  if (length > LONGEST_PASSWORD) {
    return 'lang';
  }
  if (!KINDS.every((kind) => kind.test(password))) {
    return 'tegn';
  }
  return isCommon(password, own) ? 'vanlig' : undefined;
}

/** A common word, a year and a sign fulfil every rule of characters; they are what is left out here. */
function isCommon(password: string, own: readonly string[]): boolean {
  const plain = plainOf(password);
  const letters = plain.replaceAll(/[^\p{L}]/gu, '');
  const names = own
    .flatMap((name) => name.toLowerCase().split(/[^\p{L}]+/u))
    .filter((name) => name.length >= 3);
  const rest = names.reduce((text, name) => text.replaceAll(name, ''), letters);
  return (
    new Set(plain).size < 5 ||
    isMadeOfWords(letters) ||
    (rest.length < letters.length && (rest.length < 4 || isMadeOfWords(rest)))
  );
}

/** Is the text nothing but words of the list, one after another? */
function isMadeOfWords(text: string): boolean {
  const reached = new Set([0]);
  for (let at = 0; at < text.length; at++) {
    if (reached.has(at)) {
      COMMON_WORDS.filter((word) => text.startsWith(word, at)).forEach((word) =>
        reached.add(at + word.length),
      );
    }
  }
  return reached.has(text.length);
}

const LOOKALIKES: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
  '!': 'i',
};

/** Lower case, without what stands before and after the letters, digits and signs inside read as the letters they stand for. */
function plainOf(password: string): string {
  const inner = password
    .normalize('NFKC')
    .toLowerCase()
    .replace(/^[^\p{L}@$]+/u, '')
    .replace(/[^\p{L}@$]+$/u, '');
  return [...inner].map((sign) => LOOKALIKES[sign] ?? sign).join('');
}
