import { checkForm } from '../../../src/sdc/check-form.ts';
import { compileForm } from '../../../src/sdc/form.ts';
import { compileOptions, form, questionnaire, questionnaireOf } from './fixtures/smertetilsyn.ts';
import type { Extension, Questionnaire, QuestionnaireItem } from '../../../src/fhir/types.ts';

const SDC = 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire';
const code = [{ system: 'https://ryggrad.no/fhir/CodeSystem/prove-variable', code: 'X' }];
const head = { name: 'Prove', title: 'Prøve' };

const expression = (kind: string, text: string, language = 'text/fhirpath'): Extension => ({
  url: `${SDC}-${kind}`,
  valueExpression: { language, expression: text } as never,
});
const calculated = (linkId: string, text: string): QuestionnaireItem => ({
  linkId,
  type: 'decimal',
  text: linkId,
  code,
  extension: [expression('calculatedExpression', text)],
});
const boolean = (linkId: string, more: Partial<QuestionnaireItem> = {}): QuestionnaireItem => ({
  linkId,
  type: 'boolean',
  text: linkId,
  code,
  ...more,
});
const choice = (linkId: string, ...codes: string[]): QuestionnaireItem => ({
  linkId,
  type: 'choice',
  text: linkId,
  code,
  answerOption: codes.map((value) => ({ valueCoding: { system: 'http://s', code: value, display: value } })),
});
const rules = (items: QuestionnaireItem[], more: Partial<Questionnaire> = {}): string[] =>
  checkForm(questionnaireOf(items, { ...head, ...more }), compileOptions).map(
    ({ severity, rule }) => `${severity} ${rule}`,
  );

describe('The form check', () => {
  it('finds nothing wrong with a good form.', () => {
    expect(checkForm(questionnaire, compileOptions)).toEqual([]);
  });

  it('wants url, version, name, title and bokmål.', () => {
    const bare = { resourceType: 'Questionnaire', status: 'draft', item: [] } as Questionnaire;

    expect(checkForm(bare, compileOptions).map(({ rule }) => rule)).toEqual([
      'missing-url',
      'missing-version',
      'missing-name',
      'missing-title',
      'language',
    ]);
  });

  it.each<[string, QuestionnaireItem[], string]>([
    ['a linkId that stands twice', [boolean('a'), boolean('a')], 'error duplicate-link-id'],
    ['a linkId with a blank', [boolean('a b')], 'error link-id'],
    ['an unsupported type', [boolean('a', { type: 'attachment' })], 'error item-type'],
    ['a question without text', [{ linkId: 'a', type: 'boolean', code }], 'error missing-text'],
    ['a question below a question', [boolean('a', { item: [boolean('b')] })], 'error nested-question'],
    ['a repeating text', [boolean('a', { type: 'string', repeats: true })], 'error repeats'],
    [
      'a condition on nothing',
      [boolean('a', { enableWhen: [{ question: 'x', operator: '=', answerBoolean: true }] })],
      'error enable-when',
    ],
    [
      'a condition on itself',
      [boolean('a', { enableWhen: [{ question: 'a', operator: '=', answerBoolean: true }] })],
      'error enable-when',
    ],
    [
      'a condition of another type',
      [boolean('a'), boolean('b', { enableWhen: [{ question: 'a', operator: '=', answerString: 'x' }] })],
      'error enable-when',
    ],
    [
      'a condition on a code that is no option',
      [
        choice('a', 'x'),
        boolean('b', {
          enableWhen: [{ question: 'a', operator: '=', answerCoding: { system: 'http://s', code: 'y' } }],
        }),
      ],
      'error enable-when',
    ],
    [
      'exists without a boolean',
      [
        choice('a', 'x'),
        boolean('b', {
          enableWhen: [
            { question: 'a', operator: 'exists', answerCoding: { system: 'http://s', code: 'x' } },
          ],
        }),
      ],
      'error enable-when',
    ],
    [
      'two conditions without behaviour',
      [
        boolean('a'),
        boolean('b', {
          enableWhen: [
            { question: 'a', operator: '=', answerBoolean: true },
            { question: 'a', operator: 'exists', answerBoolean: true },
          ],
        }),
      ],
      'error enable-behavior',
    ],
    [
      'a condition on a later question',
      [boolean('b', { enableWhen: [{ question: 'a', operator: '=', answerBoolean: true }] }), boolean('a')],
      'warning depends-on-later',
    ],
    [
      'an option without display',
      [{ ...choice('a'), answerOption: [{ valueCoding: { system: 'http://s', code: 'x' } }] }],
      'error option-coding',
    ],
    ['two options with one code', [choice('a', 'x', 'x')], 'error option-double'],
    ['a choice without options', [choice('a')], 'warning no-options'],
    [
      'a contained value set that is missing',
      [{ ...choice('b'), answerOption: undefined as never, answerValueSet: '#x' }],
      'error options',
    ],
    ['an expression that is none', [calculated('a', '1 +')], 'error expression-syntax'],
    ['descendants()', [calculated('a', '%resource.descendants().count()')], 'error refused-function'],
    ['repeat()', [calculated('a', '%resource.repeat(item).count()')], 'error refused-function'],
    ['%questionnaire', [calculated('a', '%questionnaire.item.count()')], 'error undeclared-name'],
    ['a name that nobody declared', [calculated('a', '%patient.birthDate')], 'error undeclared-name'],
    [
      'a question that looks for its own items',
      [calculated('a', "%context.item.where(linkId='b').answer.value")],
      'error question-context',
    ],
    [
      'an unknown linkId',
      [calculated('a', "%resource.item.where(linkId='x').answer.value")],
      'error unknown-link-id',
    ],
    [
      'a calculation from itself',
      [calculated('a', "%resource.item.where(linkId='a').answer.value + 1")],
      'error cycle',
    ],
    [
      'a circle of calculations',
      [
        calculated('a', "%resource.item.where(linkId='b').answer.value"),
        calculated('b', "%resource.item.where(linkId='a').answer.value"),
      ],
      'error cycle',
    ],
    [
      'a circle through a condition',
      [
        calculated('a', "%resource.item.where(linkId='b').answer.count()"),
        boolean('b', { enableWhen: [{ question: 'a', operator: '=', answerDecimal: 1 }] }),
      ],
      'error cycle',
    ],
    [
      'a language of another kind',
      [boolean('a', { extension: [expression('initialExpression', 'true', 'text/cql')] })],
      'error expression-language',
    ],
    [
      'a template that is not contained',
      [
        boolean('a', {
          extension: [
            {
              url: `${SDC}-templateExtract`,
              extension: [{ url: 'template', valueReference: { reference: '#x' } }],
            },
          ],
        }),
      ],
      'error template',
    ],
    [
      'a slider',
      [choice('a', 'x')].map((item) => ({
        ...item,
        extension: [
          {
            url: 'http://hl7.org/fhir/StructureDefinition/questionnaire-itemControl',
            valueCodeableConcept: { coding: [{ code: 'slider' }] },
          },
        ],
      })),
      'error item-control',
    ],
    [
      'limits the wrong way round',
      [
        {
          ...calculated('a', '1'),
          extension: [
            { url: 'http://hl7.org/fhir/StructureDefinition/minValue', valueDecimal: 5 },
            { url: 'http://hl7.org/fhir/StructureDefinition/maxValue', valueDecimal: 4 },
          ],
        },
      ],
      'error limits',
    ],
    [
      'a regex that is none',
      [
        boolean('a', {
          type: 'string',
          extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/regex', valueString: '(' }],
        }),
      ],
      'error regex',
    ],
    [
      'a mode without a calculation',
      [
        boolean('a', {
          extension: [
            { url: 'https://ryggrad.no/fhir/StructureDefinition/calculation-mode', valueCode: 'fixed' },
          ],
        }),
      ],
      'error calculation-mode',
    ],
    [
      'a constraint without text',
      [
        boolean('a', {
          extension: [
            {
              url: 'http://hl7.org/fhir/StructureDefinition/questionnaire-constraint',
              extension: [{ url: 'key', valueId: 'x' }],
            },
          ],
        }),
      ],
      'error constraint',
    ],
    [
      'a question without its old name',
      [{ linkId: 'a', type: 'boolean', text: 'a' }],
      'warning missing-variable',
    ],
    [
      'rows in rows',
      [
        {
          linkId: 'a',
          type: 'group',
          text: 'a',
          repeats: true,
          item: [{ linkId: 'b', type: 'group', text: 'b', repeats: true }],
        },
      ],
      'warning rows-in-rows',
    ],
  ])('finds %s.', (_what, items, expected) => {
    expect(rules(items)).toContain(expected);
  });

  it('names the item and its place.', () => {
    const [found] = checkForm(
      questionnaireOf([{ linkId: 'g', type: 'group', text: 'g', item: [calculated('a', '1 +')] }], head),
      compileOptions,
    );

    expect(found).toMatchObject({
      expression: 'Questionnaire.item[0].item[0]',
      severity: 'error',
      rule: 'expression-syntax',
    });
    expect(found!.diagnostics).toContain('a: "1 +" is not FHIRPath');
  });

  it('lets an expression over fetched resources name the linkIds of another form.', () => {
    const extension = [
      {
        url: 'http://hl7.org/fhir/StructureDefinition/variable',
        valueExpression: {
          name: 'andre',
          language: 'application/x-fhir-query',
          expression: 'QuestionnaireResponse?x=1',
        },
      },
    ] as Extension[];

    expect(
      rules(
        [
          boolean('a', {
            extension: [expression('initialExpression', "%andre.item.where(linkId='z').answer.value")],
          }),
        ],
        { extension },
      ),
    ).toEqual([]);
  });
});

describe('Compiling a form', () => {
  it('throws one error with all faults.', () => {
    const faulty = questionnaireOf([calculated('a', '1 +'), boolean('b'), boolean('b')]);

    expect(() => compileForm(faulty, compileOptions)).toThrow(
      /a: "1 \+" is not FHIRPath.*; b: the linkId stands twice/s,
    );
  });

  it('gives an immutable form with items by linkId, in form order.', () => {
    expect(Object.isFrozen(form)).toBe(true);
    expect(Object.isFrozen(form.byLinkId.get('dose'))).toBe(true);
    expect(form.byLinkId.get('dose')!.parent!.parent!.linkId).toBe('opioider');
    expect(form.calculated.map(({ linkId }) => linkId)).toEqual([
      'alder',
      'samtykke',
      'ome',
      'ome-ufullstendig',
      'ome-total',
      'lar',
      'nrs-sum',
    ]);
  });

  it('leaves text in quotes and comments alone.', () => {
    const text = questionnaireOf(
      [
        {
          ...boolean('a'),
          type: 'string',
          extension: [
            expression(
              'calculatedExpression',
              "'today() %patient .weight()' /* descendants() */ // repeat()",
            ),
          ],
        },
      ],
      head,
    );

    expect(checkForm(text, compileOptions)).toEqual([]);
  });
});
