/**
 * `npm run fuzz -- [--runs 200000] [--seed 1] [--clients 6] [--slice 1000] [--from 0] [--minutes 600]`: random inputs against the real server
 * on a database of its own. Prints figures, and each fault with the request that shows it; ends with 1 when there is one.
 * `--seed N --from K --runs 1000` sends slice K again.
 */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { cpuSeconds, memory, processTree } from '../../bench/measure.ts';
import { requestToken, startServer } from '../../bench/server.ts';
import { startEmbeddedPostgres } from '../../src/storage/embedded-postgres.ts';
import { type Failure, type Figures, fuzz } from './fuzz.ts';
import { describeProbe } from './probe.ts';

/** More than the server may use, whatever is sent. */
const MEGABYTES = 1200;
/** Faults that are printed; the rest are counted. */
const PRINTED = 40;

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '200000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    clients: { type: 'string', default: '6' },
    slice: { type: 'string', default: '1000' },
    from: { type: 'string', default: '0' },
    minutes: { type: 'string', default: '600' },
  },
});
const folder = await mkdtemp(join(tmpdir(), 'ryggrad-fuzz-'));
await chmod(folder, 0o711); // root's database runs as another user, who must get in
try {
  process.exitCode = await run(folder);
} finally {
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

async function run(dataDir: string): Promise<number> {
  await using database = await startEmbeddedPostgres({ dataDir, path: process.env['PATH'] ?? '' });
  const databaseUrl = `postgres://ryggrad@localhost/ryggrad?host=${encodeURIComponent(String(database.connection.host))}`;
  await using server = await startServer({ dataDir, databaseUrl });
  const pool = new pg.Pool({ ...database.connection, max: 1 });
  const printed = new Set<string>();
  let most = 0;
  say(`Seed ${values.seed}.`);
  try {
    const figures = await fuzz({
      target: { url: server.url, token: (sender) => requestToken(dataDir, sender) },
      query: async (text) => (await pool.query<Record<string, unknown>>(text)).rows,
      seed: Number(values.seed),
      runs: Number(values.runs),
      clients: Number(values.clients),
      slice: Number(values.slice),
      from: Number(values.from),
      cpuMs: () => 1000 * cpuSeconds([server.pid, ...processTree(database.pid)]),
      isOver: () => performance.now() > Number(values.minutes) * 60_000,
      onSlice(sofar) {
        const megabytes = memory([server.pid], 'Rss');
        most = Math.max(most, megabytes);
        say(
          `${sofar.sent} sent, ${sofar.failures.length} faults, server ${megabytes.toFixed(0)} MB, slowest ${sofar.slowest.milliseconds.toFixed(0)} ms`,
        );
        printNew(sofar.failures, printed);
      },
    });
    print(figures, most);
    const isAlive = await Promise.race([server.ended.then(() => false), Promise.resolve(true)]);
    return figures.failures.length === 0 && isAlive && most < MEGABYTES ? 0 : 1;
  } finally {
    await pool.end();
  }
}

/** Each kind of fault once: the same words but for numbers and quotes. */
function printNew(failures: readonly Failure[], printed: Set<string>): void {
  for (const { slice, fault, probe } of failures) {
    const key = `${probe.kind} ${fault.replaceAll(/[0-9]+|"[^"]*"/g, '')}`;
    if (!printed.has(key) && printed.size < PRINTED) {
      printed.add(key);
      say(`\nFAULT in slice ${slice}: ${fault}\n${describeProbe(probe)}\n`);
    }
  }
}

function print(figures: Figures, megabytes: number): void {
  const { sent, byKind, byStatus, refusedAgain, slowest, slowestAlone, failures } = figures;
  say(`\n${sent} inputs, seed ${values.seed}: ${failures.length} faults.`);
  say(`By kind: ${tableOf(byKind)}`);
  say(`By status: ${tableOf(byStatus)}`);
  say(`Refused again between fingerprints: ${refusedAgain}`);
  say(
    `Slowest under load ${slowest.milliseconds.toFixed(0)} ms, of those over 1 s the slowest alone ${slowestAlone.toFixed(0)} ms:\n${slowest.probe}`,
  );
  say(`Server at most ${megabytes.toFixed(0)} MB.`);
}

function tableOf(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
