/**
 * One running PostgreSQL, its life tied to ours: a small `sh` holds a pipe from this process and stops the database
 * when the pipe closes, also when this process was killed. SIGINT is a fast shutdown; a server that does not obey in
 * five seconds gets SIGQUIT, then SIGKILL (its log makes good what is missing at the next start).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, renameSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { type Account, programEnvironment } from './postgres-account.ts';
import { StorageError, type StorageErrorCode, errorCode } from './errors.ts';
import { isAlive } from './process-lock.ts';

export interface Postmaster {
  readonly pid: number;
  /** Fulfilled when the database has ended, for whatever reason. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

export interface PostmasterOptions {
  readonly account: Account;
  readonly program: string;
  readonly cluster: string;
  readonly socketFolder: string;
  readonly settings: Readonly<Record<string, string>>;
  /** File that PostgreSQL's own messages go to; the one of the start before is kept beside it. */
  readonly log: string;
}

const SUPERVISOR = `
"$@" </dev/null >&2 3<&- &
pid=$!
echo $pid
exec >/dev/null
(
  cat <&3
  for signal in INT QUIT KILL; do
    kill -$signal $pid || exit
    i=0
    while [ $i -lt 100 ] && kill -0 $pid; do sleep 0.05; i=$((i + 1)); done
  done
) >/dev/null 2>&1 &
watcher=$!
wait $pid
kill $watcher
`;

/** Start PostgreSQL and wait until it takes connections. Throws a StorageError that explains why it did not. */
export async function startPostmaster(options: PostmasterOptions): Promise<Postmaster> {
  const supervisor = spawnSupervisor(options);
  const tie = supervisor.stdio[3] as Socket;
  const ended = once(supervisor, 'exit').then(() => {
    tie.destroy();
  });
  const [line] = (await Promise.race([
    once(supervisor.stdout as Readable, 'data'),
    ended.then(() => ['']),
  ])) as [string];
  const pid = Number(line);
  const isReady = await waitUntilReady(options.cluster, pid, supervisor);
  if (!isReady) {
    throw explain(readFileSync(options.log, 'utf8'), options.cluster);
  }
  (supervisor.stdout as Readable).destroy();
  tie.unref();
  supervisor.unref(); // a running database alone is no reason to go on living
  return {
    pid,
    ended,
    async stop() {
      supervisor.ref();
      tie.destroy();
      await ended;
    },
  };
}

function spawnSupervisor({
  account,
  program,
  cluster,
  socketFolder,
  settings,
  log,
}: PostmasterOptions): ChildProcess {
  const command = [program, '-D', cluster, '-k', socketFolder, '-h', ''];
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const output = openLog(log);
  try {
    const supervisor = spawn('sh', ['-c', SUPERVISOR, 'sh', ...command, ...args], {
      cwd: '/',
      env: programEnvironment(),
      detached: true, // Ctrl-C in a terminal is for us alone; we stop the database when we are done with it
      stdio: ['ignore', 'pipe', output, 'pipe'],
      ...account.ids,
    });
    return supervisor;
  } finally {
    closeSync(output);
  }
}

function openLog(log: string): number {
  try {
    renameSync(log, `${log}.1`);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') {
      throw error;
    }
  }
  return openSync(log, 'w', 0o600);
}

async function waitUntilReady(cluster: string, pid: number, supervisor: ChildProcess): Promise<boolean> {
  while (supervisor.exitCode === null && supervisor.signalCode === null) {
    const found = await readPostmasterFile(cluster);
    if (found?.pid === pid && found.status === 'ready') {
      return true;
    }
    await delay(5);
  }
  return false;
}

interface PostmasterFile {
  readonly pid: number;
  readonly status: string;
}

/** What postmaster.pid tells: the first line is the process, the eighth its state. */
export async function readPostmasterFile(cluster: string): Promise<PostmasterFile | undefined> {
  const text = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') {
      return '';
    }
    throw error;
  });
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  return pid > 0 ? { pid, status: lines[7]?.trim() ?? 'starting' } : undefined;
}

/**
 * Wait for a database whose server process died; its own supervisor is stopping it. It is never adopted, since it may
 * hang in "stopping". Without a supervisor nobody stops it: after ten seconds we do.
 */
export async function waitForPredecessor(cluster: string): Promise<void> {
  for (const signal of [undefined, 'SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    const pid = (await readPostmasterFile(cluster))?.pid;
    if (pid === undefined || !isAlive(pid) || !serves(pid, cluster)) {
      return;
    }
    if (signal !== undefined) {
      end(pid, signal, cluster);
    }
    await waitForEnd(pid, signal === undefined ? 10_000 : 5_000);
  }
}

async function waitForEnd(pid: number, milliseconds: number): Promise<void> {
  for (let waited = 0; waited < milliseconds && isAlive(pid); waited += 10) {
    await delay(10);
  }
}

function end(pid: number, signal: NodeJS.Signals, cluster: string): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (errorCode(error) === 'EPERM') {
      throw new StorageError(
        'in-use',
        `A database of another user (process ${pid}) runs in ${cluster}. Stop it first.`,
      );
    }
  }
}

/**
 * The number in a left-behind postmaster.pid may by now belong to any program, even to another database. Where the
 * system does not tell, we leave it alone: PostgreSQL itself refuses a folder that is in use.
 */
function serves(pid: number, cluster: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(cluster);
  } catch {
    return false;
  }
}

const REASONS: readonly (readonly [RegExp, StorageErrorCode, string])[] = [
  [
    /No space left on device|Disk quota exceeded/,
    'no-space',
    'the disk is full. Free some space and start again',
  ],
  [
    /lock file ".*" already exists|shared memory block/,
    'in-use',
    'another PostgreSQL still uses it. Stop that one first',
  ],
  [
    /incompatible with server|initialized by PostgreSQL version/,
    'version',
    'it was made by another PostgreSQL version',
  ],
  [
    /Permission denied|invalid permissions|wrong ownership/,
    'permission',
    'its files may not be read. Check owner and modes',
  ],
];

/** The reason in PostgreSQL's log, as an error that says what to do. */
export function explain(log: string, cluster: string): StorageError {
  const lines = log.split('\n').filter((line) => /FATAL|PANIC|error|could not/i.test(line));
  const cause = new Error(lines.join('\n') || 'PostgreSQL ended without a message');
  const reason = REASONS.find(([pattern]) => pattern.test(log));
  if (reason !== undefined) {
    return new StorageError(reason[1], `The database in ${cluster} cannot start: ${reason[2]}.`, { cause });
  }
  const last = lines.at(-1)?.replace(/^.*?(FATAL|PANIC|error):\s*/i, '') ?? 'no message';
  return new StorageError(
    'broken',
    `The database in ${cluster} cannot start (${last}). Its files are damaged or incomplete: ` +
      'put them back from a backup, or set DATA_DIR to an empty folder.',
    { cause },
  );
}
