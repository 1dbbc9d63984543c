/** SmerteReg's form Pasreg, the patient's own: rules 25 and 27 of the register (user guide 1.8). */
import { recalculate } from '../../src/sdc/calculate.ts';
import { validateResponse } from '../../src/sdc/validate-response.ts';
import type { Answers } from './case.ts';
import { brokenRules, content, filled, response, contextOf, kari, shown } from './fill-form.ts';
import { formOf } from './run-case.ts';

const pasreg = formOf(content, 'smertereg-pasreg');

const filling = { 'registration-date': '2026-03-04' };
const contacts = { contact: 12, history: 'no' };
const complete: Answers = {
  'filling-in': filling,
  sleep: { 'troubles-sleeping': 'some', sleeplessness: 'very-large' },
  contacts,
  thoughts: { 'pain-thought-1': '3', 'pain-thought-2': '6' },
};

const codesOf = (linkId: string): readonly (string | undefined)[] =>
  pasreg.byLinkId.get(linkId)?.options?.list.map(({ coding }) => coding.code) ?? [];

describe('The form Pasreg', () => {
  it('can be locked when every question is answered.', () => {
    expect(brokenRules(pasreg, complete)).toEqual([]);
  });

  it('shows the date and the seven answers, and nothing of what the register keeps about the filling in.', () => {
    expect(shown(pasreg, complete)).toEqual([
      'registration-date',
      'troubles-sleeping',
      'sleeplessness',
      'contact',
      'contact-missing',
      'history',
      'pain-thought-1',
      'pain-thought-2',
    ]);
  });

  it('misses what is left open.', () => {
    expect(brokenRules(pasreg, { 'filling-in': filling })).toEqual([
      'required troubles-sleeping',
      'required sleeplessness',
      'required history',
      'required pain-thought-1',
      'required pain-thought-2',
      'pasreg-contact-open contact',
    ]);
  });

  it('takes "Vet ikke" to every question.', () => {
    const unknown = {
      ...complete,
      sleep: { 'troubles-sleeping': 'unknown', sleeplessness: 'unknown' },
      contacts: { 'contact-missing': true, history: 'unknown' },
      thoughts: { 'pain-thought-1': 'unknown', 'pain-thought-2': 'unknown' },
    };

    expect(brokenRules(pasreg, unknown)).toEqual([]);
  });

  it.each(['troubles-sleeping', 'sleeplessness'])('offers five degrees and "Vet ikke" to %s.', (question) => {
    expect(codesOf(question)).toEqual(['not-at-all', 'small', 'some', 'large', 'very-large', 'unknown']);
  });

  it.each(['pain-thought-1', 'pain-thought-2'])('offers 0 to 6 and "Vet ikke" to %s.', (question) => {
    expect(codesOf(question)).toEqual(['0', '1', '2', '3', '4', '5', '6', 'unknown']);
  });

  it.each([
    [0, []],
    [52, []],
    [53, ['usual-range contact']],
    [365, ['usual-range contact']],
    [366, ['max-value contact', 'usual-range contact']],
    [-1, ['min-value contact', 'usual-range contact']],
  ])('takes %d contacts with %j.', (contact, rules) => {
    expect(brokenRules(pasreg, { ...complete, contacts: { ...contacts, contact } })).toEqual(rules);
  });

  it('wants the number of contacts or "Vet ikke", not both.', () => {
    const both = { ...contacts, 'contact-missing': true };
    const neither = { history: 'no' };

    expect(brokenRules(pasreg, { ...complete, contacts: both })).toEqual([
      'pasreg-contact-both contact-missing',
    ]);
    expect(brokenRules(pasreg, { ...complete, contacts: neither })).toEqual(['pasreg-contact-open contact']);
    expect(brokenRules(pasreg, { ...complete, contacts: { ...neither, 'contact-missing': false } })).toEqual([
      'pasreg-contact-open contact',
    ]);
  });

  it.each([
    ['1899-12-31', 'min-value registration-date'],
    ['2026-03-07', 'not-after-now registration-date'],
  ])('refuses the date %s.', (date, rule) => {
    expect(brokenRules(pasreg, { ...complete, 'filling-in': { 'registration-date': date } })).toEqual([rule]);
  });

  it('can be put away half answered.', () => {
    const begun = response(pasreg, { 'filling-in': filling, sleep: { sleeplessness: 'some' } });
    const draft = recalculate(pasreg, begun, contextOf(kari));

    const issues = validateResponse(pasreg, draft, 'draft', contextOf(kari));

    expect(issues.map(({ rule, severity }) => [rule, severity])).toEqual([
      ['pasreg-contact-open', 'warning'],
    ]);
  });

  it.each([
    'staff-time',
    'early-discharge',
    'critically-ill-or-dead',
    'unable',
    'missing-consent',
    'eprom-not-answered',
    'other',
  ])('is locked without answers for the reason %s (rules 25 and 27).', (reason) => {
    const unanswered = { 'filling-in': { ...filling, 'incomplete-reason': reason } };

    expect(brokenRules(pasreg, unanswered)).toEqual([]);
    expect(filled(pasreg, unanswered).get('filling-in/completed')).toBe('no');
    expect(shown(pasreg, unanswered)).toEqual(['registration-date']);
  });

  it('says that the patient has answered, as soon as there is an answer.', () => {
    expect(filled(pasreg, { 'filling-in': filling }).get('filling-in/completed')).toBeUndefined();
    expect(
      filled(pasreg, { 'filling-in': filling, sleep: { sleeplessness: 'some' } }).get('filling-in/completed'),
    ).toBe('yes');
    expect(filled(pasreg, complete).get('filling-in/completed')).toBe('yes');
  });

  it('leaves the wording of the two questions on pain to the content pack.', () => {
    const texts = ['pain-thought-1', 'pain-thought-2'].map(
      (linkId) => pasreg.byLinkId.get(linkId)?.source.text,
    );

    expect(texts).toEqual(['Spørsmål 5', 'Spørsmål 6']);
    expect(pasreg.questionnaire.extension).toContainEqual({
      url: 'https://ryggrad.no/fhir/StructureDefinition/content-pack',
      extension: [
        { url: 'instrument', valueCode: 'pain-thoughts-2' },
        { url: 'item', valueString: 'thoughts' },
      ],
    });
  });
});
