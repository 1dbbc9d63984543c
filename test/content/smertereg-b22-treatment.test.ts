/** SmerteReg's form B2.2: treatment, rules 16 and 20 of the register (user guide 1.8). */
import type { Answers } from './case.ts';
import { b22, opened, withBlocks, withOpioids, withTreatment } from './b22-answers.ts';
import { brokenRules, filled } from './fill-form.ts';

describe('The drug treatment of B2.2', () => {
  const questions = ['drug-groups', 'opioid-form', 'respiratory-depression', 'respiration-measure'];

  it.each([
    ['no', []],
    ['unknown', []],
    ['yes', ['drug-groups']],
  ])('opens after %s: %j (rule 20).', (answer, expected) => {
    expect(opened(withTreatment({ 'drug-treatment': answer, 'drug-groups': [] }), questions)).toEqual(
      expected,
    );
  });

  it.each([
    ['opioids', true],
    ['non-opioids', false],
    ['co-analgesics', false],
    ['benzodiazepines', false],
  ])('asks about respiratory depression after %s: %s (rule 20).', (group, isAsked) => {
    const answers = withTreatment({ 'drug-treatment': 'yes', 'drug-groups': [group] });

    expect(opened(answers, ['respiratory-depression']).length === 1).toBe(isAsked);
  });

  it('has no "Ingen" and no "Vet ikke" among its groups: those are answers of the question above.', () => {
    expect(b22.byLinkId.get('drug-groups')?.options?.list.map(({ coding }) => coding.code)).toEqual([
      'opioids',
      'non-opioids',
      'co-analgesics',
      'benzodiazepines',
    ]);
  });

  it('opens the measures after respiratory depression, and "Ingen" excludes the others (rule 20).', () => {
    const depressed = (...measures: string[]): Answers =>
      withTreatment({
        'drug-treatment': 'yes',
        'drug-groups': ['opioids'],
        'opioid-table': { opioid: [{ 'opioid-form': 'morphine-po', dose: 20 }] },
        'respiratory-depression': 'yes',
        'respiration-measure': measures,
      });

    expect(opened(depressed(), ['respiration-measure'])).toEqual(['respiration-measure']);
    expect(brokenRules(b22, depressed())).toEqual(['required respiration-measure']);
    expect(brokenRules(b22, depressed('oxygen', 'antidote', 'ventilator'))).toEqual([]);
    expect(brokenRules(b22, depressed('none'))).toEqual([]);
    expect(brokenRules(b22, depressed('none', 'oxygen'))).toEqual(['exclusive respiration-measure']);
    expect(opened(withOpioids(), ['respiration-measure'])).toEqual([]);
  });

  it('reminds of the empty opioid table.', () => {
    expect(brokenRules(b22, withOpioids())).toEqual(['b22-opioid-rows opioid-table']);
  });

  it.each([
    ['morphine-po', 30, 30],
    ['oxycodone-po', 30, 45],
    ['fentanyl-patch', 25, 60],
    ['buprenorphine-buvidal-monthly', 128, 960],
    ['buprenorphine-buvidal-monthly', 96, 672],
    ['buprenorphine-buvidal-monthly', 64, 432],
    ['buprenorphine-buvidal-weekly', 24, 672],
  ])('counts %s %d as %d mg oral morphine (rule 16).', (drug, dose, omeq) => {
    const answers = filled(b22, withOpioids({ 'opioid-form': drug, dose }));

    expect(answers.get('treatment/opioid-table/opioid[0]/omeq')).toBe(omeq);
    expect(answers.get('treatment/opioid-table/omeq-total')).toBe(omeq);
  });

  it('gives no total when a line has no factor, and never one of a hidden table.', () => {
    const lines = [
      { 'opioid-form': 'morphine-po', dose: 20 },
      { 'opioid-form': 'methadone-po', dose: 40 },
    ];
    const hidden = withTreatment({
      'drug-treatment': 'no',
      'drug-groups': ['opioids'],
      'opioid-table': { opioid: lines.slice(0, 1) },
    });

    expect(filled(b22, withOpioids(...lines)).get('treatment/opioid-table/omeq-incomplete')).toBe(true);
    expect(filled(b22, withOpioids(...lines)).has('treatment/opioid-table/omeq-total')).toBe(false);
    expect(filled(b22, hidden).has('treatment/opioid-table/omeq-total')).toBe(false);
  });

  it.each([
    [{ 'opioid-form': 'oxycodone-po', dose: 300 }, ['b22-omeq-usual dose']],
    [{ 'opioid-form': 'fentanyl-transmucosal', dose: 400 }, ['b22-omeq-max dose', 'b22-omeq-usual dose']],
    [{ 'opioid-form': 'buprenorphine-buvidal-monthly', dose: 100 }, ['b22-buvidal-monthly dose']],
    [{ 'opioid-form': 'buprenorphine-buvidal-weekly', dose: 20 }, ['b22-buvidal-weekly dose']],
    [{ 'opioid-form': 'morphine-po', dose: 0 }, ['min-value dose']],
    [{ 'opioid-form': 'tapentadol-po-mr', dose: 3001 }, ['max-value dose', 'b22-omeq-usual dose']],
    [{ 'opioid-form': 'morphine-po' }, ['required dose']],
  ])('answers the line %j with %j.', (line, rules) => {
    expect(brokenRules(b22, withOpioids(line))).toEqual(rules);
  });
});

describe('The non-drug treatment of B2.2', () => {
  const three = ['psychosocial', 'physiotherapy', 'other-non-drug'];

  it.each([
    ['no', []],
    ['unknown', []],
    ['yes', three],
  ])('opens after %s: %j (rule 20).', (answer, expected) => {
    expect(opened(withTreatment({ 'non-drug-treatment': answer }), three)).toEqual(expected);
  });

  it('needs an answer to each of the three, and wonders when all are "Nei".', () => {
    const answered = (...codes: string[]): Answers =>
      withTreatment({
        'non-drug-treatment': 'yes',
        ...Object.fromEntries(codes.map((code, index) => [three[index]!, code])),
      });

    expect(brokenRules(b22, answered())).toEqual(three.map((linkId) => `required ${linkId}`));
    expect(brokenRules(b22, answered('no', 'yes', 'no'))).toEqual([]);
    expect(brokenRules(b22, answered('no', 'unknown', 'no'))).toEqual([]);
    expect(brokenRules(b22, answered('no', 'no', 'no'))).toEqual(['b22-non-drug non-drug-treatment']);
  });
});

describe('The blocks of B2.2', () => {
  const central = ['central-block-type', 'central-block-drug', 'central-block-complications'];
  const peripheral = [
    'peripheral-block-type',
    'peripheral-block-administration',
    'peripheral-block-complications',
  ];
  const further = (kind: string): readonly string[] => [
    `${kind}-block-complication`,
    `${kind}-block-measure`,
  ];
  const all = [...central, ...further('central'), ...peripheral, ...further('peripheral')];
  const ofCentral = {
    'central-block': 'yes',
    'central-block-type': ['epidural', 'spinal'],
    'central-block-drug': ['opioids', 'local-anaesthetic'],
    'central-block-complications': 'no',
  };
  const ofPeripheral = {
    'peripheral-block': 'yes',
    'peripheral-block-type': ['interscalene', 'other'],
    'peripheral-block-administration': ['infusion'],
    'peripheral-block-complications': 'no',
  };

  it.each([
    ['central', 'yes', central],
    ['central', 'no', []],
    ['central', 'unknown', []],
    ['peripheral', 'yes', peripheral],
    ['peripheral', 'no', []],
    ['peripheral', 'unknown', []],
  ])('open for a %s block answered %s: %j (rule 20).', (kind, answer, expected) => {
    expect(opened(withBlocks({ [`${kind}-block`]: answer }), all)).toEqual(expected);
  });

  it.each([
    ['central', 'yes', further('central')],
    ['central', 'no', []],
    ['central', 'unknown', []],
    ['peripheral', 'yes', further('peripheral')],
    ['peripheral', 'no', []],
    ['peripheral', 'unknown', []],
  ])('ask for complications of a %s block answered %s: %j (rule 20).', (kind, answer, expected) => {
    const answers = withBlocks({ [`${kind}-block`]: 'yes', [`${kind}-block-complications`]: answer });

    expect(opened(answers, [...further('central'), ...further('peripheral')])).toEqual(expected);
  });

  it.each([
    [
      'central-block-complication',
      [
        'haematoma',
        'meningitis',
        'epidural-abscess',
        'nerve-damage',
        'catheter-migration',
        'intravascular-injection',
        'post-spinal-headache',
        'fall-tendency',
        'csf-leak',
      ],
    ],
    [
      'central-block-measure',
      [
        'none',
        'surgery',
        'antibiotics',
        'catheter-removal',
        'blood-patch',
        'bed-rest',
        'phenazone-caffeine',
        'drug-change',
      ],
    ],
    [
      'peripheral-block-complication',
      ['nerve-damage', 'infection', 'intravascular-injection', 'intoxication'],
    ],
    [
      'peripheral-block-measure',
      ['none', 'surgery', 'antibiotics', 'catheter-removal', 'drug-change-intensive'],
    ],
  ])("offer as %s the guide's list %j.", (linkId, codes) => {
    expect(b22.byLinkId.get(linkId)?.options?.list.map(({ coding }) => coding.code)).toEqual(codes);
  });

  it('can be locked with both, and each with its answers.', () => {
    expect(brokenRules(b22, withBlocks({ ...ofCentral, ...ofPeripheral }))).toEqual([]);
    expect(brokenRules(b22, withBlocks({ 'central-block': 'yes', 'peripheral-block': 'yes' }))).toEqual(
      [...central, ...peripheral].map((linkId) => `required ${linkId}`),
    );
  });

  it.each([
    [
      'central',
      { ...ofCentral, 'central-block-complications': 'yes', 'central-block-complication': ['csf-leak'] },
    ],
    [
      'peripheral',
      {
        ...ofPeripheral,
        'peripheral-block-complications': 'yes',
        'peripheral-block-complication': ['infection'],
      },
    ],
  ])('let "Ingen" exclude the other measures of a %s block (rule 20).', (kind, answers) => {
    const measure = `${kind}-block-measure`;
    const rules = (...measures: string[]): readonly string[] =>
      brokenRules(b22, withBlocks({ ...answers, [measure]: measures }));

    expect(rules('surgery', 'antibiotics')).toEqual([]);
    expect(rules('none')).toEqual([]);
    expect(rules('none', 'surgery')).toEqual([`exclusive ${measure}`]);
    expect(rules()).toEqual([`required ${measure}`]);
  });
});
