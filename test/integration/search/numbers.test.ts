/** Oracle: the table of https://hl7.org/fhir/R4/search.html#number, written out naively. */
import { PREFIXES } from '../../../src/fhir/date.ts';
import type { Prefix } from '../../../src/fhir/date.ts';
import type { Resource } from '../../../src/fhir/types.ts';
import { createSearchDatabase } from './search-database.ts';
import type { SearchDatabase } from './search-database.ts';

const STORED = [-5, 0, 4.94, 4.95, 5, 5.04, 5.05, 5.4, 50, 99.5, 100, 100.49, 100.5, 149];

const HALF: Readonly<Record<string, number>> = {
  '5': 0.5,
  '5.0': 0.05,
  '-5': 0.5,
  '100': 0.5,
  '1e2': 50,
  '0': 0.5,
};

const ORACLE: Readonly<Record<Prefix, (asked: number, half: number, value: number) => boolean>> = {
  eq: (asked, half, value) => value >= asked - half && value < asked + half,
  ne: (asked, half, value) => !(value >= asked - half && value < asked + half),
  gt: (asked, _, value) => value > asked,
  lt: (asked, _, value) => value < asked,
  ge: (asked, _, value) => value >= asked,
  le: (asked, _, value) => value <= asked,
  sa: (asked, _, value) => value > asked,
  eb: (asked, _, value) => value < asked,
  ap: (asked, _, value) => Math.abs(value - asked) <= Math.abs(asked) * 0.1,
};

describe('A quantity search', () => {
  let db: SearchDatabase;

  beforeAll(async () => {
    db = await createSearchDatabase();
    await db.create([
      ...STORED.map((value) => observation(`v${value}`, { valueQuantity: { value } })),
      observation('above', { valueQuantity: { value: 1000, comparator: '>' } }),
      observation('sampled', {
        valueSampledData: {
          origin: { value: 0, unit: 'mV' },
          period: 10,
          dimensions: 1,
          lowerLimit: 300,
          upperLimit: 400,
        },
      }),
    ]);
  });

  afterAll(async () => {
    await db[Symbol.asyncDispose]();
  });

  it.each(PREFIXES)(
    'with the prefix %s finds what the definition says, at every precision.',
    async (prefix) => {
      for (const [text, half] of Object.entries(HALF)) {
        const expected = STORED.filter((value) => ORACLE[prefix](Number(text), half, value)).map(
          (value) => `v${value}`,
        );

        const found = await db.ids('Observation', `value-quantity=${prefix}${text}&_count=1000`);

        expect({ text, found: found.filter((id) => id.startsWith('v')).sort() }).toEqual({
          text,
          found: expected.sort(),
        });
      }
    },
  );

  it('finds half-lines and sampled ranges where they overlap.', async () => {
    expect(await db.ids('Observation', 'value-quantity=gt5000')).toEqual(['above']);
    expect(await db.ids('Observation', 'value-quantity=sa250&value-quantity=eb500')).toEqual(['sampled']);
    expect(await db.ids('Observation', 'value-quantity=ap350||mV')).toEqual(['sampled']);
  });
});

const observation = (id: string, value: object) =>
  ({ resourceType: 'Observation', id, status: 'final', code: { text: 'x' }, ...value }) as Resource & {
    id: string;
  };
