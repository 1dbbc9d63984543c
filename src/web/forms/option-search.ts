/**
 * Finding an option of a long list by what was typed: code, name, or `code name` as the list shows it.
 */
import type { Coding } from '../../fhir/types.ts';
import type { AnswerOption } from '../../sdc/form-types.ts';

/** Codes that people know and type, as of ICD-10 and NCSP; our own codes (`morphine-po`) are not for reading. */
const KNOWN_CODE = /^[A-Z0-9][A-Z0-9.+*-]*$/;

/** The code of an option where people know it. */
export const shownCode = ({ code }: Coding): string | undefined =>
  code !== undefined && KNOWN_CODE.test(code) ? code : undefined;

/** How an option of a long list is shown and typed: `M54.5 Korsryggsmerte`. */
export const searchLabel = ({ coding }: Pick<AnswerOption, 'coding'>): string =>
  [shownCode(coding), coding.display ?? coding.code].filter((part) => part !== undefined).join(' ');

const fold = (text: string): string => text.trim().replace(/\s+/g, ' ').toLocaleLowerCase('nb');
const foldCode = (text: string): string => fold(text).replace(/[. ]/g, '');

/** Options whose words begin as the words of a text do: `morf iv` is Morfin iv/sc/im. Of a code the whole is needed. */
export function optionsLike(options: readonly AnswerOption[], text: string): readonly AnswerOption[] {
  const wanted = wordsOf(text);
  return options.filter(
    (option) => !option.isSystemOnly && wanted.length > 0 && wanted.every((word) => isIn(option, word)),
  );
}

const isIn = ({ coding }: AnswerOption, word: string): boolean =>
  wordsOf(coding.display ?? '').some((own) => own.startsWith(word)) ||
  foldCode(shownCode(coding) ?? '') === foldCode(word);

const wordsOf = (text: string): readonly string[] =>
  fold(text)
    .split(/[\s/(),:-]+/)
    .filter((word) => word !== '');

/**
 * The one option that a text names, by its label, its name or its code; undefined when none or several could be meant.
 * Options that only the system sets never fit.
 */
export function matchOption(options: readonly AnswerOption[], text: string): AnswerOption | undefined {
  const wanted = fold(text);
  const offered = options.filter(({ isSystemOnly }) => !isSystemOnly);
  const byLabel = offered.filter((option) => fold(searchLabel(option)) === wanted);
  const byName = offered.filter(({ coding }) => fold(coding.display ?? '') === wanted);
  const byCode = offered.filter(({ coding }) => foldCode(coding.code ?? '') === foldCode(text));
  const found = [byLabel, byName, byCode].find(({ length }) => length > 0) ?? [];
  return found.length === 1 ? found[0] : undefined;
}
