/**
 * Direct identifiers of persons: which they are, where in a resource they stand, and the references that stand in their
 * place in what is stored (ID-01). https://hl7.org/fhir/R4/datatypes.html#Identifier
 * A reference is 22 letters between marks, as `~id-AAAAAAAAAAAAAAAAAAAAAA~`: harmless in JSON, in addresses and in patterns.
 */
import {
  classifyPersonNumber,
  IDENTIFIER_SYSTEMS,
  normaliseIdentifierSystem,
  OTHER_NUMBERS,
} from './identifiers.ts';
import { copyExactNumbers } from './json.ts';
import type { JsonObject, JsonValue } from './types.ts';

/** Systems whose values point at one person outside of the register. The one list of them. */
const DIRECT_SYSTEMS: ReadonlySet<string> = new Set([
  IDENTIFIER_SYSTEMS.fnr,
  IDENTIFIER_SYSTEMS.dnr,
  IDENTIFIER_SYSTEMS.fhn,
  IDENTIFIER_SYSTEMS.duf,
  IDENTIFIER_SYSTEMS.hnr,
  'urn:oid:1.2.752.129.2.1.3.1', // Sweden: personnummer
  'urn:oid:1.2.752.129.2.1.3.3', // Sweden: samordningsnummer
  'urn:oid:1.2.208.176.1.2', // Denmark: CPR
  'urn:oid:1.2.246.21', // Finland: henkilötunnus
  'urn:oid:2.16.840.1.113883.4.1', // United States: social security number
  'http://hl7.org/fhir/sid/us-ssn',
]);
/** https://terminology.hl7.org/NamingSystem-passportNumNS.html: one system for each country. */
const PASSPORTS = /^http:\/\/hl7\.org\/fhir\/sid\/passport-|^urn:oid:2\.16\.840\.1\.113883\.4\.330\./;

/**
 * Extension on a question whose answers say who somebody is (a telephone number, an address), and on the answers' item as it
 * is stored: pseudonymised readers do not get it.
 */
export const DIRECT_ANSWER = 'https://ryggrad.no/fhir/StructureDefinition/direct-identifier';

/** In any spelling of the system. */
export function isDirectSystem(system: string): boolean {
  const uri = normaliseIdentifierSystem(system);
  return DIRECT_SYSTEMS.has(uri) || PASSPORTS.test(uri) || uri.startsWith(OTHER_NUMBERS);
}

/**
 * A value as it is looked up and kept: `n|` and eleven digits, whatever the system; `s|system|value`; `f|` and the base64
 * of a file, in which there may be anything.
 */
export type DirectValue = string;

/** A national number alone in a text, or as `ddmmyy nnnnn`. */
const NUMBER = /(?<![0-9A-Za-z]|\d\.)(\d{6})([ -]?)(\d{5})(?![0-9A-Za-z]|\.\d)/g;
const MAYBE_NUMBER = /(?<![0-9A-Za-z])\d{6}[ -]?\d{5}(?![0-9A-Za-z])/;
/** Files, and systems that may be in the list; one pattern that begins with what is rare. */
const MAYBE_OTHER =
  /"(?:data":"|system":"(?:HNR"|urn:oid:(?:2\.16\.578\.1\.12\.4\.1\.4\.[1235]"|1\.2\.(?:752|208|246)\.|2\.16\.840\.1\.113883\.4\.)|http:\/\/hl7\.org\/fhir\/sid\/|https:\/\/ryggrad\.no\/fhir\/NamingSystem\/annet-id\/))/;

/** False for most resources: their text has nothing that could be one. */
export const mayHoldDirect = (text: string): boolean => MAYBE_NUMBER.test(text) || MAYBE_OTHER.test(text);

const STYLES: Readonly<Record<string, string>> = { '': 'd', ' ': 's', '-': 'h' };
const SEPARATORS: Readonly<Record<string, string>> = { d: '', s: ' ', h: '-' };
const MARK = /~i([dsh])-([A-Za-z0-9_-]{22})~/g;

/** What stands in place of a value. `separator` is what is written between the parts of a national number. */
export const markOf = (ref: string, separator = ''): string => `~i${STYLES[separator] ?? 'd'}-${ref}~`;

/** What no value has: a search for an identifier that is not known here looks for it. */
export const NO_MARK = markOf('none'.padEnd(22, '-'));

export const MARK_START = '~i';

/** Fast, and false for most texts; true is to be looked into. */
export const mayHaveMark = (text: string): boolean => text.includes(MARK_START);

export const hasMark = (text: string): boolean => mayHaveMark(text) && text.search(MARK) !== -1;

export const refsIn = (text: string): readonly string[] =>
  mayHaveMark(text) ? [...text.matchAll(MARK)].map(([, , ref = '']) => ref) : [];

/** A JSON text with its values in place. */
export const withoutMarks = (text: string, valueOf: (ref: string) => DirectValue): string =>
  text.replace(MARK, (_, style: string, ref: string) =>
    JSON.stringify(shown(valueOf(ref), SEPARATORS[style] ?? '')).slice(1, -1),
  );

/** A JSON text for those who may not read what is in place of the values. */
export const redactMarks = (text: string): string => (mayHaveMark(text) ? text.replace(MARK, '***') : text);

function shown(value: DirectValue, separator: string): string {
  const rest = value.slice(2);
  switch (value.charAt(0)) {
    case 'n':
      return `${rest.slice(0, 6)}${separator}${rest.slice(6)}`;
    case 's':
      return rest.slice(rest.indexOf('|') + 1);
    default:
      return rest;
  }
}

/** A text with its national numbers replaced. */
const replaceNumbers = (text: string, replace: (value: DirectValue, separator: string) => string): string =>
  text.length < 11
    ? text
    : text.replace(NUMBER, (written, date: string, separator: string, rest: string) =>
        isNationalNumber(date + rest) ? replace(`n|${date}${rest}`, separator) : written,
      );

/** With check digits that hold: eleven digits of other meanings rarely have them, and lose nothing when they do. */
export function isNationalNumber(digits: string): boolean {
  const found = classifyPersonNumber(digits);
  return found.kind !== 'invalid' && found.checkDigits === 'ok';
}

/** The value of an identifier as it is looked up; undefined for one that is no direct identifier. `system` may be any. */
export function directValue(system: string | undefined, value: string): DirectValue | undefined {
  if (/^\d{11}$/.test(value) && isNationalNumber(value)) {
    return `n|${value}`;
  }
  return system !== undefined && value !== '' && isDirectSystem(system)
    ? `s|${normaliseIdentifierSystem(system)}|${value}`
    : undefined;
}

/** What a value that was searched for without its system may be. */
export const directValues = (value: string): readonly DirectValue[] => {
  const number = directValue(undefined, value);
  return number === undefined ? [...DIRECT_SYSTEMS].map((system) => `s|${system}|${value}`) : [number];
};

/** Ids are never national numbers: such an id is refused. */
const LOCAL = /^[A-Z][A-Za-z]+\/[A-Za-z0-9.-]{1,64}(?:\/_history\/[A-Za-z0-9.-]{1,64})?$/;

type Replace = (value: DirectValue, separator: string) => string;

/** Members whose texts are the server's own, or that it finds rows by. */
const UNTOUCHED: ReadonlySet<string> = new Set(['id', 'system', 'resourceType', 'versionId', 'lastUpdated']);

/**
 * The value with every direct identifier replaced, at any depth: values of identifiers of direct systems, national numbers
 * in any text (narratives, notes, conditional references), and files whole. What has none is the same object.
 */
export function replaceDirect<T extends JsonValue>(value: T, replace: Replace): T {
  if (Array.isArray(value)) {
    const items = value as readonly JsonValue[];
    const changed = items.map((item) =>
      typeof item === 'string' ? replaceNumbers(item, replace) : replaceDirect(item, replace),
    );
    return (changed.some((item, at) => item !== items[at]) ? changed : value) as T;
  }
  if (value === null || typeof value !== 'object') {
    return value;
  }
  const object = value as JsonObject;
  let changed: Record<string, JsonValue> | undefined;
  for (const [key, member] of Object.entries(object)) {
    const next =
      typeof member === 'string' ? replaceText(key, member, object, replace) : replaceDirect(member, replace);
    if (next !== member) {
      changed ??= { ...object };
      changed[key] = next;
    }
  }
  if (changed === undefined) {
    return value;
  }
  copyExactNumbers(object, changed);
  return changed as unknown as T;
}

function replaceText(key: string, text: string, object: JsonObject, replace: Replace): string {
  if (UNTOUCHED.has(key) || hasMark(text) || (key === 'reference' && LOCAL.test(text))) {
    return text;
  }
  if (key === 'data' && object['origin'] === undefined && text !== '') {
    return replace(`f|${text}`, '');
  }
  const { system } = object;
  const direct = key === 'value' && typeof system === 'string' ? directValue(system, text) : undefined;
  return direct === undefined ? replaceNumbers(text, replace) : replace(direct, '');
}

/** Every direct identifier in a resource, each once. */
export function directValuesIn(resource: JsonObject): readonly DirectValue[] {
  const found = new Set<DirectValue>();
  replaceDirect(resource, (value) => {
    found.add(value);
    return '';
  });
  return [...found];
}
