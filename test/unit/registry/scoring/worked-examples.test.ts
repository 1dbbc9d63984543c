/** Scores whose answers and results others have published, or that follow from the published rule by hand. */
import { readFileSync } from 'node:fs';
import { inOrder, numbered, state, valueOf } from './instruments.ts';

const U = undefined;

describe('A published worked example', () => {
  it.each<[string, readonly (number | undefined)[], number]>([
    ['16 of 50', [5, 5, 5, 1, 0, 0, 0, 0, 0, 0], 32],
    ['16 of 45, one section missed', [5, 5, 5, 1, 0, 0, 0, 0, 0, U], 35.55555555556],
    ['16 of 40, two missed', [5, 5, 5, 1, 0, 0, 0, 0, U, U], 40],
  ])('of the ODI gives the percentage: %s.', (_what, answers, percent) => {
    expect(valueOf('odi', 'odi', inOrder('odi', answers))).toBeCloseTo(percent, 9);
  });

  it('of the NDI gives the percentage, and raw points with the mean for the one that is missed.', () => {
    const answers = inOrder('ndi', [2, 2, 2, 2, 2, 2, 2, U, 2, 2]);

    expect([valueOf('ndi', 'ndi', answers), valueOf('ndi', 'ndi-raw', answers)]).toEqual([40, 20]);
  });

  it.each([
    ['eq-5d-3l', 'eq-5d-3l-index', { 11111: 1, 11221: 0.76, 33221: -0.037, 12321: 0.329, 33333: -0.594 }],
    [
      'eq-5d-5l',
      'eq-5d-5l-index',
      { 11111: 1, 15432: 0.46, 22222: 0.779, 33333: 0.539, 44444: -0.126, 55555: -0.453 },
    ],
    ['eq-5d-5l', 'eq-5d-5l-index-uk', { 11111: 1, 22222: 0.784, 33333: 0.604, 44444: -0.209, 55555: -0.567 }],
    [
      'eq-5d-5l',
      'eq-5d-5l-index-crosswalk-uk',
      { 11111: 1, 11221: 0.795, 44441: 0.226, 44525: 0.004, 55555: -0.594 },
    ],
  ])('of %s by %s is reproduced exactly.', (id, code, examples) => {
    const computed = Object.keys(examples).map((levels) => [levels, valueOf(id, code, state(id, levels))]);

    expect(Object.fromEntries(computed)).toEqual(examples);
  });

  it.each<[readonly number[], number, number]>([
    [[1, 3, 3, 2, 2, 2, 2, 1, 1, 1, 6, 5], 62.37966, 65.38813],
    [[5, 1, 1, 1, 1, 1, 1, 5, 6, 6, 1, 2], 17.67266, 10.81346],
    [[1, 1, 1, 2, 2, 2, 2, 1, 1, 1, 6, 5], 55.48371, 65.73092],
    [[5, 3, 3, 1, 1, 1, 1, 5, 6, 6, 1, 2], 24.56861, 10.47067],
    [[5, 1, 1, 1, 1, 1, 1, 5, 6, 6, 1, 1], 18.39445, 11.48746],
    [[5, 1, 3, 2, 1, 2, 2, 1, 6, 6, 1, 5], 39.46188, 25.8855],
    [[1, 3, 3, 2, 2, 1, 1, 5, 2, 4, 1, 3], 43.46585, 28.85581],
    [[3, 2, 1, 1, 2, 1, 2, 3, 3, 5, 2, 1], 37.3071, 31.57685],
    [[5, 1, 2, 1, 1, 2, 2, 4, 3, 5, 5, 4], 27.95627, 41.86409],
    [[1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], 42.22016, 39.07913],
    [[2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2], 49.99838, 44.54356],
    [[3, 3, 3, 2, 2, 2, 2, 3, 3, 3, 3, 3], 48.89, 43.53075],
    [[4, 3, 3, 2, 2, 2, 2, 4, 4, 4, 4, 4], 44.78949, 42.28766],
    [[5, 3, 3, 2, 2, 2, 2, 5, 5, 5, 5, 5], 39.82644, 39.57456],
    [[5, 3, 3, 2, 2, 2, 2, 5, 6, 6, 6, 5], 38.55395, 37.79646],
  ])('of RAND-12, computed with the SPSS syntax of Farivar 2007, is reproduced: %j.', (answers, pcs, mcs) => {
    const given = inOrder('rand-12', answers);

    expect([valueOf('rand-12', 'rand-12-pcs', given), valueOf('rand-12', 'rand-12-mcs', given)]).toEqual([
      pcs,
      mcs,
    ]);
  });

  it('of RAND-36 leaves the item out that is not answered: vitality 46.7.', () => {
    const vitality = valueOf('rand-36', 'rand-36-vitality', numbered('rand-36', { 23: 4, 27: 3, 29: 3 }));

    expect(vitality).toBeCloseTo(46.7, 1);
  });

  it.each([
    ['the best', [1, 1], 100],
    ['the worst', [6, 5], 0],
    ['mixed', [3, 2], 67.5],
  ])('of RAND-36 counts pain by the table: %s.', (_what, [first = 0, second = 0], pain) => {
    const answers = numbered('rand-36', { 21: first, 22: second });

    expect(valueOf('rand-36', 'rand-36-bodily-pain', answers)).toBe(pain);
  });
});

describe('A rule done by hand', () => {
  it('gives HADS by odd and even items.', () => {
    const answers = inOrder('hads', [3, 0, 3, 0, 3, 0, 3, 0, 3, 0, 3, 0, 3, 1]);

    expect([valueOf('hads', 'hads-anxiety', answers), valueOf('hads', 'hads-depression', answers)]).toEqual([
      21, 1,
    ]);
  });

  it('gives HSCL-10 as the mean.', () => {
    expect(valueOf('hscl-10', 'hscl-10', inOrder('hscl-10', [1, 1, 2, 2, 2, 2, 2, 2, 2, 2]))).toBe(1.8);
  });

  it('gives FABQ from the items that are scored, and not from the others.', () => {
    const scored = numbered('fabq', { 2: 6, 3: 6, 4: 6, 5: 6, 6: 1, 7: 1, 9: 1, 10: 1, 11: 1, 12: 1, 15: 1 });
    const all = { ...scored, ...numbered('fabq', { 1: 6, 8: 6, 13: 6, 14: 6, 16: 6 }) };

    for (const answers of [scored, all]) {
      expect([
        valueOf('fabq', 'fabq-physical-activity', answers),
        valueOf('fabq', 'fabq-work', answers),
      ]).toEqual([24, 7]);
    }
  });

  it.each([
    [[6, 8, 4, 4], 18],
    [[1, 1, 1, 1], 0],
    [[5, 6, 3, 4], 14],
  ])('gives mJOA as the sum of the codes less 4: %j.', (answers, total) => {
    expect(valueOf('mjoa', 'mjoa', inOrder('mjoa', answers))).toBe(total);
  });

  it('gives EMS as the sum.', () => {
    expect(valueOf('ems', 'ems', inOrder('ems', [5, 3, 4, 3, 3]))).toBe(18);
  });

  it('gives the domains of SRS-22r, and both totals.', () => {
    const answers = inOrder('srs-22r', [
      ...Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? 4 : 3)),
      5,
      5,
    ]);

    expect({
      function: valueOf('srs-22r', 'srs-22r-function', answers),
      satisfaction: valueOf('srs-22r', 'srs-22r-satisfaction', answers),
      subtotal: valueOf('srs-22r', 'srs-22r-subtotal', answers),
      total: valueOf('srs-22r', 'srs-22r-total', answers),
    }).toEqual({ function: 3.6, satisfaction: 5, subtotal: 3.5, total: 3.636363636364 });
  });

  it.each([
    [180, 81, 25],
    [165.5, 72.3, 26.39624],
  ])('gives the body mass index: %d cm, %d kg.', (height, weight, index) => {
    expect(valueOf('bmi', 'bmi', { 'bmi-height': height, 'bmi-weight': weight })).toBeCloseTo(index, 4);
  });

  it.each([
    ['morphine-po', 30, 30],
    ['oxycodone-po', 20, 30],
    ['fentanyl-patch', 12, 28.8],
    ['buprenorphine-patch', 10, 22.2],
    ['buprenorphine-sl', 8, 384],
    ['buprenorphine-buvidal-monthly', 64, 432],
    ['buprenorphine-buvidal-monthly', 96, 672],
    ['buprenorphine-buvidal-monthly', 128, 960],
    ['buprenorphine-buvidal-weekly', 16, 432],
  ])('gives the oral morphine equivalent: %s %d.', (form, dose, amount) => {
    expect(valueOf('omeq', 'omeq', { [`omeq-${form}`]: dose })).toBe(amount);
  });

  it('adds up oral morphine equivalents unrounded.', () => {
    const answers = { 'omeq-tramadol-po': 50, 'omeq-codeine-po': 30, 'omeq-fentanyl-patch': 12 };

    expect(valueOf('omeq', 'omeq', answers)).toBe(39.3);
  });
});

describe('The tables', () => {
  const file = (name: string): string =>
    readFileSync(new URL(`../../../../instruments/tables/${name}`, import.meta.url), 'utf8');
  const rowsOf = (name: string): readonly (readonly [string, number])[] =>
    file(name)
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => [line.slice(0, 5), Number(line.slice(6))]);

  const levels = (count: number): readonly string[] =>
    Array.from({ length: count ** 5 }, (_, index) =>
      [4, 3, 2, 1, 0].map((place) => (Math.floor(index / count ** place) % count) + 1).join(''),
    );

  it('have every state of EQ-5D-3L, and give its value by the model of Dolan 1997, to the last of 243.', () => {
    // thousandths, so that the sum is exact
    const decrements = [
      [0, 69, 314],
      [0, 104, 214],
      [0, 36, 94],
      [0, 123, 386],
      [0, 71, 236],
    ];
    const byModel = levels(3).map((word) => {
      const answers = [...word].map(Number);
      const loss = answers.reduce((sum, level, place) => sum + (decrements[place]?.[level - 1] ?? NaN), 0);
      const any = answers.some((level) => level > 1) ? 81 : 0;
      const worst = answers.includes(3) ? 269 : 0;
      return [word, (1000 - loss - any - worst) / 1000];
    });

    const scored = levels(3).map((word) => [
      word,
      valueOf('eq-5d-3l', 'eq-5d-3l-index', state('eq-5d-3l', word)),
    ]);

    expect(scored).toHaveLength(243);
    expect(scored).toEqual(byModel);
    expect(scored).toEqual(rowsOf('eq5d3l-tto-uk.csv'));
  });

  it('have every state of the crosswalk, and give the value of the table, to the last of 3125.', () => {
    const scored = levels(5).map((word) => [
      word,
      valueOf('eq-5d-5l', 'eq-5d-5l-index-crosswalk-uk', state('eq-5d-5l', word)),
    ]);

    expect(scored).toHaveLength(3125);
    expect(scored).toEqual(rowsOf('eq5d5l-crosswalk-uk.csv'));
  });

  it('agree with each other: levels 1, 3 and 5 of the crosswalk are levels 1, 2 and 3 of EQ-5D-3L.', () => {
    const fives = levels(3).map((word) => {
      const five = word.replace(/./g, (level) => String(2 * Number(level) - 1));
      return valueOf('eq-5d-5l', 'eq-5d-5l-index-crosswalk-uk', state('eq-5d-5l', five));
    });

    expect(fives).toEqual(rowsOf('eq5d3l-tto-uk.csv').map(([, value]) => value));
  });

  it.each([
    [
      'Norway, Garratt 2025',
      'eq-5d-5l-index',
      [
        [0, 31160, 64985, 158875, 205000],
        [0, 31312, 65302, 159650, 206000],
        [0, 27208, 56743, 138725, 179000],
        [0, 59432, 123947, 303025, 391000],
        [0, 71744, 149624, 365800, 472000],
      ],
    ],
    [
      'United Kingdom, Rowen 2026',
      'eq-5d-5l-index-uk',
      [
        [0, 32000, 58000, 179000, 279000],
        [0, 38000, 60000, 162000, 206000],
        [0, 49000, 86000, 184000, 212000],
        [0, 56000, 66000, 371000, 479000],
        [0, 41000, 126000, 313000, 391000],
      ],
    ],
  ])(
    'give every one of 3125 states the value of the model, in whole numbers: %s.',
    (_name, code, decrements) => {
      const byModel = levels(5).map((word) => {
        const loss = [...word].reduce(
          (sum, level, place) => sum + (decrements[place]?.[Number(level) - 1] ?? NaN),
          0,
        );
        const millionths = 1_000_000 - loss;
        const thousandths = Math.floor((Math.abs(millionths) + 500) / 1000);
        return [word, thousandths === 0 ? 0 : (Math.sign(millionths) * thousandths) / 1000];
      });

      const scored = levels(5).map((word) => [word, valueOf('eq-5d-5l', code, state('eq-5d-5l', word))]);

      expect(scored).toEqual(byModel);
    },
  );
});
