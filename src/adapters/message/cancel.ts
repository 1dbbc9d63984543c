/** Messages that are not to be sent after all: what they ask for is not wanted any more. */
import type { Sql } from '../../storage/store.ts';

/** Gives up what is about these things and has not left, for good: its text is gone, so that nobody sends it again. */
export const cancelSql = (about: readonly string[], now: Date): Sql => ({
  text: `update message
      set failed = coalesce(failed, $2),
        problem = coalesce(problem, 'not wanted any more'),
        sealed = null
    where about = any($1)
      and sent is null`,
  values: [about, now],
});
