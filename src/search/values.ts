/**
 * One FHIR value → its searchable forms, by parameter type: the datatype tables of
 * https://hl7.org/fhir/R4/search.html#table (token), #string, #reference, #quantity
 */
import { parseCanonical } from '../fhir/canonical.ts';
import { quantityRange, UNBOUNDED } from '../fhir/quantity.ts';
import type { NumberRange } from '../fhir/quantity.ts';
import { parseLocalReference } from '../fhir/reference.ts';
import { hash64 } from '../fhir/id.ts';
import { anySystemKey, codeKey, systemKey, tokenKey, unitKey } from './keys.ts';
import type { TokenKey } from './keys.ts';
import { normaliseText } from './text.ts';

type Node = Readonly<Record<string, unknown>>;

/** A code with its system, as found in any of the types that a token parameter may select. */
export interface Code {
  readonly system: string | undefined;
  readonly code: string;
}

/** Coding, CodeableConcept, Identifier, ContactPoint, code, boolean, id, string → codes. */
export function codesOf(value: unknown): readonly Code[] {
  if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number') {
    return [{ system: undefined, code: String(value) }];
  }
  if (!isNode(value)) {
    return [];
  }
  if (Array.isArray(value['coding'])) {
    return value['coding'].flatMap(codesOf);
  }
  const code = text(value['code']) ?? text(value['value']);
  return code === undefined ? [] : [{ system: systemOf(value), code }];
}

/** `system` of a ContactPoint is no namespace but a kind (`phone`): a number is asked for by itself. */
function systemOf({ system }: Node): string | undefined {
  const name = text(system);
  return name?.includes(':') === true ? name : undefined;
}

/** Token rows: `system|code`, and for each system one row that `system|` finds. */
export function tokenValues(value: unknown): readonly TokenKey[] {
  return codesOf(value).flatMap(({ system, code }) => [
    tokenKey(codeKey(system, code), anySystemKey(system, code)),
    ...(system === undefined ? [] : [tokenKey(systemKey(system), null)]),
  ]);
}

/** What a reference element points at. */
export interface ReferenceValues {
  /** `Type/id`, a foreign url, or a canonical with and without its version. */
  readonly literals: readonly string[];
  readonly identifiers: readonly TokenKey[];
}

/** Reference, canonical, uri, or a resource inside a Bundle. References into `contained` are not searchable. */
export function referenceValues(value: unknown, baseUrl: string | undefined): readonly ReferenceValues[] {
  if (typeof value === 'string') {
    return [{ literals: canonicalForms(value), identifiers: [] }];
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

/** One form for a literal reference, whichever way it was written. */
export function literalForms(reference: string, baseUrl: string | undefined): readonly string[] {
  if (reference.startsWith('#')) {
    return [];
  }
  const local = parseLocalReference(reference, baseUrl);
  return [local === undefined ? reference : `${local.type}/${local.id}`];
}

export function canonicalForms(canonical: string): readonly string[] {
  const { url, version } = parseCanonical(canonical);
  return version === undefined ? [url] : [url, canonical];
}

/** A canonical is found by its url and by url|version; any other uri as it is written. */
export const uriValues = (value: unknown): readonly string[] =>
  typeof value === 'string' ? canonicalForms(value) : [];

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

function textValue(exact: string): readonly TextValue[] {
  const val = normaliseText(exact).slice(0, MAX_TEXT);
  return val === '' ? [] : [{ val, exact: exact.slice(0, MAX_TEXT) }];
}

/** A btree entry may not exceed 2 700 bytes; nobody searches for the end of a longer text. */
export const MAX_TEXT = 400;

export interface NumberValue extends NumberRange {
  readonly unit: string | null;
}

/** decimal, integer, Quantity and its kin, Range, Money, SampledData → rows by unit and one without. */
export function numberValues(value: unknown): readonly NumberValue[] {
  if (typeof value === 'number') {
    return [{ lo: value, hi: value, unit: null }];
  }
  const range = isNode(value) ? rangeOf(value) : undefined;
  if (range === undefined) {
    return [];
  }
  return [null, ...unitsOf(value as Node)].map((unit) => ({
    ...range,
    unit: unit === null ? null : hash64(unit),
  }));
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

/** Texts that the unit of a quantity can be asked for by. */
export function unitsOf(value: Node): readonly string[] {
  const source = [value, value['low'], value['high'], value['origin']].find(
    (part): part is Node => isNode(part) && ('value' in part || part === value) && hasUnit(part),
  );
  if (source === undefined) {
    return [];
  }
  const code = text(source['code']);
  const units = [code, text(source['unit']), text(source['currency'])].filter((unit) => unit !== undefined);
  const system = text(source['system']) ?? (text(source['currency']) === undefined ? undefined : CURRENCY);
  const coded = code ?? text(source['currency']);
  return [
    ...(system === undefined || coded === undefined ? [] : [unitKey(system, coded)]),
    ...new Set(units.map((unit) => unitKey(undefined, unit))),
  ];
}

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
