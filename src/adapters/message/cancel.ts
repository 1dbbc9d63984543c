/** Messages that are not to be sent after all: what they ask for is not wanted any more. */
import type { Sql } from '../../storage/store.ts';

/** What such a message has met. */
export const NOT_WANTED = 'not wanted any more';

/** Gives up what is about these things and has not left, for good: its text is gone, so that nobody sends it again. */
export const cancelSql = (about: readonly string[], now: Date): Sql => ({
  text: `update message
      set failed = coalesce(failed, $2),
        problem = coalesce(problem, $3),
        sealed = null
    where about = any($1)
      and sent is null`,
  values: [about, now, NOT_WANTED],
});
