/** Days as roles count them */
import { daysAfter, daysLeft, lastDay, yearAfter } from '../../../src/smart/people/dates.ts';

describe('The last day of a role', () => {
  it.each([
    ['2026-11-21', '2026-11-21'],
    ['2026-11', '2026-11-30'],
    ['2028-02', '2028-02-29'],
    ['2026', '2026-12-31'],
    ['2026-11-21T23:59:59+01:00', '2026-11-21'],
  ])('of %s is %s.', (until, day) => {
    expect(lastDay(until)).toBe(day);
  });

  it.each([
    ['2026-11-21', 0],
    ['2026-11-22', 1],
    ['2026-12-21', 30],
    ['2026-12-22', undefined],
    ['2026-11-20', undefined],
    [undefined, undefined],
  ])('%s is told of on the 21st of November 2026 as %s days away.', (until, days) => {
    expect(daysLeft(until, '2026-11-21')).toBe(days);
  });

  it('is a year later after a renewal, and the 28th of February for a leap day.', () => {
    expect([yearAfter('2026-11-21'), yearAfter('2028-02-29')]).toEqual(['2027-11-21', '2029-02-28']);
    expect(daysAfter('2026-12-31', 1)).toBe('2027-01-01');
  });
});
