/**
 * A hospital day with everything that goes wrong: `npm run hospital:day`. Four systems send MESSAGES (5 000) messages with
 * duplicates, reordering, corrections and two of a hundred invalid ones, while server and database get SIGKILL KILLS (3) times. Then
 * the same day is sent once more to another server, clean and one message after the other. Both must know the same in the end, by
 * the hospital's own ids, and every message must have its line in the inbox. SEED.
 */
import { chmod, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { dayOf, type HospitalMessage, inGoodOrder, stateAfter } from '../demo/hospital/day/day.ts';
import { SENDERS, type SenderId } from '../demo/hospital/organisation.ts';
import {
  type ClientFile,
  type RegistryClient,
  registryClient,
} from '../demo/hospital/push/registry-client.ts';
import { type Delivered, sendDay } from '../demo/hospital/push/send-day.ts';
import { readPostmasterFile } from '../src/storage/postmaster.ts';
import { known, toldBy } from '../test/integration/hospital/hospital-pair.ts';
import { kill } from './kill/harness.ts';
import { removeData, type RunningServer, startServer } from './server.ts';

const MESSAGES = Number(process.env['MESSAGES'] ?? 5_000);
const KILLS = Number(process.env['KILLS'] ?? 3);
const SEED = Number(process.env['SEED'] ?? 1);

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const seconds = (began: number): string => ((performance.now() - began) / 1000).toFixed(1);

async function main(folder: string): Promise<boolean> {
  const day = dayOf(SEED, MESSAGES);
  const count = (becomes: string): number =>
    day.filter(({ expectation }) => expectation.becomes === becomes).length;
  say(
    `${day.length} messages of four systems: ${count('stored')} to be stored, ${count('repeated')} twice, ${count('late')} late, ${count('refused')} wrong.`,
  );
  await using messy = await startDay(join(folder, 'messy'));
  const began = performance.now();
  const delivered = await sendKilling(messy, day);
  report(delivered, began);
  const wrong = delivered.filter(({ isAsExpected }) => !isAsExpected);
  wrong.slice(0, 10).forEach((one) => say(`  ${toldBy(one)}`));
  const inbox = await account(messy, day);

  await using clean = await startDay(join(folder, 'clean'));
  const again = performance.now();
  const orderly = inGoodOrder(day);
  const one = await sendOneByOne(clean, orderly);
  say(`The same day without mess, one after the other: ${orderly.length} messages, ${seconds(again)} s.`);
  const failed = one.filter(({ isAsExpected }) => !isAsExpected);
  failed.slice(0, 10).forEach((each) => say(`  ${toldBy(each)}`));
  return (await compare(messy, clean, day)) && inbox && wrong.length + failed.length === 0;
}

interface Day extends AsyncDisposable {
  readonly folder: string;
  readonly clients: Record<SenderId, RegistryClient>;
  /** Server and database are killed, and started again on the same port. */
  crash(): Promise<void>;
  query(text: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
}

async function startDay(folder: string): Promise<Day> {
  let server: RunningServer = await start(folder);
  const { url } = server;
  const ids = Object.keys(SENDERS) as SenderId[];
  const clients = await Promise.all(
    ids.map(async (sender) => {
      const file = await readFile(join(folder, 'demo', `hospital-${sender}-client.json`), 'utf8');
      const client = JSON.parse(file) as ClientFile;
      return [sender, registryClient({ registryUrl: url, client, attempts: 60, pause: () => 500 })] as const;
    }),
  );
  return {
    folder,
    clients: Object.fromEntries(clients) as Record<SenderId, RegistryClient>,
    async crash() {
      const databasePid = (await readPostmasterFile(await clusterOf(folder)))?.pid;
      if (databasePid === undefined) {
        throw new Error(`No database runs in ${folder}`);
      }
      await kill({ nodePid: server.pid, databasePid, ended: server.ended }, 'both');
      server = await start(folder, Number(new URL(url).port));
    },
    async query(text) {
      const connection = await connectionOf(folder);
      const client = new pg.Client(connection);
      await client.connect();
      try {
        return (await client.query<Record<string, unknown>>(text)).rows;
      } finally {
        await client.end();
      }
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

async function start(dataDir: string, port?: number): Promise<RunningServer> {
  await mkdir(dataDir, { recursive: true, mode: 0o711 });
  return startServer({ dataDir, env: { RATE_LIMITS: 'off' }, ...(port !== undefined && { port }) });
}

/** Where the files of the day's own database are. */
async function clusterOf(folder: string): Promise<string> {
  const location = await readFile(join(folder, 'postgres.location'), 'utf8').catch(() => '');
  return location.trim() === '' ? join(folder, 'postgres') : location.trim();
}

/** Where the day's own database listens: the fifth line of postmaster.pid is the folder of its socket. */
async function connectionOf(folder: string): Promise<pg.ClientConfig> {
  const file = join(await clusterOf(folder), 'postmaster.pid');
  const [, , , port, host] = (await readFile(file, 'utf8')).split('\n');
  return { host: host?.trim(), port: Number(port), user: 'ryggrad', database: 'ryggrad' };
}

/** The day, with a crash whenever another share of it has been answered. */
async function sendKilling(
  { clients, crash }: Day,
  day: readonly HospitalMessage[],
): Promise<readonly Delivered[]> {
  let answered = 0;
  let crashes: Promise<void> = Promise.resolve();
  const share = Math.floor(day.length / (KILLS + 1));
  const delivered = await sendDay(day, {
    clients,
    onDelivered() {
      answered += 1;
      if (answered % share === 0 && answered / share <= KILLS) {
        const at = answered;
        crashes = crashes.then(async () => {
          const began = performance.now();
          await crash();
          say(`  killed after ${at} messages, back after ${seconds(began)} s`);
        });
      }
    },
  });
  await crashes;
  return delivered;
}

function report(delivered: readonly Delivered[], began: number): void {
  const times = delivered.flatMap(({ answer }) => answer?.ms ?? []).sort((a, b) => a - b);
  const at = (share: number): string => (times[Math.floor(times.length * share)] ?? 0).toFixed(0);
  const again = delivered.filter(({ answer }) => (answer?.attempts ?? 0) > 1).length;
  say(
    `Sent in ${seconds(began)} s, ${((1000 * delivered.length) / (performance.now() - began)).toFixed(0)} messages/s, p50 ${at(0.5)} ms, p95 ${at(0.95)} ms; ${again} were sent more than once.`,
  );
  const wrong = delivered.filter(({ isAsExpected }) => !isAsExpected).length;
  say(`${delivered.length} answered, ${wrong} otherwise than they must be.`);
}

/** Each message has its line: one of those that are right, whatever came of it; one of those that are wrong, with a reason. */
async function account({ query }: Day, day: readonly HospitalMessage[]): Promise<boolean> {
  const rows = (await query(
    `select regexp_replace(message, '^.*\\|', '') as id, outcome, times, late, jsonb_array_length(coalesce(issues, '[]')) as reasons from inbox`,
  )) as readonly { id: string; outcome: string; times: number; late: number; reasons: number }[];
  const lines = Map.groupBy(rows, ({ id }) => id);
  const missing = [...new Set(day.map(({ id }) => id))].filter((id) => {
    const own = lines.get(id) ?? [];
    const isWrong = day.some((each) => each.id === id && each.expectation.becomes === 'refused');
    const [line] = own;
    return isWrong
      ? own.length !== 1 || line?.outcome !== 'refused' || line.reasons === 0
      : own.length !== 1 || (line?.outcome !== 'stored' && line?.outcome !== 'unchanged');
  });
  const counted = Map.groupBy(rows, ({ outcome }) => outcome);
  const told = [...counted].map(([outcome, own]) => `${own.length} ${outcome}`).join(', ');
  const repeated = rows.reduce((sum, { times }) => sum + times - 1, 0);
  const late = rows.filter((row) => row.late > 0).length;
  say(`Inbox: ${told}; ${repeated} came again, ${late} too late; ${missing.length} not accounted for.`);
  missing.slice(0, 5).forEach((id) => say(`  ${id}: ${JSON.stringify(lines.get(id) ?? [])}`));
  return missing.length === 0;
}

/** Each message waits for the one before, whoever sends it. */
async function sendOneByOne(
  { clients }: Day,
  messages: readonly HospitalMessage[],
): Promise<readonly Delivered[]> {
  const delivered: Delivered[] = [];
  for (const message of messages) {
    delivered.push(...(await sendDay([message], { clients })));
  }
  return delivered;
}

/** What follows from the messages follows by jobs: wait until none is left, a minute at most. */
async function settled({ query }: Day): Promise<void> {
  const begun = performance.now();
  for (;;) {
    const [row] = await query(
      'select count(*)::int as n from graphile_worker._private_jobs where run_at <= now() and attempts < max_attempts',
    );
    if (Number(row?.['n']) === 0) {
      return;
    }
    if (performance.now() - begun > 60_000) {
      say(`  ${String(row?.['n'])} jobs are still waiting.`);
      return;
    }
    await delay(500);
  }
}

/** Both know what the hospital has said last of each thing, and have the same of everything that follows from it. */
async function compare(messy: Day, clean: Day, day: readonly HospitalMessage[]): Promise<boolean> {
  const states = stateAfter(day);
  await settled(messy);
  await settled(clean);
  const [one, other] = [await known(messy.clients, states), await known(clean.clients, states)];
  const names = Object.keys(states);
  const differing = names.filter(
    (name) =>
      JSON.stringify(one.found[name]) !== JSON.stringify(one.expected[name]) ||
      JSON.stringify(one.found[name]) !== JSON.stringify(other.found[name]),
  );
  say(`${names.length} things of the hospital: ${differing.length} known otherwise than in the clean run.`);
  differing
    .slice(0, 5)
    .forEach((name) =>
      say(`  ${name}: ${JSON.stringify([one.expected[name], one.found[name], other.found[name]])}`),
    );
  const counts = async ({ query }: Day): Promise<ReadonlyMap<string, number>> => {
    const rows = await query(
      `select substring(content from '"resourceType":"([A-Za-z]+)"') as type, count(*)::int as n from resource
       where content is not null group by 1`,
    );
    return new Map(rows.map(({ type, n }) => [String(type), Number(n)]));
  };
  const [messyCounts, cleanCounts] = [await counts(messy), await counts(clean)];
  const kinds = [...new Set([...messyCounts.keys(), ...cleanCounts.keys()])].filter(
    (type) => type !== 'Binary' && type !== 'Provenance', // one for each message, also a late one
  );
  const uneven = kinds.filter((type) => messyCounts.get(type) !== cleanCounts.get(type));
  const listed = uneven.map((type) => `${type} ${messyCounts.get(type) ?? 0}/${cleanCounts.get(type) ?? 0}`);
  say(
    `${kinds.length} types of resources counted in both: ${uneven.length} differ. ${listed.join(', ')}`.trim(),
  );
  return differing.length + uneven.length === 0;
}

const folder = await mkdtemp(join(tmpdir(), 'ryggrad-hospital-'));
await chmod(folder, 0o711);
try {
  const isRight = await main(folder);
  say(isRight ? 'Everything is as it must be.' : 'Something is not as it must be.');
  process.exitCode = isRight ? 0 : 1;
} finally {
  await removeData(join(folder, 'messy'));
  await removeData(join(folder, 'clean'));
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}
