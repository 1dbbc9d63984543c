/**
 * `node bench/subscriptions.ts [--writes 10000] [--subscriptions 20]` after `npm run build`: what a write costs the server
 * and the database when nobody watches, when somebody watches another type, and with subscriptions of which half match.
 * On a shared machine only the ratios and the CPU columns mean something.
 */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { startEmbeddedPostgres } from '../src/storage/embedded-postgres.ts';
import { cpuSeconds, processTree } from './measure.ts';
import { requestToken, startServer } from './server.ts';
import { observation, patient, personNumbers } from './synthetic.ts';

const { values } = parseArgs({
  options: {
    writes: { type: 'string', default: '10000' },
    subscriptions: { type: 'string', default: '20' },
  },
});
const WRITERS = 8;
const TOKEN_LASTS_MS = 200_000;

const dataDir = await mkdtemp(join(tmpdir(), 'ryggrad-bench-'));
await chmod(dataDir, 0o711);
try {
  await run(Number(values.writes), Number(values.subscriptions));
} finally {
  await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
}

async function run(writes: number, subscriptions: number): Promise<void> {
  await using database = await startEmbeddedPostgres({ dataDir, path: process.env['PATH'] ?? '' });
  const databaseUrl = `postgres://ryggrad@localhost/ryggrad?host=${encodeURIComponent(String(database.connection.host))}`;
  await using server = await startServer({ dataDir, databaseUrl });
  const pool = new pg.Pool({ ...database.connection, max: 2 });
  const receiver = await startReceiver();
  const send = caller(server.url);
  const subject = `Patient/${idOf(await send('POST', 'Patient', patient(personNumbers().next().value)))}`;
  let count = 0;
  const write = async (): Promise<void> =>
    void (await send('POST', 'Observation', observation(subject, count++)));
  const measure = async (name: string, settled: () => Promise<unknown>): Promise<void> => {
    const pids = processTree(database.pid);
    const before = [cpuSeconds([server.pid]), cpuSeconds(pids), performance.now()] as const;
    await inParallel(writes, write);
    const seconds = (performance.now() - before[2]) / 1000;
    await settled();
    const each = (now: number, then: number): string => (((now - then) * 1000) / writes).toFixed(3);
    console.log(
      `${name.padEnd(34)} ${(writes / seconds).toFixed(0).padStart(6)} writes/s  server ${each(cpuSeconds([server.pid]), before[0])} ms  ` +
        `database ${each(cpuSeconds(processTree(database.pid)), before[1])} ms CPU a write  ${receiver.events()} events received`,
    );
  };
  await inParallel(1000, write);
  await measure('nobody watches', () => Promise.resolve());
  await send('POST', 'Subscription', subscription(`${receiver.url}/other`, 'Encounter?status=finished'));
  await measure('another type is watched', () => Promise.resolve());
  for (let n = 0; n < subscriptions; n++) {
    const code = n % 2 === 0 ? 'status=final' : `code=none-${n}`;
    await send('POST', 'Subscription', subscription(`${receiver.url}/${n}`, `Observation?${code}`));
  }
  await until(pool, `select count(*) = 0 as done from subscription_state where status = 'requested'`);
  const pending = `select count(*) = 0 as done from subscription_event where state = 'pending'`;
  await measure(`${subscriptions} subscriptions, half match`, async () => {
    await until(pool, 'select count(*) = 0 as done from outbox');
    await until(pool, pending);
  });
  await pool.end();
  await receiver.stop();
}

async function inParallel(count: number, work: () => Promise<void>): Promise<void> {
  let left = count;
  const writer = async (): Promise<void> => {
    while (left-- > 0) {
      await work();
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, writer));
}

async function until(pool: pg.Pool, text: string): Promise<void> {
  for (;;) {
    const { rows } = await pool.query<{ done: boolean }>(text);
    if (rows[0]?.done === true) {
      return;
    }
    await delay(50);
  }
}

function subscription(endpoint: string, criteria: string): object {
  return {
    resourceType: 'Subscription',
    status: 'requested',
    reason: 'Measurement',
    criteria,
    channel: {
      extension: [
        {
          url: 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-max-count',
          valuePositiveInt: 100,
        },
      ],
      type: 'rest-hook',
      endpoint,
      payload: 'application/fhir+json',
      _payload: {
        extension: [
          {
            url: 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-payload-content',
            valueCode: 'id-only',
          },
        ],
      },
    },
  };
}

interface CountingReceiver {
  readonly url: string;
  events(): number;
  stop(): Promise<unknown>;
}

async function startReceiver(): Promise<CountingReceiver> {
  let events = 0;
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      events += Buffer.concat(chunks).toString().split('"event-number"').length - 1;
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    events: () => events,
    stop: () => new Promise((resolve) => server.close(resolve)),
  };
}

type Send = (method: string, path: string, body: object) => Promise<string>;

/** Node's own client with kept connections, and a new token before the old one ends. */
function caller(url: string): Send {
  const agent = new Agent({ keepAlive: true, maxSockets: WRITERS });
  let token: { readonly text: Promise<string>; readonly until: number } | undefined;
  return async (method, path, body) => {
    if (token === undefined || token.until < performance.now()) {
      token = { text: requestToken(dataDir, 'ehr'), until: performance.now() + TOKEN_LASTS_MS };
    }
    const text = JSON.stringify(body);
    const headers = {
      authorization: `Bearer ${await token.text}`,
      accept: 'application/fhir+json',
      'content-type': 'application/fhir+json',
      'content-length': Buffer.byteLength(text),
    };
    return new Promise((resolve, reject) => {
      const call = request(`${url}/fhir/${path}`, { method, agent, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const answer = Buffer.concat(chunks).toString();
          return (response.statusCode ?? 0) < 300
            ? resolve(answer)
            : reject(new Error(answer.slice(0, 1000)));
        });
      });
      call.on('error', reject);
      call.end(text);
    });
  };
}

function idOf(body: string): string {
  return (JSON.parse(body) as { id: string }).id;
}
