import type { JsonObject, Observation, QuestionnaireResponseItem } from '../../../../src/fhir/types.ts';
import { bindInstruments } from '../../../../src/registry/scoring/bind.ts';
import { answersOfForm, scoreForm } from '../../../../src/registry/scoring/score-form.ts';
import { sharedValidator } from '../../../support/validator.ts';
import { choice, chosen, context, formOf, group, measured, responseTo, type Asked } from './forms.ts';
import { instruments } from './instruments.ts';

const LEVELS = [1, 2, 3, 4, 5];
const ITEMS = ['mo', 'sc', 'ua', 'pd', 'ad'];
const questions = ITEMS.map((name) => choice(name, `eq-5d-5l-${name}`, LEVELS));
const shown = [{ question: 'ask', operator: '=' as const, answerBoolean: true }];
const form = formOf(
  [
    { id: 'eq-5d-5l', within: 'eq' },
    { id: 'bmi', within: 'body' },
    { id: 'pass' },
    {
      id: 'nrs',
      within: 'rest',
      about: { system: 'http://example.org/pain', code: 'rest', display: 'hvile' },
    },
  ],
  [
    { linkId: 'ask', type: 'boolean', text: 'ask' },
    group('eq', questions, { enableWhen: shown }),
    group('body', [measured('height', 'bmi-height', 'integer'), measured('weight', 'bmi-weight', 'decimal')]),
    measured('fine', 'pass', 'boolean'),
    choice('rest', 'nrs', [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10], { repeats: true }),
  ],
);
const { bindings, problems } = bindInstruments(form, instruments);
const options = { ...context, newId: (key: string) => key.replaceAll('|', '.') };

const eq = (levels: string): QuestionnaireResponseItem => ({
  linkId: 'eq',
  item: [...levels].map((level, index) =>
    chosen(ITEMS[index] ?? '', level === '?' ? 'unknown' : `w${level}`),
  ),
});
const asked: QuestionnaireResponseItem = { linkId: 'ask', answer: [{ valueBoolean: true }] };
const body = (height: number, weight: number): QuestionnaireResponseItem => ({
  linkId: 'body',
  item: [
    { linkId: 'height', answer: [{ valueInteger: height }] },
    { linkId: 'weight', answer: [{ valueDecimal: weight }] },
  ],
});

const scored = (...items: QuestionnaireResponseItem[]) =>
  scoreForm(form, bindings, responseTo(items), options).map(({ key, resource }) => ({
    key,
    observation: resource as Observation,
  }));
const values = (
  ...items: QuestionnaireResponseItem[]
): Readonly<Record<string, number | string | undefined>> =>
  Object.fromEntries(
    scored(...items).map(({ observation: { code, valueQuantity, dataAbsentReason } }) => [
      code?.coding?.[0]?.code ?? '',
      valueQuantity?.value ?? dataAbsentReason?.coding?.[1]?.code,
    ]),
  );

describe('The scores of a filled form', () => {
  it('are those of the answers, by the weights of the options, numbers and yes or no.', () => {
    const fine: QuestionnaireResponseItem = { linkId: 'fine', answer: [{ valueBoolean: true }] };

    expect(problems).toEqual([]);
    expect(values(asked, eq('15432'), body(180, 81), fine, chosen('rest', 'w7'))).toEqual({
      'eq-5d-5l-index': 0.46,
      'eq-5d-5l-index-crosswalk-uk': 0.202,
      bmi: 25,
      pass: 1,
      nrs: 7,
    });
  });

  it('are absent for what is not answered; a “don’t know” is no answer, and two answers are none.', () => {
    expect(values(asked, eq('1543?'), chosen('rest', 'w3', 'w4'))).toEqual({
      'eq-5d-5l-index': 'too-few-answers',
      'eq-5d-5l-index-crosswalk-uk': 'too-few-answers',
      bmi: 'no-answers',
      pass: 'no-answers',
      nrs: 'no-answers',
    });
  });

  it('are not there for an instrument that the person was not asked, whatever was answered before.', () => {
    expect(Object.keys(values(eq('11111')))).toEqual(['bmi', 'pass', 'nrs']);
  });

  it('have keys that stay the same when the answers change.', () => {
    const keys = (levels: string): readonly string[] => scored(asked, eq(levels)).map(({ key }) => key);

    expect(keys('11111')).toEqual(keys('15432'));
    expect(new Set(keys('11111')).size).toBe(5);
    expect(keys('11111')[0]).toBe('answers-1|score|eq|eq-5d-5l-index');
  });

  it('come from the same answers that a caller may ask for.', () => {
    const [first] = bindings;

    expect(answersOfForm(form, first!, responseTo([asked, eq('1543?')]), context)).toEqual({
      'eq-5d-5l-mo': 1,
      'eq-5d-5l-sc': 5,
      'eq-5d-5l-ua': 4,
      'eq-5d-5l-pd': 3,
      'eq-5d-5l-ad': undefined,
    });
  });
});

const validator = sharedValidator();

describe('The extension that names an instrument', () => {
  const errorsOf = (asked: Asked): readonly string[] =>
    validator
      .validate(formOf([asked], [group('hads', questions)]).questionnaire as unknown as JsonObject)
      .filter(({ severity }) => severity === 'error')
      .map(({ expression = '' }) => expression);

  it('is valid with its id only, and with all that it may have.', () => {
    const about = { system: 'http://example.org/pain', code: 'rest' };

    expect(errorsOf({ id: 'odi' })).toEqual([]);
    expect(
      errorsOf({ id: 'hads', within: 'hads', about, score: 'hads-anxiety', missing: ['hads-anxiety', 6] }),
    ).toEqual([]);
  });

  it('is refused with an id that is no code.', () => {
    expect(errorsOf({ id: ' odi' })).toEqual(['Questionnaire.extension[0].extension[0].value']);
  });
});

describe('The Observation of a score', () => {
  const profile = 'https://ryggrad.no/fhir/StructureDefinition/ryggrad-score-observation';

  it('keeps to the profile, with a value and without.', () => {
    const all = scored(asked, eq('15432'), chosen('rest', 'w7'));

    for (const { observation } of all) {
      const errors = validator
        .validate(observation as unknown as JsonObject, { profiles: [profile] })
        .filter(({ severity }) => severity === 'error');
      expect([observation.code?.text, errors]).toEqual([observation.code?.text, []]);
    }
  });

  it('says by which value set, from which form, and from how many answers.', () => {
    const observation = scored(asked, eq('15432'))[0]?.observation;

    expect(observation).toMatchObject({
      id: 'answers-1.score.eq.eq-5d-5l-index',
      code: {
        coding: [
          { system: 'https://ryggrad.no/fhir/CodeSystem/instrument-score', code: 'eq-5d-5l-index' },
          { system: 'http://snomed.info/sct', code: '736534008' },
        ],
      },
      subject: { reference: 'Patient/kari' },
      effectiveDateTime: '2026-03-06T12:00:00+01:00',
      valueQuantity: { value: 0.46, code: '1' },
      method: {
        coding: [{ code: 'value-set-1' }, { code: 'eq5d5l-vt-norway' }],
        text: 'eq-5d-5l 1.0.0, value-set-1, eq5d5l-vt-norway (2025)',
      },
      derivedFrom: [{ reference: 'QuestionnaireResponse/answers-1' }],
    });
    expect(observation).not.toHaveProperty('dataAbsentReason');
    const basis = observation?.extension?.find(({ url }) => url.endsWith('/score-basis'))?.extension;
    expect(basis?.map(({ url, ...value }) => [url, Object.values(value)[0]])).toEqual([
      ['instrument', 'eq-5d-5l'],
      ['version', '1.0.0'],
      ['answered', 5],
      ['items', 5],
      ['min-answered', 5],
      ['state', '15432'],
    ]);
    expect(observation?.extension?.at(-1)).toMatchObject({
      valueReference: { reference: 'EpisodeOfCare/forlop-1' },
    });
  });

  it('says what was scored.', () => {
    const observation = scored(chosen('rest', 'w7')).find(({ key }) => key.endsWith('|nrs'))?.observation;

    expect(observation?.code).toMatchObject({
      coding: [{ code: 'nrs' }, { code: '72514-3' }, { code: 'rest' }],
      text: 'NRS: hvile',
    });
  });

  it('says why there is no value, in the words of FHIR and in ours.', () => {
    const observation = scored(asked, eq('1543?'))[0]?.observation;

    expect(observation).not.toHaveProperty('valueQuantity');
    expect(observation?.dataAbsentReason).toMatchObject({
      coding: [
        { system: 'http://terminology.hl7.org/CodeSystem/data-absent-reason', code: 'unknown' },
        { code: 'too-few-answers' },
      ],
      text: 'For få er besvart: 4 av 5, minst 5 trengs',
    });
    const basis = observation?.extension?.find(({ url }) => url.endsWith('/score-basis'))?.extension;
    expect(basis).toContainEqual({ url: 'missing', valueCode: 'eq-5d-5l-ad' });
  });
});
