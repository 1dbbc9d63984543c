/** NNRR's form 1b: the picker of diagnoses, and the facts that the form becomes. */
import type { Condition, Consent, Observation, Procedure, Resource } from '../../src/fhir/types.ts';
import type { Answers } from './case.ts';
import { brokenRules, facts, filled, shown } from './fill-form.ts';
import {
  complete,
  diagnostics,
  form,
  imaged,
  lowBackPain,
  specialist,
  treatment,
  withPage,
  withRows,
} from './nnrr-1b-answers.ts';

const ofType = <T extends Resource>(answers: Answers, type: T['resourceType']): readonly T[] =>
  facts(form, answers).filter((resource): resource is T => resource.resourceType === type);

describe('The picker of diagnoses in the form 1b of NNRR', () => {
  const opens = (row: Answers): readonly string[] =>
    shown(form, withRows(row)).filter((linkId) => /^(icd10|additional|neck-group|back-group)/.test(linkId));

  it.each([
    [{ location: 'neck' }, ['neck-group']],
    [{ location: 'back' }, ['back-group']],
    [{ location: 'additional' }, ['additional-code', 'additional-text']],
    ...['unspecified', 'radiculopathy', 'myelopathy', 'injury'].map((group) => [
      { location: 'neck', 'neck-group': `neck-${group}` },
      ['neck-group', `icd10-neck-${group}`],
    ]),
    ...['unspecified', 'radiculopathy', 'myelopathy', 'injury', 'deformity'].map((group) => [
      { location: 'back', 'back-group': `back-${group}` },
      ['back-group', `icd10-back-${group}`],
    ]),
    ...(['neck', 'back'] as const).flatMap((location) =>
      ['neoplasm', 'inflammation'].map((group) => [
        { location, [`${location}-group`]: `${location}-${group}` },
        [`${location}-group`, `icd10-${group}`],
      ]),
    ),
  ] as [Answers, string[]][])('opens for %j %j.', (row, questions) => {
    expect(opens(row)).toEqual(questions);
  });

  it.each([
    ['icd10-neck-unspecified', ['M54.2']],
    ['icd10-neck-radiculopathy', ['M47.2', 'M50.1']],
    ['icd10-neck-myelopathy', ['M47.1', 'M50.0']],
    ['icd10-back-unspecified', ['M54.5']],
    ['icd10-back-radiculopathy', ['M51.1', 'M47.2', 'G83.4', 'M43.1']],
    ['icd10-back-myelopathy', ['M47.1', 'M51.0', 'M48.0']],
    ['icd10-back-deformity', ['M41.8', 'M41.9']],
  ])('offers in %s the codes %j.', (linkId, codes) => {
    expect(form.byLinkId.get(linkId)?.options?.list.map(({ coding }) => coding.code)).toEqual(codes);
  });

  it.each([
    ['icd10-neck-injury', ['S12', 'S13']],
    ['icd10-back-injury', ['S22', 'S23', 'S32', 'S33']],
    ['icd10-inflammation', ['M45', 'M46']],
    ['icd10-neoplasm', ['C41', 'C70', 'C72', 'C79', 'C90']],
  ])('offers in %s codes of the categories %j.', (linkId, categories) => {
    const codes = form.byLinkId.get(linkId)?.options?.list.map(({ coding }) => coding.code ?? '') ?? [];

    expect([...new Set(codes.map((code) => code.slice(0, 3)))].sort()).toEqual(categories);
  });

  it.each([
    [{ location: 'neck', 'neck-group': 'neck-unspecified' }, 'icd10-neck-unspecified', 'M54.2'],
    [{ location: 'back', 'back-group': 'back-unspecified' }, 'icd10-back-unspecified', 'M54.5'],
  ])('chooses the only code of %j by itself.', (row, linkId, code) => {
    expect(filled(form, withRows(row)).get(`diagnoses/diagnosis[0]/${linkId}`)).toBe(code);
  });

  it.each([
    ['C79.5', []],
    ['C34.9', []],
    ['C34', []],
    ['C3', ['nnrr-1b-neoplasm-code icd10-neoplasm']],
    ['D16.6', ['nnrr-1b-neoplasm-code icd10-neoplasm']],
  ])('says of the neoplasm %s %j.', (code, rules) => {
    const row = { location: 'back', 'back-group': 'back-neoplasm', 'icd10-neoplasm': code };

    expect(brokenRules(form, withRows(row))).toEqual(rules);
  });

  it.each([
    ['M79.7', []],
    ['M797', ['regex additional-code']],
    ['m79.7', ['regex additional-code']],
    ['79.7', ['regex additional-code']],
  ])('says of the additional diagnosis %s %j.', (code, rules) => {
    const row = { location: 'additional', 'additional-code': code, 'additional-text': 'Fibromyalgi' };

    expect(brokenRules(form, withRows(lowBackPain, row))).toEqual(rules);
  });

  it('refuses an additional diagnosis as the first, and the same code twice.', () => {
    const additional = {
      location: 'additional',
      'additional-code': 'M54.5',
      'additional-text': 'Korsryggsmerte',
    };

    expect(brokenRules(form, withRows(additional))).toEqual(['nnrr-1b-main-diagnosis diagnoses']);
    expect(brokenRules(form, withRows(lowBackPain, additional))).toEqual([
      'nnrr-1b-diagnosis-once diagnoses',
    ]);
    expect(brokenRules(form, withRows(lowBackPain, lowBackPain))).toEqual([
      'nnrr-1b-diagnosis-once diagnoses',
    ]);
  });
});

describe('The facts of the form 1b of NNRR', () => {
  it('are one Condition for each diagnosis, the first the main one.', () => {
    const conditions = ofType<Condition>(
      withRows(
        lowBackPain,
        { location: 'neck', 'neck-group': 'neck-neoplasm', 'icd10-neoplasm': 'C34.9' },
        { location: 'additional', 'additional-code': 'M79.7', 'additional-text': 'Fibromyalgi' },
      ),
      'Condition',
    );
    const icd10 = 'urn:oid:2.16.578.1.12.4.1.1.7110';

    expect(conditions.map(({ category }) => category?.map(({ coding }) => coding?.[0]?.code))).toEqual([
      ['main'],
      ['other'],
      ['other'],
    ]);
    expect(conditions.map(({ code }) => code?.coding?.find(({ system }) => system === icd10)?.code)).toEqual([
      'M54.5',
      'C34.9',
      'M79.7',
    ]);
    expect(conditions.map(({ code }) => code?.text)).toEqual([undefined, undefined, 'Fibromyalgi']);
    expect(conditions.map(({ recordedDate }) => recordedDate)).toEqual(Array(3).fill('2026-03-03'));
  });

  it('are the assessment, earlier surgery and imaging as Procedures, dated only when the date is known.', () => {
    const procedures = ofType<Procedure>(
      { ...withPage('history', { 'neck-surgery': 'yes' }), diagnostics: { ...diagnostics, ...imaged } },
      'Procedure',
    );

    expect(
      procedures.map(({ code, performedDateTime, performedString }) => [
        code?.coding?.[0]?.code,
        performedDateTime ?? performedString,
      ]),
    ).toEqual([
      ['assessment', '2026-03-03'],
      ['neck-surgery', 'Før besøket, ukjent dato'],
      ['mri', 'Før eller ved besøket, ukjent dato'],
    ]);
  });

  it('are work status, findings, waiting time and treatment as Observations of the day of the visit.', () => {
    const observations = ofType<Observation>(
      {
        ...withPage('diagnostics', { ...imaged, 'imaging-findings': ['modic-1', 'modic-2'] }),
        treatment: { ...treatment, ...specialist },
      },
      'Observation',
    );

    expect(
      observations
        .map(({ code, valueCodeableConcept, valueQuantity }) =>
          [code.coding?.[0]?.code, valueCodeableConcept?.coding?.[0]?.code ?? valueQuantity?.value].join(' '),
        )
        .sort(),
    ).toEqual(
      [
        'work-status working',
        'imaging-finding modic-1',
        'imaging-finding modic-2',
        'spondylolisthesis none',
        'waiting-days-visit 47',
        'individual-interdisciplinary 1-3',
        'group-interdisciplinary none',
      ].sort(),
    );
    expect(new Set(observations.map(({ effectiveDateTime }) => effectiveDateTime))).toEqual(
      new Set(['2026-03-03']),
    );
  });

  it('are the consent, given or missing, of the day it was given; none while it is waited for.', () => {
    const consents = (answers: Answers): readonly unknown[] =>
      ofType<Consent>({ ...complete, 'consent-page': answers }, 'Consent').map(
        ({ provision, dateTime, extension, policy }) => [
          provision?.type,
          dateTime?.slice(0, 10),
          extension?.find(({ url }) => url.endsWith('/missing-consent-type'))?.valueCodeableConcept
            ?.coding?.[0]?.code,
          policy?.[0]?.uri,
        ],
      );
    const register = 'https://ryggrad.no/fhir/ImplementationGuide/nnrr';

    expect(consents({ consent: 'yes', 'consent-date': '2026-03-02', 'consent-research': 'yes' })).toEqual([
      ['permit', '2026-03-02', undefined, register],
    ]);
    expect(consents({ consent: 'no', 'missing-consent-type': 'passive' })).toEqual([
      ['deny', '2026-03-06', 'passive', register],
    ]);
    expect(consents({})).toEqual([]);
  });
});
