/** How requests to an EHR wait for their turn. */
import { createPace } from '../../../src/adapters/ehr/pace.ts';
import { retryAfterOf } from '../../../src/adapters/ehr/connection.ts';
import { clockAt } from '../../support/clock.ts';

const START = '2026-11-20T10:00:00.000Z';

describe('The pace of requests', () => {
  it('lets the first go at once, and each of the others in its turn.', async () => {
    const clock = clockAt(START);
    const waited: number[] = [];
    const pace = createPace(4, clock, (ms) => Promise.resolve(void waited.push(ms)));

    await pace();
    await pace();
    await pace();

    expect(waited).toEqual([250, 500]);
  });

  it('does not make up for time in which nothing was asked.', async () => {
    let now = new Date(START);
    const waited: number[] = [];
    const pace = createPace(4, { now: () => now }, (ms) => Promise.resolve(void waited.push(ms)));
    await pace();
    now = new Date(now.getTime() + 60_000);

    await pace();
    await pace();

    expect(waited).toEqual([250]);
  });

  it.each([
    ['120', 120_000],
    ['Fri, 20 Nov 2026 10:05:00 GMT', 300_000],
    ['Fri, 20 Nov 2026 09:00:00 GMT', 0],
    ['soon', undefined],
  ])('reads Retry-After: %s.', (value, ms) => {
    expect(retryAfterOf(new Headers({ 'retry-after': value }), new Date(START))).toBe(ms);
  });
});
