import type { InstrumentScore, Threshold } from '../../../../src/content/instrument.ts';
import { bandOf, improvement, meets } from '../../../../src/registry/scoring/change.ts';
import { instrument } from './instruments.ts';

const scoreOf = (id: string, code: string): InstrumentScore =>
  instrument(id).scores.find((each) => each.code === code) as InstrumentScore;
const thresholdOf = (id: string, code: string, threshold: string): Threshold =>
  scoreOf(id, code).thresholds.find((each) => each.id === threshold) as Threshold;

describe('The band of a score', () => {
  it.each([
    ['odi', 'odi', 20, 'minimal'],
    ['odi', 'odi', 20.5, 'moderate'],
    ['odi', 'odi', 80, 'crippled'],
    ['odi', 'odi', 81, 'bed-bound'],
    ['ndi', 'ndi', 8, 'none'],
    ['ndi', 'ndi', 10, 'mild'],
    ['ndi', 'ndi-raw', 34, 'severe'],
    ['ndi', 'ndi-raw', 35, 'complete'],
    ['hads', 'hads-anxiety', 7, 'normal'],
    ['hads', 'hads-anxiety', 8, 'possible'],
    ['hads', 'hads-anxiety', 11, 'probable'],
    ['hscl-10', 'hscl-10', 1.85, 'above-cut'],
    ['hscl-10', 'hscl-10', 1.8499, 'below-cut'],
    ['fabq', 'fabq-work', 25, 'high'],
    ['mjoa', 'mjoa', 18, 'none'],
    ['mjoa', 'mjoa', 14, 'moderate'],
    ['ems', 'ems', 12, 'grade-2'],
    ['bmi', 'bmi', 24.9999, 'normal'],
    ['bmi', 'bmi', 25, 'overweight'],
  ])('of %s, %s, at %d is %s.', (id, code, value, band) => {
    expect(bandOf(scoreOf(id, code), value)?.code).toBe(band);
  });

  it('is none where the score has no bands.', () => {
    expect(bandOf(scoreOf('nrs', 'nrs'), 5)).toBeUndefined();
  });
});

describe('The improvement', () => {
  it('is positive when the person is better off, whichever way the score runs.', () => {
    expect(improvement(scoreOf('odi', 'odi'), 40, 30)).toEqual({ points: 10, percent: 25 });
    expect(improvement(scoreOf('mjoa', 'mjoa'), 10, 15)).toEqual({ points: 5, percent: 50 });
  });

  it.each([0, -0.1])('has no percentage of a first score of %d.', (before) => {
    expect(improvement(scoreOf('eq-5d-5l', 'eq-5d-5l-index'), before, 0.5)).not.toHaveProperty('percent');
  });

  it('is none where no end of the scale is better.', () => {
    expect(improvement(scoreOf('bmi', 'bmi'), 30, 25)).toBeUndefined();
  });
});

describe('A threshold', () => {
  it.each<[string, string, string, number | undefined, number, boolean | undefined]>([
    ['odi', 'odi', 'herniation-12m', 46, 26, true],
    ['odi', 'odi', 'herniation-12m', 46, 26.1, false],
    ['odi', 'odi', 'stenosis-12m', 40, 28, true],
    ['odi', 'odi', 'stenosis-12m', 0, 0, undefined],
    ['odi', 'odi', 'herniation-12m', undefined, 10, undefined],
    ['odi', 'odi', 'acceptable', undefined, 22, true],
    ['odi', 'odi', 'acceptable', undefined, 22.2, false],
    ['odi', 'odi', 'worse-12m', undefined, 48, false],
    ['odi', 'odi', 'worse-12m', undefined, 48.9, true],
    ['ndi', 'ndi', 'radiculopathy-12m', 40, 26, true],
    ['nrs', 'nrs', 'any-decrease', 5, 5, false],
    ['nrs', 'nrs', 'any-decrease', 5, 4, true],
    ['eq-5d-3l', 'eq-5d-3l-index', 'success-change', 0.4, 0.7, true],
    ['gpe', 'gpe', 'success', undefined, 2, true],
    ['gpe', 'gpe', 'better', undefined, 3, true],
    ['gpe', 'gpe', 'worse', undefined, 5, false],
  ])('of %s, %s, %s: from %p to %d is %p.', (id, code, threshold, before, after, met) => {
    expect(meets(scoreOf(id, code), thresholdOf(id, code, threshold), after, before)).toBe(met);
  });

  it('of worsening is met by a worse score.', () => {
    const worse: Threshold = {
      id: 'worse',
      worsening: { points: 10 },
      use: 'u',
      source: 's',
      evidence: 'reported',
    };

    expect([50, 49].map((after) => meets(scoreOf('odi', 'odi'), worse, after, 40))).toEqual([true, false]);
  });

  it('is compared without the noise of binary arithmetic.', () => {
    const noisy = 0.1 + 0.2;

    expect(
      meets(
        scoreOf('eq-5d-3l', 'eq-5d-3l-index'),
        thresholdOf('eq-5d-3l', 'eq-5d-3l-index', 'success-change'),
        0.4 + noisy,
        0.4,
      ),
    ).toBe(true);
  });
});
