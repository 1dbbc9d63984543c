/** SmerteReg's form Opioid: strong painkillers four weeks after the last visit. Rules 23 and 25 of the register. */
import type { Answers } from './case.ts';
import { brokenRules, content, filled, shown } from './fill-form.ts';
import { formOf } from './run-case.ts';

const opioid = formOf(content, 'smertereg-opioid');

const filling = { 'registration-date': '2026-03-06' };
const discharge = { discharged: 'yes', 'medication-after-discharge': 'yes' };
const open = {
  medicines: ['drug', 'still-using'],
  tapering: ['tapering-informed'],
  problems: ['withdrawal', 'tiredness'],
  driving: ['driving-informed'],
  wishes: ['knew-whom-to-ask', 'wish'],
};
const using = (answers: Answers = {}): Answers => ({ 'filling-in': filling, discharge, ...answers });
const complete = using({
  medicines: { drug: ['oxynorm', 'tramadol'], 'still-using': 'lower-dose' },
  tapering: {
    'tapering-informed': 'yes',
    'tapering-informer': 'both',
    'tapering-information': ['oral', 'written-plan', 'brochure'],
    'tapering-adherence': 'no-longer',
  },
  problems: {
    withdrawal: 'yes',
    'withdrawal-understood': 'unsure',
    'withdrawal-what-to-do': 'no',
    tiredness: 'yes',
    'tiredness-what-to-do': 'unknown',
  },
  driving: { 'driving-informed': 'yes', 'driving-informer': 'pain-team', 'driving-information': ['written'] },
  wishes: { 'knew-whom-to-ask': 'yes', wish: ['withdrawal', 'closer-follow-up'] },
});

/** What is asked after these answers, besides the date. */
const asked = (answers: Answers): readonly string[] =>
  shown(opioid, answers).filter((linkId) => linkId !== 'registration-date');

describe('The form Opioid', () => {
  it('can be locked when its questions are answered.', () => {
    expect(brokenRules(opioid, complete)).toEqual([]);
  });

  it('warns of questions left open, but lets the patient send it; wishes may stay open.', () => {
    expect(brokenRules(opioid, using())).toEqual(
      [
        ...['drug', 'still-using', 'tapering-informed', 'withdrawal', 'tiredness'],
        ...['driving-informed', 'knew-whom-to-ask'],
      ].map((linkId) => `recommended ${linkId}`),
    );
  });

  it.each([
    [{}, ['discharged']],
    [{ discharged: 'no' }, ['discharged']],
    [{ discharged: 'yes' }, ['discharged', 'medication-after-discharge']],
    [{ discharged: 'yes', 'medication-after-discharge': 'no' }, ['discharged', 'medication-after-discharge']],
    [discharge, ['discharged', 'medication-after-discharge', ...Object.values(open).flat()]],
  ])('asks after %j for %j.', (answers, expected) => {
    expect(asked({ 'filling-in': filling, discharge: answers })).toEqual(expected);
  });

  it.each([
    [
      'tapering',
      { 'tapering-informed': 'yes' },
      ['tapering-informer', 'tapering-information', 'tapering-adherence'],
    ],
    ['tapering', { 'tapering-informed': 'no' }, []],
    ['problems', { withdrawal: 'yes' }, ['withdrawal-understood', 'withdrawal-what-to-do']],
    ['problems', { withdrawal: 'no' }, []],
    ['problems', { withdrawal: 'unsure' }, []],
    ['problems', { tiredness: 'yes' }, ['tiredness-what-to-do']],
    ['problems', { tiredness: 'no' }, []],
    ['driving', { 'driving-informed': 'yes' }, ['driving-informer', 'driving-information']],
    ['driving', { 'driving-informed': 'no' }, []],
    ['driving', { 'driving-informed': 'not-applicable' }, []],
  ] as const)('opens in %s after %j: %j.', (group, answers, expected) => {
    const always = Object.values(open).flat();
    const questions = asked(using({ [group]: answers })).slice(2);

    expect(questions.filter((linkId) => !always.includes(linkId))).toEqual(expected);
  });

  it.each([
    ['drug', 15],
    ['still-using', 4],
    ['tapering-informer', 4],
    ['tapering-information', 3],
    ['tapering-adherence', 4],
    ['driving-informed', 3],
    ['driving-informer', 4],
    ['driving-information', 3],
    ['wish', 5],
  ])('offers for %s the %d answers of the register.', (linkId, count) => {
    expect(opioid.byLinkId.get(linkId)?.options?.list).toHaveLength(count);
  });

  it.each(['drug', 'tapering-information', 'driving-information', 'wish'])(
    'takes several answers to %s.',
    (linkId) => {
      expect(opioid.byLinkId.get(linkId)).toMatchObject({ isRepeating: true, control: 'check-box' });
    },
  );

  it('is locked unanswered with the reason "Ikke besvart ePROMS" (rule 25).', () => {
    const locked = { 'filling-in': { ...filling, 'incomplete-reason': 'eprom-not-answered' } };

    expect(brokenRules(opioid, locked)).toEqual([]);
    expect(filled(opioid, locked).get('filling-in/completed')).toBe('no');
    expect(asked(locked)).toEqual([]);
  });

  it('counts as filled in once the first question is answered.', () => {
    const still = { 'filling-in': filling, discharge: { discharged: 'no' } };

    expect(filled(opioid, still).get('filling-in/completed')).toBe('yes');
    expect(filled(opioid, { 'filling-in': filling }).has('filling-in/completed')).toBe(false);
  });
});
