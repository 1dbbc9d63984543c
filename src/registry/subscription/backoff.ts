/**
 * When a failed notification is tried again: twice as long each time, up to an hour, with jitter so that receivers that
 * failed together are not asked together.
 */
const FIRST_MS = 2000;
const LONGEST_MS = 60 * 60 * 1000;

/** Given up after so many attempts in a row, or so long a time, whichever comes first. */
export const MAX_FAILURES = 100;
export const MAX_FAILING_MS = 3 * 24 * 60 * 60 * 1000;

/** Milliseconds to wait after the n-th failure in a row (from 1). `random` is in [0, 1). */
export function backoff(failures: number, random: number): number {
  const longest = Math.min(FIRST_MS * 2 ** (failures - 1), LONGEST_MS);
  return Math.round(longest * (0.5 + random / 2));
}
