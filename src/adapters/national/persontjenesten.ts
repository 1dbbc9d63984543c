/**
 * The population registry by Norsk helsenett's Persontjenesten, version 2 of its API: numbers travel in the body, never in the
 * address. https://utviklerportal.nhn.no/informasjonstjenester/persontjenesten/ (OpenAPI: NorskHelsenett/HelseID.Samples)
 */
import { systemOfNumber } from '../../fhir/identifiers.ts';
import type {
  PopulationRegistry,
  RegisteredAddress,
  RegisteredPerson,
} from '../../registry/person/population-registry.ts';
import type { AuthorizedFetch } from './authorization.ts';

export interface PersontjenestenOptions {
  /** Address of the API, without `/api`. */
  readonly url: string;
  /** Which agreement the register has: data that are public, or also those that need a legal basis. */
  readonly basis: 'legal-basis' | 'no-legal-basis';
  readonly ask: AuthorizedFetch;
}

/** Most numbers of one question, by the API. */
const MOST = 100;
const API_VERSION = '2';
/** What we ask for, and nothing else. */
const PARTS = [
  'NorwegianIdentificationNumber',
  'Name',
  'Birth',
  'Death',
  'Gender',
  'ResidentialAddress',
  'AddressProtection',
];

/** Throws what says why the registry cannot be asked now; never an error text of the registry's own. */
export function persontjenesten({ url, basis, ask }: PersontjenestenOptions): PopulationRegistry {
  const post = async (operation: string, body: URLSearchParams): Promise<unknown> => {
    const address = new URL(`${url.replace(/\/$/, '')}/api/${basis}/person/${operation}`);
    for (const part of PARTS) {
      address.searchParams.append('informationParts', part);
    }
    const answer = await ask(address, {
      method: 'POST',
      body: body.toString(),
      headers: {
        'api-version': API_VERSION,
        'content-type': 'application/x-www-form-urlencoded',
        accept: 'application/json',
      },
    });
    if (answer.status === 404) {
      return undefined;
    }
    if (!answer.ok) {
      throw new Error(`The population registry answered ${answer.status}`);
    }
    return answer.json();
  };
  return {
    async find(number) {
      const person = await post('get-by-nin', new URLSearchParams({ nin: number }));
      return toPerson(person);
    },
    async findMany(numbers) {
      const found = new Map<string, RegisteredPerson>();
      for (let at = 0; at < numbers.length; at += MOST) {
        const asked = numbers.slice(at, at + MOST);
        const body = new URLSearchParams(asked.map((number) => ['nins', number]));
        for (const person of listOf(await post('bulk-by-nin', body)).flatMap((one) => toPerson(one) ?? [])) {
          for (const number of [person.number, ...person.otherNumbers].filter((one) => asked.includes(one))) {
            found.set(number, person);
          }
        }
      }
      return found;
    },
  };
}

/** The registry's words: lists of what is and was, any of it null; `isValid` says which holds. */
type Told<T> = readonly ({ readonly isValid?: boolean | null } & { readonly [K in keyof T]?: T[K] | null })[];
interface Street {
  readonly coAddressName?: string | null;
  readonly addressName?: string | null;
  readonly addressAdditionalName?: string | null;
  readonly addressNumber?: {
    readonly houseNumber?: string | null;
    readonly houseLetter?: string | null;
  } | null;
  readonly municipalityNumber?: string | null;
  readonly cadastralNumber?: { readonly municipalityNumber?: string | null } | null;
  readonly city?: { readonly cityName?: string | null; readonly postalCode?: string | null } | null;
}
interface Home {
  addressConfidentiality: string;
  urbanDistrictCode: string;
  streetAddress: Street;
  cadastralAddress: Street;
  unknownResidence: { readonly municipalityNumber?: string | null };
}
interface Person {
  readonly norwegianIdentificationNumber?: Told<{ identificationNumber: string; status: string }> | null;
  readonly name?: Told<{ givenName: string; middleName: string; familyName: string }> | null;
  readonly birth?: Told<{ birthDate: string }> | null;
  readonly death?: Told<{ deceasedDate: string }> | null;
  readonly gender?: Told<{ gender: string }> | null;
  readonly addressProtection?: Told<{ protectionLevel: string }> | null;
  readonly residentialAddress?: Told<Home> | null;
}

const OPEN = 'Unclassified';
const GENDERS: Readonly<Record<string, 'female' | 'male'>> = { Female: 'female', Male: 'male' };

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const valid = <T>(told: Told<T> | null | undefined): Told<T>[number] | undefined =>
  (told ?? []).find(({ isValid }) => isValid !== false);

/** Undefined for what is no person with a name and a number: nobody is made of it. */
function toPerson(answer: unknown): RegisteredPerson | undefined {
  if (typeof answer !== 'object' || answer === null) {
    return undefined;
  }
  const person = answer as Person;
  const [number, ...otherNumbers] = numbersOf(person);
  const name = valid(person.name);
  if (number === undefined || name?.familyName == null) {
    return undefined;
  }
  const gender = GENDERS[valid(person.gender)?.gender ?? ''];
  const birthDate = dateOf(valid(person.birth)?.birthDate);
  const deceased = dateOf(valid(person.death)?.deceasedDate);
  const home = valid(person.residentialAddress);
  const isProtected = [home?.addressConfidentiality, valid(person.addressProtection)?.protectionLevel].some(
    (level) => (level ?? OPEN) !== OPEN,
  );
  const address = home === undefined || isProtected ? undefined : toAddress(home);
  return {
    number,
    otherNumbers,
    given: joined([name.givenName, name.middleName]),
    family: name.familyName,
    isProtected,
    ...(birthDate !== undefined && { birthDate }),
    ...(gender !== undefined && { gender }),
    ...(deceased !== undefined && { deceased }),
    ...(address !== undefined && { address }),
  };
}

/** The number in use first. */
function numbersOf({ norwegianIdentificationNumber }: Person): readonly string[] {
  const numbers = (norwegianIdentificationNumber ?? []).flatMap(
    ({ identificationNumber: number, status, isValid }) =>
      number != null && systemOfNumber(number) !== undefined
        ? [{ number, isInUse: status === 'InUse' && isValid !== false }]
        : [],
  );
  return numbers.toSorted((a, b) => Number(b.isInUse) - Number(a.isInUse)).map(({ number }) => number);
}

/** A date-time whose time and zone are unknown and must be ignored, as the API says. */
const dateOf = (value: string | null | undefined): string | undefined =>
  /^\d{4}-\d{2}-\d{2}/.exec(value ?? '')?.[0];

function toAddress(home: Told<Home>[number]): RegisteredAddress {
  const { streetAddress, cadastralAddress, unknownResidence, urbanDistrictCode } = home;
  const place: Street = streetAddress ?? cadastralAddress ?? {};
  const { houseNumber, houseLetter } = place.addressNumber ?? {};
  const street = [place.addressName, `${houseNumber ?? ''}${houseLetter ?? ''}`];
  const lines = [place.coAddressName, joined(street), place.addressAdditionalName].filter(
    (line): line is string => line != null && line !== '',
  );
  const municipality =
    place.municipalityNumber ??
    place.cadastralNumber?.municipalityNumber ??
    unknownResidence?.municipalityNumber;
  return {
    lines,
    ...(place.city?.postalCode != null && { postalCode: place.city.postalCode }),
    ...(place.city?.cityName != null && { city: place.city.cityName }),
    ...(municipality != null && { municipality }),
    ...(urbanDistrictCode != null && { urbanDistrict: urbanDistrictCode }),
  };
}

const joined = (parts: readonly (string | null | undefined)[]): string =>
  parts.filter((part) => part != null && part !== '').join(' ');
