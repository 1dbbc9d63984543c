/** SmerteReg's form B2.1: rule 17 of the register (user guide 1.8) at the last visit. */
import type { Observation } from '../../src/fhir/types.ts';
import type { Answers } from './case.ts';
import { brokenRules, content, facts, shown } from './fill-form.ts';
import { formOf } from './run-case.ts';

const b21 = formOf(content, 'smertereg-b21');
const b12 = formOf(content, 'smertereg-b12');

const SCALES = ['strongest-rest', 'weakest-rest', 'strongest-motion', 'weakest-motion'];
const pain = { 'strongest-rest': '4', 'weakest-rest': '2', 'strongest-motion': '10', 'weakest-motion': '0' };
const dates = { 'to-start-date': '2026-03-03', 'registration-date': '2026-03-06' };
const locked = (nrs: Answers): readonly string[] => brokenRules(b21, { ...dates, 'nrs-ability': 'yes', nrs });

describe('The form B2.1', () => {
  it.each([
    ['yes', SCALES],
    ['no', []],
    ['not-applicable', []],
    ['not-asked', []],
  ])('shows for "able to state" %s the scales %j (rule 17).', (ability, expected) => {
    const questions = shown(b21, { ...dates, 'nrs-ability': ability, nrs: pain });

    expect(questions.filter((linkId) => SCALES.includes(linkId))).toEqual(expected);
  });

  it.each(['no', 'not-applicable', 'not-asked'])('can be locked without a scale after "%s".', (ability) => {
    expect(brokenRules(b21, { ...dates, 'nrs-ability': ability })).toEqual([]);
  });

  it('needs all four scales after "Ja".', () => {
    expect(brokenRules(b21, { ...dates, 'nrs-ability': 'yes' })).toEqual(
      SCALES.map((linkId) => `required ${linkId}`),
    );
  });

  it('refuses a weakest pain above the strongest, and accepts them equal (rule 17).', () => {
    expect(locked(pain)).toEqual([]);
    expect(locked({ ...pain, 'weakest-rest': '4' })).toEqual([]);
    expect(locked({ ...pain, 'weakest-rest': '5' })).toEqual(['b21-nrs-rest weakest-rest']);
    expect(locked({ ...pain, 'strongest-motion': '9', 'weakest-motion': '10' })).toEqual([
      'b21-nrs-motion weakest-motion',
    ]);
  });

  it.each([
    ['2026-03-02', ['b21-after-start registration-date']],
    ['2026-03-03', []],
    ['2026-03-06', []],
    ['2026-03-07', ['not-after-now registration-date']],
  ])('takes %s as the day of the last visit with %j.', (date, rules) => {
    expect(brokenRules(b21, { ...dates, 'registration-date': date, 'nrs-ability': 'no' })).toEqual(rules);
  });

  it('compares no date as long as TO has none.', () => {
    expect(brokenRules(b21, { 'registration-date': '2026-03-01', 'nrs-ability': 'no' })).toEqual([]);
  });

  it('asks the questions of B1.2 under the same names of old, so that first and last visit can be compared.', () => {
    const variables = (form: typeof b21): readonly unknown[] =>
      ['registration-date', 'nrs-ability', ...SCALES].map(
        (linkId) => form.byLinkId.get(linkId)?.source.code?.[0]?.code,
      );

    expect(variables(b21)).toEqual(variables(b12));
    expect(b21.byLinkId.get('nrs-ability')?.options?.list).toEqual(
      b12.byLinkId.get('nrs-ability')?.options?.list,
    );
  });

  it('states every pain score as an Observation of the day of the last visit.', () => {
    const observations = facts(b21, { ...dates, 'nrs-ability': 'yes', nrs: pain }) as readonly Observation[];

    expect(
      observations.map(({ code, effectiveDateTime, valueQuantity }) => [
        code.coding?.at(-1)?.code,
        effectiveDateTime,
        valueQuantity?.value,
      ]),
    ).toEqual([
      ['strongest-pain-rest', '2026-03-06', 4],
      ['weakest-pain-rest', '2026-03-06', 2],
      ['strongest-pain-motion', '2026-03-06', 10],
      ['weakest-pain-motion', '2026-03-06', 0],
      ['nrs-ability', '2026-03-06', undefined],
    ]);
  });

  it('states only the ability when there is no score.', () => {
    const observations = facts(b21, {
      ...dates,
      'nrs-ability': 'not-asked',
      nrs: pain,
    }) as readonly Observation[];

    expect(observations.map(({ valueCodeableConcept }) => valueCodeableConcept?.coding?.[0]?.code)).toEqual([
      'not-asked',
    ]);
  });
});
