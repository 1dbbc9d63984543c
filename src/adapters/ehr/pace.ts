/** Not more requests a second than was agreed on: each waits until its turn. */
import type { Clock } from '../../fhir/id.ts';

export type Wait = (ms: number) => Promise<void>;

/** Asked before each request; resolves when it may be sent. */
export function createPace(requestsPerSecond: number, clock: Clock, wait: Wait): () => Promise<void> {
  const gap = 1000 / requestsPerSecond;
  let next = 0;
  return async () => {
    const now = clock.now().getTime();
    const turn = Math.max(now, next);
    next = turn + gap;
    if (turn > now) {
      await wait(turn - now);
    }
  };
}
