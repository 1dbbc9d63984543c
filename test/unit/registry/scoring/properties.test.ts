/** What holds for every instrument, whatever the answers. */
import fc from 'fast-check';
import type { Instrument, InstrumentScore } from '../../../../src/content/instrument.ts';
import type { Answers } from '../../../../src/registry/scoring/result.ts';
import { score } from '../../../../src/registry/scoring/score.ts';
import { instruments } from './instruments.ts';

const RUNS = { numRuns: 60 };
const all = instruments.all().map((instrument) => [instrument.id, instrument] as const);

/** A dose of depot buprenorphine is one of few; any other is refused. */
const STRENGTHS: Readonly<Record<string, readonly number[]>> = {
  'omeq-buprenorphine-buvidal-monthly': [64, 96, 128],
  'omeq-buprenorphine-buvidal-weekly': [8, 16, 24, 32],
};

type Item = Instrument['items'][number];

function answerOf({ code, min, max, fractional }: Item): fc.Arbitrary<number> {
  const strengths = STRENGTHS[code];
  if (strengths !== undefined) {
    return fc.constantFrom(...strengths);
  }
  return fractional === true
    ? fc.integer({ min: min * 10, max: max * 10 }).map((tenths) => tenths / 10)
    : fc.integer({ min, max });
}

const full = ({ items }: Instrument): fc.Arbitrary<Record<string, number>> =>
  fc.record(Object.fromEntries(items.map((item) => [item.code, answerOf(item)])));

const partial = ({ items }: Instrument): fc.Arbitrary<Record<string, number | undefined>> =>
  fc.record(
    Object.fromEntries(items.map((item) => [item.code, fc.option(answerOf(item), { nil: undefined })])),
  );

const allScores = ({ scores }: Instrument): readonly string[] => scores.map(({ code }) => code);
const run = (instrument: Instrument, answers: Answers) => score(instrument, answers, allScores(instrument));

describe.each(all)('The scores of %s', (_id, instrument) => {
  it('are inside the range, or absent with a reason, and never both.', () => {
    fc.assert(
      fc.property(partial(instrument), (answers) => {
        for (const { value, absent, score: definition } of run(instrument, answers)) {
          expect([value === undefined, absent === undefined]).toEqual([
            absent !== undefined,
            value !== undefined,
          ]);
          if (value !== undefined) {
            expect(value).toBeGreaterThanOrEqual(definition.range.min);
            expect(value).toBeLessThanOrEqual(definition.range.max ?? Infinity);
          }
        }
      }),
      RUNS,
    );
  });

  it('do not depend on the order in which the answers come.', () => {
    fc.assert(
      fc.property(full(instrument), fc.nat(), (answers, turn) => {
        const entries = Object.entries(answers);
        const at = turn % entries.length;
        const turned = Object.fromEntries([...entries.slice(at), ...entries.slice(0, at)].toReversed());

        expect(run(instrument, turned)).toEqual(run(instrument, answers));
      }),
      RUNS,
    );
  });

  it('have each item answered or missing, once.', () => {
    fc.assert(
      fc.property(partial(instrument), (answers) => {
        for (const { answered, missing, score: definition } of run(instrument, answers)) {
          expect([...answered, ...missing].toSorted()).toEqual(definition.items.toSorted());
        }
      }),
      RUNS,
    );
  });

  it('do not change by answers to items that they do not use.', () => {
    fc.assert(
      fc.property(full(instrument), (answers) => {
        for (const definition of instrument.scores) {
          const own = Object.fromEntries(definition.items.map((code) => [code, answers[code]]));

          expect(score(instrument, own, [definition.code])).toEqual(
            score(instrument, answers, [definition.code]),
          );
        }
      }),
      RUNS,
    );
  });
});

/** RAND-12 is not: the oblique model counts some worse answers as better. BMI has no better end. */
const monotone = all.filter(([id]) => id !== 'rand-12' && id !== 'bmi');

describe.each(monotone)('A worse answer to %s', (_id, instrument) => {
  it('never gives a better score, in any item.', () => {
    fc.assert(
      fc.property(full(instrument), fc.nat(), (answers, pick) => {
        const item = instrument.items[pick % instrument.items.length] as Item;
        const higher = next(item, answers[item.code] as number);
        fc.pre(higher !== undefined);

        const before = run(instrument, answers);
        const after = run(instrument, { ...answers, [item.code]: higher });

        for (const [index, { value, score: definition }] of before.entries()) {
          const changed = (after[index]?.value ?? 0) - (value ?? 0);
          expect(changed * sense(definition, item)).toBeGreaterThanOrEqual(-1e-9);
        }
      }),
      { numRuns: 150 },
    );
  });
});

function next({ code, max }: Item, answer: number): number | undefined {
  const strengths = STRENGTHS[code];
  if (strengths !== undefined) {
    return strengths[strengths.indexOf(answer) + 1];
  }
  return answer + 1 <= max ? answer + 1 : undefined;
}

/** Does the score rise with the answer? Recoded items may fall; levels of EQ-5D are problems, and the index falls. */
function sense({ algorithm }: InstrumentScore, { recode }: Item): number {
  const falls =
    algorithm.id === 'value-set' || (recode !== undefined && (recode[0] ?? 0) > (recode.at(-1) ?? 0));
  return falls ? -1 : 1;
}
