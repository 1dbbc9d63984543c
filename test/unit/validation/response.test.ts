import type { JsonObject, Questionnaire, QuestionnaireItem } from '../../../src/fhir/types.ts';
import { loadR4 } from '../../../src/content/r4.ts';
import { createTerminology } from '../../../src/terminology/terminology.ts';
import { checkResponse } from '../../../src/validation/response/check-response.ts';

const terminology = createTerminology({ r4: loadR4() });
const HL7 = 'http://hl7.org/fhir/StructureDefinition';
const form = (...item: readonly QuestionnaireItem[]): Questionnaire =>
  ({ resourceType: 'Questionnaire', status: 'active', item }) as unknown as Questionnaire;
const rulesFor = (
  questionnaire: Questionnaire,
  item: readonly JsonObject[],
  status = 'completed',
): readonly string[] =>
  checkResponse(questionnaire, { resourceType: 'QuestionnaireResponse', status, item }, terminology).map(
    ({ rule = '', expression = '' }) => `${rule} ${expression.replace('QuestionnaireResponse', 'R')}`,
  );
const answered = (linkId: string, ...answer: readonly JsonObject[]): JsonObject => ({ linkId, answer });

describe('A response against any questionnaire', () => {
  it.each([
    ['boolean', { valueBoolean: true }, { valueString: 'ja' }],
    ['integer', { valueInteger: 4 }, { valueDecimal: 4.5 }],
    ['decimal', { valueDecimal: 4.5 }, { valueString: '4,5' }],
    ['date', { valueDate: '2024' }, { valueDateTime: '2024-05-17' }],
    ['text', { valueString: 'a' }, { valueCoding: { code: 'a' } }],
    ['choice', { valueCoding: { code: 'a' } }, { valueBoolean: true }],
    ['quantity', { valueQuantity: { value: 1 } }, { valueDecimal: 1 }],
    ['reference', { valueReference: { reference: 'Patient/1' } }, { valueString: 'Patient/1' }],
  ])('answers a question of type %s with its values.', (type, right, wrong) => {
    const questionnaire = form({ linkId: 'q', type } as QuestionnaireItem);

    expect(rulesFor(questionnaire, [answered('q', right)])).toEqual([]);
    expect(rulesFor(questionnaire, [answered('q', wrong)])).toEqual(['answer-type R.item[0].answer[0]']);
  });

  it('has the items of the questionnaire, at their places and in their order.', () => {
    const questionnaire = form(
      { linkId: 'a', type: 'string' },
      { linkId: 'g', type: 'group', item: [{ linkId: 'b', type: 'string' }] },
    );
    const a = answered('a', { valueString: 'x' });
    const b = answered('b', { valueString: 'x' });

    expect(rulesFor(questionnaire, [a, { linkId: 'g', item: [b] }])).toEqual([]);
    expect(rulesFor(questionnaire, [{ linkId: 'g', item: [b] }, a])).toEqual(['item-order R.item[1]']);
    expect(rulesFor(questionnaire, [a, b])).toEqual(['unknown-link-id R.item[1]']);
    expect(rulesFor(questionnaire, [answered('c', { valueString: 'x' })])).toEqual([
      'unknown-link-id R.item[0]',
    ]);
    expect(rulesFor(questionnaire, [{ ...answered('g', { valueString: 'x' }), item: [b] }])).toEqual([
      'answer-on-group R.item[0]',
    ]);
    expect(rulesFor(questionnaire, [{ ...a, item: [b] }])).toEqual(['nested-item R.item[0]']);
  });

  it('may lack answers only while it is in progress.', () => {
    const questionnaire = form({ linkId: 'q', type: 'string', required: true });

    expect(rulesFor(questionnaire, [])).toEqual(['required R']);
    expect(rulesFor(questionnaire, [], 'in-progress')).toEqual([]);
  });

  it('answers once unless the question repeats.', () => {
    const two = [answered('q', { valueString: 'a' }, { valueString: 'b' })];

    expect(rulesFor(form({ linkId: 'q', type: 'string' }), two)).toEqual(['max-answers R.item[0]']);
    expect(rulesFor(form({ linkId: 'q', type: 'string', repeats: true }), two)).toEqual([]);
  });

  it('answers what is asked: conditions look at the nearest answer.', () => {
    const questionnaire = form({
      linkId: 'row',
      type: 'group',
      repeats: true,
      item: [
        { linkId: 'smokes', type: 'boolean' },
        {
          linkId: 'daily',
          type: 'integer',
          required: true,
          enableWhen: [{ question: 'smokes', operator: '=', answerBoolean: true }],
        },
      ],
    });
    const row = (smokes: boolean, ...more: readonly JsonObject[]): JsonObject => ({
      linkId: 'row',
      item: [answered('smokes', { valueBoolean: smokes }), ...more],
    });
    const daily = answered('daily', { valueInteger: 10 });

    expect(rulesFor(questionnaire, [row(true, daily), row(false)])).toEqual([]);
    expect(rulesFor(questionnaire, [row(true), row(false, daily)])).toEqual([
      'required R.item[0]',
      'disabled-answer R.item[1].item[1]',
    ]);
  });

  it.each([
    ['exists', { answerBoolean: false }, [], true],
    ['>', { answerInteger: 3 }, [{ valueInteger: 4 }], true],
    ['>', { answerInteger: 3 }, [{ valueInteger: 3 }], false],
    ['<=', { answerDate: '2024-05' }, [{ valueDate: '2024-05-17' }], true],
    [
      '!=',
      { answerCoding: { system: 's', code: 'a' } },
      [{ valueCoding: { system: 's', code: 'a', display: 'A' } }],
      false,
    ],
    ['>=', { answerQuantity: { value: 2 } }, [{ valueQuantity: { value: 2, unit: 'kg' } }], true],
  ] as const)('meets the condition %s %j with %j: %s.', (operator, wanted, answers, isAsked) => {
    const questionnaire = form({ linkId: 'a', type: 'string' }, {
      linkId: 'b',
      type: 'string',
      enableWhen: [{ question: 'a', operator, ...wanted }],
    } as QuestionnaireItem);
    const given = [answered('a', ...answers), answered('b', { valueString: 'x' })];
    const rules = rulesFor(questionnaire, given).filter((rule) => rule.startsWith('disabled'));

    expect(rules).toEqual(isAsked ? [] : ['disabled-answer R.item[1]']);
  });

  const limit = (name: string, value: JsonObject) => ({ extension: [{ url: `${HL7}/${name}`, ...value }] });
  it.each([
    ['max-length', { type: 'string', maxLength: 2 }, { valueString: 'abc' }],
    ['min-length', { type: 'string', ...limit('minLength', { valueInteger: 4 }) }, { valueString: 'abc' }],
    ['regex', { type: 'string', ...limit('regex', { valueString: '[0-9]+' }) }, { valueString: 'abc' }],
    ['min-value', { type: 'integer', ...limit('minValue', { valueInteger: 4 }) }, { valueInteger: 3 }],
    [
      'max-value',
      { type: 'date', ...limit('maxValue', { valueDate: '2024-01-01' }) },
      { valueDate: '2024-01-02' },
    ],
    [
      'max-decimal-places',
      { type: 'decimal', ...limit('maxDecimalPlaces', { valueInteger: 1 }) },
      { valueDecimal: 1.25 },
    ],
    [
      'mime-type',
      { type: 'attachment', ...limit('mimeType', { valueCode: 'image/png' }) },
      { valueAttachment: { contentType: 'text/html' } },
    ],
    [
      'max-size',
      { type: 'attachment', ...limit('maxSize', { valueDecimal: 2 }) },
      { valueAttachment: { data: 'AAAA' } },
    ],
    [
      'reference-type',
      { type: 'reference', ...limit('questionnaire-referenceResource', { valueCode: 'Patient' }) },
      { valueReference: { reference: 'Group/1' } },
    ],
    [
      'unit',
      {
        type: 'quantity',
        ...limit('questionnaire-unitOption', { valueCoding: { system: 'u', code: 'kg' } }),
      },
      { valueQuantity: { value: 1, system: 'u', code: 'g' } },
    ],
    [
      'answer-option',
      { type: 'choice', answerOption: [{ valueCoding: { system: 's', code: 'a' } }] },
      { valueCoding: { system: 's', code: 'b' } },
    ],
    [
      'answer-option',
      { type: 'choice', answerValueSet: 'http://hl7.org/fhir/ValueSet/administrative-gender' },
      { valueCoding: { system: 'http://hl7.org/fhir/administrative-gender', code: 'x' } },
    ],
  ])('keeps to %s.', (rule, question, answer) => {
    const questionnaire = form({ linkId: 'q', ...question } as unknown as QuestionnaireItem);

    expect(rulesFor(questionnaire, [answered('q', answer as JsonObject)])).toEqual([
      `${rule} R.item[0].answer[0]`,
    ]);
  });

  it('chooses an exclusive option alone.', () => {
    const exclusive = {
      valueCoding: { code: 'none' },
      ...limit('questionnaire-optionExclusive', { valueBoolean: true }),
    };
    const questionnaire = form({
      linkId: 'q',
      type: 'choice',
      repeats: true,
      answerOption: [{ valueCoding: { code: 'a' } }, exclusive],
    } as unknown as QuestionnaireItem);
    const coding = (code: string): JsonObject => ({ valueCoding: { code } });

    expect(rulesFor(questionnaire, [answered('q', coding('none'))])).toEqual([]);
    expect(rulesFor(questionnaire, [answered('q', coding('a'), coding('none'))])).toEqual([
      'exclusive R.item[0]',
    ]);
  });
});
