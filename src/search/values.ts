/**
 * One FHIR value → its searchable forms, by parameter type: the datatype tables of
 * https://hl7.org/fhir/R4/search.html#table (token), #string, #reference, #quantity
 */
import { parseCanonical } from '../fhir/canonical.ts';
import { quantityRange, UNBOUNDED } from '../fhir/quantity.ts';
import type { NumberRange } from '../fhir/quantity.ts';
import { parseLocalReference } from '../fhir/reference.ts';
import { hash64 } from '../fhir/id.ts';
import { anySystemKey, codeHash, codeKey, ofTypeKey, systemKey, unitKey } from './keys.ts';
import type { TokenKey } from './keys.ts';
import { normaliseText } from './text.ts';
import { canonicalRange, canonicalUnit, UCUM } from './ucum.ts';

type Node = Readonly<Record<string, unknown>>;

/** A code with its system, as found in any of the types that a token parameter may select. */
export interface Code {
  readonly system: string | undefined;
  readonly code: string;
  /** Many resources have the same: no identifier, no telephone number. */
  readonly isRepeated: boolean;
}

/** Coding, CodeableConcept, Identifier, ContactPoint, code, boolean, id, string → codes. */
export function codesOf(value: unknown): readonly Code[] {
  if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number') {
    return [{ system: undefined, code: String(value), isRepeated: true }];
  }
  if (!isNode(value)) {
    return [];
  }
  if (Array.isArray(value['coding'])) {
    return value['coding'].flatMap(codesOf);
  }
  const code = text(value['code']);
  const found = code ?? text(value['value']);
  return found === undefined
    ? []
    : [{ system: systemOf(value), code: found, isRepeated: code !== undefined }];
}

/** `system` of a ContactPoint is no namespace but a kind (`phone`): a number is asked for by itself. */
function systemOf({ system }: Node): string | undefined {
  const name = text(system);
  return name?.includes(':') === true ? name : undefined;
}

/** Token rows: `system|code`, and for each system one row that `system|` finds. */
export function tokenValues(value: unknown): readonly TokenKey[] {
  return codesOf(value).flatMap(({ system, code, isRepeated }) => {
    const hash = isRepeated ? codeHash : hash64;
    const key = { h: hash(codeKey(system, code)), hv: hash(anySystemKey(system, code)) };
    return system === undefined ? [key] : [key, { h: codeHash(systemKey(system)), hv: null }];
  });
}

/** Texts beside a code, for `:text`: https://hl7.org/fhir/R4/search.html#token */
export function tokenTexts(value: unknown): readonly string[] {
  if (!isNode(value)) {
    return [];
  }
  const type = isNode(value['type']) ? text(value['type']['text']) : undefined;
  const codings = Array.isArray(value['coding']) ? (value['coding'] as readonly unknown[]) : [];
  return [
    ...('value' in value ? [type] : [text(value['text']), text(value['display'])]),
    ...codings.map((coding) => (isNode(coding) ? text(coding['display']) : undefined)),
  ].filter((found) => found !== undefined);
}

/** Keys of an Identifier under each code of its type, for `:of-type`. */
export function ofTypeKeys(value: unknown): readonly string[] {
  const number = isNode(value) ? text(value['value']) : undefined;
  if (number === undefined || !isNode((value as Node)['type'])) {
    return [];
  }
  return codesOf((value as Node)['type']).map(({ system, code }) =>
    hash64(ofTypeKey(codeKey(system, code), number)),
  );
}

/** What a reference element points at. */
export interface ReferenceValues {
  /** `Type/id` (of a versioned reference, `Type/id/_history/n` before it), a foreign url, or a canonical with and without its version. */
  readonly literals: readonly string[];
  readonly identifiers: readonly TokenKey[];
  /** The canonical as it is written. */
  readonly canonical?: string;
}

/** Reference, canonical, uri, or a resource inside a Bundle. References into `contained` are not searchable. */
export function referenceValues(value: unknown, baseUrl: string | undefined): readonly ReferenceValues[] {
  if (typeof value === 'string') {
    return [{ literals: canonicalForms(value), identifiers: [], canonical: value }];
  }
  if (!isNode(value)) {
    return [];
  }
  const reference = text(value['reference']) ?? ownReference(value);
  const identifiers = isNode(value['identifier']) ? tokenValues(value['identifier']) : [];
  return [{ literals: reference === undefined ? [] : literalForms(reference, baseUrl), identifiers }];
}

const ownReference = ({ resourceType, id }: Node): string | undefined =>
  typeof resourceType === 'string' && typeof id === 'string' ? `${resourceType}/${id}` : undefined;

/** One form for a literal reference, whichever way it was written; a version's own form goes before. */
export function literalForms(reference: string, baseUrl: string | undefined): readonly string[] {
  if (reference.startsWith('#')) {
    return [];
  }
  const local = parseLocalReference(reference, baseUrl);
  if (local === undefined) {
    return [reference];
  }
  const current = `${local.type}/${local.id}`;
  return local.versionId === undefined ? [current] : [`${current}/_history/${local.versionId}`, current];
}

export function canonicalForms(canonical: string): readonly string[] {
  const { url, version } = parseCanonical(canonical);
  return version === undefined ? [url] : [url, canonical];
}

/** A uri as a text of the index: long ones end in a hash, so that no two are the same. */
export const uriText = (uri: string): string =>
  uri.length <= MAX_TEXT ? uri : `${uri.slice(0, MAX_TEXT - 24)}#${hash64(uri)}`;

export interface TextValue {
  readonly val: string;
  readonly exact: string;
}

/** Parts of a HumanName or Address that count: https://hl7.org/fhir/R4/search.html#string */
const TEXT_PARTS = [
  'text',
  'family',
  'given',
  'prefix',
  'suffix',
  'line',
  'city',
  'district',
  'state',
  'postalCode',
  'country',
] as const;

export function textValues(value: unknown): readonly TextValue[] {
  if (typeof value === 'string') {
    return textValue(value);
  }
  return isNode(value) ? TEXT_PARTS.flatMap((part) => asList(value[part]).flatMap(textValues)) : [];
}

export function textValue(text: string): readonly TextValue[] {
  const exact = exactText(text);
  const val = normaliseText(exact).slice(0, MAX_TEXT);
  return val === '' ? [] : [{ val, exact }];
}

/** The text as `:exact` compares it: a letter with combining marks equals the same letter as one character. */
export const exactText = (text: string): string => text.normalize('NFC').slice(0, MAX_TEXT);

/** A btree entry may not exceed 2 700 bytes; nobody searches for the end of a longer text. */
export const MAX_TEXT = 400;

/** A number or range with the unit that it can be asked for in; `unit` '' = whatever the unit. */
export interface NumberForm extends NumberRange {
  readonly unit: string;
}

/** decimal, integer, Quantity and its kin, Range, Money, SampledData → one form for each way to ask. */
export function numberForms(value: unknown): readonly NumberForm[] {
  if (typeof value === 'number') {
    return [{ lo: value, hi: value, unit: '' }];
  }
  const range = isNode(value) ? rangeOf(value) : undefined;
  return range === undefined ? [] : [{ ...range, unit: '' }, ...unitForms(value as Node, range)];
}

function rangeOf(value: Node): NumberRange | undefined {
  if ('low' in value || 'high' in value) {
    const low = quantityRange(isNode(value['low']) ? value['low'] : {});
    const high = quantityRange(isNode(value['high']) ? value['high'] : {});
    return low === undefined && high === undefined
      ? undefined
      : { lo: low?.lo ?? -UNBOUNDED, hi: high?.hi ?? UNBOUNDED };
  }
  return 'origin' in value ? sampledRange(value) : quantityRange(value);
}

/** SampledData says where its values can lie: https://hl7.org/fhir/R4/datatypes.html#SampledData */
const sampledRange = ({ lowerLimit, upperLimit }: Node): NumberRange => ({
  lo: typeof lowerLimit === 'number' ? lowerLimit : -UNBOUNDED,
  hi: typeof upperLimit === 'number' ? upperLimit : UNBOUNDED,
});

/** In the canonical unit when the unit is one of UCUM; else under its system and code; and under its name as written. */
function unitForms(value: Node, range: NumberRange): readonly NumberForm[] {
  const source = [value, value['low'], value['high'], value['origin']].find(
    (part): part is Node => isNode(part) && ('value' in part || part === value) && hasUnit(part),
  );
  if (source === undefined) {
    return [];
  }
  const currency = text(source['currency']);
  const code = text(source['code']) ?? currency;
  const system = text(source['system']) ?? (currency === undefined ? undefined : CURRENCY);
  const canonical = system === UCUM && code !== undefined ? canonicalUnit(code) : undefined;
  const names = [canonical === undefined ? code : undefined, text(source['unit'])].filter(
    (name) => name !== undefined && !(canonical !== undefined && name === code),
  );
  return [
    ...(canonical === undefined
      ? codedForm(system, code, range)
      : [{ ...canonicalRange(range, canonical), unit: canonical.key }]),
    ...[...new Set(names as readonly string[])].map((name) => ({ ...range, unit: unitKey(undefined, name) })),
  ];
}

const codedForm = (
  system: string | undefined,
  code: string | undefined,
  range: NumberRange,
): readonly NumberForm[] =>
  system === undefined || code === undefined ? [] : [{ ...range, unit: unitKey(system, code) }];

const CURRENCY = 'urn:iso:std:iso:4217';

const hasUnit = (part: Node): boolean => 'code' in part || 'unit' in part || 'currency' in part;

const asList = (value: unknown): readonly unknown[] => {
  if (value === undefined || value === null) {
    return [];
  }
  return Array.isArray(value) ? value : [value];
};
const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;
export const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
