/** NKR's surgeon forms of neck and deformity: what they need, ask for, warn of and become. */
import type { Consent, Observation, Patient, Procedure } from '../../src/fhir/types.ts';
import { populate } from '../../src/sdc/populate.ts';
import type { Answers } from './case.ts';
import { byPath } from './compact-answers.ts';
import { brokenRules, content, facts, kari, shown } from './fill-form.ts';
import { complete, type Module, withPages } from './nkr-answers.ts';
import { formOf } from './run-case.ts';

const neck = formOf(content, 'nkr-nakke-surgeon');
const deformity = formOf(content, 'nkr-deformitet-surgeon');
const formOfModule = { nakke: neck, deformitet: deformity };

const opens = (module: 'nakke' | 'deformitet', page: string, answers: Answers): readonly string[] => {
  const before = new Set(shown(formOfModule[module], complete[module]));
  return shown(formOfModule[module], withPages(module, { [page]: answers })).filter((id) => !before.has(id));
};
const without = (module: Module, page: string, linkId: string): Answers => ({
  ...complete[module],
  [page]: Object.fromEntries(
    Object.entries(complete[module][page] as Answers).filter(([id]) => id !== linkId),
  ),
});
const child: Patient = { ...kari, birthDate: '2011-08-12' };

describe.each(['nakke', 'deformitet'] as const)('The surgeon form of %s', (module) => {
  const form = formOfModule[module];

  it('can be locked when its questions are answered.', () => {
    expect(brokenRules(form, complete[module])).toEqual([]);
  });

  it.each([
    ['operation-date', '2026-02-26', [`nkr-${module}-operation-after-admission operation-date`]],
    ['discharge-date', '2026-02-27', [`nkr-${module}-discharge-after-operation discharge-date`]],
    ['patient-form-date', '2026-02-14', []],
    ['patient-form-date', '2026-02-13', [`nkr-${module}-patient-form-early operation-date`]],
  ])('with %s on %s breaks %j.', (linkId, date, rules) => {
    expect(brokenRules(form, withPages(module, { stay: { [linkId]: date } }))).toEqual(rules);
  });

  it.each([
    ['2025-12-06', []],
    ['2025-12-05', [`nkr-${module}-late operation-date`]],
  ])('flags an operation of %s that is registered on 6 March 2026: %j.', (date, rules) => {
    const stay = { 'admission-date': '2025-12-05', 'operation-date': date, 'discharge-date': '2025-12-09' };

    expect(brokenRules(form, withPages(module, { stay }))).toEqual(rules);
  });

  it.each([
    ['AB16', ['regex ncsp-1']],
    ['nag66', ['regex ncsp-1']],
    ['ABC99', []],
  ])('takes the typed code %s: %j.', (code, rules) => {
    expect(brokenRules(form, withPages(module, { operation: { 'ncsp-1': code } }))).toEqual(rules);
  });
});

describe('The surgeon form of the neck', () => {
  it.each([
    ['stay', 'admission-date'],
    ['stay', 'died'],
    ['surgeon', 'earlier-surgery'],
    ['workup', 'findings'],
    ['indication-page', 'indication'],
    ['indication-page', 'pain-site'],
    ['indication-page', 'reoperation-90'],
    ['operation', 'approach'],
    ['operation', 'discectomy'],
    ['operation', 'levels'],
    ['operation', 'ncsp-1'],
    ['fusion-page', 'fusion'],
    ['other', 'antibiotics'],
    ['complications', 'perop'],
  ])('on the page %s needs %s.', (page, linkId) => {
    const rules = brokenRules(neck, without('nakke', page, linkId));

    expect(rules.filter((rule) => rule.startsWith('required'))).toEqual([`required ${linkId}`]);
  });

  it.each([
    ['stay', { died: 'yes' }, ['death-cause']],
    ['surgeon', { 'has-comorbidity': 'yes', comorbidity: ['other'] }, ['comorbidity', 'comorbidity-other']],
    ['workup', { findings: ['other'] }, ['finding-other']],
    ['indication-page', { indication: ['myelopathy'] }, ['myelopathy', 'ranawat']],
    ['indication-page', { indication: ['paresis', 'other'] }, ['paresis-grade', 'indication-other']],
    ['indication-page', { 'reoperation-90': 'yes' }, ['reoperation-90-cause']],
    ['operation', { approach: ['posterior'] }, ['foraminotomy', 'posterior-decompression']],
    ['operation', { method: ['corpectomy', 'other'] }, ['corpectomy', 'method-other']],
    ['fusion-page', { fusion: 'yes' }, ['instrumentation', 'fusion-top', 'fusion-bottom']],
    [
      'complications',
      { perop: 'yes', 'perop-complications': ['other'] },
      ['perop-complications', 'perop-other'],
    ],
  ] as const)('on the page %s, %j opens %j.', (page, answers, expected) => {
    expect(opens('nakke', page, answers)).toEqual(expected);
  });

  it('lets the uppermost vertebra of a fusion stand above the lowermost.', () => {
    const fusion = { fusion: 'yes', instrumentation: ['screws'], 'fusion-top': 'c6', 'fusion-bottom': 'c3' };

    expect(brokenRules(neck, withPages('nakke', { 'fusion-page': fusion }))).toEqual([
      'nkr-nakke-fusion-order fusion-top',
    ]);
  });

  it('becomes a Procedure with levels and sides as codes, its complications, and what was found.', () => {
    const made = facts(
      neck,
      withPages('nakke', {
        complications: { perop: 'yes', 'perop-complications': ['oesophagus', 'cord-injury'] },
        operation: { 'ncsp-2': 'NAG40' },
        surgeon: { 'has-comorbidity': 'yes', comorbidity: ['carpal-tunnel'] },
      }),
    );
    const procedures = made.filter((one): one is Procedure => one.resourceType === 'Procedure');
    const observed = made
      .filter((one): one is Observation => one.resourceType === 'Observation')
      .map(({ valueCodeableConcept }) => valueCodeableConcept?.coding?.[0]?.code);

    expect(procedures.map(({ code }) => code?.coding?.[0])).toEqual([
      { system: 'urn:oid:2.16.578.1.12.4.1.1.7210', code: 'ABC21' },
      { system: 'urn:oid:2.16.578.1.12.4.1.1.7210', code: 'NAG40' },
    ]);
    expect(procedures[0]?.bodySite?.map(({ coding }) => coding?.map(({ code }) => code))).toEqual([
      ['c5-c6', 'right'],
      ['c6-c7', 'right', 'left'],
    ]);
    expect(procedures[0]?.bodySite?.[0]?.coding?.map(({ system }) => system)).toEqual([
      'https://ryggrad.no/fhir/CodeSystem/nkr-nakke-level',
      'https://ryggrad.no/fhir/CodeSystem/nkr-nakke-level-side',
    ]);
    expect(procedures[0]?.complication?.map(({ coding }) => coding?.[0]?.code)).toEqual([
      'oesophagus',
      'cord-injury',
    ]);
    expect(observed).toEqual(['herniation', 'pain']);
    expect(
      made.flatMap((one) => (one.resourceType === 'Condition' ? [one.code?.coding?.[0]?.code] : [])),
    ).toEqual(['carpal-tunnel']);
  });
});

describe('The one consent of NKR', () => {
  const given = (date: string, type: string): Consent => ({
    resourceType: 'Consent',
    status: 'active',
    scope: {},
    category: [],
    patient: { reference: 'Patient/kari' },
    dateTime: date,
    policy: [{ uri: 'https://ryggrad.no/fhir/ImplementationGuide/nkr' }],
    provision: { type: type as 'permit' },
  });
  const opened = async (consents: readonly Consent[]): Promise<readonly unknown[]> => {
    const { response } = await populate(neck, {
      now: new Date('2026-03-06T12:00:00+01:00'),
      launch: { patient: { ...kari, id: 'kari' } },
      fetch: (query) => Promise.resolve(query.startsWith('Consent?') ? consents : []),
    });
    const values = new Map(byPath(neck, response));
    return [values.get('consent-page/consent'), values.get('consent-page/consent-date')];
  };

  it.each([
    ['given in another module', [given('2025-05-17', 'permit')], ['yes', '2025-05-17']],
    ['not asked for', [], [undefined, undefined]],
    ['refused', [given('2025-05-17', 'deny')], [undefined, undefined]],
    [
      "another register's",
      [
        {
          ...given('2025-05-17', 'permit'),
          policy: [{ uri: 'https://ryggrad.no/fhir/ImplementationGuide/x' }],
        },
      ],
      [undefined, undefined],
    ],
  ])('stands in the form when it is opened, if it is %s.', async (_, consents, expected) => {
    const [consent, date] = await opened(consents);

    expect(consent === undefined ? [undefined, undefined] : [consent, date]).toEqual(expected);
  });
});

describe('The surgeon form of deformity, a draft,', () => {
  it.each([
    [child, 'parents', []],
    [child, 'patient', ['nkr-deformitet-consent-child consent-by']],
    [kari, 'patient', []],
    [kari, 'parents', ['nkr-deformitet-consent-16 consent-by']],
  ])(
    'asks of a patient born $birthDate for the consent of who may give it: %s, %j.',
    (patient, by, rules) => {
      const answers = withPages('deformitet', { 'consent-page': { 'consent-by': by } });

      expect(brokenRules(deformity, answers, patient)).toEqual(rules);
    },
  );

  it('becomes a Procedure from the uppermost to the lowermost vertebra, and measures.', () => {
    const made = facts(deformity, complete.deformitet);
    const [procedure] = made.filter((one): one is Procedure => one.resourceType === 'Procedure');
    const measures = made
      .filter((one): one is Observation => one.resourceType === 'Observation')
      .map(({ code, valueQuantity }) => [code.coding?.[0]?.code, valueQuantity?.value, valueQuantity?.code]);

    expect(procedure?.bodySite?.map(({ coding }) => coding?.[0]?.code)).toEqual(['th4', 'l1']);
    expect(measures).toEqual([
      ['curve-before', 62, 'deg'],
      ['curve-after', 24, 'deg'],
      ['blood-loss', 650, 'mL'],
    ]);
  });

  it('counts the levels between the vertebrae, and has them in order.', () => {
    const levels = { 'fusion-top': 'l1', 'fusion-bottom': 'th4' };

    expect(brokenRules(deformity, withPages('deformitet', { operation: { levels } }))).toEqual([
      'nkr-deformitet-level-order fusion-top',
    ]);
  });
});
