/** SmerteReg's form B1.2: rule 17 of the register (user guide 1.8). */
import type { Answers } from './case.ts';
import { brokenRules, content, shown } from './fill-form.ts';
import { formOf } from './run-case.ts';

const b12 = formOf(content, 'smertereg-b12');

describe('The form B1.2', () => {
  const scales = ['strongest-rest', 'weakest-rest', 'strongest-motion', 'weakest-motion'];
  const pain = {
    'strongest-rest': '5',
    'weakest-rest': '3',
    'strongest-motion': '10',
    'weakest-motion': '0',
  };
  const date = { 'registration-date': '2026-03-03' };

  it.each([
    ['yes', scales],
    ['no', []],
    ['not-applicable', []],
    ['not-asked', []],
  ])('shows for "able to state" %s the scales %j.', (ability, expected) => {
    const questions = shown(b12, { ...date, 'nrs-ability': ability, nrs: pain });

    expect(questions.filter((linkId) => scales.includes(linkId))).toEqual(expected);
  });

  it('rule 17: refuses a weakest pain above the strongest, and accepts them equal.', () => {
    const locked = (nrs: Answers): readonly string[] =>
      brokenRules(b12, { ...date, 'nrs-ability': 'yes', nrs });

    expect(locked(pain)).toEqual([]);
    expect(locked({ ...pain, 'weakest-rest': '5' })).toEqual([]);
    expect(locked({ ...pain, 'weakest-rest': '6' })).toEqual(['b12-nrs-rest weakest-rest']);
    expect(locked({ ...pain, 'strongest-motion': '9', 'weakest-motion': '10' })).toEqual([
      'b12-nrs-motion weakest-motion',
    ]);
  });

  it('offers the eleven numbers of a scale as radio buttons.', () => {
    const scale = b12.byLinkId.get('strongest-rest');

    expect(scale?.control).toBe('radio-button');
    expect(scale?.options?.list.map(({ coding, weight }) => [coding.code, weight])).toEqual(
      Array.from({ length: 11 }, (_, number) => [String(number), number]),
    );
  });
});
