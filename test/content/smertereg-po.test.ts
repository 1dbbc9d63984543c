/** SmerteReg's form PO, personal information: rules 4 and 6 of the register (user guide 1.8). */
import type { Patient } from '../../src/fhir/types.ts';
import { populate } from '../../src/sdc/populate.ts';
import { validateResponse } from '../../src/sdc/validate-response.ts';
import type { Answers } from './case.ts';
import { byPath } from './compact-answers.ts';
import { brokenRules, content, contextOf, filled, kari, response, shown } from './fill-form.ts';
import { formOf } from './run-case.ts';

const po = formOf(content, 'smertereg-po');

const visitor: Patient = {
  resourceType: 'Patient',
  identifier: [{ system: 'https://example.org/passport', value: 'P-1' }],
};
const registration = { 'registration-date': '2026-03-02' };
const reached: Answers = { phone: '+47 900 00 000', email: 'kari.prove@example.org' };
const complete: Answers = { registration, person: { gender: 'female' }, contact: reached };

const withdrawn = {
  resourceType: 'Consent',
  policy: [{ uri: 'https://ryggrad.no/fhir/ImplementationGuide/smertereg' }],
  extension: [
    {
      url: 'https://ryggrad.no/fhir/StructureDefinition/missing-consent-type',
      valueCodeableConcept: {
        coding: [
          {
            system: 'https://ryggrad.no/fhir/CodeSystem/missing-consent-type',
            code: 'withdrawn',
            display: 'Tilbaketrukket',
          },
        ],
      },
    },
  ],
  dateTime: '2026-03-05',
  provision: { type: 'deny' },
};
const given = { ...withdrawn, extension: [], dateTime: '2026-03-04', provision: { type: 'permit' } };

/** The form as it is when it is opened. */
async function opened(
  patient: Patient,
  consents: readonly object[] = [],
): Promise<ReadonlyMap<string, unknown>> {
  const { response: populated } = await populate(po, {
    now: new Date('2026-03-06T12:00:00+01:00'),
    launch: { patient: { id: 'kari', ...patient } },
    fetch: (query) => Promise.resolve(query.startsWith('Consent?') ? (consents as never[]) : []),
  });
  return byPath(po, populated);
}

describe('The form PO', () => {
  it('can be locked with what the population registry knows and a way to reach the patient (rule 6).', () => {
    expect(brokenRules(po, { ...complete, person: {} }, { ...kari, gender: 'female' })).toEqual([]);
  });

  it('fills in what is known of the person when it is opened.', async () => {
    const answers = await opened({
      ...kari,
      gender: 'female',
      telecom: [
        { system: 'phone', use: 'home', value: '55000000' },
        { system: 'phone', use: 'mobile', value: '90000000' },
        { system: 'email', value: 'kari.prove@example.org' },
      ],
      address: [{ city: 'Bergen', postalCode: '5003' }],
    });

    expect(Object.fromEntries(answers)).toEqual({
      'registration/registration-date': '2026-03-06',
      'person/id-type': 'national',
      'person/birth-date': '1985-03-15',
      'person/gender': 'female',
      'person/address-type': 'norwegian',
      'person/deceased': 'no',
      'contact/phone': '90000000',
      'contact/email': 'kari.prove@example.org',
    });
  });

  it.each([
    ['urn:oid:2.16.578.1.12.4.1.4.1', 'national'],
    ['urn:oid:2.16.578.1.12.4.1.4.2', 'national'],
    ['urn:oid:2.16.578.1.12.4.1.4.3', 'national'],
    ['https://example.org/passport', 'other'],
  ])('takes an identifier of %s as the type %s (rule 4).', (system, type) => {
    const answers = filled(po, complete, { ...kari, identifier: [{ system, value: '1' }] });

    expect(answers.get('person/id-type')).toBe(type);
  });

  it('asks for the birth date of a patient without a Norwegian number, and holds the lock until it is there (rule 4).', () => {
    const known = { ...complete, person: { gender: 'female', 'birth-date': '1990-07-01' } };

    expect(brokenRules(po, complete, visitor)).toEqual(['required birth-date']);
    expect(brokenRules(po, known, visitor)).toEqual([]);
    expect(filled(po, known, visitor).get('person/birth-date')).toBe('1990-07-01');
  });

  it('does not let the birth date or the sex of the population registry be overwritten.', () => {
    const answers = filled(
      po,
      { ...complete, person: { 'birth-date': '1990-07-01', gender: 'male' } },
      { ...kari, gender: 'female' },
    );

    expect([answers.get('person/birth-date'), answers.get('person/gender')]).toEqual([
      '1985-03-15',
      'female',
    ]);
  });

  it.each([
    [
      'registration-date',
      { registration: { 'registration-date': '1979-12-31' } },
      'min-value registration-date',
    ],
    [
      'registration-date',
      { registration: { 'registration-date': '2026-03-07' } },
      'not-after-now registration-date',
    ],
    ['birth-date', { person: { gender: 'male', 'birth-date': '1899-12-31' } }, 'min-value birth-date'],
    ['birth-date', { person: { gender: 'male', 'birth-date': '2026-03-07' } }, 'not-after-now birth-date'],
  ])('refuses a %s outside the hard range: %j.', (_question, answers, rule) => {
    expect(brokenRules(po, { ...complete, ...answers }, visitor)).toContain(rule);
  });

  it.each([
    [reached, []],
    [{ phone: '90000000' }, []],
    [{ email: 'kari@example.org' }, []],
    [{}, ['po-contact phone']],
  ])('warns when neither phone nor e-mail is recorded: %j gives %j (rule 6).', (contact, rules) => {
    expect(brokenRules(po, { ...complete, contact }, kari)).toEqual(rules);
  });

  it('lets one go on without phone and e-mail: the message is a warning (rule 6).', () => {
    const answers = response(po, { ...complete, contact: {} });

    const severities = validateResponse(po, answers, 'final', contextOf(kari))
      .filter(({ rule }) => rule === 'po-contact')
      .map(({ severity }) => severity);

    expect(severities).toEqual(['warning']);
  });

  it.each(['90000000', '900 00 000', '+47 90000000', '+46 70 123 45 67'])(
    'takes the phone number %s.',
    (phone) => {
      expect(brokenRules(po, { ...complete, contact: { phone } })).toEqual([]);
    },
  );

  it.each([
    [{ phone: '9000' }, 'regex phone'],
    [{ phone: 'ring posten' }, 'regex phone'],
    [{ email: 'kari' }, 'regex email'],
    [{ email: 'kari @example.org' }, 'regex email'],
  ])('refuses %j.', (contact, rule) => {
    expect(brokenRules(po, { ...complete, contact })).toContain(rule);
  });

  it('shows a death with its date, and asks nobody for them (rule 6).', async () => {
    const answers = await opened({ ...kari, deceasedDateTime: '2026-03-05' });
    const editable = ['deceased', 'deceased-date'].filter(
      (linkId) => po.byLinkId.get(linkId)?.isReadOnly !== true,
    );

    expect([answers.get('person/deceased'), answers.get('person/deceased-date')]).toEqual([
      'yes',
      '2026-03-05',
    ]);
    expect(editable).toEqual([]);
  });

  it('shows a death without a known date.', async () => {
    const answers = await opened({ ...kari, deceasedBoolean: true });

    expect([answers.get('person/deceased'), answers.get('person/deceased-date')]).toEqual(['yes', undefined]);
  });

  it.each([
    ['nothing when there is none', [], [undefined, undefined, undefined, undefined]],
    ['a Yes with its date', [given], ['yes', '2026-03-04', undefined, undefined]],
    [
      'a withdrawn one as a No with its type and date',
      [withdrawn, given],
      ['no', undefined, 'withdrawn', '2026-03-05'],
    ],
    [
      'nothing of another register',
      [{ ...given, policy: [{ uri: 'https://example.org' }] }],
      [undefined, undefined, undefined, undefined],
    ],
  ])('shows of the consent %s (rule 6).', async (_what, consents, expected) => {
    const answers = await opened(kari, consents);

    expect(
      ['consent', 'consent-date', 'missing-consent-type', 'consent-withdraw-date'].map((linkId) =>
        answers.get(`consent-group/${linkId}`),
      ),
    ).toEqual(expected);
  });

  it('lets no one set the consent: that is done in TO alone (rule 6).', () => {
    const consent = po.byLinkId.get('consent-group')?.children ?? [];

    expect(consent.map(({ isReadOnly }) => isReadOnly)).toEqual([true, true, true, true]);
  });

  it.each([
    [{ consent: 'yes' }, ['consent', 'consent-date']],
    [{ consent: 'no', 'missing-consent-type': 'passive' }, ['consent', 'missing-consent-type']],
    [
      { consent: 'no', 'missing-consent-type': 'withdrawn' },
      ['consent', 'missing-consent-type', 'consent-withdraw-date'],
    ],
    [{ consent: 'no-not-applicable' }, ['consent', 'missing-consent-type']],
  ])('shows of the consent %j: %j.', (consent, expected) => {
    const questions = shown(po, { ...complete, 'consent-group': consent });

    expect(questions.slice(questions.indexOf('consent'))).toEqual(expected);
  });

  it('asks for no name, no identity number and no address: they stand on the person.', () => {
    const text = JSON.stringify(po.questionnaire);

    expect(text).not.toMatch(/%patient\.(name|address\.(line|city|postalCode)|identifier\.value)/);
  });
});
