/**
 * Synthetic numbers of persons with valid check digits: month + 80 as in the national test population, D-numbers (day + 40),
 * and the temporary numbers [felles hjelpenummer] that hospitals give (first digit 8 or 9).
 * https://www.skatteetaten.no/person/folkeregister/identitetsnummer
 */
import type { Dice } from '../random.ts';

export type Gender = 'female' | 'male';

const FIRST = [3, 7, 6, 1, 8, 9, 4, 5, 2];
const SECOND = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2];

/** A synthetic fødselsnummer for a birth date `YYYY-MM-DD` from 1940 to 2039. */
export const nationalNumber = (birthDate: string, gender: Gender, dice: Dice): string =>
  numberOf(birthDate, gender, dice, 0);

/** A synthetic D-number. */
export const dNumber = (birthDate: string, gender: Gender, dice: Dice): string =>
  numberOf(birthDate, gender, dice, 40);

/** A temporary number: it says neither birth date nor sex. */
export function temporaryNumber(dice: Dice): string {
  for (;;) {
    const number = withCheckDigits(String(dice.int(800_000_000, 999_999_999)));
    if (number !== undefined) {
      return number;
    }
  }
}

function numberOf(birthDate: string, gender: Gender, dice: Dice, onDay: number): string {
  const [year = '', month = '', day = ''] = birthDate.split('-');
  const date = `${String(Number(day) + onDay).padStart(2, '0')}${Number(month) + 80}${year.slice(2)}`;
  const series = year >= '2000' ? 500 : 0;
  const odd = gender === 'male' ? 1 : 0;
  const start = dice.int(0, 249);
  for (let step = 0; step < 250; step++) {
    const individual = series + ((start + step) % 250) * 2 + odd;
    const number = withCheckDigits(`${date}${String(individual).padStart(3, '0')}`);
    if (number !== undefined) {
      return number;
    }
  }
  throw new Error(`No synthetic number can be made for ${birthDate}`);
}

/** Nine digits with their two check digits; undefined where none exist. */
export function withCheckDigits(nine: string): string | undefined {
  const first = checkDigit(nine, FIRST);
  const second = first === undefined ? undefined : checkDigit(`${nine}${first}`, SECOND);
  return second === undefined ? undefined : `${nine}${first}${second}`;
}

function checkDigit(digits: string, weights: readonly number[]): number | undefined {
  const rest = weights.reduce((sum, weight, index) => sum + weight * Number(digits[index]), 0) % 11;
  return rest === 1 ? undefined : (11 - rest) % 11;
}
