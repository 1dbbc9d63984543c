import type { QuestionnaireItem } from '../../../../src/fhir/types.ts';
import { bindInstruments } from '../../../../src/registry/scoring/bind.ts';
import { choice, formOf, group, type Asked } from './forms.ts';
import { instruments } from './instruments.ts';

const SCALE = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
const pain = (linkId: string, more: Partial<QuestionnaireItem> = {}): QuestionnaireItem =>
  choice(linkId, 'nrs', SCALE, more);
const mjoa = (): QuestionnaireItem[] => [
  choice('a', 'mjoa-motor-upper', [1, 2, 3, 4, 5, 6]),
  choice('b', 'mjoa-motor-lower', [1, 2, 3, 4, 5, 6, 7, 8]),
  choice('c', 'mjoa-sensory-upper', [1, 2, 3, 4]),
  choice('d', 'mjoa-bladder', [1, 2, 3, 4]),
];

describe('The instruments of a form', () => {
  it('are found with their questions, once for each time they are asked.', () => {
    const rest = { system: 'http://example.org/pain', code: 'rest' };
    const asked = [
      { id: 'mjoa' },
      { id: 'nrs', within: 'pain-rest', about: rest },
      { id: 'nrs', within: 'moving' },
    ];
    const form = formOf(asked, [...mjoa(), pain('pain-rest'), group('moving', [pain('pain-moving')])]);

    const { bindings, problems } = bindInstruments(form, instruments);

    expect(problems).toEqual([]);
    expect(
      bindings.map(({ instrument: { id }, about, questions }) => [
        id,
        about?.code,
        [...questions.values()].map(({ linkId }) => linkId),
      ]),
    ).toEqual([
      ['mjoa', undefined, ['a', 'b', 'c', 'd']],
      ['nrs', 'rest', ['pain-rest']],
      ['nrs', undefined, ['pain-moving']],
    ]);
  });

  it('may lack items that no score uses.', () => {
    const scored = [2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 15];
    const items = scored.map((number) => choice(`f${number}`, `fabq-${number}`, [0, 1, 2, 3, 4, 5, 6]));

    expect(bindInstruments(formOf([{ id: 'fabq' }], items), instruments).problems).toEqual([]);
  });

  it('may be asked for some scores only, and then need only their items.', () => {
    const items = [23, 27, 29, 31].map((number) =>
      choice(`r${number}`, `rand-36-${number}`, [1, 2, 3, 4, 5, 6]),
    );
    const form = formOf([{ id: 'rand-36', score: 'rand-36-vitality' }], items);

    const { bindings, problems } = bindInstruments(form, instruments);

    expect([problems, bindings[0]?.scores.map(({ code }) => code)]).toEqual([[], ['rand-36-vitality']]);
  });

  it('may have the register’s own rule for missing answers, and keep what is counted for them.', () => {
    const items = Array.from({ length: 14 }, (_, index) =>
      choice(`h${index}`, `hads-${index + 1}`, [0, 1, 2, 3]),
    );
    const form = formOf([{ id: 'hads', missing: ['hads-anxiety', 6] }], items);

    const { bindings, problems } = bindInstruments(form, instruments);

    expect(problems).toEqual([]);
    expect(bindings[0]?.scores.map(({ missing }) => missing)).toMatchObject([
      { minAnswered: 6, fill: 'person-mean', basis: 'The register' },
      { minAnswered: 4, fill: 'person-mean' },
    ]);
  });

  it('are not asked twice in such a way that the scores cannot be told apart.', () => {
    const items = [pain('rest'), pain('moving')];
    const twice = formOf(
      [
        { id: 'nrs', within: 'rest' },
        { id: 'nrs', within: 'moving' },
        { id: 'nrs', within: 'moving', about: { system: 'http://example.org/pain', code: 'moving' } },
      ],
      items,
    );

    expect(bindInstruments(twice, instruments).problems).toEqual([
      'nrs in moving needs an about of its own: it is asked twice.',
      'nrs is asked twice in moving.',
    ]);
  });

  it.each<[string, readonly Asked[], QuestionnaireItem[], string]>([
    [
      'a rule by which a sum would be too small',
      [{ id: 'mjoa', missing: ['mjoa', 3] }],
      mjoa(),
      'mjoa: mjoa: sum without fill needs all 4 answers.',
    ],
    [
      'a rule for a score that is not there',
      [{ id: 'mjoa', missing: ['odi', 3] }],
      mjoa(),
      'mjoa has no score "odi".',
    ],
    ['an unknown instrument', [{ id: 'none' }], [], 'There is no instrument "none".'],
    ['an unknown place', [{ id: 'nrs', within: 'x' }], [], 'nrs: no item has the linkId "x".'],
    ['an unknown score', [{ id: 'nrs', score: 'odi' }], [], 'nrs has no score "odi".'],
    ['a missing item', [{ id: 'mjoa' }], mjoa().slice(1), 'mjoa: no question is mjoa-motor-upper.'],
    ['an item twice', [{ id: 'nrs' }], [pain('a'), pain('b')], 'nrs: 2 questions are nrs.'],
    [
      'a weight outside the scale',
      [{ id: 'nrs' }],
      [choice('a', 'nrs', [0, 11])],
      'nrs: a is nrs, and w11 has the weight 11, outside 0 to 10.',
    ],
    ['no weights', [{ id: 'nrs' }], [choice('a', 'nrs', [])], 'nrs: a is nrs, and no option has a weight.'],
    [
      'a question without a score',
      [{ id: 'nrs' }],
      [{ ...pain('a'), type: 'string', answerOption: undefined } as unknown as QuestionnaireItem],
      'nrs: a is nrs, and has no score: it is a string.',
    ],
    [
      'an item in rows',
      [{ id: 'nrs' }],
      [group('rows', [pain('a')], { repeats: true })],
      'nrs: a is nrs, and stands in a repeating group.',
    ],
    ['an item of no instrument', [], [pain('a')], 'a is nrs, of no instrument that the form names.'],
  ])('have a problem with %s.', (_what, asked, items, problem) => {
    const { bindings, problems } = bindInstruments(formOf(asked, items), instruments);

    expect(problems).toEqual([problem]);
    expect(bindings).toEqual([]);
  });
});
