/**
 * A code system of some size loaded into tables, and autocomplete over HTTP on it: `node bench/terminology.ts [concepts]`.
 * Needs a built server (`npm run build`). Prints the load rate, the size, and for each kind of filter p50, p95 and CPU
 * milliseconds of server and database, at 1 and 8 clients.
 */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '../src/storage/embedded-postgres.ts';
import { createDb, type Db } from '../src/storage/db.ts';
import { migrateDatabase } from '../src/storage/open-storage.ts';
import type { Concept } from '../src/terminology/concept.ts';
import { loadSystem } from '../src/terminology/load-system.ts';
import { cpuSeconds, load, memory, processTree } from './measure.ts';
import { requestToken, startServer } from './server.ts';

const SYSTEM = 'urn:oid:2.16.578.1.12.4.1.1.9998';
const SLICE_MS = 2500;
const count = Number(process.argv[2] ?? 500_000);

const SYLLABLES = (
  'ak kutt bron kitt smer te rygg syn drom ben brudd hof ne vus pri mær se kun dær øye årt hud le ver ny re hjer lun ge ' +
  'ma tarm in fek sjon al ler gi can cer tu mor kro nisk høy ven stre u spes i fi sert an nen'
).split(' ');

/** The same numbers at every run. */
function* numbers(): Generator<number, never> {
  for (let state = 1; ;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state / 2 ** 32;
  }
}

function vocabulary(next: () => number): readonly string[] {
  const syllable = (): string => SYLLABLES[Math.floor(next() * SYLLABLES.length)] ?? '';
  return Array.from({ length: 30_000 }, () =>
    Array.from({ length: 2 + Math.floor(next() * 3) }, syllable).join(''),
  );
}

/** Four levels of ten; terms of two to six words of which a few are in very many terms; every second has a synonym. */
function* concepts(): Generator<Concept> {
  const source = numbers();
  const next = (): number => source.next().value;
  const words = vocabulary(next);
  const term = (): string =>
    Array.from(
      { length: 2 + Math.floor(next() * 5) },
      () => words[Math.floor(words.length * next() ** 3)] ?? '',
    ).join(' ');
  for (let n = 0; n < count; n++) {
    yield {
      code: codeOf(n),
      display: term(),
      designations: n % 2 === 0 ? [{ value: term(), language: 'nn' }] : [],
      properties: [{ code: 'group', type: 'code', value: `g${n % 50}` }],
      parents: n < 10 ? [] : [codeOf(Math.floor(n / 10))],
      isActive: n % 20 !== 19,
      isAbstract: false,
    };
  }
}

const codeOf = (n: number): string =>
  `${String.fromCharCode(65 + (n % 26))}${String(n).padStart(6, '0')}.${n % 10}`;

const FILTERS: readonly (readonly [string, string])[] = [
  ['one letter', 'filter=s'],
  ['three letters', 'filter=smer'],
  ['a long word', 'filter=hjertekunsyn'],
  ['two beginnings', 'filter=kro+tarm'],
  ['three beginnings', 'filter=smer+ry+le'],
  ['a code with dot', `filter=${codeOf(123_456)}`],
  ['a code without dot', `filter=${codeOf(123_456).replace('.', '')}`],
  ['nothing', 'filter=qqqq'],
  ['active only', 'filter=smer&activeOnly=true'],
  ['a page without filter', 'offset=250000'],
];

const folder = await mkdtemp(join(tmpdir(), 'ryggrad-bench-terminology-'));
await chmod(folder, 0o711);
try {
  await run(folder);
} finally {
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

async function run(dataDir: string): Promise<void> {
  await using database = await startEmbeddedPostgres({ dataDir, path: process.env['PATH'] ?? '' });
  await using db = createDb(database.connection);
  await migrateDatabase(db);
  const begin = performance.now();
  await loadSystem(
    db,
    {
      url: SYSTEM,
      version: '2026-01-01',
      title: 'Synthetic',
      kind: 'bench',
      meta: { language: 'nb' },
      files: [],
      reading: String(count),
      concepts,
    },
    { now: new Date(), progress: () => undefined },
  );
  const seconds = (performance.now() - begin) / 1000;
  print(
    `${count} concepts in ${seconds.toFixed(1)} s: ${(count / seconds).toFixed(0)} a second; ${await sizes(db)}`,
  );
  const socket = encodeURIComponent(String(database.connection.host));
  await using server = await startServer({
    dataDir,
    databaseUrl: `postgres://ryggrad@localhost/ryggrad?host=${socket}`,
  });
  const headers = { authorization: `Bearer ${await requestToken(dataDir, 'staff')}` };
  print('filter                  clients  a second  p50 ms  p95 ms  CPU ms  db CPU ms   total');
  for (const [name, query] of [...FILTERS, ['below a code', '']] as const) {
    const url =
      query === ''
        ? `${server.url}/fhir/CodeSystem/$subsumes?system=${SYSTEM}&codeA=${codeOf(1)}&codeB=${codeOf(123_456)}`
        : `${server.url}/fhir/ValueSet/$expand?url=${encodeURIComponent(`${SYSTEM}?vs`)}&count=20&${query}`;
    const call = async (): Promise<string> => {
      const response = await fetch(url, { headers });
      const text = await response.text();
      if (!response.ok) {
        throw new Error(text);
      }
      return text;
    };
    const total = /"total":(\d+)/.exec(await call())?.[1] ?? '';
    for (const clients of [1, 8]) {
      const cpu = (): readonly [number, number] => [
        cpuSeconds([server.pid]),
        cpuSeconds(processTree(database.pid)),
      ];
      const before = cpu();
      const measured = await load(clients, SLICE_MS, async () => void (await call()));
      const after = cpu();
      const [node, postgres] = [0, 1].map(
        (index) => (((after[index] ?? 0) - (before[index] ?? 0)) * 1000) / measured.count,
      );
      print(
        [
          name.padEnd(26),
          String(clients).padStart(4),
          measured.perSecond.toFixed(0).padStart(9),
          measured.p50.toFixed(1).padStart(7),
          measured.p95.toFixed(1).padStart(7),
          (node ?? 0).toFixed(2).padStart(7),
          (postgres ?? 0).toFixed(2).padStart(10),
          total.padStart(8),
        ].join(' '),
      );
    }
  }
  print(`memory: server ${memory([server.pid], 'Rss').toFixed(0)} MB`);
}

async function sizes(db: Db): Promise<string> {
  const rows = await db.query<{ name: string; size: string }>({
    text: `select c.relname as name, pg_size_pretty(pg_relation_size(c.oid)) as size
      from pg_class c
      where c.relname like 'term_concept_1%' and c.relkind in ('r', 'i')
      order by pg_relation_size(c.oid) desc`,
  });
  return rows.map(({ name, size }) => `${name.replace('term_concept_1', 'table')} ${size}`).join(', ');
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
