/** One content pack, as its file says it (docs/content-packs.md). The reader, content/packs.ts, has checked it. */

export const CONTENT_PACK = 'https://ryggrad.no/fhir/StructureDefinition/content-pack';

/** A JSON file of the folder of packs: one instrument in one language. */
export interface ContentPack {
  readonly instrument: string;
  readonly version: string;
  readonly language: PackLanguage;
  /** Who owns the wording, and the agreement by which it is used here. */
  readonly holder: string;
  readonly licence: string;
  /** Days, both included; without the last there is no end. */
  readonly validFrom: string;
  readonly validTo?: string;
  /** Of all of the above and below: content/pack-checksum.ts. */
  readonly checksum: string;
  /** What stands above the instrument's questions, and below them: instructions, what the holder wants to be named. */
  readonly intro?: string;
  readonly footer?: string;
  /** By code of the instrument's item, whatever form asks it: the question, and its answers by their points. */
  readonly items?: Readonly<Record<string, PackText>>;
  /** By linkId, of one register's form: for what is no item, and for instruments that are not defined here. Answers by code. */
  readonly texts?: Readonly<Record<string, PackText>>;
}

export const PACK_LANGUAGES = ['nb', 'nn', 'en'] as const;
export type PackLanguage = (typeof PACK_LANGUAGES)[number];

export interface PackText {
  readonly text?: string;
  readonly answers?: Readonly<Record<string, string>>;
}
