/**
 * Pseudonymised reading (BK-10): what leaves to an analytics client has no direct identifiers. A property of the client,
 * not a request parameter.
 */
import { DIRECT_ANSWER, hasMark } from '../fhir/direct-identifiers.ts';
import { copyExactNumbers } from '../fhir/json.ts';
import { badRequest } from '../fhir/outcome.ts';
import type { JsonObject, JsonValue } from '../fhir/types.ts';
import type { Principal } from './principal.ts';

/** Identifier systems that point at a person outside the register. */
const PERSON_SYSTEMS =
  /^(?:urn:oid:)?2\.16\.578\.1\.12\.4\.1\.4\.[1-5]$|^http:\/\/hl7\.no\/fhir\/NamingSystem\/(?!RESHid|HERid)|^https:\/\/ryggrad\.no\/fhir\/NamingSystem\/annet-id\/|^HNR$/;
const PASIENT_ID = 'https://ryggrad.no/fhir/NamingSystem/pasient-id';

/** What is kept of a person; names, numbers, addresses and whatever extensions say of them are not in the list. */
const KEPT: Readonly<Record<string, readonly string[]>> = {
  Patient: (
    'resourceType id meta identifier active gender birthDate deceasedBoolean deceasedDateTime maritalStatus ' +
    'multipleBirthBoolean multipleBirthInteger managingOrganization'
  ).split(' '),
  RelatedPerson: ['resourceType', 'id', 'meta', 'active', 'patient', 'relationship', 'gender', 'period'],
  Person: ['resourceType', 'id', 'meta', 'active', 'gender'],
  Practitioner: ['resourceType', 'id', 'meta', 'active'],
};

/** Whether resources of the type are persons, of whom only KEPT leaves. */
export const isOfPerson = (type: string): boolean => Object.hasOwn(KEPT, type);

const PERSON_PARAMETERS = (
  'identifier name family given phonetic telecom phone email address address-city address-postalcode ' +
  'address-country address-state address-use birthdate middlename general-practitioner link'
).split(' ');

/** Search parameters that would tell a client what redaction hides. */
const HIDDEN_PARAMETERS: Readonly<Record<string, readonly string[]>> = {
  Patient: PERSON_PARAMETERS,
  RelatedPerson: PERSON_PARAMETERS,
  Person: PERSON_PARAMETERS,
  Practitioner: PERSON_PARAMETERS,
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

/**
 * The resource without direct identifiers: of persons, also contained ones, a few elements stay, with the year of birth
 * and the register's own number; elsewhere references lose the names and numbers of those they refer to.
 */
export function pseudonymise(resource: JsonObject): JsonObject {
  const kept = KEPT[resource['resourceType'] as string];
  const slim = rebuilt(
    resource,
    ([key]) => key !== 'text' && (kept === undefined || kept.includes(key)),
    (value, key) =>
      key === 'identifier' && kept !== undefined ? onlyPasientId(value) : withoutPersons(value),
  );
  const birthDate = slim['birthDate'];
  return typeof birthDate === 'string' && kept !== undefined
    ? { ...slim, birthDate: birthDate.slice(0, 4) }
    : slim;
}

const onlyPasientId = (identifiers: JsonValue): JsonValue =>
  Array.isArray(identifiers)
    ? (identifiers as readonly JsonValue[]).filter((identifier) => systemOf(identifier) === PASIENT_ID)
    : [];

function withoutPersons(value: JsonValue): JsonValue {
  if (Array.isArray(value)) {
    const items = (value as readonly JsonValue[])
      .filter((item) => !isPersonIdentifier(item) && !isDirectAnswer(item))
      .map(withoutPersons);
    copyExactNumbers(value, items);
    return items;
  }
  if (value === null || typeof value !== 'object') {
    return value;
  }
  const object = value as JsonObject;
  return typeof object['resourceType'] === 'string'
    ? pseudonymise(object)
    : rebuilt(object, (member) => !tellsWho(member, object), withoutPersons);
}

/** Members that say who someone is: a person's number, what a reference shows, a name as text, an account. */
function tellsWho([key, value]: readonly [string, JsonValue], object: JsonObject): boolean {
  if (isPersonIdentifier(value)) {
    return true;
  }
  switch (key) {
    case 'display':
      return object['code'] === undefined && object['system'] === undefined;
    case 'identifier':
      return /^(?:Patient|Practitioner)\//.test(String(object['reference']));
    case 'authorString':
      return true;
    case 'data': // a file: there may be anything in it
      return typeof value === 'string' && hasMark(value);
    case 'source':
      return typeof value === 'string' && value.startsWith('urn:ryggrad:user:');
    default:
      return false;
  }
}

/** The object with some members, each as `change` makes it, without those that became empty: FHIR has none. */
function rebuilt(
  object: JsonObject,
  keep: (member: readonly [string, JsonValue]) => boolean,
  change: (value: JsonValue, key: string) => JsonValue,
): JsonObject {
  const members = Object.entries(object)
    .filter(keep)
    .map(([key, value]) => [key, change(value, key)] as const)
    .filter(([, value]) => !isEmpty(value));
  const result = Object.fromEntries(members);
  copyExactNumbers(object, result);
  return result;
}

const isEmpty = (value: JsonValue): boolean =>
  value !== null && typeof value === 'object' && Object.keys(value).length === 0;

function isPersonIdentifier(value: JsonValue): boolean {
  const system = systemOf(value);
  return system !== undefined && system !== PASIENT_ID && PERSON_SYSTEMS.test(system);
}

/** An item of a response that holds what says who somebody is; the question itself, which has a type, stays. */
const isDirectAnswer = (value: JsonValue): boolean =>
  value !== null &&
  typeof value === 'object' &&
  !Array.isArray(value) &&
  Array.isArray((value as JsonObject)['extension']) &&
  ((value as JsonObject)['extension'] as readonly JsonObject[]).some(
    (extension) => extension?.['url'] === DIRECT_ANSWER && extension['valueBoolean'] === true,
  ) &&
  typeof (value as JsonObject)['type'] !== 'string';

function systemOf(value: JsonValue): string | undefined {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    return undefined;
  }
  const { system } = value as JsonObject;
  return typeof system === 'string' ? system : undefined;
}
