/**
 * Norwegian identifiers: check digits, dates, kinds.
 * Sources: Skatteetaten "Nytt fødselsnummer fra 2032" (relaxed first check digit), KITH 1001:2010 "Identifikatorer for
 * personer", Brønnøysundregistrene "Om organisasjonsnummeret", HL7 Norway no-basis (identifier systems).
 * The number is only checked: from 2032 it carries neither sex nor century, so nothing is derived from it for use.
 */
const OID = 'urn:oid:2.16.578.1.12.4.1.4';

export const IDENTIFIER_SYSTEMS = {
  fnr: `${OID}.1`,
  dnr: `${OID}.2`,
  fhn: `${OID}.3`,
  hpr: `${OID}.4`,
  duf: `${OID}.5`,
  enh: `${OID}.101`,
  resh: `${OID}.102`,
  herId: 'urn:oid:2.16.578.1.12.4.1.2',
  hnr: 'HNR',
} as const;

/** How the systems of numbers begin that are no Norwegian ones and belong to the department that wrote them down. */
export const OTHER_NUMBERS = 'https://ryggrad.no/fhir/NamingSystem/annet-id/';

/** Systems of the numbers that one person has one of. */
export const NATIONAL_SYSTEMS: readonly string[] = [
  IDENTIFIER_SYSTEMS.fnr,
  IDENTIFIER_SYSTEMS.dnr,
  IDENTIFIER_SYSTEMS.fhn,
];

export type PersonNumberKind = 'fnr' | 'dnr' | 'hnr' | 'fhn';

/** What a string of eleven digits is. `synthetic` names the offset on the month of test populations. */
export type PersonNumberClass =
  | {
      readonly kind: PersonNumberKind;
      readonly synthetic?: '+65' | '+80';
      readonly checkDigits: 'ok' | 'not-required';
    }
  | { readonly kind: 'invalid'; readonly reason: 'malformed' | 'invalid-date' | 'invalid-checksum' };

export interface IdentifierFault {
  readonly rule: string;
  readonly message: string;
}

const K1_WEIGHTS = [3, 7, 6, 1, 8, 9, 4, 5, 2];
const K2_WEIGHTS = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2];
const ORG_WEIGHTS = [3, 2, 7, 6, 5, 4, 3, 2];

/** Which kind of person number this is, or why it is none. Never says whose. */
export function classifyPersonNumber(value: string): PersonNumberClass {
  if (!/^[0-9]{11}$/.test(value)) {
    return { kind: 'invalid', reason: 'malformed' };
  }
  if (value >= '8') {
    return hasValidCheckDigits(value)
      ? { kind: 'fhn', checkDigits: 'ok' }
      : { kind: 'invalid', reason: 'invalid-checksum' };
  }
  const date = dateParts(value);
  if (!isPossibleDate(date)) {
    return { kind: 'invalid', reason: 'invalid-date' };
  }
  const kind = date.isDNumber ? 'dnr' : 'fnr';
  if (date.offset === 40) {
    return {
      kind: date.isDNumber ? 'dnr' : 'hnr',
      checkDigits: hasValidCheckDigits(value) ? 'ok' : 'not-required',
    };
  }
  if (!hasValidCheckDigits(value)) {
    return { kind: 'invalid', reason: 'invalid-checksum' };
  }
  return date.offset === 0
    ? { kind, checkDigits: 'ok' }
    : { kind, synthetic: date.offset === 65 ? '+65' : '+80', checkDigits: 'ok' };
}

const SYSTEM_OF: Readonly<Record<PersonNumberClass['kind'], string | undefined>> = {
  fnr: IDENTIFIER_SYSTEMS.fnr,
  hnr: IDENTIFIER_SYSTEMS.fnr,
  dnr: IDENTIFIER_SYSTEMS.dnr,
  fhn: IDENTIFIER_SYSTEMS.fhn,
  invalid: undefined,
};

/** The system that a number belongs to; undefined for what is no national number. */
export const systemOfNumber = (number: string): string | undefined =>
  SYSTEM_OF[classifyPersonNumber(number).kind];

interface DateParts {
  readonly day: number;
  readonly month: number;
  readonly year: number;
  readonly isDNumber: boolean;
  readonly offset: 0 | 40 | 65 | 80;
}

function dateParts(value: string): DateParts {
  const day = Number(value.slice(0, 2));
  const month = Number(value.slice(2, 4));
  const offset =
    ([80, 65, 40] as const).find((candidate) => month > candidate && month <= candidate + 12) ?? 0;
  return {
    day: day > 40 ? day - 40 : day,
    month: month - offset,
    year: Number(value.slice(4, 6)),
    isDNumber: day > 40,
    offset,
  };
}

const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** The century is not known: 29 February stands when any century's year can have it (year divisible by four). */
function isPossibleDate({ day, month, year }: DateParts): boolean {
  const days = DAYS[month - 1];
  return days !== undefined && day >= 1 && day <= days && !(month === 2 && day === 29 && year % 4 !== 0);
}

/** Rule of 1964: remainder 0 for both. Rule of 2032: the first may leave 0-3. A computed 10 is never a digit. */
function hasValidCheckDigits(value: string): boolean {
  const k1Remainder = (weightedSum(value, K1_WEIGHTS) + Number(value[9])) % 11;
  const k2Remainder = (weightedSum(value, K2_WEIGHTS) + Number(value[10])) % 11;
  return k1Remainder <= 3 && k2Remainder === 0;
}

const weightedSum = (digits: string, weights: readonly number[]): number =>
  weights.reduce((sum, weight, index) => sum + weight * Number(digits[index]), 0);

/** Nine digits with a valid modulus 11 check digit. */
export function isOrganisationNumber(value: string): boolean {
  return /^[0-9]{9}$/.test(value) && (weightedSum(value, ORG_WEIGHTS) + Number(value[8])) % 11 === 0;
}

const NUMBER_NAMES: Readonly<Record<PersonNumberKind, string>> = {
  fnr: 'a national identity number [fødselsnummer]',
  dnr: 'a D-number',
  hnr: 'a local help number [H-nummer]',
  fhn: 'a common help number [felles hjelpenummer]',
};

/** Month + 40 is both a local help number and a number of NAV's test population: accepted when the check digits hold. */
const ALLOWED_KINDS = {
  fnr: ['fnr', 'hnr'],
  dnr: ['dnr'],
  fhn: ['fhn'],
} as const satisfies Record<string, readonly PersonNumberKind[]>;

type Check = (value: string) => IdentifierFault | undefined;

const personNumber =
  (kind: keyof typeof ALLOWED_KINDS): Check =>
  (value) => {
    const found = classifyPersonNumber(value);
    const name = NUMBER_NAMES[kind];
    if (found.kind === 'invalid') {
      return INVALID[found.reason](kind, name);
    }
    if (found.checkDigits !== 'ok') {
      return INVALID['invalid-checksum'](kind, name);
    }
    return (ALLOWED_KINDS[kind] as readonly PersonNumberKind[]).includes(found.kind)
      ? undefined
      : fault(
          `${kind}-kind`,
          `The value is ${NUMBER_NAMES[found.kind]}, not ${name}; use the system of its kind.`,
        );
  };

const INVALID = {
  malformed: (kind: string, name: string) =>
    fault(`${kind}-format`, `${capital(name)} has exactly 11 digits.`),
  'invalid-date': (kind: string, name: string) =>
    fault(
      `${kind}-date`,
      `The first six digits are no date that ${name} can have; check for a typing error.`,
    ),
  'invalid-checksum': (kind: string, name: string) =>
    fault(`${kind}-check-digit`, `The check digits of ${name} do not match; check for a typing error.`),
} as const;

const digits =
  (rule: string, pattern: RegExp, message: string): Check =>
  (value) =>
    pattern.test(value) ? undefined : fault(rule, message);

const CHECKS = new Map<string, Check>([
  [IDENTIFIER_SYSTEMS.fnr, personNumber('fnr')],
  [IDENTIFIER_SYSTEMS.dnr, personNumber('dnr')],
  [IDENTIFIER_SYSTEMS.fhn, personNumber('fhn')],
  [IDENTIFIER_SYSTEMS.hpr, digits('hpr-format', /^[1-9][0-9]{0,8}$/, 'An HPR number has 1 to 9 digits.')],
  [IDENTIFIER_SYSTEMS.duf, digits('duf-format', /^[0-9]{12}$/, 'A DUF number has exactly 12 digits.')],
  [IDENTIFIER_SYSTEMS.enh, organisationNumber],
  [IDENTIFIER_SYSTEMS.resh, digits('resh-format', /^[1-9][0-9]{0,9}$/, 'A RESH id is a whole number.')],
  [IDENTIFIER_SYSTEMS.herId, digits('her-id-format', /^[1-9][0-9]{0,9}$/, 'A HER-id is a whole number.')],
]);

function organisationNumber(value: string): IdentifierFault | undefined {
  if (!/^[0-9]{9}$/.test(value)) {
    return fault('enh-format', 'An organisation number has exactly 9 digits.');
  }
  return isOrganisationNumber(value)
    ? undefined
    : fault(
        'enh-check-digit',
        'The check digit of the organisation number does not match; check for a typing error.',
      );
}

/**
 * Check a value under its identifier system (any known spelling of it). Unknown systems pass. The message never repeats
 * the number.
 */
export function checkIdentifier(system: string, value: string): IdentifierFault | undefined {
  return CHECKS.get(normaliseIdentifierSystem(system))?.(value);
}

const ALIASES = new Map<string, string>([
  ['http://hl7.no/fhir/NamingSystem/FNR', IDENTIFIER_SYSTEMS.fnr],
  ['http://hl7.no/fhir/NamingSystem/DNR', IDENTIFIER_SYSTEMS.dnr],
  ['http://hl7.no/fhir/NamingSystem/FHNR', IDENTIFIER_SYSTEMS.fhn],
  ['http://hl7.no/fhir/NamingSystem/HNR', IDENTIFIER_SYSTEMS.hnr],
  ['http://hl7.no/fhir/NamingSystem/HPR', IDENTIFIER_SYSTEMS.hpr],
  ['http://hl7.no/fhir/NamingSystem/DUF', IDENTIFIER_SYSTEMS.duf],
  ['http://hl7.no/fhir/NamingSystem/DUFN', IDENTIFIER_SYSTEMS.duf],
  ['http://data.brreg.no/begrep/28155', IDENTIFIER_SYSTEMS.enh],
  ['http://hl7.no/fhir/NamingSystem/RESHid', IDENTIFIER_SYSTEMS.resh],
  ['http://hl7.no/fhir/NamingSystem/HERid', IDENTIFIER_SYSTEMS.herId],
  ['urn:oid:2.16.578.1.12.4.1.2.101', IDENTIFIER_SYSTEMS.enh],
  ['urn:oid:2.16.578.1.12.4.1.2.102', IDENTIFIER_SYSTEMS.resh],
  ['urn:oid:2.16.578.1.12.4.1.102', IDENTIFIER_SYSTEMS.resh],
  [`${OID}.1026`, IDENTIFIER_SYSTEMS.resh],
]);

/**
 * The one system URI to store for what is seen in the wild: NamingSystem aliases, wrong OIDs that others send, and OIDs
 * without `urn:oid:`. Other systems come back unchanged.
 */
export function normaliseIdentifierSystem(system: string): string {
  const uri = system.startsWith('2.16.578.1.12.4.1.') ? `urn:oid:${system}` : system;
  return ALIASES.get(uri) ?? (CHECKS.has(uri) ? uri : system);
}

const fault = (rule: string, message: string): IdentifierFault => ({ rule, message });
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
