/**
 * Reading in of an old dump with many pathways: `npm run import:bench`. A made-up dump with known mess is read in by the command line, as
 * an operator does, into a store of its own, and every line of the report is compared with what was to become of the row; then again,
 * which must write nothing. PATHWAYS (100 000), REGISTER (nnrr), SEED.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { loadContent } from '../src/content/load.ts';
import { dumpLayout } from '../src/operations/dump/tables.ts';
import { readRegistry } from '../src/registry/registry.ts';
import { type ExpectedRow, writeLegacyDump } from '../test/support/legacy-dump.ts';
import { MESSES } from '../test/support/legacy-messes.ts';
import { GIVEN } from '../test/support/legacy-given.ts';
import { removeData } from './server.ts';

const { env } = process;
const PATHWAYS = Number(env['PATHWAYS'] ?? 100_000);
const REGISTER = env['REGISTER'] ?? 'nnrr';
const SEED = Number(env['SEED'] ?? 1);
const UNIT = '9990004';
const CLI = fileURLToPath(new URL('../dist/src/cli.js', import.meta.url));
const ROOT = fileURLToPath(new URL('..', import.meta.url));

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const folder = await mkdtemp(join(tmpdir(), 'ryggrad-import-'));
async function main(): Promise<void> {
  const layout = dumpLayout(readRegistry(await loadContent([ROOT])), REGISTER);
  const dump = join(folder, 'dump');
  const expected = new Map<string, Map<number, ExpectedRow>>();
  let began = performance.now();
  const count = await writeLegacyDump(
    dump,
    layout,
    { pathways: PATHWAYS, seed: SEED, unit: UNIT, messes: MESSES, given: GIVEN },
    (row) => {
      const own = expected.get(row.table) ?? new Map<number, ExpectedRow>();
      expected.set(row.table, own.set(row.line, row));
    },
  );
  say(`${PATHWAYS} pathways of ${REGISTER}, ${count} rows, made in ${seconds(began)} s.`);
  await writeFile(join(folder, 'units.json'), JSON.stringify([unit()]));
  await command(['migrate']);
  await command(['directory', 'load', join(folder, 'units.json')]);

  began = performance.now();
  const first = join(folder, 'first.jsonl');
  await command(['dump', 'load', REGISTER, dump, '--report', first]);
  const took = (performance.now() - began) / 1000;
  say(`First run: ${took.toFixed(0)} s, ${(PATHWAYS / took).toFixed(0)} pathways/s with start and index.`);
  say(await compare(first, expected, (row) => row));

  began = performance.now();
  const second = join(folder, 'second.jsonl');
  await command(['dump', 'load', REGISTER, dump, '--report', second]);
  say(`Second run: ${seconds(began)} s.`);
  say(
    await compare(second, expected, (row) =>
      row.outcome === 'refused' ? row : { ...row, outcome: 'unchanged' as const },
    ),
  );
}

const seconds = (began: number): string => ((performance.now() - began) / 1000).toFixed(1);

/** Every line of a report against what was to become of the row; each row must be there once. */
async function compare(
  report: string,
  expected: ReadonlyMap<string, ReadonlyMap<number, ExpectedRow>>,
  change: (row: ExpectedRow) => ExpectedRow,
): Promise<string> {
  const seen = new Set<string>();
  const wrong: string[] = [];
  let twice = 0;
  for await (const line of createInterface({ input: createReadStream(report) })) {
    const row = JSON.parse(line) as ExpectedRow & { findings: readonly { rule: string; why: string }[] };
    const name = `${row.table}:${row.line}`;
    twice += Number(seen.has(name));
    seen.add(name);
    const before = expected.get(row.table)?.get(row.line);
    const wanted = before && change(before);
    const isRuled =
      wanted?.rule === undefined ||
      row.outcome === 'unchanged' ||
      row.findings.some(({ rule }) => rule === wanted.rule);
    if (wanted?.outcome !== row.outcome || !isRuled) {
      wrong.push(
        `${name} ${row.outcome}, wanted ${wanted?.outcome ?? 'nothing'} ${wanted?.rule ?? ''}: ${JSON.stringify(row.findings)}`,
      );
    }
  }
  const rows = [...expected.values()].reduce((sum, own) => sum + own.size, 0);
  wrong.slice(0, 10).forEach(say);
  return `Report: ${seen.size} of ${rows} rows, ${twice} told twice, ${wrong.length} otherwise than expected.`;
}

const unit = () => ({
  resourceType: 'Organization',
  id: 'import-unit',
  active: true,
  name: 'Poliklinikken',
  identifier: [{ system: 'urn:oid:2.16.578.1.12.4.1.4.102', value: UNIT }],
});

/** The command's own lines go through; one that is wrong (not: found something wrong) ends the bench. */
async function command(args: readonly string[]): Promise<void> {
  const options = (env['NODE_FLAGS'] ?? '').split(' ').filter((flag) => flag !== '');
  const child = spawn(process.execPath, ['--max-semi-space-size=16', ...options, CLI, ...args], {
    env: { PATH: env['PATH'], DATA_DIR: join(folder, 'data'), LOG_LEVEL: 'error' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let refusals = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    refusals += Number(/ was refused: /.test(line));
    if (refusals < 5 || !/ was refused: /.test(line)) {
      say(`  ${line}`);
    }
  }
  const [code] = child.exitCode === null ? ((await once(child, 'exit')) as [number]) : [child.exitCode];
  if (code > 1) {
    throw new Error(`${args.join(' ')} ended with ${code}.`);
  }
}

try {
  await main();
} finally {
  await removeData(join(folder, 'data'));
  await rm(folder, { recursive: true, force: true });
}
