/**
 * A Patient as the population registry has the person: name, birth, sex, death, where they live, and the number that is in use.
 * What staff or EHRs have written beside that (other numbers, telephone) stays.
 */
import { NATIONAL_SYSTEMS, systemOfNumber } from '../../fhir/identifiers.ts';
import type { JsonObject } from '../../fhir/types.ts';
import type { RegisteredAddress, RegisteredPerson } from './population-registry.ts';
import { identifiers } from './register-identifiers.ts';

const NO_BASIS = 'http://hl7.no/fhir/StructureDefinition/no-basis-';
/** https://register.geonorge.no: municipalities [kommuner]. */
const MUNICIPALITIES =
  'https://register.geonorge.no/subregister/sosi-kodelister/kartverket/kommunenummer-alle';
/** Parts of cities [bydeler]. */
const URBAN_DISTRICTS = 'urn:oid:2.16.578.1.12.4.1.1.3403';

/** The number by which the population registry is asked; undefined for people who have none. */
export const nationalNumber = (patient: JsonObject): string | undefined =>
  identifiers(patient).find(
    ({ system, use }) => NATIONAL_SYSTEMS.includes(system as string) && use !== 'old',
  )?.['value'] as string | undefined;

/** The same object when there is nothing new. */
export function withRegistered(patient: JsonObject, person: RegisteredPerson): JsonObject {
  const { deceasedDateTime: _date, deceasedBoolean: _died, address: _address, ...rest } = patient;
  const address = person.address === undefined ? undefined : toAddress(person.address);
  const updated: JsonObject = {
    ...rest,
    identifier: withNumber(identifiers(patient), person.number),
    name: [officialName(person), ...others(patient['name'], 'official')],
    ...(person.birthDate !== undefined && { birthDate: person.birthDate }),
    ...(person.gender !== undefined && { gender: person.gender }),
    ...(person.deceased !== undefined && { deceasedDateTime: person.deceased }),
    ...(address !== undefined && { address: [address] }),
  };
  return isSame(patient, updated) ? patient : updated;
}

const officialName = ({ given, family }: RegisteredPerson): JsonObject => ({
  use: 'official',
  family,
  ...(given !== '' && { given: given.split(/\s+/) }),
});

const others = (list: unknown, use: string): readonly JsonObject[] =>
  ((list ?? []) as readonly JsonObject[]).filter((one) => one['use'] !== use);

/** A number that is no longer in use is kept, as an old one: what was sent under it finds the person. */
function withNumber(list: readonly JsonObject[], number: string): readonly JsonObject[] {
  if (list.some(({ value, use }) => value === number && use !== 'old')) {
    return list;
  }
  const system = systemOfNumber(number) ?? '';
  const kept = list
    .filter(({ value }) => value !== number)
    .map((one) => (NATIONAL_SYSTEMS.includes(one['system'] as string) ? { ...one, use: 'old' } : one));
  return [{ use: 'official', system, value: number }, ...kept];
}

function toAddress({ lines, postalCode, city, municipality, urbanDistrict }: RegisteredAddress): JsonObject {
  const extension = [
    { url: `${NO_BASIS}address-official`, valueBoolean: true },
    ...(urbanDistrict === undefined
      ? []
      : [
          {
            url: `${NO_BASIS}urban-district`,
            valueCoding: { system: URBAN_DISTRICTS, code: urbanDistrict },
          },
        ]),
  ];
  return {
    extension,
    use: 'home',
    type: 'physical',
    ...(lines.length > 0 && { line: lines }),
    ...(city !== undefined && { city }),
    ...(municipality !== undefined && {
      _district: {
        extension: [
          {
            url: `${NO_BASIS}municipalitycode`,
            valueCoding: { system: MUNICIPALITIES, code: municipality },
          },
        ],
      },
    }),
    ...(postalCode !== undefined && { postalCode }),
  };
}

/** By content: the order of members says nothing. */
const isSame = (a: JsonObject, b: JsonObject): boolean => ordered(a) === ordered(b);

const ordered = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
