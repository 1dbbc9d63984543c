/** SmerteReg's form Eval: the patient's evaluation after the last visit. Rules 23, 25 and 27 of the register. */
import type { Observation } from '../../src/fhir/types.ts';
import type { Answers } from './case.ts';
import { brokenRules, content, facts, filled, shown } from './fill-form.ts';
import { formOf } from './run-case.ts';

const evaluation = formOf(content, 'smertereg-eval');

const CHANGE = ['pain-change', 'general-change'];
const CARE = [
  'satisfaction',
  'communication',
  'trust',
  'information',
  'personalised',
  'involvement',
  'organisation',
  'overall',
  'mistreated',
];
const date = { 'registration-date': '2026-03-06' };
const remembered = { ...date, 'remembers-team': 'yes' };
const each = (linkIds: readonly string[], code: string): Answers =>
  Object.fromEntries(linkIds.map((linkId) => [linkId, code]));
const complete: Answers = {
  'filling-in': remembered,
  change: { 'pain-change': 'better', 'general-change': 'unchanged' },
  care: { ...each(CARE, 'large'), mistreated: 'not-at-all' },
};

describe('The form Eval', () => {
  it('can be locked when its questions are answered.', () => {
    expect(brokenRules(evaluation, complete)).toEqual([]);
  });

  it('takes "Vet ikke" for an answer to every question.', () => {
    const unknown = {
      'filling-in': remembered,
      change: each(CHANGE, 'unknown'),
      care: each(CARE, 'unknown'),
    };

    expect(brokenRules(evaluation, unknown)).toEqual([]);
  });

  it.each([...CHANGE, ...CARE])('misses the answer to %s.', (open) => {
    const without = (answers: Answers): Answers =>
      Object.fromEntries(Object.entries(answers).filter(([linkId]) => linkId !== open));

    const rules = brokenRules(evaluation, {
      ...complete,
      change: without(complete['change'] as Answers),
      care: without(complete['care'] as Answers),
    });

    expect(rules).toEqual([`required ${open}`]);
  });

  it.each([
    ['yes', [...CHANGE, ...CARE]],
    ['no', []],
  ])('asks a patient who remembers the team (%s) for %j.', (answer, expected) => {
    const questions = shown(evaluation, { 'filling-in': { ...date, 'remembers-team': answer } });

    expect(questions).toEqual(['registration-date', 'remembers-team', ...expected]);
  });

  it('is finished for a patient who does not remember the team.', () => {
    const forgotten = { 'filling-in': { ...date, 'remembers-team': 'no' } };

    expect(brokenRules(evaluation, forgotten)).toEqual([]);
    expect(filled(evaluation, forgotten).get('filling-in/completed')).toBe('yes');
  });

  it.each(CHANGE)('offers seven steps from better to worse and "Vet ikke" for %s.', (linkId) => {
    expect(
      evaluation.byLinkId.get(linkId)?.options?.list.map(({ coding, weight }) => [coding.code, weight]),
    ).toEqual([
      ['much-better', 1],
      ['better', 2],
      ['slightly-better', 3],
      ['unchanged', 4],
      ['slightly-worse', 5],
      ['worse', 6],
      ['much-worse', 7],
      ['unknown', undefined],
    ]);
  });

  it.each(CARE)('offers five degrees and "Vet ikke" for %s.', (linkId) => {
    expect(evaluation.byLinkId.get(linkId)?.options?.list.map(({ coding }) => coding.code)).toEqual([
      'not-at-all',
      'small',
      'some',
      'large',
      'very-large',
      'unknown',
    ]);
  });

  it.each([...CHANGE, ...CARE])('shows %s as radio buttons.', (linkId) => {
    expect(evaluation.byLinkId.get(linkId)?.control).toBe('radio-button');
  });

  it.each(['eprom-not-answered', 'early-discharge', 'other'])(
    'is locked unanswered with the reason "%s" (rules 25 and 27).',
    (reason) => {
      const locked = { 'filling-in': { ...date, 'incomplete-reason': reason } };

      expect(brokenRules(evaluation, locked)).toEqual([]);
      expect(filled(evaluation, locked).get('filling-in/completed')).toBe('no');
      expect(shown(evaluation, locked)).toEqual(['registration-date']);
      expect(facts(evaluation, locked)).toEqual([]);
    },
  );

  it('refuses a date that has not come.', () => {
    const tomorrow = { ...remembered, 'registration-date': '2026-03-07' };

    expect(brokenRules(evaluation, { ...complete, 'filling-in': tomorrow })).toEqual([
      'not-after-now registration-date',
    ]);
  });

  it('states change and satisfaction as Observations, each with the answer given.', () => {
    const observations = facts(evaluation, complete) as readonly Observation[];

    expect(
      observations.map(({ code, effectiveDateTime, valueCodeableConcept }) => [
        code.coding?.[0]?.code,
        effectiveDateTime,
        valueCodeableConcept?.coding?.[0]?.code,
      ]),
    ).toEqual([
      ['pain-change', '2026-03-06', 'better'],
      ['general-change', '2026-03-06', 'unchanged'],
      ['satisfaction', '2026-03-06', 'large'],
    ]);
  });
});
