/** RE-02 in short; `node bench/kill/storage-kill.ts 50` is the long form. */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Round, type Victim, killRounds } from '../../../bench/kill/harness.ts';
import { storageTarget } from '../../../bench/kill/storage-target.ts';

const itOnLinux = process.platform === 'linux' ? it : it.skip;

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ryggrad-kill-'));
  await chmod(folder, 0o711);
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

const rounds = (victims: readonly Victim[], faults: readonly string[] = []): Promise<readonly Round[]> =>
  killRounds(storageTarget(join(folder, 'data'), process.env['PATH'] ?? '', faults), { folder, victims });

describe('The kill test', () => {
  itOnLinux('catches an acknowledgement that comes before the commit.', async () => {
    let lost = 0;
    for (let attempt = 0; attempt < 8 && lost === 0; attempt++) {
      const [round] = await rounds(['both'], ['early']);
      lost += round!.lost.length;
    }

    expect(lost).toBeGreaterThan(0);
  });

  itOnLinux('catches a database that does not wait for its disk (synchronous_commit=off).', async () => {
    let lost = 0;
    for (let attempt = 0; attempt < 8 && lost === 0; attempt++) {
      const [round] = await rounds(
        ['both'],
        ['synchronous_commit=off', 'wal_writer_delay=400ms', 'wal_writer_flush_after=1GB'],
      );
      lost += round!.lost.length;
    }

    expect(lost).toBeGreaterThan(0);
  });

  itOnLinux(
    'finds nothing acknowledged lost and nothing half stored, whatever was killed (RE-02).',
    async () => {
      const results = await rounds(['node', 'both']);

      expect(results.map(({ lost, broken }) => [lost, broken])).toEqual([
        [[], []],
        [[], []],
      ]);
      expect(Math.min(...results.map(({ acknowledged }) => acknowledged))).toBeGreaterThan(100);
    },
  );
});
