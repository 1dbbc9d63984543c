/** Ids and codes made of Norwegian names and texts. */

const LONGEST = 40;

/** `Nei - ikke behov` → `nei-ikke-behov`; empty when nothing is left. */
export function slug(text: string): string {
  const plain = text
    .toLowerCase()
    .replaceAll('æ', 'ae')
    .replaceAll('ø', 'o')
    .replaceAll('å', 'a')
    .normalize('NFD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
  return plain.length <= LONGEST ? plain : plain.slice(0, LONGEST).replace(/-[^-]*$/, '');
}

/** The name, or with the first number behind it that makes it another one than those before. */
export function unique(name: string, taken: ReadonlySet<string>): string {
  let candidate = name;
  for (let number = 2; taken.has(candidate); number += 1) {
    candidate = `${name}-${number}`;
  }
  return candidate;
}

/** Text without the marks of HTML. */
export const withoutMarks = (text: string): string =>
  text
    .replaceAll(/<\/?[a-z][^<>]*>/gi, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
