/** https://hl7.org/fhir/R4/datatypes.html#dateTime, https://hl7.org/fhir/R4/search.html#date */
import fc from 'fast-check';
import { approximately, compareInstants, dateRange, parseDate, PREFIXES } from '../../../src/fhir/date.ts';
import type { Prefix } from '../../../src/fhir/date.ts';
import { matchesDate } from '../../support/date-prefixes.ts';

describe('A partial date', () => {
  it.each([
    ['2024', '2023-12-31T23:00:00.000Z', '2024-12-31T23:00:00.000Z'],
    ['2024-03', '2024-02-29T23:00:00.000Z', '2024-03-31T22:00:00.000Z'],
    ['2024-03-31', '2024-03-30T23:00:00.000Z', '2024-03-31T22:00:00.000Z'],
    ['2024-10-27', '2024-10-26T22:00:00.000Z', '2024-10-27T23:00:00.000Z'],
    ['2024-07-01T10:30', '2024-07-01T08:30:00.000Z', '2024-07-01T08:31:00.000Z'],
    ['2024-07-01T10:30:15', '2024-07-01T08:30:15.000Z', '2024-07-01T08:30:16.000Z'],
    ['2024-01-01T10:00:00.5+01:00', '2024-01-01T09:00:00.500Z', '2024-01-01T09:00:00.600Z'],
    ['2024-01-01T10:00:00.1234567Z', '2024-01-01T10:00:00.123456Z', '2024-01-01T10:00:00.123457Z'],
    ['2024-12-31T23:59:59.999Z', '2024-12-31T23:59:59.999Z', '2025-01-01T00:00:00.000Z'],
    ['2024-02-29', '2024-02-28T23:00:00.000Z', '2024-02-29T23:00:00.000Z'],
    ['1905', '1904-12-31T23:00:00.000Z', '1905-12-31T23:00:00.000Z'],
    ['9999-12-31T23:59:59Z', '9999-12-31T23:59:59.000Z', '10000-01-01T00:00:00.000Z'],
  ])('%s is the range from %s to before %s.', (text, lo, hi) => {
    expect(parseDate(text)).toEqual({ lo, hi });
  });

  it('shown twice by the clock is the first of the two.', () => {
    expect(parseDate('2024-10-27T02:30')?.lo).toBe('2024-10-27T00:30:00.000Z');
  });

  it('skipped by the clock is read as if winter time had gone on.', () => {
    expect(parseDate('2024-03-31T02:30')?.lo).toBe('2024-03-31T01:30:00.000Z');
  });

  it.each([
    '',
    '24',
    '2024-13',
    '2023-02-29',
    '2024-1-1',
    '2024-01-01T25:00',
    '2024-01-01T10:00+15:00',
    'today',
    '0000',
  ])('%j is none.', (text) => {
    expect(parseDate(text)).toBeUndefined();
  });

  it('of any precision contains the finer dates inside it.', () => {
    const day = fc.date({ min: new Date('1900-01-02'), max: new Date('2100-01-01'), noInvalidDate: true });

    fc.assert(
      fc.property(day, (date) => {
        const iso = date.toISOString().slice(0, 10);
        const [year, month, whole] = [iso.slice(0, 4), iso.slice(0, 7), iso].map((text) => parseDate(text)!);

        expect(matchesDate('eq', year!, month!)).toBe(true);
        expect(matchesDate('eq', month!, whole!)).toBe(true);
        expect(compareInstants(whole!.lo, whole!.hi)).toBe(-1);
      }),
    );
  });
});

describe('The range of', () => {
  it('a Period without an end is open.', () => {
    expect(dateRange({ start: '2024-03-01T08:00:00+01:00' })).toEqual({
      lo: '2024-03-01T07:00:00.000Z',
      hi: 'infinity',
    });
  });

  it('a Period without a start is open.', () => {
    expect(dateRange({ end: '2024-03-01' })).toEqual({ lo: '-infinity', hi: '2024-03-01T23:00:00.000Z' });
  });

  it('a Timing goes from its first event to the end of its bounds.', () => {
    expect(
      dateRange({
        event: ['2024-03-02', '2024-03-01'],
        repeat: { boundsPeriod: { end: '2024-04-01', start: '2024-03-05' } },
      }),
    ).toEqual({ lo: '2024-02-29T23:00:00.000Z', hi: '2024-04-01T22:00:00.000Z' });
  });

  it.each([{}, null, 7, { start: 'x' }, { repeat: {} }])('%j is undefined.', (value) => {
    expect(dateRange(value)).toBeUndefined();
  });
});

describe('A date prefix', () => {
  const day = parseDate('2024-03-14')!;

  it.each<[Prefix, string, boolean]>([
    ['eq', '2024-03-14T10:00:00Z', true],
    ['eq', '2024-03', false],
    ['ne', '2024-03', true],
    ['gt', '2024-03-14T10:00:00Z', false],
    ['gt', '2024-03', true],
    ['ge', '2024-03-14T10:00:00Z', true],
    ['lt', '2024-03', true],
    ['lt', '2024-03-14', false],
    ['le', '2024-03-14', true],
    ['sa', '2024-03-15', true],
    ['sa', '2024-03', false],
    ['eb', '2024-03-13', true],
    ['eb', '2024-03', false],
    ['ap', '2024', true],
  ])('%s2024-03-14 and a value of %s: %s.', (prefix, value, expected) => {
    expect(matchesDate(prefix, day, parseDate(value)!)).toBe(expected);
  });

  it('ge and le find a stay that overlaps the day asked for.', () => {
    const stay = dateRange({ start: '2024-03-13T20:00:00+01:00', end: '2024-03-14T12:00:00+01:00' })!;

    expect(['ge', 'le', 'lt', 'gt'].map((prefix) => matchesDate(prefix as Prefix, day, stay))).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });

  it('has a test for each of the nine.', () => {
    expect(PREFIXES.map((prefix) => matchesDate(prefix, day, day))).toEqual([
      true, // eq
      false, // ne
      false, // gt
      false, // lt
      true, // ge
      true, // le
      false, // sa
      false, // eb
      true, // ap
    ]);
  });

  it('ap widens by a tenth of the distance from now.', () => {
    const range = approximately(parseDate('2024-03-14T00:00:00Z')!, new Date('2024-03-24T00:00:00Z'));

    expect(range).toEqual({ lo: '2024-03-13T00:00:00.000Z', hi: '2024-03-15T00:00:01.000Z' });
  });

  it('holds at both ends of the calendar.', () => {
    const last = parseDate('9999-12-31T23:59:59Z')!;
    const first = parseDate('0001-01-01')!;
    const now = new Date('2024-03-24T00:00:00Z');

    expect(first.lo).toBe('0001-01-01T00:00:00.000Z');
    expect(matchesDate('gt', parseDate('9999-12-31T23:59:58Z')!, last)).toBe(true);
    expect(approximately(first, now).lo).toBe('0001-01-01T00:00:00.000Z');
    expect(approximately(last, now).hi).toMatch(/^10797-/);
  });
});
