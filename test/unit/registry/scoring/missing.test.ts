/** What is not answered is missing, by each instrument's own rule, and never 0. */
import { score, withMissingRules } from '../../../../src/registry/scoring/score.ts';
import type { Answers } from '../../../../src/registry/scoring/result.ts';
import type { InstrumentScore } from '../../../../src/content/instrument.ts';
import { inOrder, instrument, instruments, numbered, resultOf, state, valueOf } from './instruments.ts';

const everyScore = instruments
  .all()
  .flatMap(({ id, scores }) => scores.map((each) => [each.code, id, each] as const));

/** The smallest answer to the first items of a score. */
function answered(id: string, { items }: InstrumentScore, count: number): Answers {
  const smallest = new Map(instrument(id).items.map(({ code, min }) => [code, min]));
  return Object.fromEntries(items.slice(0, count).map((code) => [code, smallest.get(code)]));
}

describe('A score with missing answers', () => {
  it.each(everyScore)('%s is absent when nothing is answered.', (code, id) => {
    const { value, absent, missing } = resultOf(id, code, {});

    expect([value, absent, missing.length]).toEqual([
      undefined,
      'no-answers',
      instrument(id).scores.find((each) => each.code === code)?.items.length,
    ]);
  });

  it.each(everyScore)('%s is there with just enough answers.', (code, id, definition) => {
    const { value, answered: codes } = resultOf(
      id,
      code,
      answered(id, definition, definition.missing.minAnswered),
    );

    expect([typeof value, codes.length]).toEqual(['number', definition.missing.minAnswered]);
  });

  it.each(everyScore.filter(([, , { missing }]) => missing.minAnswered > 1))(
    '%s is absent with one answer less, and says which are missing.',
    (code, id, definition) => {
      const enough = definition.missing.minAnswered;

      const { value, absent, missing } = resultOf(id, code, answered(id, definition, enough - 1));

      expect([value, absent]).toEqual([undefined, 'too-few-answers']);
      expect(missing).toEqual(definition.items.slice(enough - 1));
    },
  );

  it.each([
    ['odi', 'odi', 8, 10],
    ['ndi', 'ndi', 8, 10],
    ['ndi', 'ndi-raw', 8, 10],
    ['eq-5d-3l', 'eq-5d-3l-index', 5, 5],
    ['eq-5d-5l', 'eq-5d-5l-index', 5, 5],
    ['hads', 'hads-anxiety', 4, 7],
    ['hads', 'hads-depression', 4, 7],
    ['hscl-10', 'hscl-10', 7, 10],
    ['fabq', 'fabq-physical-activity', 4, 4],
    ['fabq', 'fabq-work', 7, 7],
    ['rand-12', 'rand-12-pcs', 12, 12],
    ['rand-36', 'rand-36-physical-functioning', 5, 10],
    ['rand-36', 'rand-36-role-emotional', 2, 3],
    ['rand-36', 'rand-36-bodily-pain', 1, 2],
    ['mjoa', 'mjoa', 4, 4],
    ['ems', 'ems', 5, 5],
    ['srs-22r', 'srs-22r-function', 3, 5],
    ['srs-22r', 'srs-22r-satisfaction', 1, 2],
    ['srs-22r', 'srs-22r-total', 12, 22],
    ['bmi', 'bmi', 2, 2],
  ])('of %s, %s, needs %d of %d answers.', (id, code, enough, all) => {
    const definition = instrument(id).scores.find((each) => each.code === code);

    expect([definition?.missing.minAnswered, definition?.items.length]).toEqual([enough, all]);
  });

  it('counts a missing HADS answer as the mean of the person’s own, unrounded.', () => {
    const answers = numbered('hads', { 1: 3, 3: 2, 5: 2, 7: 1 });

    expect(valueOf('hads', 'hads-anxiety', answers)).toBe(14);
    expect(valueOf('hads', 'hads-anxiety', { ...answers, 'hads-9': 0 })).toBe(11.2);
  });

  it('is computed by another rule when the register has another, and only the named score.', () => {
    const strict = withMissingRules(instrument('hads'), {
      'hads-anxiety': { minAnswered: 6, fill: 'person-mean', basis: 'The manual: one may be missing.' },
    });
    const five = inOrder('hads', [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]);

    const results = score(strict, five).map(({ score: { code }, absent }) => [code, absent]);

    expect(results).toEqual([
      ['hads-anxiety', 'too-few-answers'],
      ['hads-depression', undefined],
    ]);
  });

  it('is absent when an answer is outside the scale, whatever else is answered.', () => {
    const answers = { ...inOrder('odi', [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]), 'odi-3': 9 };

    const { value, absent, missing } = resultOf('odi', 'odi', answers);

    expect([value, absent, missing]).toEqual([undefined, 'outside-range', ['odi-3']]);
  });

  it.each([
    ['half a point', 2.5],
    ['no number', NaN],
    ['below the scale', -1],
    ['an infinite number', Infinity],
  ])('is absent for an answer that cannot be: %s.', (_what, answer) => {
    expect(valueOf('nrs', 'nrs', { nrs: answer })).toBe('outside-range');
  });

  it('knows no dose where the register gave none, but no factor makes the sum incomplete and not 0.', () => {
    const { value, absent, missing, ...rest } = resultOf('omeq', 'omeq', {
      'omeq-morphine-po': 30,
      'omeq-methadone-po': 40,
    });

    expect([value, absent]).toEqual([undefined, 'not-in-table']);
    expect(missing).toContain('omeq-methadone-po');
    expect(rest).toMatchObject({ known: 30, answered: ['omeq-morphine-po'] });
  });

  it.each([
    ['160 mg monthly', { 'omeq-buprenorphine-buvidal-monthly': 160 }],
    ['ketobemidone into a vein', { 'omeq-ketobemidone-parenteral': 5 }],
  ])('refuses what the table does not have: %s.', (_what, answers) => {
    expect(valueOf('omeq', 'omeq', answers)).toBe('not-in-table');
  });

  it('is 0 when every dose is 0.', () => {
    expect(valueOf('omeq', 'omeq', { 'omeq-methadone-po': 0, 'omeq-morphine-po': 0 })).toBe(0);
  });
});

describe('Scoring', () => {
  it('refuses answers to another instrument’s items: a profile of five levels has no value of three.', () => {
    expect(() => score(instrument('eq-5d-3l'), state('eq-5d-5l', '11221'))).toThrow(
      'eq-5d-3l has no item "eq-5d-5l-mo".',
    );
  });

  it('refuses to compute a score that the instrument does not have.', () => {
    expect(() => score(instrument('odi'), {}, ['ndi'])).toThrow('odi has no score "ndi".');
  });

  it('leaves optional scores out unless they are named.', () => {
    const answers = state('eq-5d-5l', '22222');
    const codes = (names?: readonly string[]): readonly string[] =>
      score(instrument('eq-5d-5l'), answers, names).map(({ score: { code } }) => code);

    expect(codes()).toEqual(['eq-5d-5l-index', 'eq-5d-5l-index-crosswalk-uk']);
    expect(codes(['eq-5d-5l-index-uk'])).toEqual(['eq-5d-5l-index-uk']);
  });

  it('says by which algorithm, value set and state.', () => {
    expect(resultOf('eq-5d-5l', 'eq-5d-5l-index', state('eq-5d-5l', '15432'))).toMatchObject({
      method: { algorithm: 'value-set', version: '1', table: { id: 'eq5d5l-vt-norway', version: '2025' } },
      state: '15432',
    });
  });
});
