/**
 * RE-02: nothing that was acknowledged is lost, nothing is half stored, whatever is killed and whenever.
 * A round: start the target, let it write and note its acknowledgements outside the database, kill with SIGKILL at a
 * random moment, start again, compare. What the target is (the store alone, the whole server) is the caller's matter.
 */
import { readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** What gets SIGKILL: our process, the database with all its children, or all of it at once. */
export type Victim = 'node' | 'database' | 'both';

/** A started target, busy writing. */
export interface Running {
  readonly nodePid: number;
  readonly databasePid: number;
  /** Fulfilled when our process has ended. */
  readonly ended: Promise<unknown>;
}

export interface Verdict {
  /** Acknowledged keys that the restarted target does not have as acknowledged. */
  readonly lost: readonly string[];
  /** Anything else that must not be: half transactions, index rows without a resource … in words. */
  readonly broken: readonly string[];
}

export interface Target {
  /** Start it; it appends one line per acknowledged write to the file. */
  start(acksFile: string): Promise<Running>;
  /** Start again after the kill and compare. */
  verify(acknowledged: readonly string[]): Promise<Verdict>;
}

export interface Round extends Verdict {
  readonly victim: Victim;
  readonly acknowledged: number;
  readonly restartMs: number;
}

export interface KillOptions {
  readonly folder: string;
  readonly victims: readonly Victim[];
  /** Acknowledgements to wait for before the kill. */
  readonly atLeast?: number;
  /** 0 ≤ x < 1: the moment of the kill. */
  readonly random?: () => number;
}

/** One round for each victim, in order, on the same data. */
export async function killRounds(target: Target, options: KillOptions): Promise<readonly Round[]> {
  const rounds: Round[] = [];
  for (const [index, victim] of options.victims.entries()) {
    rounds.push(await killRound(target, victim, join(options.folder, `acks-${index}`), options));
  }
  return rounds;
}

async function killRound(
  target: Target,
  victim: Victim,
  acksFile: string,
  { atLeast = 200, random = Math.random }: KillOptions,
): Promise<Round> {
  const running = await target.start(acksFile);
  await waitForLines(acksFile, atLeast);
  await delay(random() * 300);
  await kill(running, victim);
  const acknowledged = await lines(acksFile);
  const begin = performance.now();
  const verdict = await target.verify(acknowledged);
  await rm(acksFile);
  return { victim, acknowledged: acknowledged.length, restartMs: performance.now() - begin, ...verdict };
}

/** SIGKILL; resolves when our process has ended. */
export async function kill({ nodePid, databasePid, ended }: Running, victim: Victim): Promise<void> {
  const database = [databasePid, ...(await childrenOf(databasePid))];
  if (victim !== 'node') {
    database.forEach(killNow);
  }
  if (victim === 'database') {
    await delay(100); // our process notices, and may acknowledge what it should not
  }
  killNow(nodePid);
  await ended;
}

function killNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') {
      throw error;
    }
  }
}

async function childrenOf(parent: number): Promise<readonly number[]> {
  const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0);
  const parents = await Promise.all(pids.map(parentOf));
  return pids.filter((_, index) => parents[index] === parent);
}

async function parentOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}

async function waitForLines(file: string, count: number): Promise<void> {
  while ((await lines(file)).length < count) {
    await delay(20);
  }
}

/** Complete lines of the file; the last may have been cut by the kill. */
async function lines(file: string): Promise<readonly string[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.split('\n').slice(0, -1);
}

/** A table of the rounds, for people. */
export function report(rounds: readonly Round[]): string {
  return rounds
    .map(
      ({ victim, acknowledged, lost, broken, restartMs }) =>
        `${victim.padEnd(8)} ${String(acknowledged).padStart(6)} acknowledged  ${String(lost.length).padStart(4)} lost  ` +
        `${broken.length} broken  restart and compare ${Math.round(restartMs)} ms${broken.map((text) => `\n  ${text}`).join('')}`,
    )
    .join('\n');
}
