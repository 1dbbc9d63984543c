/**
 * An invented person of a number: the same number gives the same person. National identity numbers are synthetic
 * (month + 80) with valid check digits. https://www.skatteetaten.no/person/folkeregister/identitetsnummer
 */
import { createHash } from 'node:crypto';
import { withCheckDigits } from '../hospital/people/person-number.ts';

export interface SyntheticPerson {
  readonly fnr: string;
  readonly family: string;
  readonly given: string;
  readonly gender: 'female' | 'male';
  readonly birthDate: string;
  readonly phone: string;
}

const FAMILY = [
  'Berg',
  'Dal',
  'Eng',
  'Foss',
  'Haug',
  'Lie',
  'Moen',
  'Nes',
  'Odden',
  'Solbakk',
  'Tangen',
  'Vik',
];
const GIVEN = {
  female: ['Astrid', 'Berit', 'Frida', 'Hedda', 'Ingunn', 'Liv', 'Maren', 'Sunniva'],
  male: ['Arne', 'Eirik', 'Geir', 'Håkon', 'Jonas', 'Odd', 'Sindre', 'Trygve'],
} as const;

/** Born 1940-1999, so that the number has the same form under the old rule and the rule of 2032. */
export function syntheticPerson(number: number): SyntheticPerson {
  const bytes = createHash('sha256').update(`ryggrad-demo-person ${number}`).digest();
  const pick = (index: number, count: number): number => bytes.readUInt16BE(index * 2) % count;
  const gender = pick(0, 2) === 0 ? 'female' : 'male';
  const birthDate = isoDate(1940 + pick(1, 60), 1 + pick(2, 12), 1 + pick(3, 28));
  return {
    fnr: personNumber(birthDate, gender, pick(4, 250)),
    family: FAMILY[pick(5, FAMILY.length)] as string,
    given: GIVEN[gender][pick(6, GIVEN[gender].length)] as string,
    gender,
    birthDate,
    phone: `+479000${String(pick(7, 10_000)).padStart(4, '0')}`,
  };
}

const isoDate = (year: number, month: number, day: number): string =>
  `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;

/** The first number from `start` on for which both check digits exist. */
function personNumber(birthDate: string, gender: SyntheticPerson['gender'], start: number): string {
  const [year = '', month = '', day = ''] = birthDate.split('-');
  const date = `${day}${Number(month) + 80}${year.slice(2)}`;
  const odd = gender === 'male' ? 1 : 0;
  for (let step = 0; step < 250; step++) {
    const individual = String(((start + step) % 250) * 2 + odd).padStart(3, '0');
    const number = withCheckDigits(`${date}${individual}`);
    if (number !== undefined) {
      return number;
    }
  }
  throw new Error(`No synthetic number can be made for ${birthDate}`);
}
