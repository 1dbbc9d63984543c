/** RFC 9562, UUID version 7 */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { hash32, hash64, newUuid, systemClock } from '../../../src/fhir/id.ts';

describe('A new id', () => {
  it('is a UUID of version 7 and a FHIR id.', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true }), (now) => {
        expect(newUuid(now)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      }),
    );
  });

  it('sorts by time, and tells it.', () => {
    const times = [0, 1, 255, 1_700_000_000_000, 1_700_000_000_001, 2 ** 41];

    const ids = times.map((time) => newUuid(new Date(time)));

    expect(ids.toSorted()).toEqual(ids);
    expect(ids.map((id) => Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16))).toEqual(times);
  });

  it('is another one each time.', () => {
    const now = new Date('2026-11-20T08:00:00Z');

    expect(new Set(Array.from({ length: 1000 }, () => newUuid(now))).size).toBe(1000);
  });
});

describe('The hashes of the indexes', () => {
  it('are the first bytes of MD5 as signed numbers.', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const md5 = createHash('md5').update(text).digest();

        expect(hash64(text)).toBe(md5.readBigInt64BE(0).toString());
        expect(hash32(text)).toBe(md5.readInt32BE(0));
      }),
    );
  });
});

describe('The clock of the system', () => {
  it('tells the time of now.', () => {
    const before = Date.now();

    const now = systemClock.now().getTime();

    expect(now).toBeGreaterThanOrEqual(before);
    expect(now).toBeLessThanOrEqual(Date.now());
  });
});
