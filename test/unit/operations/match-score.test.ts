/** https://hl7.org/fhir/R4/patient-operation-match.html */
import fc from 'fast-check';
import type { Patient } from '../../../src/fhir/types.ts';
import { scoreOf } from '../../../src/operations/match-score.ts';

const FNR = 'urn:oid:2.16.578.1.12.4.1.4.1';
const DNR = 'urn:oid:2.16.578.1.12.4.1.4.2';

const person = (parts: Partial<Patient> = {}): Patient => ({
  resourceType: 'Patient',
  name: [{ family: 'Sjøgård', given: ['Bjørn', 'Åge'] }],
  birthDate: '1961-04-12',
  gender: 'male',
  ...parts,
});
const numbered = (system: string, value: string): Patient => person({ identifier: [{ system, value }] });
const named = (family: string, ...given: readonly string[]): Patient =>
  person({ name: [{ family, given: [...given] }] });

describe('The score of a match', () => {
  it.each([
    ['an equal national number', numbered(FNR, '1'), numbered(FNR, '1'), 1, 'certain'],
    ['another number of the same kind', numbered(FNR, '1'), numbered(FNR, '2'), 0, 'certainly-not'],
    [
      'a number of another kind, which says nothing',
      numbered(FNR, '1'),
      numbered(DNR, '2'),
      0.95,
      'probable',
    ],
    ['everything but a number', person(), person(), 0.95, 'probable'],
    ['letters written otherwise', named('Sjoegaard', 'Bjoern'), person(), 0.95, 'probable'],
    ['a keyboard without them', named('SJOGARD', 'Bjorn'), person(), 0.95, 'probable'],
    ['one letter other', named('Sjøgard', 'Bjørm'), person(), 0.85, 'probable'],
    ['letters exchanged', named('Sjøgrad', 'Bjørn'), person(), 0.85, 'probable'],
    ['part of a double name', named('Hansen-Sjøgård', 'Bjørn'), person(), 0.85, 'probable'],
    ['an initial', named('Sjøgård', 'B.'), person(), 0.85, 'probable'],
    ['another given name in common', named('Sjøgård', 'Åge'), person(), 0.85, 'probable'],
    ['day and month exchanged', person({ birthDate: '1961-12-04' }), person(), 0.7, 'possible'],
    ['one digit of the date other', person({ birthDate: '1961-04-13' }), person(), 0.7, 'possible'],
    ['the year alone', person({ birthDate: '1961' }), person(), 0.7, 'possible'],
    ['another birth date', person({ birthDate: '1975-10-30' }), person(), 0.25, 'certainly-not'],
    ['another gender', person({ gender: 'female' }), person(), 0.75, 'possible'],
    ['a gender that is not known', person({ gender: 'unknown' }), person(), 0.85, 'probable'],
    ['another name', named('Lie', 'Ola'), person(), 0.5, 'possible'],
    ['nothing', { resourceType: 'Patient' } as Patient, person(), 0, 'certainly-not'],
  ])('weighs %s.', (_what, sought, found, score, grade) => {
    expect(scoreOf(sought, found)).toEqual({ score, grade });
  });

  it('is never certain without a national number, and never outside of 0 to 1.', () => {
    const text = fc.constantFrom('Berg', 'Bergh', 'Aas', 'Ås', 'Lie', 'Li');
    const anyone = fc.record({
      resourceType: fc.constant('Patient' as const),
      name: fc.array(fc.record({ family: text, given: fc.array(text, { maxLength: 2 }) }), { maxLength: 2 }),
      birthDate: fc.constantFrom('1961', '1961-04', '1961-04-12', '1961-12-04', '1970-01-01'),
      gender: fc.constantFrom('male' as const, 'female' as const, 'other' as const),
    });
    fc.assert(
      fc.property(anyone, anyone, (a, b) => {
        const { score, grade } = scoreOf(a, b);
        expect(grade).not.toBe('certain');
        expect(score).toBeGreaterThanOrEqual(0);
        expect(score).toBeLessThanOrEqual(0.95);
        expect(scoreOf(b, a)).toEqual({ score, grade });
      }),
    );
  });
});
