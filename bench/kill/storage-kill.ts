/**
 * `node bench/kill/storage-kill.ts [rounds]` (default 3): the kill test of the store (RE-02).
 * First the harness must catch two faults made on purpose, else its silence would mean nothing.
 */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Round, type Victim, killRounds, report } from './harness.ts';
import { storageTarget } from './storage-target.ts';

const VICTIMS: readonly Victim[] = ['node', 'database', 'both'];
const FAULTS: Readonly<Record<string, readonly string[]>> = {
  'acknowledging before the commit': ['early'],
  'synchronous_commit=off': ['synchronous_commit=off', 'wal_writer_delay=10s', 'wal_writer_flush_after=0'],
};

const path = process.env['PATH'] ?? '';
const count = Number(process.argv[2] ?? VICTIMS.length);
const folder = await mkdtemp(join(tmpdir(), 'ryggrad-kill-'));
await chmod(folder, 0o711);
try {
  for (const [fault, words] of Object.entries(FAULTS)) {
    const rounds = await roundsUntilCaught(words);
    console.log(`on purpose: ${fault}\n${report(rounds)}`);
    if (rounds.every(({ lost }) => lost.length === 0)) {
      throw new Error(`The harness did not catch "${fault}": its result is worth nothing.`);
    }
  }
  const victims = Array.from({ length: count }, (_, index) => VICTIMS[index % VICTIMS.length] as Victim);
  const rounds = await killRounds(storageTarget(join(folder, 'data'), path), { folder, victims });
  console.log(`as it is\n${report(rounds)}`);
  process.exitCode = rounds.some(({ lost, broken }) => lost.length + broken.length > 0) ? 1 : 0;
} finally {
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** A kill hits between acknowledgement and commit only by chance: some tries are allowed. */
async function roundsUntilCaught(words: readonly string[]): Promise<readonly Round[]> {
  const target = storageTarget(join(folder, words.join('-').replaceAll('=', '-')), path, words);
  const rounds: Round[] = [];
  while (rounds.length < 8 && rounds.every(({ lost }) => lost.length === 0)) {
    rounds.push(...(await killRounds(target, { folder, victims: ['both'] })));
  }
  return rounds;
}
