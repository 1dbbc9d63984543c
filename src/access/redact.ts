/**
 * Pseudonymised reading (BK-10): what leaves to an analytics client has no direct identifiers. A property of the client,
 * not a request parameter.
 */
import { badRequest } from '../fhir/outcome.ts';
import type { JsonObject, JsonValue } from '../fhir/types.ts';
import type { Principal } from './principal.ts';

/** Identifier systems that point at a person outside the register. */
const PERSON_SYSTEMS =
  /^(?:urn:oid:)?2\.16\.578\.1\.12\.4\.1\.4\.[1-5]$|^http:\/\/hl7\.no\/fhir\/NamingSystem\/|^HNR$/;
const PASIENT_ID = 'https://ryggrad.no/fhir/NamingSystem/pasient-id';

/** Elements of persons that identify them. */
const DIRECT: Readonly<Record<string, readonly string[]>> = {
  Patient: ['name', 'telecom', 'address', 'photo', 'contact', 'communication', 'link', 'generalPractitioner'],
  RelatedPerson: ['name', 'telecom', 'address', 'photo'],
  Person: ['name', 'telecom', 'address', 'photo'],
};

/** Search parameters that would tell a client what redaction hides. */
const HIDDEN_PARAMETERS: Readonly<Record<string, readonly string[]>> = {
  Patient: (
    'identifier name family given phonetic telecom phone email address address-city address-postalcode ' +
    'address-country address-state address-use birthdate middlename general-practitioner link'
  ).split(' '),
};

export const readsPseudonymised = (principal: Principal): boolean => principal.kind === 'analytics';

/** Refuse a search that would find persons by what the answer hides. `codes` are the parameter codes used, also chained. */
export function refuseHiddenParameters(type: string, codes: readonly string[]): void {
  const hidden = codes.find((code) => HIDDEN_PARAMETERS[type]?.includes(code) === true);
  if (hidden !== undefined) {
    throw badRequest(
      `The parameter "${hidden}" of ${type} is not available to a client that reads pseudonymised data.`,
      undefined,
      'pseudonymised',
    );
  }
}

/** The resource without direct identifiers: persons lose names, contact data and national ids, birth date keeps its year. */
export function pseudonymise(resource: JsonObject): JsonObject {
  const type = resource['resourceType'] as string;
  const direct = DIRECT[type] ?? [];
  const kept = Object.entries(resource).filter(([key]) => !direct.includes(key) && key !== 'text');
  const slim = Object.fromEntries(
    kept
      .map(([key, value]) => [key, withoutPersonIds(value)] as const)
      .filter(([, value]) => !isEmpty(value)),
  );
  const birthDate = resource['birthDate'];
  return typeof birthDate === 'string' ? { ...slim, birthDate: birthDate.slice(0, 4) } : slim;
}

function withoutPersonIds(value: JsonValue): JsonValue {
  if (Array.isArray(value)) {
    return (value as readonly JsonValue[]).filter((item) => !isPersonIdentifier(item)).map(withoutPersonIds);
  }
  if (value === null || typeof value !== 'object') {
    return value;
  }
  const object = value as JsonObject;
  const isReference =
    typeof object['reference'] === 'string' || isPersonIdentifier(object['identifier'] ?? null);
  const members = Object.entries(object).filter(
    ([key, member]) =>
      !(isReference && key === 'display') && !(key === 'identifier' && isPersonIdentifier(member)),
  );
  return Object.fromEntries(
    members
      .map(([key, member]) => [key, withoutPersonIds(member)] as const)
      .filter(([, member]) => !isEmpty(member)),
  );
}

/** A list or object that redaction has emptied; FHIR has no empty elements. */
const isEmpty = (value: JsonValue): boolean =>
  value !== null && typeof value === 'object' && Object.keys(value).length === 0;

function isPersonIdentifier(value: JsonValue): boolean {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    return false;
  }
  const system = (value as JsonObject)['system'];
  return typeof system === 'string' && system !== PASIENT_ID && PERSON_SYSTEMS.test(system);
}
