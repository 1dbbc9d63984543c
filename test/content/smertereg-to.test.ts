/** SmerteReg's form TO: rules 4 and 7-11 of the register (user guide 1.8). */
import { recalculate } from '../../src/sdc/calculate.ts';
import { writeAnswers } from '../../src/sdc/rewrite-response.ts';
import { buildTree } from '../../src/sdc/tree.ts';
import { validateResponse } from '../../src/sdc/validate-response.ts';
import type { Patient } from '../../src/fhir/types.ts';
import type { Answers } from './case.ts';
import { byPath } from './compact-answers.ts';
import { brokenRules, content, contextOf, facts, filled, kari, response, shown } from './fill-form.ts';
import { formOf } from './run-case.ts';

const to = formOf(content, 'smertereg-to');
const MISSING = 'https://ryggrad.no/fhir/StructureDefinition/missing-consent-type';

const referral = { 'referral-date': '2026-03-02', 'referred-via': 'request', 'start-date': '2026-03-03' };
const attended = (inclusion: Answers, consent: Answers = {}): Answers => ({
  referral: { ...referral, attended: 'yes' },
  inclusion,
  'consent-group': consent,
});
const included = { 'norwegian-speaking': 'yes', 'cognitively-impaired': 'no' };

describe('The form TO', () => {
  it.each([
    ['yes', 'yes', 'no', '3'],
    ['yes', 'no', 'no', '2'],
    ['yes', 'yes', 'yes', '2'],
    ['no-need', 'yes', 'no', '1'],
    ['no-capacity', 'yes', 'no', '1'],
    ['no-priority-advice', 'no', 'no', '1'],
    ['no-other', 'yes', 'no', '1'],
  ])(
    'rules 7, 8: has pathway type for attended %s, Norwegian-speaking %s, impaired %s: %s.',
    (visit, speaking, impaired, type) => {
      const answers = filled(to, {
        referral: { ...referral, attended: visit },
        inclusion: { 'norwegian-speaking': speaking, 'cognitively-impaired': impaired },
      });

      expect(answers.get('inclusion/pathway-type')).toBe(type);
    },
  );

  it.each([
    ['2008-03-03', 18, 'yes'],
    ['2008-03-04', 17, 'no'],
    ['1926-03-03', 100, 'yes'],
  ])('rule 9: counts age at the start date: born %s is %i, inclusion %s.', (birthDate, age, isIncluded) => {
    const answers = filled(to, attended(included), { ...kari, birthDate });

    expect(answers.get('inclusion/age')).toBe(age);
    expect(answers.get('inclusion/included')).toBe(isIncluded);
  });

  it('rule 9: leaves inclusion open while cognitive impairment is not answered, and reminds of it.', () => {
    const answers = attended({ 'norwegian-speaking': 'yes' });

    expect(filled(to, answers).has('inclusion/included')).toBe(false);
    expect(brokenRules(to, answers)).toEqual(['to-cognitive-when-attended cognitively-impaired']);
  });

  it('rule 10: hides the consent when the patient is not attended.', () => {
    const questions = shown(to, { referral: { ...referral, attended: 'no-need' }, inclusion: included });

    expect(questions).not.toContain('consent');
  });

  it('rule 10: sets "Nei – ikke aktuelt" by itself when inclusion is not met.', () => {
    const answers = filled(to, attended({ ...included, 'norwegian-speaking': 'no' }));

    expect(answers.get('consent-group/consent')).toBe('no-not-applicable');
    expect(answers.get('consent-group/missing-consent-type')).toBe('not-applicable');
  });

  it('rule 10: refuses "Nei – ikke aktuelt" chosen by hand.', () => {
    const draft = response(to, attended(included, { consent: 'no-not-applicable' }));

    const rules = validateResponse(to, draft, 'draft', contextOf(kari)).map(({ rule }) => rule);

    expect(rules.length).toBeGreaterThan(0);
  });

  it('takes the automatic refusal away again when inclusion is met after all.', () => {
    const context = contextOf(kari);
    const before = recalculate(
      to,
      response(to, attended({ ...included, 'norwegian-speaking': 'no' })),
      context,
    );
    const yes = to.byLinkId
      .get('norwegian-speaking')
      ?.options?.list.find(({ coding }) => coding.code === 'yes');

    const changed = writeAnswers(
      before,
      buildTree(to, before),
      new Map([['inclusion/norwegian-speaking', [{ valueCoding: yes!.coding }]]]),
    );
    const after = byPath(to, recalculate(to, changed, context));

    expect(after.get('inclusion/included')).toBe('yes');
    expect(after.has('consent-group/consent')).toBe(false);
  });

  it('rule 10: lets the consent stay blank, but wants a date with Yes and a type with No.', () => {
    expect(brokenRules(to, attended(included))).toEqual([]);
    expect(brokenRules(to, attended(included, { consent: 'yes' }))).toEqual(['required consent-date']);
    expect(brokenRules(to, attended(included, { consent: 'no' }))).toEqual(['required missing-consent-type']);
    expect(brokenRules(to, attended(included, { consent: 'no', 'missing-consent-type': 'passive' }))).toEqual(
      [],
    );
  });

  it('rule 4: wants a birth date before locking when the patient has no Norwegian number, and counts age from it.', () => {
    const foreigner: Patient = { resourceType: 'Patient', identifier: [{ system: 'urn:x', value: 'P-1' }] };
    const withDate = {
      ...attended(included),
      referral: { ...referral, attended: 'yes', 'birth-date': '1990-01-31' },
    };

    expect(shown(to, attended(included))).not.toContain('birth-date');
    expect(brokenRules(to, attended(included), foreigner)).toContain('required birth-date');
    expect(filled(to, withDate, foreigner).get('inclusion/age')).toBe(36);
  });

  it('rule 9: must say whether an attended patient speaks Norwegian.', () => {
    expect(brokenRules(to, attended({ 'cognitively-impaired': 'no' }))).toEqual([
      'to-norwegian-when-attended norwegian-speaking',
    ]);
  });

  it.each([
    [{ consent: 'no', 'missing-consent-type': 'passive' }, included, 'passive'],
    [{}, { ...included, 'norwegian-speaking': 'no' }, 'not-applicable'],
  ])('becomes a dated refusal with its type: %j.', (consent, inclusion, type) => {
    const consents = facts(to, attended(inclusion, consent));

    expect(consents).toMatchObject([
      {
        resourceType: 'Consent',
        status: 'active',
        patient: { reference: 'Patient/kari' },
        dateTime: '2026-03-06T12:00:00+01:00',
        provision: { type: 'deny' },
        extension: [
          { url: MISSING, valueCodeableConcept: { coding: [{ code: type }] } },
          { url: 'https://ryggrad.no/fhir/StructureDefinition/extracted-from' },
        ],
      },
    ]);
  });

  it('becomes no consent at all while the consent is blank.', () => {
    expect(facts(to, attended(included))).toEqual([]);
  });
});
