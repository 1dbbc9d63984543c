/**
 * The texts that are hashed into the token table, the same for indexing and for asking:
 * https://hl7.org/fhir/R4/search.html#token and #reference
 */
import { hash64 } from '../fhir/id.ts';

/** ICD-10 is written with and without a dot (`I20.0`, `I200`): one code. */
const DOTLESS_SYSTEMS: ReadonlySet<string> = new Set([
  'urn:oid:2.16.578.1.12.4.1.1.7110',
  'http://hl7.org/fhir/sid/icd-10',
]);

const ICD10 = /^[A-Z]\d\d\.?\d{0,2}[A-Z]?$/;
/** Marks the dotless form among codes of unknown system, so that a dotless code of another system is not hit. */
const DOTLESS = 'icd-10:';

/** Text of `h` for a code with a system; without one, the bar stands alone (`|code`). */
export const codeKey = (system: string | undefined, code: string): string =>
  system !== undefined && DOTLESS_SYSTEMS.has(system)
    ? `${system}|${withoutDot(code)}`
    : `${system ?? ''}|${code}`;

/** Text of `h` that every code of a system has: `system|`. */
export const systemKey = (system: string): string => `${system}|`;

/** Text of `hv` in an index row. */
export const anySystemKey = (system: string | undefined, code: string): string =>
  system !== undefined && DOTLESS_SYSTEMS.has(system) ? `${DOTLESS}${withoutDot(code)}` : code;

/** Texts of `hv` that a code asked for without a system may have. */
export const anySystemKeys = (code: string): readonly string[] =>
  ICD10.test(code) ? [code, `${DOTLESS}${withoutDot(code)}`] : [code];

const withoutDot = (code: string): string => code.toUpperCase().replace('.', '');

/** Parameters under which further forms of a value are indexed, for modifiers. */
/** Logical references (`Reference.identifier`). */
export const identifierParameter = (code: string): string => `${code}:identifier`;
/** Texts beside a code: display, text. */
export const textParameter = (code: string): string => `${code}:text`;
/** Identifiers with their type. */
export const ofTypeParameter = (code: string): string => `${code}:of-type`;
/** Canonicals as texts, for `:below` and `:above`. */
export const canonicalParameter = (code: string): string => `${code}:canonical`;

/** Text of `h` for an identifier with its type. */
export const ofTypeKey = (type: string, value: string): string => `${type}|${value}`;

/** The pair of hashes of one index row. */
export interface TokenKey {
  readonly h: string;
  readonly hv: string | null;
}

/** Hashes of codes: the same few thousand come again and again, and a hash takes a microsecond. */
const hashes = new Map<string, string>();
const MAX_HASHES = 50_000;
/** Longer texts are no codes. */
const MAX_CODE = 150;

/** `hash64` of a text that is met often. */
export function codeHash(text: string): string {
  const known = hashes.get(text);
  if (known !== undefined) {
    return known;
  }
  const made = hash64(text);
  if (text.length <= MAX_CODE) {
    if (hashes.size >= MAX_HASHES) {
      hashes.clear();
    }
    hashes.set(text, made);
  }
  return made;
}

/** Text of the unit of a number row: `system|code`, `|unit`; null rows are searched without a unit. */
export const unitKey = (system: string | undefined, unit: string): string => `${system ?? ''}|${unit}`;

/** Text of a row that holds several parts of one element; `*` stands for a part's any-system form. */
export const tupleKey = (parts: readonly string[]): string => parts.join('$');
export const anySystemPart = (code: string): string => `*|${code}`;
