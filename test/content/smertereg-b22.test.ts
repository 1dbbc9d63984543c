/** SmerteReg's form B2.2: rules 16 and 18-21 of the register (user guide 1.8). */
import type { AdverseEvent, Procedure } from '../../src/fhir/types.ts';
import type { Answers } from './case.ts';
import { brokenRules, content, facts, filled, shown } from './fill-form.ts';
import { formOf } from './run-case.ts';

const b22 = formOf(content, 'smertereg-b22');

const visits = {
  'to-start-date': '2026-03-03',
  'end-date': '2026-03-06',
  practitioner: ['doctor', 'nurse'],
  'visits-doctor': 2,
  'visits-nurse': 5,
  'patient-visits': 5,
  'total-hours': 7,
};
const treatment = { 'drug-treatment': 'no', 'non-drug-treatment': 'no' };
const blocks = { 'central-block': 'no', 'peripheral-block': 'no' };
const complete: Answers = { visits, treatment, blocks, 'follow-up': { 'should-follow-up': 'no' } };

const withVisits = (changes: Answers): Answers => ({ ...complete, visits: { ...visits, ...changes } });
const withTreatment = (changes: Answers): Answers => ({
  ...complete,
  treatment: { ...treatment, ...changes },
});
const withBlocks = (changes: Answers): Answers => ({ ...complete, blocks: { ...blocks, ...changes } });
const withFollowUp = (changes: Answers): Answers => ({ ...complete, 'follow-up': changes });
const withOpioids = (...opioid: Answers[]): Answers =>
  withTreatment({
    'drug-treatment': 'yes',
    'drug-groups': ['opioids'],
    'opioid-table': { opioid },
    'respiratory-depression': 'no',
  });

/** linkIds shown among those that the answer may open. */
const opened = (answers: Answers, among: readonly string[]): readonly string[] =>
  shown(b22, answers).filter((linkId) => among.includes(linkId));

describe('The form B2.2', () => {
  it('can be locked as soon as its questions are answered.', () => {
    expect(brokenRules(b22, complete)).toEqual([]);
  });

  it('misses every main question that is left open.', () => {
    expect(brokenRules(b22, {})).toEqual([
      'required end-date',
      'recommended practitioner',
      'required patient-visits',
      'required total-hours',
      'required drug-treatment',
      'required non-drug-treatment',
      'required central-block',
      'required peripheral-block',
      'required should-follow-up',
    ]);
  });

  it.each([
    ['2026-03-02', ['b22-end-after-start end-date']],
    ['2026-03-03', []],
    ['2026-03-07', ['not-after-now end-date']],
  ])('takes the end date %s with %j.', (date, rules) => {
    expect(brokenRules(b22, withVisits({ 'end-date': date }))).toEqual(rules);
  });
});

describe('The visits of B2.2', () => {
  const roles = [
    'doctor',
    'doctor-consulted',
    'nurse',
    'physiotherapist',
    'psychologist',
    'social-worker',
    'ambulatory-doctor',
    'ambulatory-nurse',
  ];
  const counts = roles.map((role) => `visits-${role}`);

  it.each(roles)('ask the number only of a practitioner who is ticked: %s (rule 18).', (role) => {
    const questions = opened(withVisits({ practitioner: [role] }), counts);

    expect(questions).toEqual([`visits-${role}`]);
  });

  it('need the number of every practitioner who is ticked.', () => {
    expect(brokenRules(b22, withVisits({ practitioner: ['doctor', 'psychologist'] }))).toEqual([
      'required visits-psychologist',
      'b22-visits-within patient-visits',
    ]);
  });

  it.each([
    [0, ['min-value visits-nurse', 'usual-range visits-nurse']],
    [1, []],
    [10, []],
    [11, ['usual-range visits-nurse']],
    [100, ['usual-range visits-nurse']],
    [101, ['max-value visits-nurse', 'usual-range visits-nurse']],
  ])('take %d visits of the nurse with %j (rule 18).', (count, rules) => {
    const broken = brokenRules(b22, withVisits({ 'visits-doctor': 10, 'visits-nurse': count }));

    expect(broken.filter((rule) => rule.endsWith('visits-nurse')).sort()).toEqual([...rules].sort());
  });

  it.each([
    [-1, ['min-value', 'usual-range']],
    [0, ['usual-range']],
    [4, ['usual-range']],
    [5, []],
    [25, []],
    [26, ['usual-range']],
    [99, ['usual-range']],
    [100, ['max-value', 'usual-range']],
  ])('take %d patient visits with %j (rule 18).', (count, rules) => {
    const broken = brokenRules(b22, withVisits({ 'visits-nurse': 100, 'patient-visits': count }));

    expect(broken.filter((rule) => rule.endsWith(' patient-visits')).sort()).toEqual(
      rules.map((rule) => `${rule} patient-visits`),
    );
  });

  it('remind of the patient visits once a practitioner has a number (rule 18).', () => {
    expect(opened(withVisits({}), ['visits-reminder'])).toEqual(['visits-reminder']);
    expect(opened({ ...complete, visits: { 'end-date': '2026-03-06' } }, ['visits-reminder'])).toEqual([]);
  });

  it('may differ from the patient visits, but not fall short of them; a doctor who is only asked does not count.', () => {
    const few = {
      practitioner: ['nurse', 'doctor-consulted'],
      'visits-doctor-consulted': 9,
      'patient-visits': 5,
    };

    expect(brokenRules(b22, withVisits({ ...few, 'visits-nurse': 5 }))).toEqual([]);
    expect(brokenRules(b22, withVisits({ ...few, 'visits-nurse': 4 }))).toEqual([
      'b22-visits-within patient-visits',
    ]);
  });

  it.each([
    [1, 1],
    [60, 1],
    [61, 2],
    [80, 2],
    [120, 2],
    [121, 3],
  ])('count %d minutes as %d whole hours (rule 19).', (minutes, hours) => {
    const answers = filled(b22, withVisits({ 'time-minutes': minutes, 'total-hours': 99 }));

    expect(answers.get('visits/total-hours')).toBe(hours);
  });

  it('leave the hours to the user when no minutes are given (rule 19).', () => {
    expect(filled(b22, withVisits({ 'total-hours': 3 })).get('visits/total-hours')).toBe(3);
  });

  it.each([
    [0, ['min-value', 'usual-range']],
    [1, []],
    [100, []],
    [101, ['usual-range']],
    [500, ['usual-range']],
    [501, ['max-value', 'usual-range']],
  ])('take %d hours with %j (rule 18).', (hours, rules) => {
    expect([...brokenRules(b22, withVisits({ 'total-hours': hours }))].sort()).toEqual(
      rules.map((rule) => `${rule} total-hours`),
    );
  });

  it('refuse half hours (rule 19).', () => {
    expect(brokenRules(b22, withVisits({ 'total-hours': 1.5 }))).toContain('answer-type total-hours');
  });
});

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

describe('The follow-up of B2.2', () => {
  const three = ['tapering', 'gp-follow-up', 'pain-clinic'];
  const branches = ['no-tapering-reason', 'tapering-measure'];
  const followed = { 'should-follow-up': 'yes', 'gp-follow-up': 'via-note', 'pain-clinic': 'unknown' };

  it.each([
    ['no', []],
    ['unknown', []],
    ['yes', three],
  ])('opens after %s: %j (rule 21).', (answer, expected) => {
    expect(opened(withFollowUp({ 'should-follow-up': answer, tapering: 'yes' }), three)).toEqual(expected);
  });

  it.each([
    ['no', ['no-tapering-reason']],
    ['yes', ['tapering-measure']],
    ['unknown', []],
  ])('asks after tapering %s for %j (rule 21).', (answer, expected) => {
    expect(opened(withFollowUp({ ...followed, tapering: answer }), branches)).toEqual(expected);
  });

  it.each([
    [{ tapering: 'no' }, ['required no-tapering-reason']],
    [{ tapering: 'no', 'no-tapering-reason': 'no-need' }, []],
    [{ tapering: 'no', 'no-tapering-reason': 'not-applicable' }, []],
    [{ tapering: 'no', 'no-tapering-reason': 'unknown' }, []],
    [{ tapering: 'yes' }, ['recommended tapering-measure']],
    [{ tapering: 'yes', 'tapering-measure': ['journal-note', 'brochure'] }, []],
    [{ tapering: 'unknown' }, []],
    [{ tapering: 'unknown', 'gp-follow-up': 'contacted-directly', 'pain-clinic': 'yes' }, []],
  ])('takes %j with %j.', (answers, rules) => {
    expect(brokenRules(b22, withFollowUp({ ...followed, ...answers }))).toEqual(rules);
  });

  it('forgets the answers of a follow-up that is taken back.', () => {
    const taken = withFollowUp({ ...followed, 'should-follow-up': 'no', tapering: 'no' });

    expect(brokenRules(b22, taken)).toEqual([]);
  });
});

describe('The facts of B2.2', () => {
  const ofType = <T>(answers: Answers, type: string): readonly T[] =>
    facts(b22, answers).filter(
      ({ resourceType }) => resourceType === type,
    ) as readonly unknown[] as readonly T[];

  it('are none when no treatment was given.', () => {
    expect(facts(b22, complete)).toEqual([]);
  });

  it('are the opioids at the last visit with their total.', () => {
    const answers = withOpioids(
      { 'opioid-form': 'morphine-po', dose: 20 },
      { 'opioid-form': 'oxycodone-po', dose: 10 },
    );

    expect(facts(b22, answers)).toMatchObject([
      {
        resourceType: 'Observation',
        effectiveDateTime: '2026-03-06',
        valueQuantity: { value: 35, code: 'mg/d' },
      },
      { resourceType: 'MedicationStatement', effectiveDateTime: '2026-03-06' },
      { resourceType: 'MedicationStatement', effectiveDateTime: '2026-03-06' },
    ]);
  });

  it('state an incomplete total as absent, never as a number.', () => {
    const [total] = ofType(withOpioids({ 'opioid-form': 'methadone-po', dose: 40 }), 'Observation');

    expect(total).toMatchObject({ dataAbsentReason: { coding: [{ code: 'unknown' }] } });
    expect(total).not.toHaveProperty('valueQuantity');
  });

  it('are a procedure per kind of block, with its types, somewhere between start and end.', () => {
    const procedures = ofType<Procedure>(
      withBlocks({
        'central-block': 'yes',
        'central-block-type': ['epidural', 'spinal'],
        'central-block-drug': ['opioids'],
        'central-block-complications': 'no',
        'peripheral-block': 'yes',
        'peripheral-block-type': ['tap'],
        'peripheral-block-administration': ['single-shot'],
        'peripheral-block-complications': 'unknown',
      }),
      'Procedure',
    );

    expect(procedures.map(({ code }) => code?.coding?.map((coding) => coding.code))).toEqual([
      ['epidural', 'spinal'],
      ['tap'],
    ]);
    expect(procedures.map(({ performedPeriod }) => performedPeriod)).toEqual([
      { start: '2026-03-03', end: '2026-03-06' },
      { start: '2026-03-03', end: '2026-03-06' },
    ]);
  });

  it('are one adverse event per severe complication, tied to the block it came from.', () => {
    const answers = withBlocks({
      'central-block': 'yes',
      'central-block-type': ['epidural'],
      'central-block-drug': ['local-anaesthetic'],
      'central-block-complications': 'yes',
      'central-block-complication': ['meningitis', 'csf-leak'],
      'central-block-measure': ['antibiotics'],
    });
    const [procedure] = ofType<Procedure>(answers, 'Procedure');
    const events = ofType<AdverseEvent>(answers, 'AdverseEvent');

    expect(events.map(({ event }) => event?.coding?.[0]?.code)).toEqual(['meningitis', 'csf-leak']);
    expect(events.map(({ suspectEntity }) => suspectEntity?.[0]?.instance.reference)).toEqual([
      `Procedure/${procedure?.id ?? ''}`,
      `Procedure/${procedure?.id ?? ''}`,
    ]);
  });

  it('are an adverse event of severe respiratory depression.', () => {
    const answers = withTreatment({
      'drug-treatment': 'yes',
      'drug-groups': ['opioids'],
      'opioid-table': { opioid: [{ 'opioid-form': 'morphine-po', dose: 20 }] },
      'respiratory-depression': 'yes',
      'respiration-measure': ['antidote'],
    });

    expect(ofType<AdverseEvent>(answers, 'AdverseEvent')).toMatchObject([
      {
        actuality: 'actual',
        event: { coding: [{ code: 'respiratory-depression' }] },
        subject: { reference: 'Patient/kari' },
        date: '2026-03-06',
      },
    ]);
  });
});
