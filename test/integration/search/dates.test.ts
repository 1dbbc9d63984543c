/** Oracle: `matchesDate` and the definitions of https://hl7.org/fhir/R4/search.html#prefix, on every precision. */
import { dateRange, parseDate, PREFIXES } from '../../../src/fhir/date.ts';
import { matchesDate } from '../../support/date-prefixes.ts';
import type { Period, Resource } from '../../../src/fhir/types.ts';
import { createSearchDatabase } from './search-database.ts';
import type { SearchDatabase } from './search-database.ts';

/** Values around a month's end, a year's end and a change of the clock, in every precision. */
const POINTS = [
  '2023',
  '2024',
  '2023-12',
  '2024-03',
  '2023-12-31',
  '2024-01-01',
  '2024-03-31',
  '2024-03-31T01:59:59+01:00',
  '2024-03-31T03:00:00+02:00',
  '2024-03-31T03:00:00.500+02:00',
  '2023-12-31T23:30:00Z',
  '2024-01-01T00:00:00+01:00',
] as const;

const PERIODS: readonly Period[] = [
  { start: '2023-12-31', end: '2024-01-01' },
  { start: '2024-03-30T12:00:00+01:00' },
  { end: '2024-01' },
  { start: '2023', end: '2024' },
];

const STORED: readonly (string | Period)[] = [...POINTS, ...PERIODS];
const ASKED = [...POINTS, '2024-03-31T03:00', '2024-03-31T03:00:00'];

const idOf = (index: number): string => `v${String(index).padStart(2, '0')}`;

describe('A date search', () => {
  let db: SearchDatabase;

  beforeAll(async () => {
    db = await createSearchDatabase();
    await db.create(
      STORED.map((value, index) => ({
        resourceType: 'Observation',
        id: idOf(index),
        status: 'final',
        code: { text: 'x' },
        // the main date is a column, the value a row of the date table: both must agree
        ...(typeof value === 'string'
          ? { effectiveDateTime: value, valueDateTime: value }
          : { effectivePeriod: value, valuePeriod: value }),
      })) as (Resource & { id: string })[],
    );
  });

  afterAll(async () => {
    await db[Symbol.asyncDispose]();
  });

  it.each(PREFIXES.filter((prefix) => prefix !== 'ap'))(
    'with the prefix %s finds what the definition says, for every precision asked and stored.',
    async (prefix) => {
      for (const asked of ASKED) {
        const expected = STORED.flatMap((value, index) =>
          matchesDate(prefix, parseDate(asked)!, dateRange(value)!) ? [idOf(index)] : [],
        );

        const query = encodeURIComponent(`${prefix}${asked}`);
        const column = await db.ids('Observation', `date=${query}`);
        const table = await db.ids('Observation', `value-date=${query}`);

        expect({ asked, found: [...column].sort() }).toEqual({ asked, found: expected });
        expect({ asked, found: [...table].sort() }).toEqual({ asked, found: expected });
      }
    },
  );

  it.each([
    ['ge2024-05-03', ['open', 'schedule']],
    ['sa2024-05-01', ['open']],
    ['lt2024-05-01', ['schedule']],
    ['eb2024-05-10', ['schedule']],
    ['2024-04', []],
    ['2024', ['schedule']],
    ['gt2030', ['open']],
  ])('by %s finds schedules by their outer limits and periods without an end.', async (asked, expected) => {
    await using own = await createSearchDatabase();
    await own.create([
      {
        resourceType: 'ServiceRequest',
        id: 'schedule',
        status: 'active',
        intent: 'order',
        subject: { reference: 'Patient/p' },
        occurrenceTiming: { event: ['2024-04-28', '2024-05-03T10:00:00+02:00'] },
      },
      {
        resourceType: 'ServiceRequest',
        id: 'open',
        status: 'active',
        intent: 'order',
        subject: { reference: 'Patient/p' },
        occurrencePeriod: { start: '2024-05-02' },
      },
    ]);

    expect([...(await own.ids('ServiceRequest', `occurrence=${asked}`))].sort()).toEqual(expected);
  });

  it('with the prefix ap reaches a tenth of the distance from now to either side.', async () => {
    expect(await db.ids('Observation', 'date=ap2024-05-01')).toEqual(
      expect.arrayContaining([idOf(STORED.indexOf('2024'))]),
    );
    expect(await db.ids('Observation', 'date=ap2024-05-01')).not.toContain(idOf(STORED.indexOf('2023-12')));
  });

  it('without a prefix means eq, and several dates bound a range.', async () => {
    expect(await db.ids('Observation', 'date=2024-03')).toEqual(
      await db.ids('Observation', 'date=eq2024-03'),
    );
    expect([...(await db.ids('Observation', 'date=sa2023&date=eb2024-03'))].sort()).toEqual(
      ['2024-01-01', '2023-12-31T23:30:00Z', '2024-01-01T00:00:00+01:00']
        .map((value) => idOf(STORED.indexOf(value as (typeof POINTS)[number])))
        .sort(),
    );
  });

  it('orders open periods and pages through them.', async () => {
    const whole = await db.ids('Observation', '_sort=date');
    const paged: string[] = [];
    let cursor: string | undefined = '';

    while (cursor !== undefined) {
      const page = await db.search(
        'Observation',
        `_sort=date&_count=3${cursor === '' ? '' : `&_cursor=${cursor}`}`,
      );
      paged.push(...page.rows.map(({ id }) => id));
      cursor = page.nextCursor;
    }

    expect(paged).toEqual(whole);
    expect(whole[0]).toBe(
      idOf(STORED.findIndex((value) => typeof value === 'object' && value.start === undefined)),
    );
  });
});
