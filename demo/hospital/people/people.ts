/**
 * The hospital's patients: the same seed and number give the same person. Most have a fødselsnummer; some a D-number, some a
 * temporary number, of whom part are identified later, and some have one name only.
 */
import { type Dice, dice } from '../random.ts';
import { dNumber, type Gender, nationalNumber, temporaryNumber } from './person-number.ts';

export interface Person {
  /** From 1. */
  readonly number: number;
  /** Id in the hospital's record: `p12`. */
  readonly id: string;
  readonly kind: 'fnr' | 'd-number' | 'temporary';
  /** The national, D- or temporary number. */
  readonly nin: string;
  /** The fødselsnummer that somebody with a temporary number turns out to have. */
  readonly foundNin?: string;
  /** Absent: a person of one name. */
  readonly family?: string;
  readonly given: readonly string[];
  readonly gender: Gender;
  readonly birthDate: string;
  readonly phone?: string;
  readonly email?: string;
  readonly address?: Address;
}

export interface Address {
  readonly line: string;
  readonly postalCode: string;
  readonly city: string;
  readonly municipality: string;
  readonly municipalityName: string;
}

/** How many of a hundred persons. */
export const PERSON_RATES = { dNumber: 3, temporary: 3, oneName: 2, hasPhone: 93, hasEmail: 60 } as const;

const FAMILY = [
  'Aas', 'Berg', 'Bjørnstad', 'Bråthen', 'Dal', 'Eng', 'Foss', 'Færøvik', 'Grønli', 'Haug', 'Hætta', 'Lie', 'Moen', 'Nes',
  'Nygård', 'Odden', 'Sæther', 'Solbakk', 'Tangen', 'Ødegård', 'Åsen', 'Vik',
] as const; // prettier-ignore
const GIVEN: Readonly<Record<Gender, readonly string[]>> = {
  female: ['Astrid', 'Berit', 'Frøya', 'Hedda', 'Ingunn', 'Kjersti', 'Liv', 'Maren', 'Ragnhild', 'Sunniva', 'Tæran', 'Åse'],
  male: ['Arne', 'Bjørn', 'Eirik', 'Geir', 'Håkon', 'Jonas', 'Odd', 'Pål', 'Sindre', 'Sølve', 'Trygve', 'Ævar'],
}; // prettier-ignore
const ONE_NAMES = ['Suharto', 'Aung', 'Mononymia', 'Zahra'] as const;
const PLACES: readonly Omit<Address, 'line'>[] = [
  { postalCode: '0150', city: 'Oslo', municipality: '0301', municipalityName: 'Oslo' },
  { postalCode: '5003', city: 'Bergen', municipality: '4601', municipalityName: 'Bergen' },
  { postalCode: '6002', city: 'Ålesund', municipality: '1508', municipalityName: 'Ålesund' },
  { postalCode: '9008', city: 'Tromsø', municipality: '5501', municipalityName: 'Tromsø' },
  { postalCode: '9730', city: 'Karasjok', municipality: '5610', municipalityName: 'Kárášjohka' },
];

/** The person of a number, from 1. */
export function personOf(seed: number, number: number): Person {
  const draw = dice(seed, 'person', number);
  const gender: Gender = draw.chance(0.53) ? 'female' : 'male';
  const birthDate = birthDateOf(seed, number);
  return {
    number,
    id: `p${number}`,
    ...numberOf(draw, birthDate, gender),
    ...nameOf(draw, gender),
    gender,
    birthDate,
    ...(draw.chance(PERSON_RATES.hasPhone / 100) && {
      phone: `9000${String(draw.int(0, 9999)).padStart(4, '0')}`,
    }),
    ...(draw.chance(PERSON_RATES.hasEmail / 100) && { email: `pasient${number}@example.org` }),
    ...(draw.chance(0.95) && {
      address: { line: `Prøveveien ${draw.int(1, 99)}`, ...draw.pick(PLACES) },
    }),
  };
}

function numberOf(draw: Dice, birthDate: string, gender: Gender): Pick<Person, 'kind' | 'nin' | 'foundNin'> {
  const of100 = draw.next() * 100;
  if (of100 < PERSON_RATES.dNumber) {
    return { kind: 'd-number', nin: dNumber(birthDate, gender, draw) };
  }
  if (of100 < PERSON_RATES.dNumber + PERSON_RATES.temporary) {
    const nin = temporaryNumber(draw);
    return draw.chance(0.7)
      ? { kind: 'temporary', nin, foundNin: nationalNumber(birthDate, gender, draw) }
      : { kind: 'temporary', nin };
  }
  return { kind: 'fnr', nin: nationalNumber(birthDate, gender, draw) };
}

function nameOf(draw: Dice, gender: Gender): Pick<Person, 'family' | 'given'> {
  if (draw.chance(PERSON_RATES.oneName / 100)) {
    return { given: [draw.pick(ONE_NAMES)] };
  }
  const first = draw.pick(GIVEN[gender]);
  const middle = draw.chance(0.15) ? [draw.pick(GIVEN[gender])] : [];
  return { family: draw.pick(FAMILY), given: [first, ...middle.filter((name) => name !== first)] };
}

const DATES = 67 * 12 * 28;

/** From 1940 to 2006, and no two of the first 22 512 persons on the same day: so that no two have the same number. */
function birthDateOf(seed: number, number: number): string {
  const day = (number * 7919 + dice(seed, 'birth dates').int(0, DATES - 1)) % DATES;
  return dateOf(1940 + Math.floor(day / 336), 1 + (Math.floor(day / 28) % 12), 1 + (day % 28));
}

const dateOf = (year: number, month: number, day: number): string =>
  `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
