/** https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-CONSTANTS */
import fc from 'fast-check';
import { inlined } from '../../../src/storage/copy.ts';
import { createTestDatabase } from '../../support/database.ts';

describe('A statement with its parameters as literals', () => {
  it('has the right value at each place, also where a place comes twice or has two digits.', () => {
    const values = [1, 'b', null, true, ['x', 'y'], 6, 7, 8, 9, new Date(0)];

    expect(inlined({ text: 'f($1, $10, $2, $1, $3, $4, $5)', values })).toBe(
      `f(1, '1970-01-01T00:00:00.000Z', 'b', 1, null, true, '{"x","y"}')`,
    );
  });

  it('means to the database what the parameters would have meant, whatever they are.', async () => {
    await using database = await createTestDatabase();
    const word = fc.string({
      unit: fc.constantFrom('a', "'", '"', '\\', '$1', '{', '}', ',', '\n', 'å', ' '),
    });
    await fc.assert(
      fc.asyncProperty(word, fc.array(word), async (text, list) => {
        const sql = { text: 'select $1::text as text, $2::text[] as list', values: [text, list] };
        const [row] = await database.db.query({ text: inlined(sql) });
        expect(row).toEqual({ text, list });
      }),
      { numRuns: 50 },
    );
  });
});
