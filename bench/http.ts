/**
 * `npm run bench -- [--seconds 60] [--resources 1000000] [--write]`: the server over HTTP beside plain SQL that does the same
 * rows in the same database, in turn, at 1, 8 and 32 clients. On a shared machine only the ratios and the CPU columns mean
 * something. `--resources` fills the store first; `--write` puts the table into docs/performance.md.
 */
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { hash32 } from '../src/fhir/id.ts';
import { startEmbeddedPostgres } from '../src/storage/embedded-postgres.ts';
import { fhirClient } from './client.ts';
import { fillStore } from './fill.ts';
import { calibration, cpuSeconds, load, memory, processTree } from './measure.ts';
import { createRawTables } from './raw-rows.ts';
import { prepareScenarios, type Scenario } from './scenarios.ts';
import { requestToken, startServer } from './server.ts';
import { patient } from './synthetic.ts';

const CLIENTS = [1, 8, 32];
const WARM_UP_MS = 1000;
const DOCUMENT = new URL('../docs/performance.md', import.meta.url);
const HEAD = [
  'Request',
  'Clients',
  'Requests/s',
  'p50 ms',
  'p95 ms',
  'CPU ms server',
  'CPU ms database',
  'CPU ms plain SQL',
  'Plain SQL/s',
  'Ratio',
];
/** Parameters whose values are a person's own. */
const OWN = ['identifier', 'subject', 'patient', 'encounter'];

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    resources: { type: 'string', default: '0' },
    write: { type: 'boolean', default: false },
  },
});
const folder = await mkdtemp(join(tmpdir(), 'ryggrad-bench-'));
await chmod(folder, 0o711);
try {
  await run(folder, { seconds: Number(values.seconds), resources: Number(values.resources) });
} finally {
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

async function run(
  dataDir: string,
  { seconds, resources }: { readonly seconds: number; readonly resources: number },
): Promise<void> {
  await using database = await startEmbeddedPostgres({ dataDir, path: process.env['PATH'] ?? '' });
  const socket = String(database.connection.host);
  const databaseUrl = `postgres://ryggrad@localhost/ryggrad?host=${encodeURIComponent(socket)}`;
  await using server = await startServer({ dataDir, databaseUrl });
  const pool = new pg.Pool({ ...database.connection, max: 32 });
  const ofServer = (): number => memory([server.pid], 'Rss');
  const ofDatabase = (): number => memory(processTree(database.pid), 'Pss');
  const atRest = [ofServer(), ofDatabase()] as const;
  try {
    await createRawTables(pool);
    const send = fhirClient(server.url, await requestToken(dataDir, 'ehr'));
    const { list, template } = await prepareScenarios(send, pool);
    const copied =
      resources === 0 ? 0 : await fillStore(pool, { patient: template, resources, own: OWN.map(hash32) });
    const sample = JSON.stringify(patient('00000000000'));
    const unit = calibration(sample);
    const slice = Math.max(250, (seconds * 1000) / (list.length * CLIENTS.length * 2) - WARM_UP_MS / 6);
    const cost = meter([server.pid], database.pid);
    const table: (readonly string[])[] = [HEAD];
    print(HEAD);
    for (const scenario of list) {
      await load(4, WARM_UP_MS / 2, scenario.overHttp);
      await load(4, WARM_UP_MS / 2, scenario.raw);
      for (const clients of CLIENTS) {
        const row = await measure(scenario, { clients, slice, cost });
        print(row);
        table.push(row);
      }
    }
    const megabytes = [...atRest, ofServer(), ofDatabase()].map((value) => value.toFixed(0));
    const notes = [
      `${cpus().length} cores. Calibration, JSON.parse of a Patient of ${sample.length} bytes: ${unit.toFixed(1)} µs before, ${calibration(sample).toFixed(1)} µs after.`,
      `Store: ${copied + 200} resources before the measurement.`,
      `Memory at rest: server ${megabytes[0] ?? ''} MB (RSS), database ${megabytes[1] ?? ''} MB (PSS); after the load ${megabytes[2] ?? ''} and ${megabytes[3] ?? ''} MB.`,
    ];
    console.log(`\n${notes.join('\n')}`);
    if (values.write) {
      await document(resources === 0 ? 'empty' : 'filled', table, notes);
    }
  } finally {
    await pool.end();
  }
}

/** CPU seconds of the server and of the database since it was asked last. */
function meter(server: readonly number[], database: number): () => readonly [number, number] {
  let before: readonly [number, number] = [0, 0];
  return () => {
    const now = [cpuSeconds(server), cpuSeconds(processTree(database))] as const;
    const spent = [now[0] - before[0], now[1] - before[1]] as const;
    before = now;
    return spent;
  };
}

/** One row of the table: plain SQL first, then the server. */
async function measure(
  { name, overHttp, raw }: Scenario,
  {
    clients,
    slice,
    cost,
  }: { readonly clients: number; readonly slice: number; readonly cost: () => readonly [number, number] },
): Promise<readonly string[]> {
  const each = (seconds: number, count: number): string => ((seconds * 1000) / count).toFixed(2);
  const own = process.cpuUsage();
  cost();
  const plain = await load(clients, slice, raw);
  const { user, system } = process.cpuUsage(own);
  const [, plainDatabase] = cost();
  const ours = await load(clients, slice, overHttp);
  const [server, database] = cost();
  return [
    name,
    String(clients),
    ours.perSecond.toFixed(0),
    ours.p50.toFixed(2),
    ours.p95.toFixed(2),
    each(server, ours.count),
    each(database, ours.count),
    each(plainDatabase + (user + system) / 1e6, plain.count),
    plain.perSecond.toFixed(0),
    (ours.perSecond / plain.perSecond).toFixed(2),
  ];
}

function print(cells: readonly string[]): void {
  console.log(cells.map((cell, index) => (index === 0 ? cell.padEnd(46) : cell.padStart(16))).join(''));
}

/** Replace the part of the document between the marks of this kind of run. */
async function document(
  kind: 'empty' | 'filled',
  [head = [], ...rows]: readonly (readonly string[])[],
  notes: readonly string[],
): Promise<void> {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rule = head.map((_, index) => (index === 0 ? '---' : '---:'));
  const text = [...notes, '', line(head), line(rule), ...rows.map(line)].join('\n');
  const whole = await readFile(DOCUMENT, 'utf8');
  const part = new RegExp(`(<!-- ${kind} -->\n)[^]*?(\n<!-- /${kind} -->)`);
  if (!part.test(whole)) {
    throw new Error(`docs/performance.md has no part marked <!-- ${kind} -->`);
  }
  await writeFile(DOCUMENT, whole.replace(part, `$1\n${text}\n$2`));
}
