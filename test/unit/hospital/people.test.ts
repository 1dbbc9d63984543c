/** The simulated hospital's persons: invented, valid, the same every time, and as mixed as people are. */
import { personOf } from '../../../demo/hospital/people/people.ts';
import { classifyPersonNumber } from '../../../src/fhir/identifiers.ts';

const SEED = 7;
const people = Array.from({ length: 2000 }, (_, index) => personOf(SEED, index + 1));
const share = (count: number): number => (100 * count) / people.length;

describe('The persons of the simulated hospital', () => {
  it('are the same for the same seed, and others for another.', () => {
    expect(personOf(SEED, 12)).toEqual(people[11]);
    expect(personOf(SEED + 1, 12).nin).not.toBe(people[11]?.nin);
  });

  it('have numbers that stand the check, are synthetic, and are nobody else’s.', () => {
    const kinds = { fnr: 'fnr', 'd-number': 'dnr', temporary: 'fhn' } as const;
    const wrong = people.filter(({ kind, nin }) => {
      const found = classifyPersonNumber(nin);
      const isSynthetic = kind === 'temporary' || ('synthetic' in found && found.synthetic === '+80');
      return found.kind !== kinds[kind] || !isSynthetic;
    });
    const found = people.flatMap(({ foundNin }) => foundNin ?? []);
    const numbers = [...people.map(({ nin }) => nin), ...found];

    expect(wrong).toEqual([]);
    expect(found.filter((nin) => classifyPersonNumber(nin).kind !== 'fnr')).toEqual([]);
    expect(new Set(numbers).size).toBe(numbers.length);
  });

  it('are now and then without a fødselsnummer, of one name, without a telephone.', () => {
    expect(share(people.filter(({ kind }) => kind === 'd-number').length)).toBeCloseTo(3, -0.5);
    expect(share(people.filter(({ kind }) => kind === 'temporary').length)).toBeCloseTo(3, -0.5);
    expect(people.some(({ family }) => family === undefined)).toBe(true);
    expect(people.some(({ phone }) => phone === undefined)).toBe(true);
    expect(
      people.filter(({ family = '', given }) => /[æøåÆØÅ]/.test(family + given.join(''))).length,
    ).toBeGreaterThan(200);
  });
});
