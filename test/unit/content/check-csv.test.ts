/** Checks of a register's mappings from tables. */
import { readFileSync } from 'node:fs';
import { checkMappings } from '../../../src/content/check-csv.ts';
import type { JsonObject } from '../../../src/fhir/types.ts';

const GOOD = JSON.parse(readFileSync('registers/nkr/intake/csv-operasjoner.json', 'utf8')) as JsonObject;
const check = (json: JsonObject): readonly string[] =>
  checkMappings({ mappings: new Map([['x', { path: 'csv-x.json', json }]]) }, new Set()).map(
    ({ element, reason }) => `${element}: ${reason}`,
  );

describe('A mapping from a table', () => {
  it('of the repository is in order.', () => {
    expect(check(GOOD)).toEqual([]);
  });

  it.each([
    [{ system: 'x' }, 'system: A URI is needed.'],
    [{ id: ['Ukjent'] }, 'id: No column is Ukjent.'],
    [{ dates: 'us' }, 'dates: Must be iso or norwegian.'],
    [{ extra: 1 }, 'extra: Not known here'],
    [
      { resources: [{ name: 'a', resource: { resourceType: 'Patient', gender: '{Nei}' } }] },
      '{Nei} is no column',
    ],
    [{ resources: [{ name: 'a', resource: { resourceType: 'Elefant' } }] }, 'Elefant is no resource of R4.'],
    [
      { columns: { A: { type: 'code' } }, id: ['A'], changed: 'A' },
      'columns.A: A code has codes, or a valueSet.',
    ],
    [
      { columns: { A: { type: 'code', valueSet: 'urn:x' } }, id: ['A'], changed: 'A' },
      'columns.A.valueSet: No value set here is urn:x.',
    ],
  ])('with %j is refused.', (fault, words) => {
    expect(check({ ...GOOD, ...fault } as JsonObject).join('\n')).toContain(words);
  });
});
