/**
 * Chance that is the same every time: numbers drawn from a seed and what they are for, so that one more draw at one place
 * changes nothing at another.
 */
import { createHash } from 'node:crypto';

export interface Dice {
  /** At least 0 and less than 1. */
  next(): number;
  /** A whole number from `least` to `most`, both included. */
  int(least: number, most: number): number;
  /** Does something happen that happens with this probability? */
  chance(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** The list in another order. */
  shuffled<T>(list: readonly T[]): readonly T[];
}

/** Dice for a purpose: the same seed and purpose throw the same numbers. */
export function dice(seed: number, ...purpose: readonly (string | number)[]): Dice {
  const digest = createHash('sha256')
    .update(`fjordheim ${seed} ${purpose.join(' ')}`)
    .digest();
  let state = digest.readUInt32BE(0);
  const next = (): number => {
    // mulberry32
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const int = (least: number, most: number): number => least + Math.floor(next() * (most - least + 1));
  return {
    next,
    int,
    chance: (probability) => next() < probability,
    pick<T>(list: readonly T[]): T {
      return list[int(0, list.length - 1)] as T;
    },
    shuffled<T>(list: readonly T[]): readonly T[] {
      return list
        .map((item) => ({ item, place: next() }))
        .sort((a, b) => a.place - b.place)
        .map(({ item }) => item);
    },
  };
}
