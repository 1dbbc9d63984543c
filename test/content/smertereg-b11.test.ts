/** SmerteReg's form B1.1: rules 12-16 of the register (user guide 1.8). */
import type { Answers } from './case.ts';
import { brokenRules, content, facts, filled, shown } from './fill-form.ts';
import { formOf } from './run-case.ts';

const b11 = formOf(content, 'smertereg-b11');

const fromTo = { 'to-referral-date': '2026-03-02', 'to-start-date': '2026-03-03', 'to-attended': 'yes' };
const analgesics = { 'analgesics-admission': ['none'], 'analgesics-first': ['none'] };
const complete: Answers = {
  admission: { ...fromTo, 'registration-date': '2026-03-03', location: 'Fjordheim', department: 'Kirurgi' },
  analgesics,
  blocks: { 'central-block': 'no', 'peripheral-block': 'no' },
  'substance-use': { 'earlier-abuse': 'no', 'current-abuse': 'no' },
};
const withDiagnosis = (...diagnosis: Answers[]): Answers => ({ ...complete, diagnoses: { diagnosis } });
const withOpioids = (...opioid: Answers[]): Answers => ({
  ...complete,
  analgesics: {
    'analgesics-admission': ['none'],
    'analgesics-first': ['opioids'],
    'opioid-table': { opioid },
    'inappropriate-use': 'no',
  },
});

describe('The form B1.1', () => {
  it('can be locked as soon as its questions are answered.', () => {
    expect(brokenRules(b11, complete)).toEqual([]);
  });

  it.each([
    ['2026-03-01', ['b11-after-referral registration-date', 'b11-after-start registration-date']],
    ['2026-03-02', ['b11-after-start registration-date']],
    ['2026-03-03', []],
  ])('rule 12: compares the registration date %s with referral and start.', (date, rules) => {
    const admission = { ...(complete['admission'] as Answers), 'registration-date': date };

    expect(brokenRules(b11, { ...complete, admission })).toEqual(rules);
  });

  it.each([
    [{ 'pain-category': 'acute' }, ['acute-category']],
    [{ 'pain-category': 'acute', 'acute-category': 'surgery' }, ['acute-category', 'procedure']],
    [{ 'pain-category': 'acute', 'acute-category': 'trauma' }, ['acute-category', 'anatomy']],
    [{ 'pain-category': 'acute', 'acute-category': 'disease' }, ['acute-category', 'anatomy']],
    [{ 'pain-category': 'acute', 'acute-category': 'other' }, ['acute-category']],
    [{ 'pain-category': 'chronic' }, ['diagnosis-category']],
    [
      { 'pain-category': 'chronic', 'diagnosis-category': 'neuropathic' },
      ['diagnosis-category', 'icd10-neuropathic'],
    ],
    [{ 'pain-category': 'chronic', 'diagnosis-category': 'cancer' }, ['diagnosis-category', 'cancer']],
    [{ 'pain-category': 'palliative', 'palliative-category': 'cancer' }, ['palliative-category', 'cancer']],
    [{ 'pain-category': 'other' }, []],
  ])('rule 13: opens for %j the lists %j.', (row, lists) => {
    const questions = shown(b11, withDiagnosis(row));
    const ofRow = questions.slice(
      questions.indexOf('pain-category') + 1,
      questions.indexOf('main-diagnosis'),
    );

    expect(ofRow).toEqual(lists);
  });

  it('rule 13: takes any number of diagnoses, each with its own lists.', () => {
    const rules = brokenRules(
      b11,
      withDiagnosis(
        { 'pain-category': 'chronic', 'main-diagnosis': 'yes' },
        {
          'pain-category': 'palliative',
          'palliative-category': 'cancer',
          cancer: 'C50.9',
          'main-diagnosis': 'no',
        },
        {
          'pain-category': 'palliative',
          'palliative-category': 'cancer',
          cancer: 'C79.5',
          'main-diagnosis': 'no',
        },
        {
          'pain-category': 'acute',
          'acute-category': 'surgery',
          procedure: 'QXX99 Uvanlig inngrep',
          'main-diagnosis': 'no',
        },
      ),
    );

    expect(rules).toEqual([]);
  });

  it.each(['none', 'unknown'])('rule 14: lets "%s" exclude all other analgesics.', (exclusive) => {
    const rules = brokenRules(b11, {
      ...complete,
      analgesics: { ...analgesics, 'analgesics-admission': [exclusive, 'non-opioids'] },
    });

    expect(rules).toContain('exclusive analgesics-admission');
  });

  it('rule 14: sets 4b to "Vet ikke" for a patient who is not attended.', () => {
    const admission = { ...(complete['admission'] as Answers), 'to-attended': 'no-capacity' };

    const answers = filled(b11, { ...complete, admission, analgesics: { 'analgesics-admission': ['none'] } });

    expect(answers.get('analgesics/analgesics-first')).toBe('unknown');
  });

  it.each([
    ['opioids', true],
    ['benzodiazepines', true],
    ['co-analgesics', true],
    ['non-opioids', false],
    ['unknown', false],
  ])('rule 14: asks 4c after %s: %s.', (group, isAsked) => {
    const inAdmission = shown(b11, {
      ...complete,
      analgesics: { ...analgesics, 'analgesics-admission': [group] },
    });
    const atFirst = shown(b11, { ...complete, analgesics: { ...analgesics, 'analgesics-first': [group] } });

    expect([inAdmission, atFirst].map((questions) => questions.includes('inappropriate-use'))).toEqual([
      isAsked,
      isAsked,
    ]);
  });

  it.each([
    ['buprenorphine-buvidal-monthly', 128, 960],
    ['buprenorphine-buvidal-monthly', 96, 672],
    ['buprenorphine-buvidal-monthly', 64, 432],
    ['buprenorphine-buvidal-weekly', 24, 672],
    ['fentanyl-patch', 25, 60],
    ['buprenorphine-patch', 10, 22.2],
    ['codeine-po', 120, 12],
    ['tapentadol-po-mr', 100, 20],
  ])('counts %s %d as %d mg oral morphine.', (drug, dose, omeq) => {
    const answers = filled(b11, withOpioids({ 'opioid-form': drug, dose }));

    expect(answers.get('analgesics/opioid-table/opioid[0]/omeq')).toBe(omeq);
    expect(answers.get('analgesics/opioid-table/omeq-total')).toBe(omeq);
  });

  it.each(['methadone-po', 'methadone-iv', 'ketobemidone-parenteral'])(
    'gives no total when %s, which has no factor, is among the lines.',
    (drug) => {
      const answers = filled(
        b11,
        withOpioids({ 'opioid-form': 'morphine-po', dose: 20 }, { 'opioid-form': drug, dose: 30 }),
      );

      expect(answers.get('analgesics/opioid-table/opioid[0]/omeq')).toBe(20);
      expect(answers.has('analgesics/opioid-table/opioid[1]/omeq')).toBe(false);
      expect(answers.get('analgesics/opioid-table/omeq-incomplete')).toBe(true);
      expect(answers.has('analgesics/opioid-table/omeq-total')).toBe(false);
    },
  );

  it('rule 14: sums the lines unrounded and never counts a hidden table.', () => {
    const lines = withOpioids(
      { 'opioid-form': 'codeine-po', dose: 0.5 },
      { 'opioid-form': 'tramadol-po', dose: 0.3 },
    );

    expect(filled(b11, lines).get('analgesics/opioid-table/omeq-total')).toBe(0.1);
    expect(
      filled(b11, {
        ...lines,
        analgesics: { ...(lines['analgesics'] as Answers), 'analgesics-first': ['none'] },
      }).has('analgesics/opioid-table/omeq-total'),
    ).toBe(false);
  });

  it('refuses a dose that cannot be right, and asks about one that is unusual.', () => {
    expect(brokenRules(b11, withOpioids({ 'opioid-form': 'fentanyl-transmucosal', dose: 400 }))).toContain(
      'b11-omeq-max dose',
    );
    expect(brokenRules(b11, withOpioids({ 'opioid-form': 'oxycodone-po', dose: 300 }))).toEqual([
      'b11-omeq-usual dose',
    ]);
    expect(
      brokenRules(b11, withOpioids({ 'opioid-form': 'buprenorphine-buvidal-monthly', dose: 100 })),
    ).toEqual(['b11-buvidal-monthly dose']);
  });

  it('opens type, drug and administration of blocks after Yes.', () => {
    const questions = shown(b11, {
      ...complete,
      blocks: { 'central-block': 'yes', 'peripheral-block': 'yes' },
    });

    expect(questions).toEqual(
      expect.arrayContaining([
        'central-block-type',
        'central-block-drug',
        'peripheral-block-type',
        'peripheral-block-administration',
      ]),
    );
    expect(shown(b11, complete)).not.toContain('central-block-type');
  });

  it.each([
    ['no', 'no', 'no'],
    ['no', 'unsure', undefined],
    ['yes', 'no', undefined],
  ])('fills LAR for earlier abuse %s and ongoing abuse %s with %s.', (earlier, ongoing, lar) => {
    const answers = filled(b11, {
      ...complete,
      'substance-use': { 'earlier-abuse': earlier, 'current-abuse': ongoing },
    });

    expect(answers.get('substance-use/lar')).toBe(lar);
  });

  it('states an incomplete total as absent, never as a number.', () => {
    const observations = facts(b11, withOpioids({ 'opioid-form': 'methadone-po', dose: 40 })).filter(
      ({ resourceType }) => resourceType === 'Observation',
    );

    expect(observations).toHaveLength(1);
    expect(observations[0]).toMatchObject({ dataAbsentReason: { coding: [{ code: 'unknown' }] } });
    expect(observations[0]).not.toHaveProperty('valueQuantity');
  });
});
