/** NKR's data dump of its cases: written, read into an empty store, written again, identical. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { IMPORT, SYSTEM } from '../../src/access/principal.ts';
import { writeDumpFolder } from '../../src/operations/dump/files.ts';
import { loadDump } from '../../src/operations/dump/load-dump.ts';
import { dumpLayout } from '../../src/operations/dump/tables.ts';
import { writeDump } from '../../src/operations/dump/write-dump.ts';
import { readRegistry } from '../../src/registry/registry.ts';
import { startTestApp, type TestApp } from '../support/app.ts';
import { clockAt } from '../support/clock.ts';
import { readCases } from './case.ts';
import { content } from './fill-form.ts';
import { runOnServer } from './server-case.ts';

const layout = dumpLayout(readRegistry(content), 'nkr');
const caller = (principal: typeof SYSTEM) => ({ principal, requestId: 'dump', interaction: 'dump' });
const folders: string[] = [];

afterAll(async () => {
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true })));
});

async function dumpOf({ app }: TestApp): Promise<{ folder: string; files: ReadonlyMap<string, string> }> {
  const parent = await mkdtemp(join(tmpdir(), 'ryggrad-dump-'));
  folders.push(parent);
  const folder = join(parent, 'dump');
  await writeDumpFolder(
    folder,
    layout,
    writeDump(app.repository, caller(SYSTEM), layout, { numbers: 'as-table' }),
  );
  const names = (await readdir(folder)).sort();
  return {
    folder,
    files: new Map(
      await Promise.all(
        names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as const),
      ),
    ),
  };
}

describe.each(['kari-prolaps', 'liv-reoperasjon', 'ida-skoliose'])("NKR's dump of the case %s", (name) => {
  it('is identical when it is written again from the store that it was read into.', async () => {
    const each = readCases(join(import.meta.dirname, '../..')).find(
      (one) => one.register === 'nkr' && one.name === name,
    )!;
    let first: Awaited<ReturnType<typeof dumpOf>> | undefined;
    await runOnServer(each, async (server) => {
      first = await dumpOf(server);
    });
    await using target = await startTestApp({}, clockAt('2027-06-01T09:00:00+02:00'));

    const report = await loadDump(target.app.repository, caller(IMPORT), layout, first?.folder ?? '');
    const second = await dumpOf(target);

    expect(report).toMatchObject({ loaded: 1, refused: [] });
    for (const [file, text] of first?.files ?? []) {
      expect([file, second.files.get(file)]).toEqual([file, text]);
    }
  }, 240_000);
});
