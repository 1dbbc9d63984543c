/** Views over R4 examples and synthetic patients: the same rows as Medplum's evaluator, and no error of SQL's own. */
import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { evalSqlOnFhir } from '@medplum/core';
import fc from 'fast-check';
import { parseJson, stringifyJson } from '../../src/fhir/json.ts';
import type { JsonObject } from '../../src/fhir/types.ts';
import { compileView } from '../../src/views/compile-view.ts';
import { readDefinition } from '../../src/views/definition.ts';
import { explainRunError } from '../../src/views/run-error.ts';
import { objectRows, textSource } from '../../src/views/statement.ts';
import { ViewError } from '../../src/views/view-error.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

const data = new URL('data/', import.meta.url);

const examples = gunzipSync(readFileSync(new URL('r4-examples.ndjson.gz', data)))
  .toString('utf8')
  .trimEnd()
  .split('\n')
  .map((line) => parseJson(line) as JsonObject);

const synthetic = readdirSync(new URL('synthea/', data))
  .filter((name) => /\.json(\.gz)?$/.test(name))
  .flatMap((name) => {
    const bytes = readFileSync(new URL(`synthea/${name}`, data));
    const text = (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
    const bundle = parseJson(text) as unknown as { entry?: readonly { resource: JsonObject }[] };
    return (bundle.entry ?? []).map(({ resource }) => resource).filter((resource) => resource !== undefined);
  });

const resources: readonly JsonObject[] = [...examples, ...synthetic].map((resource, index) => ({
  ...resource,
  id: (resource['id'] as string | undefined) ?? `n${index}`,
}));
const ofType = (type: string): readonly JsonObject[] =>
  resources.filter(({ resourceType }) => resourceType === type);

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());

async function rowsOf(view: object, given: readonly JsonObject[]): Promise<readonly JsonObject[]> {
  const compiled = compileView(readDefinition(view as JsonObject));
  const texts = given.map(stringifyJson);
  try {
    const rows = await database.db.query<{ row_to_json: string }>(objectRows(compiled, textSource(texts)));
    return rows.map(({ row_to_json: text }) => JSON.parse(text) as JsonObject);
  } catch (cause) {
    throw explainRunError(cause, compiled);
  }
}

/** Nothing is null in the one, undefined in the other; an empty list is `[]` by the official cases, null by Medplum. */
const plain = (value: unknown): unknown =>
  Array.isArray(value) && value.length === 0 ? null : (value ?? null);

const inAnyOrder = (rows: readonly object[]): readonly string[] =>
  rows
    .map((row) => JSON.stringify(Object.entries(row).map(([name, value]) => [name, plain(value)])))
    .toSorted();

const column = (name: string, path: string, collection = false) => ({ name, path, collection });
const id = { column: [column('id', 'id')] };

const VIEWS: readonly (readonly [string, string, object])[] = [
  [
    'persons',
    'Patient',
    {
      select: [
        {
          column: [
            column('id', 'id'),
            column('gender', 'gender'),
            column('birth', 'birthDate'),
            column('active', 'active'),
            column('families', 'name.family', true),
            column('given', 'name.first().given.first()'),
            column('dead', 'deceased.exists()'),
            column('dead_at', 'deceased.ofType(dateTime)'),
            column('official', "name.where(use = 'official').family.first()"),
            column('has_phone', "telecom.exists(system = 'phone')"),
            column('org', 'managingOrganization.reference'),
            column('city', 'address.first().city'),
          ],
        },
      ],
    },
  ],
  [
    'names and lines',
    'Patient',
    {
      select: [
        id,
        {
          forEach: 'name',
          column: [column('use', 'use'), column('family', 'family')],
          select: [{ forEachOrNull: 'given', column: [column('given', '$this')] }],
        },
      ],
    },
  ],
  [
    'contacts or none',
    'Patient',
    {
      select: [
        id,
        { forEachOrNull: 'contact', column: [column('gender', 'gender'), column('family', 'name.family')] },
      ],
    },
  ],
  [
    'observations',
    'Observation',
    {
      where: [{ path: "status = 'final'" }],
      select: [
        {
          column: [
            column('id', 'id'),
            column('code', 'code.coding.first().code'),
            column('value', 'value.ofType(Quantity).value'),
            column('unit', 'value.ofType(Quantity).unit'),
            column('at', 'effective.ofType(dateTime)'),
            column('text', 'value.ofType(string)'),
            column('high', 'value.ofType(Quantity).value > 100'),
            column('subject', 'subject.reference'),
            column('none', 'value.empty()'),
          ],
        },
      ],
    },
  ],
  [
    'components',
    'Observation',
    {
      select: [
        id,
        {
          forEach: 'component',
          column: [
            column('code', 'code.coding.first().code'),
            column('value', 'value.ofType(Quantity).value'),
          ],
        },
      ],
    },
  ],
  [
    'codings of conditions',
    'Condition',
    {
      select: [id, { forEach: 'code.coding', column: [column('system', 'system'), column('code', 'code')] }],
    },
  ],
  [
    'two kinds of contact',
    'Patient',
    {
      select: [
        id,
        {
          unionAll: [
            { forEach: 'telecom', column: [column('value', 'value')] },
            { forEach: 'contact.telecom', column: [column('value', 'value')] },
          ],
        },
      ],
    },
  ],
  [
    'encounters',
    'Encounter',
    {
      select: [
        {
          column: [
            column('id', 'id'),
            column('class', 'class.code'),
            column('start', 'period.start'),
            column('types', 'type.coding.code', true),
            column('reason', 'reasonCode.first().coding.first().code'),
            column('people', 'participant.count()'),
          ],
        },
      ],
    },
  ],
];

describe('A compiled view', () => {
  it.each(VIEWS)('gives the rows of Medplum’s evaluator: %s.', async (_name, resource, parts) => {
    const view = { resourceType: 'ViewDefinition', status: 'active', resource, ...parts };
    const given = ofType(resource);
    const expected = evalSqlOnFhir(view as never, given as never) as readonly object[];

    expect(expected.length).toBeGreaterThan(3);
    expect(inAnyOrder(await rowsOf(view, given))).toEqual(inAnyOrder(expected));
  });

  it('never makes SQL that the database refuses, whatever the paths.', async () => {
    const names = fc.constantFrom(
      'name',
      'given',
      'family',
      'birthDate',
      'contact',
      'extension',
      'deceased',
      'id',
      'telecom',
      'period',
      'start',
      'multipleBirth',
      'value',
      'active',
      'contained',
      'link',
      'other',
      'meta',
      'lastUpdated',
      'rank',
      '$this',
      "'x'",
      '1',
      '2.50',
      'true',
      '@2020-01',
      '%rowIndex',
    );
    const calls = fc.constantFrom(
      'first()',
      'exists()',
      'count()',
      'not()',
      "join(',')",
      "where(use = 'a')",
      'where($this.exists())',
      'ofType(string)',
      'ofType(integer)',
      'getReferenceKey()',
      'getReferenceKey(Patient)',
      'lowBoundary()',
      'highBoundary()',
      'toInteger()',
      'toDecimal()',
      'toString()',
      "extension('x')",
      'iif(exists(), 1, 2)',
      'all(use.exists())',
      'length()',
      'substring(1, 2)',
      'empty()',
      'is(boolean)',
      'upper()',
      "startsWith('a')",
      "replace('a', 'b')",
      '[0]',
      '[1]',
      'single()',
      'trim()',
      'where(id = %c)',
      'ofType(Patient)',
    );
    const path = fc
      .tuple(names, fc.array(fc.oneof(names, calls, calls), { maxLength: 4 }))
      .map(([head, rest]) => [head, ...rest].join('.').replaceAll('.[', '['));
    const operator = fc.constantFrom(
      '=',
      '!=',
      '<',
      '>=',
      '+',
      '-',
      '*',
      '/',
      'div',
      'mod',
      'and',
      'or',
      'xor',
      '|',
      'in',
      '&',
      'implies',
      'contains',
    );
    const expression = fc.oneof(
      path,
      fc.tuple(path, operator, path).map((parts) => parts.join(' ')),
    );
    const given = ofType('Patient').slice(0, 12);
    let ran = 0;
    await fc.assert(
      fc.asyncProperty(expression, expression, fc.boolean(), async (where, text, collection) => {
        const view = {
          resource: 'Patient',
          constant: [{ name: 'c', valueString: 'x' }],
          select: [
            { forEachOrNull: text, column: [column('a', where, collection)] },
            { repeat: [text], column: [column('r', '%rowIndex')] },
          ],
        };
        for (const select of [
          view.select.slice(0, 1),
          [{ column: [column('b', text, collection)] }],
          view.select,
        ]) {
          try {
            await rowsOf({ ...view, select }, given);
            ran++;
          } catch (cause) {
            if (!(cause instanceof ViewError)) {
              throw cause;
            }
          }
        }
      }),
      { numRuns: 400 },
    );

    expect(ran).toBeGreaterThan(100);
  });
});
