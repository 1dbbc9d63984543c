/**
 * `npm run bench -- [--seconds 60]`: the server over HTTP beside plain SQL that does the same rows in the same database,
 * in turn, at 1, 8 and 32 clients. On a shared machine only the ratios and the CPU columns mean something.
 */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { hash32, hash64 } from '../src/fhir/id.ts';
import { IDENTIFIER_SYSTEMS } from '../src/fhir/identifiers.ts';
import { typeCode } from '../src/fhir/resource-types.ts';
import { startEmbeddedPostgres } from '../src/storage/embedded-postgres.ts';
import { calibration, cpuSeconds, load, memory, processTree } from './measure.ts';
import { countsOf, createRawTables, rawWriter, rowsWrittenWith } from './raw-rows.ts';
import { requestToken, startServer } from './server.ts';
import { observation, patient, personNumbers, transaction } from './synthetic.ts';

interface Case {
  readonly name: string;
  readonly overHttp: () => Promise<void>;
  readonly raw: () => Promise<void>;
}

const CLIENTS = [1, 8, 32];
const WARM_UP_MS = 1000;
const FORM = 'application/x-www-form-urlencoded';

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '60' } } });
const folder = await mkdtemp(join(tmpdir(), 'ryggrad-bench-'));
await chmod(folder, 0o711);
try {
  await run(folder, Number(values.seconds));
} finally {
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

async function run(dataDir: string, seconds: number): Promise<void> {
  await using database = await startEmbeddedPostgres({ dataDir, path: process.env['PATH'] ?? '' });
  const socket = String(database.connection.host);
  const databaseUrl = `postgres://ryggrad@localhost/ryggrad?host=${encodeURIComponent(socket)}`;
  await using server = await startServer({ dataDir, databaseUrl });
  const pool = new pg.Pool({ ...database.connection, max: 32 });
  const send = caller(server.url, await requestToken(dataDir, 'ehr'));
  const databaseMemory = (): number => memory(processTree(database.pid), 'Pss');
  const atRest = [memory([server.pid], 'Rss'), databaseMemory()] as const;
  try {
    const cases = await prepare(send, pool);
    const slice = Math.max(250, (seconds * 1000) / (cases.length * CLIENTS.length * 2) - WARM_UP_MS / 6);
    print([
      '',
      'clients',
      'a second',
      'p50 ms',
      'p95 ms',
      'CPU ms',
      'db CPU ms',
      'raw a second',
      'raw p50',
      'ratio',
    ]);
    for (const { name, overHttp, raw } of cases) {
      await load(4, WARM_UP_MS / 2, overHttp);
      await load(4, WARM_UP_MS / 2, raw);
      for (const clients of CLIENTS) {
        const plain = await load(clients, slice, raw);
        const before = [cpuSeconds([server.pid]), cpuSeconds(processTree(database.pid))] as const;
        const ours = await load(clients, slice, overHttp);
        const perRequest = (now: number, then: number): string =>
          (((now - then) * 1000) / ours.count).toFixed(2);
        print([
          name,
          String(clients),
          ours.perSecond.toFixed(0),
          ours.p50.toFixed(2),
          ours.p95.toFixed(2),
          perRequest(cpuSeconds([server.pid]), before[0]),
          perRequest(cpuSeconds(processTree(database.pid)), before[1]),
          plain.perSecond.toFixed(0),
          plain.p50.toFixed(2),
          (ours.perSecond / plain.perSecond).toFixed(2),
        ]);
      }
    }
    const [restServer, restDatabase] = atRest.map((megabytes) => megabytes.toFixed(0));
    console.log(`\nMemory at rest: server ${restServer} MB (RSS), database ${restDatabase} MB (PSS)`);
    console.log(
      `Memory after load: server ${memory([server.pid], 'Rss').toFixed(0)} MB, database ${databaseMemory().toFixed(0)} MB`,
    );
    const sample = JSON.stringify(patient('00000000000'));
    console.log(
      `Calibration: JSON.parse of a Patient (${sample.length} B) ${calibration(sample).toFixed(1)} µs`,
    );
  } finally {
    await pool.end();
  }
}

/** Everything that is measured, over HTTP and as plain SQL. */
async function prepare(send: Send, pool: pg.Pool): Promise<readonly Case[]> {
  await createRawTables(pool);
  const numbers = personNumbers();
  const next = (): string => numbers.next().value;
  const first = next();
  const patientId = idOf(await send('POST', 'Patient', JSON.stringify(patient(first))));
  const subject = `Patient/${patientId}`;
  const observationId = idOf(await send('POST', 'Observation', JSON.stringify(observation(subject, 0))));
  const bundle = await send('POST', '', JSON.stringify(transaction(next(), 1)));
  const inBundle = /Patient\/([^/"]+)/.exec(bundle)?.[1] ?? '';
  const sources = { patient: patientId, observation: observationId, transaction: inBundle };
  const writers = await rawWriters(pool, sources);
  let count = 100;
  return [
    {
      name: 'create Patient',
      overHttp: async () => void (await send('POST', 'Patient', JSON.stringify(patient(next())))),
      raw: writers.patient,
    },
    {
      name: 'create Observation',
      overHttp: async () =>
        void (await send('POST', 'Observation', JSON.stringify(observation(subject, count++)))),
      raw: writers.observation,
    },
    {
      name: 'read Patient',
      overHttp: async () => void (await send('GET', subject)),
      raw: () =>
        query(pool, 'read', 'select content from resource where type = $1 and id = $2', [
          typeCode('Patient'),
          patientId,
        ]),
    },
    {
      name: 'search by identifier',
      overHttp: async () => {
        const fields = new URLSearchParams({ identifier: `${IDENTIFIER_SYSTEMS.fnr}|${first}` });
        await send('POST', 'Patient/_search', fields.toString(), FORM);
      },
      raw: () =>
        query(
          pool,
          'search',
          `select r.content from idx_token t join resource r on r.cmp = t.cmp and r.rid = t.rid
         where t.type = $1 and t.param = $2 and t.h = $3 order by t.d desc, t.rid limit 50`,
          [typeCode('Patient'), hash32('identifier'), hash64(`${IDENTIFIER_SYSTEMS.fnr}|${first}`)],
        ),
    },
    {
      name: 'transaction of 100',
      overHttp: async () => void (await send('POST', '', JSON.stringify(transaction(next(), count++)))),
      raw: writers.transaction,
    },
  ];
}

async function rawWriters<K extends string>(
  pool: pg.Pool,
  sources: Readonly<Record<K, string>>,
): Promise<Record<K, () => Promise<void>>> {
  const writers = {} as Record<K, () => Promise<void>>;
  for (const name of Object.keys(sources) as K[]) {
    const rows = await rowsWrittenWith(pool, sources[name]);
    console.log(`One ${name} leaves rows: ${countsOf(rows)}`);
    writers[name] = rawWriter(pool, name, rows);
  }
  return writers;
}

async function query(
  pool: pg.Pool,
  name: string,
  text: string,
  parameters: readonly unknown[],
): Promise<void> {
  const { rows } = await pool.query({ name, text, values: [...parameters] });
  if (rows.length === 0) {
    throw new Error(`The plain ${name} finds nothing: its figures would mean nothing.`);
  }
}

type Send = (method: string, path: string, body?: string, contentType?: string) => Promise<string>;

/** Node's own client with kept connections: it takes less CPU from the server's machine than fetch does. */
function caller(url: string, token: string): Send {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  return (method, path, body = '', contentType = 'application/fhir+json') =>
    new Promise((resolve, reject) => {
      const headers = {
        authorization: `Bearer ${token}`,
        accept: 'application/fhir+json',
        ...(body === '' ? {} : { 'content-type': contentType, 'content-length': Buffer.byteLength(body) }),
      };
      const call = request(
        `${url}/fhir/${path}`.replace(/\/$/, ''),
        { method, agent, headers },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            const text = Buffer.concat(chunks).toString();
            const status = response.statusCode ?? 0;
            if (status >= 200 && status < 300) {
              resolve(text);
            } else {
              reject(new Error(`${method} ${path}: ${status} ${text.slice(0, 1000)}`));
            }
          });
        },
      );
      call.on('error', reject);
      call.end(body);
    });
}

function idOf(text: string): string {
  return (JSON.parse(text) as { readonly id: string }).id;
}

function print(cells: readonly string[]): void {
  console.log(cells.map((cell, index) => (index === 0 ? cell.padEnd(22) : cell.padStart(13))).join(''));
}
