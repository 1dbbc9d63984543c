/**
 * Content packs: the licensed wording of an instrument, which the operator installs. A form that names an instrument in the
 * extension `content-pack` is shown to patients with its pack's words, and not at all without a pack that is valid on the day.
 */
import type { Questionnaire } from '../../fhir/types.ts';

export const CONTENT_PACK = 'https://ryggrad.no/fhir/StructureDefinition/content-pack';

/** A file `<instrument>.json` of the folder of packs. */
export interface ContentPack {
  readonly instrument: string;
  readonly version: string;
  /** BCP 47. */
  readonly language: string;
  /** Who owns the wording, and the agreement by which it is used here. */
  readonly holder: string;
  readonly licence: string;
  /** Days, both included; without the last there is no end. */
  readonly validFrom: string;
  readonly validTo?: string;
  /** By linkId: the question's text, and the texts of its answers by code. */
  readonly texts: Readonly<Record<string, PackText>>;
}

export interface PackText {
  readonly text?: string;
  readonly answers?: Readonly<Record<string, string>>;
}

export interface Packs {
  /** The pack of an instrument that is valid on a day. */
  find(instrument: string, day: string): ContentPack | undefined;
}

export const noPacks: Packs = { find: () => undefined };

/** Of several that are valid, the one that became so last. */
export function packsOf(packs: readonly ContentPack[]): Packs {
  return {
    find: (instrument, day) =>
      packs
        .filter(
          (pack) => pack.instrument === instrument && pack.validFrom <= day && (pack.validTo ?? day) >= day,
        )
        .toSorted((a, b) => a.validFrom.localeCompare(b.validFrom))
        .at(-1),
  };
}

/** Instruments whose wording the form needs. */
export const instrumentsOf = ({ extension = [] }: Questionnaire): readonly string[] =>
  extension
    .filter(({ url }) => url === CONTENT_PACK)
    .flatMap((pack) => pack.extension ?? [])
    .flatMap(({ url, valueCode }) => (url === 'instrument' && valueCode !== undefined ? [valueCode] : []));

/** The packs that a form needs on a day; undefined when one of them is missing. */
export function packsFor(
  packs: Packs,
  questionnaire: Questionnaire,
  day: string,
): readonly ContentPack[] | undefined {
  const found = instrumentsOf(questionnaire).map((instrument) => packs.find(instrument, day));
  return found.some((pack) => pack === undefined) ? undefined : (found as readonly ContentPack[]);
}
