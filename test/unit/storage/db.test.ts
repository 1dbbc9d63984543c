/** Values on their way out of the database. */
import { isoInstant } from '../../../src/storage/db.ts';

describe('An instant from the database', () => {
  it.each([
    ['2026-01-31 12:00:00+00', '2026-01-31T12:00:00.000Z'],
    ['2026-01-31 12:00:00.5+00', '2026-01-31T12:00:00.500Z'],
    ['2026-01-31 12:00:00.123+00', '2026-01-31T12:00:00.123Z'],
    ['2026-01-31 13:00:00.123+01', '2026-01-31T12:00:00.123Z'],
    ['2026-01-31 17:30:00+05:30', '2026-01-31T12:00:00.000Z'],
    ['infinity', 'infinity'],
    ['-infinity', '-infinity'],
    ['0044-03-15 12:00:00+00 BC', '0044-03-15 12:00:00+00 BC'],
  ])('%s is %s.', (text, instant) => {
    expect(isoInstant(text)).toBe(instant);
  });
});
