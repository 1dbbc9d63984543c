/**
 * What a score means: its band, how much it has changed, and whether a threshold is met. Compared unrounded, with room for
 * the noise of binary arithmetic.
 */
import type { Amount, Band, InstrumentScore, Level, Threshold } from '../../content/instrument.ts';

const NOISE = 1e-9;
const atLeast = (value: number, limit: number): boolean => value >= limit - NOISE;
const above = (value: number, limit: number): boolean => value > limit + NOISE;

/** The first band that the value is not beyond; undefined when the score has no bands. */
export function bandOf({ bands }: InstrumentScore, value: number): Band | undefined {
  return bands.find(
    ({ below, upTo }) =>
      (below === undefined || !atLeast(value, below)) && (upTo === undefined || !above(value, upTo)),
  );
}

/** Points and percent of the first score; positive is better. */
export interface Improvement {
  readonly points: number;
  /** Undefined when the first score is 0 or below: a share of nothing says nothing. */
  readonly percent?: number;
}

/** How much better the second score is; undefined when the score has no better end. */
export function improvement(
  { direction }: Pick<InstrumentScore, 'direction'>,
  before: number,
  after: number,
): Improvement | undefined {
  if (direction === 'none') {
    return undefined;
  }
  const points = direction === 'higher-better' ? after - before : before - after;
  return { points, ...(before > NOISE && { percent: (100 * points) / before }) };
}

/**
 * Is the threshold met? Undefined when it cannot be said: a change without a score before, or a percentage of 0. Such a
 * person is in no denominator.
 */
export function meets(
  definition: Pick<InstrumentScore, 'direction'>,
  threshold: Threshold,
  after: number,
  before?: number,
): boolean | undefined {
  if (threshold.level !== undefined) {
    return isAtLevel(threshold.level, after);
  }
  const change = before === undefined ? undefined : improvement(definition, before, after);
  if (change === undefined) {
    return undefined;
  }
  return threshold.improvement === undefined
    ? isAmount(threshold.worsening, { points: -change.points, percent: -(change.percent ?? NaN) })
    : isAmount(threshold.improvement, change);
}

function isAmount({ points, percent, exclusive }: Amount, change: Improvement): boolean | undefined {
  const value = points === undefined ? change.percent : change.points;
  if (value === undefined || Number.isNaN(value)) {
    return undefined;
  }
  const limit = points ?? percent ?? NaN;
  return exclusive === true ? above(value, limit) : atLeast(value, limit);
}

function isAtLevel(level: Level, value: number): boolean {
  if ('atMost' in level) {
    return !above(value, level.atMost);
  }
  if ('atLeast' in level) {
    return atLeast(value, level.atLeast);
  }
  return 'above' in level ? above(value, level.above) : !atLeast(value, level.below);
}
