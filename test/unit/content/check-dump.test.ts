/** `dump/dump.json` with mistakes: each is named with its element and what it must be. */
import { checkDump } from '../../../src/content/check-dump.ts';
import type { JsonObject } from '../../../src/fhir/types.ts';

const GOOD = { variables: [], codes: 'https://example.org/', common: [], tables: { f: 'form' }, rows: {} };
const problems = (json: JsonObject): readonly string[] =>
  checkDump({ dump: { path: 'dump.json', json } as never }).map(
    ({ element, reason }) => `${element}: ${reason}`,
  );

describe('The check of a dump’s layout', () => {
  it('finds nothing wrong with the shapes that there are.', () => {
    const mrs = { kind: 'mrs', identifiers: 'urn:x:', dates: 'norwegian', columns: { status: 'FormStatus' } };

    expect(problems(GOOD)).toEqual([]);
    expect(problems({ ...GOOD, shape: { kind: 'openqreg', missing: ['9', '99'] } })).toEqual([]);
    expect(problems({ ...GOOD, shape: mrs })).toEqual([]);
  });

  it.each<readonly [string, JsonObject, RegExp]>([
    ['another member', { table: {} }, /^table: Not known here; known are about/],
    ['a table’s name', { tables: { f: 'a b' } }, /^tables: Names of tables are needed/],
    ['two tables of one name', { rows: { 'f#g': 'FORM' } }, /^tables: Two tables are called form/],
    ['another solution', { shape: { kind: 'redcap' } }, /^shape.kind: Must be openqreg or mrs/],
    ['GUIDs without a system', { shape: { kind: 'mrs' } }, /^shape.identifiers: Rows of MRS/],
    ['another column', { shape: { kind: 'openqreg', columns: { id: 'X' } } }, /^shape.columns.id: Not known/],
    ['another state', { shape: { kind: 'openqreg', states: { 1: 'done' } } }, /^shape.states: Each state/],
    ['one boolean', { shape: { kind: 'openqreg', booleans: ['Ja'] } }, /^shape.booleans: Two different/],
    ['another member of the shape', { shape: { kind: 'openqreg', date: 'iso' } }, /^shape.date: Not known/],
  ])('names %s.', (_what, change, problem) => {
    expect(problems({ ...GOOD, ...change })).toEqual([expect.stringMatching(problem)]);
  });
});
