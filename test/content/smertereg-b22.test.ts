/** SmerteReg's form B2.2: visits and follow-up, rules 18, 19 and 21 of the register (user guide 1.8). */
import { b22, complete, opened, withFollowUp, withVisits } from './b22-answers.ts';
import { brokenRules, filled } from './fill-form.ts';

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
