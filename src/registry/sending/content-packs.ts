/**
 * Content packs: the licensed wording of an instrument, which the operator installs. A form that asks an instrument whose
 * wording is licensed, or that names one in the extension `content-pack`, is shown to patients with its pack's words, and not at
 * all without a pack that is valid on the day and has a word for everything that is asked (docs/content-packs.md).
 */
import type { ScoredForm } from '../form/facts.ts';
import { CONTENT_PACK, type ContentPack, PACK_LANGUAGES } from './pack.ts';
import { missingWords } from './pack-cover.ts';

export interface Packs {
  /** The packs of an instrument that are valid on a day: one for each language, bokmål first. */
  find(instrument: string, day: string): readonly ContentPack[];
}

export const noPacks: Packs = { find: () => [] };

/** Of several in one language that are valid, the one that became so last. */
export function packsOf(packs: readonly ContentPack[]): Packs {
  return {
    find(instrument, day) {
      const valid = packs
        .filter((pack) => pack.instrument === instrument && isValidOn(pack, day))
        .toSorted((a, b) => a.validFrom.localeCompare(b.validFrom));
      return PACK_LANGUAGES.flatMap((one) => valid.findLast(({ language }) => language === one) ?? []);
    },
  };
}

export const isValidOn = (
  { validFrom, validTo }: Pick<ContentPack, 'validFrom' | 'validTo'>,
  day: string,
): boolean => validFrom <= day && (validTo ?? day) >= day;

/** Instruments whose wording the form needs: those that it names, and those that it asks whose wording is licensed. */
export function instrumentsOf({ form, bindings }: ScoredForm): readonly string[] {
  const named = (form.questionnaire.extension ?? [])
    .filter(({ url }) => url === CONTENT_PACK)
    .flatMap((pack) => pack.extension ?? [])
    .flatMap(({ url, valueCode }) => (url === 'instrument' && valueCode !== undefined ? [valueCode] : []));
  const licensed = bindings
    .filter(({ instrument }) => instrument.wording.status === 'licensed')
    .map(({ instrument }) => instrument.id);
  return [...new Set([...named, ...licensed])];
}

/** The packs that a form needs on a day, in all languages; undefined when an instrument has none that is whole. */
export function packsFor(packs: Packs, scored: ScoredForm, day: string): readonly ContentPack[] | undefined {
  const found = instrumentsOf(scored).map((instrument) =>
    packs.find(instrument, day).filter((pack) => missingWords(scored, pack).length === 0),
  );
  return found.some((whole) => whole.length === 0) ? undefined : found.flat();
}
