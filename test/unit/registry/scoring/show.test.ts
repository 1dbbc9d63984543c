import type { QuestionnaireResponseItem } from '../../../../src/fhir/types.ts';
import { bindInstruments } from '../../../../src/registry/scoring/bind.ts';
import { shownScores } from '../../../../src/registry/scoring/show.ts';
import { choice, chosen, context, formOf, group, measured, responseTo } from './forms.ts';
import { instruments } from './instruments.ts';

const POINTS = [0, 1, 2, 3, 4, 5];
const NUMBERS = Array.from({ length: 10 }, (_, index) => index + 1);
const form = formOf(
  [
    { id: 'odi' },
    { id: 'bmi', within: 'body' },
    {
      id: 'nrs',
      within: 'rest',
      about: { system: 'http://example.org/pain', code: 'rest', display: 'i hvile' },
    },
  ],
  [
    ...NUMBERS.map((number) => choice(`o${number}`, `odi-${number}`, POINTS)),
    group('body', [measured('height', 'bmi-height', 'integer'), measured('weight', 'bmi-weight', 'decimal')]),
    measured('rest', 'nrs', 'integer'),
  ],
);
const { bindings } = bindInstruments(form, instruments);
const odi = (points: readonly number[]): readonly QuestionnaireResponseItem[] =>
  points.map((each, index) => chosen(`o${index + 1}`, `w${each}`));
const shown = (items: readonly QuestionnaireResponseItem[], language: 'nb' | 'en' = 'nb') =>
  shownScores({ form, bindings }, responseTo([...items]), context, language);

describe('Scores as people read them', () => {
  it('have the decimals of the instrument, the comma of the language, the scale, its better end, and the band.', () => {
    const points = [2, 2, 2, 1, 2, 2, 2, 2, 1];

    const [inNorwegian] = shown(odi(points));
    const [inEnglish] = shown(odi(points), 'en');

    expect(inNorwegian).toMatchObject({
      instrument: 'odi',
      code: 'odi',
      value: '35,6',
      range: '0–100',
      better: 'lower',
      answered: 9,
      items: 10,
    });
    expect(inEnglish?.value).toBe('35.6');
    expect(inNorwegian?.band).not.toBe(inEnglish?.band);
    expect(inEnglish?.band).toMatch(/moderate/i);
  });

  it('say why there is none, and are never 0 then.', () => {
    const [tooFew, none] = shown(odi([1, 2, 3]));

    expect(tooFew).toMatchObject({ absent: 'too-few-answers', answered: 3, items: 10 });
    expect(tooFew).not.toHaveProperty('value');
    expect(tooFew).not.toHaveProperty('band');
    expect(none?.absent).toBe('no-answers');
  });

  it('say what they are of where the form says it; 0 is a value.', () => {
    const [, bmi, nrs] = shown([
      {
        linkId: 'body',
        item: [
          { linkId: 'height', answer: [{ valueInteger: 180 }] },
          { linkId: 'weight', answer: [{ valueDecimal: 81 }] },
        ],
      },
      { linkId: 'rest', answer: [{ valueInteger: 0 }] },
    ]);

    expect(bmi).toMatchObject({ code: 'bmi', value: '25', better: 'none' });
    expect(nrs).toMatchObject({ value: '0', range: '0–10' });
    expect(nrs?.title).toMatch(/: i hvile$/);
  });

  it('are none for a form that asks no instrument.', () => {
    expect(shownScores({ form, bindings: [] }, responseTo([...odi([1])]), context, 'nb')).toEqual([]);
  });
});
