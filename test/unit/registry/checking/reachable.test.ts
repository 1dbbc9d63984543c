/** Branching that can never open: every kind of contradiction is found, and nothing that can open is. */
import type { QuestionnaireItem } from '../../../../src/fhir/types.ts';
import { compilePath } from '../../../../src/fhir/path.ts';
import { checkReachable } from '../../../../src/registry/checking/check-reachable.ts';
import { compileForm } from '../../../../src/sdc/form.ts';
import type { Form } from '../../../../src/sdc/form-types.ts';

const LIST = 'http://test.no/list';
const coding = (code: string) => ({ system: LIST, code, display: code });
const EXT = 'http://hl7.org/fhir/StructureDefinition';

type Item = Omit<QuestionnaireItem, 'linkId' | 'type'> & Partial<Pick<QuestionnaireItem, 'linkId' | 'type'>>;
type When = NonNullable<QuestionnaireItem['enableWhen']>[number];

const options = (...codes: readonly string[]) => codes.map((code) => ({ valueCoding: coding(code) }));
const choice = (linkId: string, more: Item = {}): QuestionnaireItem => ({
  linkId,
  type: 'choice',
  text: linkId,
  answerOption: options('a', 'b', 'c'),
  ...more,
});
const is = (question: string, code: string): When => ({
  question,
  operator: '=',
  answerCoding: coding(code),
});
const isNot = (question: string, code: string): When => ({
  question,
  operator: '!=',
  answerCoding: coding(code),
});
const text = (linkId: string, enableWhen: readonly When[], more: Item = {}): QuestionnaireItem => ({
  linkId,
  type: 'string',
  text: linkId,
  ...(enableWhen.length > 0 && { enableWhen: [...enableWhen], enableBehavior: 'all' }),
  ...more,
});
const group = (linkId: string, item: readonly QuestionnaireItem[], more: Item = {}): QuestionnaireItem => ({
  linkId,
  type: 'group',
  text: linkId,
  item: [...item],
  ...more,
});

const formOf = (items: readonly QuestionnaireItem[]): Form =>
  compileForm(
    {
      resourceType: 'Questionnaire',
      status: 'active',
      url: 'http://test.no/f',
      version: '1',
      item: [...items],
    },
    { compilePath, resolveValueSet: () => undefined },
  );

const shut = (items: readonly QuestionnaireItem[]): readonly string[] =>
  checkReachable(formOf(items)).map(({ linkId }) => linkId);

const number = (more: Item = {}): QuestionnaireItem => ({ linkId: 'n', type: 'integer', text: 'n', ...more });
const than = (operator: When['operator'], answerInteger: number): When => ({
  question: 'n',
  operator,
  answerInteger,
});

describe('A question that can never be asked', () => {
  it.each<readonly [string, readonly QuestionnaireItem[]]>([
    ['one answer must be two things', [choice('q'), text('x', [is('q', 'a'), is('q', 'b')])]],
    ['an answer must be and not be the same', [choice('q'), text('x', [is('q', 'a'), isNot('q', 'a')])]],
    [
      'every answer is ruled out',
      [choice('q'), text('x', [isNot('q', 'a'), isNot('q', 'b'), isNot('q', 'c')])],
    ],
    [
      'a question must be answered and unanswered',
      [choice('q'), text('x', [is('q', 'a'), { question: 'q', operator: 'exists', answerBoolean: false }])],
    ],
    ['a number must be above what it must be below', [number(), text('x', [than('>', 5), than('<', 5)])]],
    ['no whole number lies between', [number(), text('x', [than('>', 5), than('<', 6)])]],
    [
      'a number must be above its own limit',
      [number({ extension: [{ url: `${EXT}/maxValue`, valueInteger: 10 }] }), text('x', [than('>', 10)])],
    ],
    [
      'a boolean must be both',
      [
        { linkId: 'q', type: 'boolean', text: 'q' },
        text('x', [
          { question: 'q', operator: '=', answerBoolean: true },
          { question: 'q', operator: '=', answerBoolean: false },
        ]),
      ],
    ],
    [
      'the group around it waits for another answer',
      [choice('q'), group('g', [text('x', [is('q', 'b')])], { enableWhen: [is('q', 'a')] })],
    ],
    [
      'it waits for a question that is asked only after another answer',
      [choice('q'), choice('r', { enableWhen: [is('q', 'a')] }), text('x', [is('r', 'a'), is('q', 'b')])],
    ],
    [
      'an answer that excludes all others must come with another',
      [
        choice('q', {
          repeats: true,
          answerOption: [
            {
              valueCoding: coding('none'),
              extension: [{ url: `${EXT}/questionnaire-optionExclusive`, valueBoolean: true }],
            },
            ...options('a'),
          ],
        }),
        text('x', [is('q', 'none'), is('q', 'a')]),
      ],
    ],
  ])('is found when %s.', (_why, items) => {
    expect(shut(items)).toEqual(['x']);
  });

  it('is told once when all of a group is shut: at the group.', () => {
    const items = [
      choice('q'),
      group('g', [text('y', [is('q', 'b')]), text('z', [])], {
        enableWhen: [is('q', 'a'), is('q', 'b')],
        enableBehavior: 'all',
      }),
    ];

    expect(shut(items)).toEqual(['g']);
  });
});

describe('A question that can be asked', () => {
  it.each<readonly [string, readonly QuestionnaireItem[]]>([
    [
      'one of two answers is enough',
      [choice('q'), text('x', [is('q', 'a'), is('q', 'b')], { enableBehavior: 'any' })],
    ],
    [
      'several answers may be given',
      [choice('q', { repeats: true }), text('x', [is('q', 'a'), is('q', 'b')])],
    ],
    ['one answer is left', [choice('q'), text('x', [isNot('q', 'a'), isNot('q', 'b')])]],
    ['one whole number lies between', [number(), text('x', [than('>', 5), than('<', 7)])]],
    [
      'a number may be its own limit',
      [number({ extension: [{ url: `${EXT}/maxValue`, valueInteger: 10 }] }), text('x', [than('>=', 10)])],
    ],
    [
      'different rows may have different answers',
      [group('rows', [choice('q')], { repeats: true }), text('x', [is('q', 'a'), is('q', 'b')])],
    ],
    [
      'it waits for a question to stay unanswered that is asked only after another answer',
      [
        choice('q'),
        choice('r', { enableWhen: [is('q', 'a')] }),
        text('x', [is('q', 'b'), { question: 'r', operator: 'exists', answerBoolean: false }]),
      ],
    ],
  ])('is left in peace when %s.', (_why, items) => {
    expect(shut(items)).toEqual([]);
  });

  it('is not so in the same row, where one question has one answer.', () => {
    const row = group('rows', [choice('q'), text('x', [is('q', 'a'), is('q', 'b')])], { repeats: true });

    expect(shut([row])).toEqual(['x']);
  });
});

describe('An option', () => {
  const systemOnly = [
    {
      valueCoding: coding('s'),
      extension: [
        { url: 'https://ryggrad.no/fhir/StructureDefinition/option-system-only', valueBoolean: true },
      ],
    },
    ...options('a'),
  ];
  const calculated = {
    url: 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression',
    valueExpression: { language: 'text/fhirpath' as const, expression: "'s'" },
  };

  it('that only the system may choose is unreachable without a calculation.', () => {
    const found = checkReachable(formOf([choice('q', { answerOption: systemOnly })]));

    expect(found).toMatchObject([{ linkId: 'q', rule: 'unreachable-option', severity: 'warning' }]);
    expect(found[0]?.text).toContain(`${LIST}|s`);
  });

  it('is reachable with one.', () => {
    const form = formOf([choice('q', { answerOption: systemOnly, extension: [calculated] })]);

    expect(checkReachable(form)).toEqual([]);
  });
});
