/** Closed-loop load, and what it cost: requests a second, percentiles, CPU time and memory read from /proc. */
import { readdirSync, readFileSync } from 'node:fs';

export interface Load {
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p95: number;
  readonly count: number;
}

/** `clients` callers, each with one call under way, for `milliseconds`. A call that fails ends the measurement. */
export async function load(clients: number, milliseconds: number, call: () => Promise<void>): Promise<Load> {
  const times: number[] = [];
  const begin = performance.now();
  const end = begin + milliseconds;
  const client = async (): Promise<void> => {
    while (performance.now() < end) {
      const start = performance.now();
      await call();
      times.push(performance.now() - start);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  const seconds = (performance.now() - begin) / 1000;
  const sorted = times.toSorted((a, b) => a - b);
  return {
    perSecond: times.length / seconds,
    p50: sorted[Math.floor(sorted.length * 0.5)] ?? NaN,
    p95: sorted[Math.floor(sorted.length * 0.95)] ?? NaN,
    count: times.length,
  };
}

/** A unit of this machine at this moment: microseconds for JSON.parse of one Patient. */
export function calibration(text: string): number {
  const rounds = 20_000;
  const begin = performance.now();
  for (let round = 0; round < rounds; round++) {
    JSON.parse(text);
  }
  return ((performance.now() - begin) * 1000) / rounds;
}

/** A process and everything below it. */
export function processTree(root: number): readonly number[] {
  const parents = new Map(
    readdirSync('/proc')
      .map(Number)
      .filter((pid) => pid > 0)
      .map((pid) => [pid, Number(statOf(pid)[1])] as const),
  );
  const below = (pid: number): readonly number[] => [
    pid,
    ...[...parents].filter(([, parent]) => parent === pid).flatMap(([child]) => below(child)),
  ];
  return below(root);
}

/** CPU seconds that the processes, and children of theirs that have ended, have used. */
export function cpuSeconds(pids: readonly number[]): number {
  const ticks = pids.map((pid) =>
    statOf(pid)
      .slice(11, 15)
      .reduce((sum, value) => sum + Number(value), 0),
  );
  return ticks.reduce((sum, value) => sum + value, 0) / 100;
}

/** Megabytes: resident for one process, proportional share (shared pages counted once) for a tree of them. */
export function memory(pids: readonly number[], kind: 'Rss' | 'Pss'): number {
  const kilobytes = pids.map((pid) => {
    const text = readOrEmpty(`/proc/${pid}/smaps_rollup`);
    return Number(new RegExp(`^${kind}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0);
  });
  return kilobytes.reduce((sum, value) => sum + value, 0) / 1024;
}

/** Fields of /proc/<pid>/stat from the third on: state, parent, … */
function statOf(pid: number): readonly string[] {
  const text = readOrEmpty(`/proc/${pid}/stat`);
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
