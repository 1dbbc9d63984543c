/**
 * `npm run bench:kill -- [rounds]` (default 20): the kill test of the whole server (RE-02). Four HTTP clients write while the
 * server, its database, or both get SIGKILL at a random moment; after a restart on the same folder every acknowledged
 * write must be there, and no transaction by half. First it must catch acknowledgements that come too early.
 */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fullStackTarget } from './full-stack-target.ts';
import { killRounds, report, type Victim } from './harness.ts';

const VICTIMS: readonly Victim[] = ['node', 'database', 'both'];
const COMMON = { atLeast: 100 };

const count = Number(process.argv[2] ?? 20);
const folder = await mkdtemp(join(tmpdir(), 'ryggrad-kill-'));
await chmod(folder, 0o711);
try {
  const early = fullStackTarget(join(folder, 'early'), 'early');
  const caught = await killRounds(early, { ...COMMON, folder, victims: ['both'] });
  console.log(`on purpose: acknowledging before the server has the write\n${report(caught)}`);
  if (caught.every(({ lost }) => lost.length === 0)) {
    throw new Error(
      'The test did not catch acknowledgements that came too early: its result is worth nothing.',
    );
  }
  const victims = Array.from({ length: count }, (_, index) => VICTIMS[index % VICTIMS.length] as Victim);
  const rounds = await killRounds(fullStackTarget(join(folder, 'data'), 'honest'), {
    ...COMMON,
    folder,
    victims,
  });
  const acknowledged = rounds.reduce((sum, round) => sum + round.acknowledged, 0);
  const wrong = rounds.reduce((sum, { lost, broken }) => sum + lost.length + broken.length, 0);
  console.log(
    `as it is\n${report(rounds)}\n${rounds.length} rounds, ${acknowledged} acknowledged, ${wrong} lost or broken`,
  );
  process.exitCode = wrong === 0 ? 0 : 1;
} finally {
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}
