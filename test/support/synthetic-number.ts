/**
 * Synthetic national identity numbers, one for each number: month + 80, check digits right, nobody twice.
 * https://www.skatteetaten.no/person/folkeregister/identitetsnummer
 */
import { classifyPersonNumber } from '../../src/fhir/identifiers.ts';

const DAYS = 59 * 365;
const FIRST = Date.parse('1940-01-01T00:00:00Z');
const two = (value: number): string => String(value).padStart(2, '0');

/** Born 1940 to 1998; up to three million. */
export function syntheticNumber(number: number): {
  readonly number: string;
  readonly birthDate: string;
  readonly gender: 'male' | 'female';
} {
  const birthDate = new Date(FIRST + (number % DAYS) * 86_400_000).toISOString().slice(0, 10);
  const [year = '', month = '', day = ''] = birthDate.split('-');
  const wanted = Math.floor(number / DAYS);
  const start = `${day}${two(Number(month) + 80)}${year.slice(2)}`;
  let found = -1;
  for (let individual = 0; individual < 500; individual++) {
    const digits = withCheckDigits(`${start}${String(individual).padStart(3, '0')}`);
    found += digits === undefined ? 0 : 1;
    if (digits !== undefined && found === wanted) {
      return { number: digits, birthDate, gender: individual % 2 === 0 ? 'female' : 'male' };
    }
  }
  throw new RangeError(`There is no person ${number}.`);
}

const weigh = (digits: string, weights: readonly number[]): number =>
  (11 - (weights.reduce((sum, weight, at) => sum + weight * Number(digits[at]), 0) % 11)) % 11;

function withCheckDigits(nine: string): string | undefined {
  const first = weigh(nine, [3, 7, 6, 1, 8, 9, 4, 5, 2]);
  const second = weigh(`${nine}${first}`, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2]);
  const whole = `${nine}${first}${second}`;
  return first < 10 && second < 10 && classifyPersonNumber(whole).kind === 'fnr' ? whole : undefined;
}
