/** The official test cases of SQL on FHIR: https://github.com/FHIR/sql-on-fhir-v2/tree/master/tests */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { parseJson, stringifyJson } from '../../src/fhir/json.ts';
import type { JsonObject } from '../../src/fhir/types.ts';
import { compileView } from '../../src/views/compile-view.ts';
import { readDefinition } from '../../src/views/definition.ts';
import { objectRows, textSource } from '../../src/views/statement.ts';
import { ViewError } from '../../src/views/view-error.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

interface TestFile {
  readonly title: string;
  readonly resources: readonly JsonObject[];
  readonly tests: readonly TestCase[];
}

interface TestCase {
  readonly title: string;
  readonly view: JsonObject;
  readonly expect?: readonly JsonObject[];
  readonly expectError?: boolean;
}

const FILE = new URL('data/sql-on-fhir/cases.ndjson.gz', import.meta.url);
const files = gunzipSync(readFileSync(FILE))
  .toString('utf8')
  .trimEnd()
  .split('\n')
  .map((line) => parseJson(line) as unknown as TestFile);

/** Cases by their first file and title; a title that a file has twice is told apart by its number. */
const cases = files.flatMap(({ title, resources, tests }) =>
  tests.map((test, index) => ({ name: `${title} ${index + 1}: ${test.title}`, resources, test })),
);

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());

async function rowsOf(view: JsonObject, resources: readonly JsonObject[]): Promise<readonly JsonObject[]> {
  const compiled = compileView(readDefinition(view));
  const source = textSource(
    resources.filter(({ resourceType }) => resourceType === compiled.definition.resource).map(stringifyJson),
  );
  const rows = await database.db.query<{ row_to_json: string }>(objectRows(compiled, source));
  return rows.map(({ row_to_json: text }) => JSON.parse(text) as JsonObject);
}

/** Rows of a view have no order of their own; their columns have none in JSON. */
const inAnyOrder = (rows: unknown): readonly string[] =>
  (JSON.parse(JSON.stringify(rows)) as readonly object[])
    .map((row) => JSON.stringify(Object.entries(row).toSorted(([a], [b]) => (a < b ? -1 : 1))))
    .toSorted();

describe('A ViewDefinition of the official test cases', () => {
  it('is there in all its categories.', () => {
    expect(files).toHaveLength(22);
    expect(cases).toHaveLength(132);
  });

  it.each(cases.filter(({ test }) => test.expectError !== true))(
    'gives the expected rows in $name.',
    async ({ resources, test }) => {
      expect(inAnyOrder(await rowsOf(test.view, resources))).toEqual(inAnyOrder(test.expect));
    },
  );

  it.each(cases.filter(({ test }) => test.expectError === true))(
    'is refused with a reason in $name.',
    async ({ resources, test }) => {
      const refusal = await rowsOf(test.view, resources).catch((error: unknown) => error);

      expect(refusal).toBeInstanceOf(Error);
      if (refusal instanceof ViewError) {
        expect(refusal.element).not.toBe('');
      } else {
        expect(refusal).toMatchObject({ code: '21000' });
      }
    },
  );
});
