import { conditionHolds, viewForm } from '../../../src/sdc/visibility.ts';
import {
  coded,
  context,
  form,
  formOf,
  group,
  question,
  response,
  row,
  withRows,
} from './fixtures/smertetilsyn.ts';
import type { Condition, Form } from '../../../src/sdc/form-types.ts';
import type { QuestionnaireItem, QuestionnaireResponse } from '../../../src/fhir/types.ts';

function visible(from: QuestionnaireResponse, of: Form = form): string[] {
  const view = viewForm(of, from, context);
  return [...view.byPath.values()].filter((node) => view.isVisible(node)).map(({ path }) => path);
}

const coding = (code: string): unknown => ({ system: 'http://s', code });
const mg = (value: number): unknown => ({ value, system: 'http://unitsofmeasure.org', code: 'mg' });

describe('A condition', () => {
  it.each<[unknown[], Condition['operator'], unknown, boolean]>([
    [[], 'exists', true, false],
    [[], 'exists', false, true],
    [[false], 'exists', true, true],
    [[0], 'exists', false, false],
    [[true], '=', true, true],
    [[false], '=', true, false],
    [[], '=', true, false],
    [[], '!=', true, false],
    [[false], '!=', true, true],
    [[coding('a')], '=', coding('a'), true],
    [[{ system: 'http://s', code: 'a', display: 'A' }], '=', coding('a'), true],
    [[{ system: 'http://other', code: 'a' }], '=', coding('a'), false],
    [[coding('a'), coding('b')], '=', coding('b'), true],
    [[coding('a'), coding('b')], '!=', coding('b'), false],
    [[coding('a')], '!=', coding('b'), true],
    [[4], '>', 4, false],
    [[5], '>', 4, true],
    [[4], '>=', 4, true],
    [[3], '<', 4, true],
    [[4], '<', 4, false],
    [[4], '<=', 4, true],
    [[0.1 + 0.2], '>=', 0.3, true],
    [['2026-10-30'], '>', '2026-10-29', true],
    [['2026-10-30'], '>', '2026-10', false],
    [['2026-10-30T23:30:00Z'], '<', '2026-10-31T00:00:00+01:00', false],
    [['b'], '>', 'a', true],
    [[mg(5)], '>', mg(4), true],
    [[mg(5)], '=', mg(5), true],
    [[mg(5)], '>', { value: 4, code: 'g', system: 'http://unitsofmeasure.org' }, false],
    [['5'], '>', 4, false],
    [[null], '<', 4, false],
  ])('on %j %s %j is %s.', (answers, operator, value, expected) => {
    expect(conditionHolds({ operator, value }, [answers])).toBe(expected);
  });

  it('holds when one of several rows fits.', () => {
    expect(conditionHolds({ operator: '=', value: 2 }, [[1], [2]])).toBe(true);
    expect(conditionHolds({ operator: '!=', value: 2 }, [[2], [2]])).toBe(false);
  });
});

describe('Visibility', () => {
  it('shows what has no condition, in form order, without hidden questions.', () => {
    expect(visible(response([])).slice(0, 8)).toEqual([
      'grunnlag',
      'grunnlag/henvist',
      'grunnlag/start',
      'grunnlag/tilsyn',
      'grunnlag/alder',
      'grunnlag/norsk',
      'analgetika',
      'rus-tidligere',
    ]);
  });

  it('opens a group with all its rows.', () => {
    const paths = visible(withRows(row('morfin-po', 5), row()));

    expect(paths).toContain('opioider/rad[0]/dose');
    expect(paths).toContain('opioider/rad[1]/ome');
  });

  it('follows an expression over a calculated answer.', () => {
    const at = (...nrs: ReturnType<typeof question>[]): string[] =>
      visible(response([question('nrs-kan', coded('nrs-kan', 'ja')), group('nrs', ...nrs)]));

    expect(at(question('nrs-sum', { valueDecimal: 8 }))).toContain('nrs/nrs-hoy');
    expect(at(question('nrs-sum', { valueDecimal: 7 }))).not.toContain('nrs/nrs-hoy');
    expect(at()).not.toContain('nrs/nrs-hoy');
  });

  it('counts the answer of a disabled question as absent, down a chain.', () => {
    const boolean = (linkId: string, after?: string): QuestionnaireItem => ({
      linkId,
      type: 'boolean',
      text: linkId,
      ...(after !== undefined && { enableWhen: [{ question: after, operator: '=', answerBoolean: true }] }),
    });
    const chain = formOf([boolean('a'), boolean('b', 'a'), boolean('c', 'b'), boolean('d', 'c')]);
    const yes = { valueBoolean: true };
    const answers = (a: boolean): QuestionnaireResponse =>
      response([question('a', { valueBoolean: a }), question('b', yes), question('c', yes)], chain);

    expect(visible(answers(true), chain)).toEqual(['a', 'b', 'c', 'd']);
    expect(visible(answers(false), chain)).toEqual(['a']);
  });

  it('looks for the question in the same row first.', () => {
    const rows = formOf([
      {
        linkId: 'rad',
        type: 'group',
        text: 'Rad',
        repeats: true,
        item: [
          { linkId: 'av', type: 'boolean', text: 'Av' },
          {
            linkId: 'til',
            type: 'string',
            text: 'Til',
            enableWhen: [{ question: 'av', operator: '=', answerBoolean: true }],
          },
        ],
      },
      {
        linkId: 'noen',
        type: 'string',
        text: 'Noen',
        enableWhen: [{ question: 'av', operator: '=', answerBoolean: true }],
      },
    ]);
    const answers = response(
      [
        group('rad', question('av', { valueBoolean: false })),
        group('rad', question('av', { valueBoolean: true })),
      ],
      rows,
    );

    expect(visible(answers, rows)).toEqual([
      'rad[0]',
      'rad[0]/av',
      'rad[1]',
      'rad[1]/av',
      'rad[1]/til',
      'noen',
    ]);
  });

  it('requires all conditions, or any, as the form says.', () => {
    const item = (enableBehavior: 'all' | 'any'): QuestionnaireItem => ({
      linkId: 'c',
      type: 'string',
      text: 'c',
      enableBehavior,
      enableWhen: [
        { question: 'a', operator: '=', answerBoolean: true },
        { question: 'b', operator: 'exists', answerBoolean: true },
      ],
    });
    const both = (behaviour: 'all' | 'any'): Form =>
      formOf([{ linkId: 'a', type: 'boolean' }, { linkId: 'b', type: 'boolean' }, item(behaviour)]);
    const answers = (to: Form): QuestionnaireResponse =>
      response([question('a', { valueBoolean: true })], to);
    const [all, any] = [both('all'), both('any')];

    expect(visible(answers(all), all)).not.toContain('c');
    expect(visible(answers(any), any)).toContain('c');
  });
});
