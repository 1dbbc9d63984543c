import type { Extension, QuestionnaireItem } from '../../../src/fhir/types.ts';
import { chartProblems, chartViewsOf } from '../../../src/sdc/body-chart.ts';
import { compileForm } from '../../../src/sdc/form.ts';
import type { FormItem } from '../../../src/sdc/form-types.ts';
import { content } from '../../content/fill-form.ts';
import { formOf } from '../../content/run-case.ts';
import { compileOptions, questionnaireOf } from './fixtures/smertetilsyn.ts';

const EXCLUSIVE = 'http://hl7.org/fhir/StructureDefinition/questionnaire-optionExclusive';

const region = (option: string, path = 'M0 0L10 0L10 10Z', x: number | undefined = 5): Extension => ({
  url: 'region',
  extension: [
    { url: 'option', valueCode: option },
    { url: 'path', valueString: path },
    ...(x === undefined ? [] : [{ url: 'x', valueDecimal: x }]),
    { url: 'y', valueDecimal: 5 },
  ],
});

const view = (regions: readonly Extension[], box = '0 0 20 20'): Extension => ({
  url: 'view',
  extension: [
    { url: 'code', valueCode: 'front' },
    { url: 'title', valueString: 'Forfra' },
    { url: 'box', valueString: box },
    ...regions,
  ],
});

/** A question with the options knee, foot and none, and this chart. */
function itemWith(views: readonly Extension[], more: Partial<QuestionnaireItem> = {}): FormItem {
  const source: QuestionnaireItem = {
    linkId: 'pain',
    type: 'choice',
    repeats: true,
    text: 'Hvor?',
    extension: [{ url: 'https://ryggrad.no/fhir/StructureDefinition/body-chart', extension: [...views] }],
    answerOption: ['knee', 'foot', 'none'].map((code) => ({
      valueCoding: { system: 'http://s', code, display: code },
      ...(code === 'none' && { extension: [{ url: EXCLUSIVE, valueBoolean: true }] }),
    })),
    ...more,
  };
  const item = compileForm(questionnaireOf([source]), compileOptions).byLinkId.get('pain');
  if (item === undefined) {
    throw new Error('no item');
  }
  return item;
}

describe('A question that is a picture', () => {
  it('has its views and regions, in the order of the content.', () => {
    const [front] = chartViewsOf(itemWith([view([region('knee'), region('foot')])]));

    expect(front?.box).toBe('0 0 20 20');
    expect(front?.regions.map(({ option, x, y }) => [option, x, y])).toEqual([
      ['knee', 5, 5],
      ['foot', 5, 5],
    ]);
  });

  it('is right when every option but the exclusive one has one region.', () => {
    expect(chartProblems(itemWith([view([region('knee'), region('foot')])]))).toEqual([]);
  });

  it.each<[string, FormItem, string]>([
    ['an option without a region', itemWith([view([region('knee')])]), 'the option foot has no region'],
    [
      'a region of no option',
      itemWith([view([region('knee'), region('foot'), region('hand')])]),
      'the region hand is no option',
    ],
    [
      'two regions of one option',
      itemWith([view([region('knee'), region('foot'), region('foot')])]),
      'the option foot has two regions',
    ],
    [
      'a path that is none',
      itemWith([view([region('knee', 'url(javascript:1)'), region('foot')])]),
      'the region knee needs a path, and x and y for its mark',
    ],
    [
      'a mark that is nowhere',
      itemWith([view([region('knee', 'M0 0L1 1Z', NaN), region('foot')])]),
      'the region knee needs a path, and x and y for its mark',
    ],
    [
      'a box of three numbers',
      itemWith([view([region('knee'), region('foot')], '0 0 20')]),
      'the view front needs a box of four numbers, and details that are a path',
    ],
    [
      'a question with one answer',
      itemWith([view([region('knee'), region('foot')])], { repeats: false }),
      'a body-chart needs a view, and a choice with several answers',
    ],
  ])('says what is wrong with %s.', (_, item, problem) => {
    expect(chartProblems(item)).toEqual([problem]);
  });
});

describe('The pain drawing of the content', () => {
  const item = formOf(content, 'nnrr-1a').byLinkId.get('pain-regions');
  const views = item === undefined ? [] : chartViewsOf(item);

  it('has the 32 regions of the list, 16 seen from the front and 16 from behind.', () => {
    expect(item && chartProblems(item)).toEqual([]);
    expect(views.map(({ code, regions }) => [code, regions.length])).toEqual([
      ['front', 16],
      ['back', 16],
    ]);
  });

  it('has the patient’s right to the left from the front, and to the right from behind.', () => {
    const middle = 110;
    const right = views.map(({ regions }) =>
      regions.filter(({ option }) => option.endsWith('-right')).map(({ x }) => Math.sign(x - middle)),
    );

    expect(right.map((sides) => [...new Set(sides)])).toEqual([[-1], [1]]);
  });
});
