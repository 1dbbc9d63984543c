/**
 * Every search parameter of R4 on the official examples: https://hl7.org/fhir/R4/searchparameter-registry.html
 * Oracle: fhirpath.js picks the values out of the examples by the specification's own expressions; what it finds must be
 * found by a search for it. Our own compiler has no part in that.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { loadR4 } from '../../src/content/r4.ts';
import { compilePath } from '../../src/fhir/path.ts';
import { RESOURCE_TYPES } from '../../src/fhir/resource-types.ts';
import type { Resource, SearchParameter } from '../../src/fhir/types.ts';
import { isCompiled } from '../../src/search/extract.ts';
import { createIndexer } from '../../src/search/indexer.ts';
import { createParameters, type Parameter } from '../../src/search/parameters.ts';
import { isIndexed } from '../../src/search/parse-name.ts';
import { parseSearch } from '../../src/search/parse.ts';
import { planSearch } from '../../src/search/plan.ts';
import { pageSql } from '../../src/search/print.ts';
import { runSearch } from '../../src/search/search.ts';
import type { PlainCriterion } from '../../src/search/tree.ts';
import type { IndexEntry } from '../../src/storage/store.ts';
import { EVERYTHING } from '../../src/storage/row-access.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

type Json = Readonly<Record<string, unknown>>;

const r4 = loadR4();
const definitions = r4.searchParameters.all();
const parameters = createParameters(definitions, r4);
const index = createIndexer(parameters);
const now = new Date('2026-11-20T08:00:00Z');

const FOLDER = new URL('data/r4-examples/', import.meta.url);
const examples: readonly (Resource & { id: string })[] = [
  ...new Map(
    [
      ...gunzipSync(readFileSync(new URL('data/r4-examples.ndjson.gz', import.meta.url)))
        .toString('utf8')
        .split('\n')
        .filter((line) => line !== ''),
      ...readdirSync(FOLDER).map((name) => readFileSync(new URL(name, FOLDER), 'utf8')),
    ]
      .map((text) => JSON.parse(text) as Resource & { id: string })
      .map((example) => [`${example.resourceType}/${example.id}`, example]),
  ).values(),
];

const entries = new Map<Resource, IndexEntry>(examples.map((example) => [example, index(example)]));

const every: readonly (readonly [string, Parameter])[] = RESOURCE_TYPES.flatMap((type) =>
  [...parameters.of(type).values()].map((parameter) => [type, parameter] as const),
);

/** What cannot be searched by, with the reason. */
const NOT_SEARCHABLE: Readonly<Record<string, string>> = {
  phonetic: 'no key of sound-alike names fits Norwegian ones',
  _content: 'its words multiply the index; a register turns it on by type',
  _query: 'no named queries',
};

/** Values that nobody can ask for, with the reason. */
const NOT_FINDABLE: Readonly<Record<string, string>> = {
  'Immunization/historical date': 'occurrenceString "January 2012" is no date',
  'Library/library-fhir-helpers predecessor': 'the reference is a bare name, neither Type/id nor a url',
};

/** A value that a parameter of the type may be asked for. */
const PLAUSIBLE: Readonly<Record<Parameter['type'], string>> = {
  token: 'http://example.org|x',
  reference: 'Patient/x',
  uri: 'http://example.org/x',
  date: 'ge2024-03',
  string: 'sør',
  number: 'gt5',
  quantity: '5.4|http://unitsofmeasure.org|mg',
  composite: '',
  special: 'smerte',
};

function plausible({ type, special, components }: Parameter): string {
  if (type === 'composite') {
    return components.map((part) => PLAUSIBLE[part.type]).join('$');
  }
  return special === 'near' ? '59.94|10.72|5|km' : PLAUSIBLE[type];
}

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() !== '' ? value : undefined;
const escaped = (value: string): string => value.replaceAll(/[\\,|$]/g, '\\$&');

/** One value of an example → what a client would write to find it; undefined where nothing is searchable in it. */
const WRITTEN: Readonly<Record<string, (value: unknown) => string | undefined>> = {
  token(value) {
    if (typeof value !== 'object') {
      return escaped(String(value));
    }
    const { coding, system, code, value: number, use } = value as Json;
    if (Array.isArray(coding)) {
      return coding.length === 0 ? undefined : WRITTEN['token']?.(coding[0]);
    }
    const found = text(code) ?? text(number);
    const isTelephone = use !== undefined && !String(system).includes(':');
    return found === undefined
      ? undefined
      : `${text(system) === undefined || isTelephone || !String(system).includes(':') ? '' : `${escaped(String(system))}|`}${escaped(found)}`;
  },
  reference(value) {
    const reference = text(typeof value === 'string' ? value : (value as Json)['reference']);
    return reference === undefined || reference.startsWith('#') ? undefined : escaped(reference);
  },
  uri: (value) => (text(value) === undefined ? undefined : escaped(String(value))),
  date(value) {
    if (typeof value === 'string') {
      return value;
    }
    const { start, end } = value as Json;
    const bound = text(start) ?? text(end);
    return bound === undefined ? undefined : `ap${bound}`;
  },
  string(value) {
    if (typeof value === 'string') {
      return /[\p{L}\p{N}]/u.test(value) ? escaped(value) : undefined;
    }
    const { family, given, city, line, text: whole } = value as Json;
    const found = [family, given, city, line, whole].flat().find((part) => text(part) !== undefined);
    return text(found) === undefined ? undefined : escaped(String(found));
  },
  number: (value) => String(value as number),
  quantity(value) {
    const { value: number, system, code, unit, comparator } = value as Json;
    if (typeof number !== 'number' || comparator !== undefined) {
      return undefined;
    }
    const name = text(code) ?? text(unit);
    return name === undefined
      ? String(number)
      : `${number}|${text(code) === undefined ? '' : (text(system) ?? '')}|${escaped(name)}`;
  },
};

interface Found {
  readonly example: Resource & { id: string };
  readonly value: string;
}

/** Expressions that fhirpath.js does not evaluate as the specification means them. */
const failures: string[] = [];

function valuesOf(definition: SearchParameter, type: string): readonly Found[] {
  const written = WRITTEN[definition.type];
  return examples
    .filter(({ resourceType }) => resourceType === type)
    .flatMap((example) => {
      try {
        const [first] = compilePath(definition.expression ?? '')(example);
        const value = first === undefined ? undefined : written?.(first);
        return value === undefined ? [] : [{ example, value }];
      } catch {
        failures.push(definition.code);
        return [];
      }
    });
}

describe('The search parameters of R4', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
    await database.store.transaction((tx) =>
      tx.write(
        examples.map((example) => ({
          type: example.resourceType,
          id: example.id,
          versionId: 1,
          lastUpdated: '2026-01-01T12:00:00.000Z',
          content: JSON.stringify(example),
          labels: { register: null, unit: null, episode: null, national: false },
          index: entries.get(example) as IndexEntry,
          uniqueKeys: [],
          previous: null,
          op: 'C' as const,
        })),
      ),
    );
    await database.db.query({ text: 'analyze' });
  });

  afterAll(async () => {
    await database[Symbol.asyncDispose]();
  });

  const search = async (type: string, query: string): Promise<readonly string[]> => {
    const tree = parseSearch(type, new URLSearchParams(query), parameters);
    const found = await runSearch(
      database.store.as(EVERYTHING),
      { parameters, filter: undefined, now },
      tree,
    );
    return found.rows.map(({ id }) => id);
  };

  it('are all compiled, and all searchable but those that are refused with a reason.', () => {
    const notCompiled = definitions.filter(
      ({ expression }) => expression !== undefined && !isCompiled(expression),
    );
    const known = new Set(every.map(([, { url }]) => url));
    const left = definitions.filter(({ url }) => !known.has(url)).map(({ code }) => code);
    const refused = [...new Set(left)].sort();

    expect(notCompiled.map(({ code }) => code)).toEqual([]);
    expect(refused).toEqual(Object.keys(NOT_SEARCHABLE).sort());
    expect(every.filter(([, parameter]) => !isIndexed(parameter)).map(([, { code }]) => code)).toEqual([]);
    expect(every.length).toBeGreaterThan(2500);
  });

  it('are each answered by statements that can begin at an index.', async () => {
    const wrong: string[] = [];

    await database.db.tx(async (client) => {
      await client.query({ text: 'set local enable_seqscan = off' });
      for (const [type, parameter] of every) {
        const query = new URLSearchParams([[parameter.code, plausible(parameter)]]);
        const tree = parseSearch(type, query, parameters);
        const plan = planSearch(tree, tree.criteria as readonly PlainCriterion[], parameters);
        const { text: sql, values } = pageSql(plan, { now, filter: undefined });
        const rows = await client.query<{ 'QUERY PLAN': string }>({ text: `explain ${sql}`, values });
        if (rows.some((row) => row['QUERY PLAN'].includes('Seq Scan'))) {
          wrong.push(`${type}.${parameter.code}`);
        }
      }
    });

    expect(wrong).toEqual([]);
  });

  it('find every official example by the values that fhirpath.js picks out of it.', async () => {
    const missed: string[] = [];
    let asked = 0;

    for (const [type, parameter] of every) {
      const definition = definitions.find(({ url }) => url === parameter.url) as SearchParameter;
      for (const { example, value } of WRITTEN[parameter.type] === undefined
        ? []
        : valuesOf(definition, type)) {
        asked += 1;
        const query = new URLSearchParams([
          [parameter.code, value],
          ['_count', '1000'],
        ]);
        const ids = await search(type, query.toString()).catch((cause: unknown) => [String(cause)]);
        const isFindable =
          !(`${type}/${example.id} ${parameter.code}` in NOT_FINDABLE) && parameter.column !== 'lastUpdated';
        if (isFindable && !ids.includes(example.id)) {
          missed.push(
            `${type}/${example.id} ${parameter.code}=${value}${ids.some((id) => id.includes(' ')) ? ` ${ids[0] ?? ''}` : ''}`,
          );
        }
      }
    }

    expect(missed).toEqual([]);
    expect([...new Set(failures)]).toEqual([]);
    expect(asked).toBeGreaterThan(1400); // meta.lastUpdated is given by the store
  });

  it('tell apart the examples that have a value and those that have none.', async () => {
    const wrong: string[] = [];

    for (const [type, parameter] of every.filter(([type]) =>
      examples.some(({ resourceType }) => resourceType === type),
    )) {
      const count = examples.filter(({ resourceType }) => resourceType === type).length;
      const present = await search(type, `${parameter.code}:missing=false&_count=1000`);
      const missing = await search(type, `${parameter.code}:missing=true&_count=1000`);
      const expected = parameter.isRootComposite
        ? present.length
        : examples.filter((example) => example.resourceType === type && hasValue(parameter, example)).length;
      if (present.length + missing.length !== count || present.length !== expected) {
        wrong.push(
          `${type}.${parameter.code}: ${present.length} + ${missing.length}, not ${expected} of ${count}`,
        );
      }
    }

    expect(wrong).toEqual([]);
  });
});

/** There is something that could be asked for. */
function hasValue(parameter: Parameter, example: Resource): boolean {
  const { column } = parameter;
  if (column === 'id' || column === 'lastUpdated') {
    return true;
  }
  const { hot, tokens, dates, texts, numbers } = entries.get(example) as IndexEntry;
  if (column === 'date') {
    return hot.dLo !== null;
  }
  const inColumn = column !== undefined && hot[column] !== null;
  return (
    inColumn ||
    [...tokens, ...dates, ...texts, ...numbers].some(({ param }) => param === parameter.key) ||
    (parameter.type === 'reference' && parameter.extract(example).some((value) => hasIdentifier(value)))
  );
}

const hasIdentifier = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  'identifier' in value &&
  'value' in (value.identifier as object);
