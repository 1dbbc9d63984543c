/** `ryggrad dump …`: the data of a register as tables in the form of the old solution, out and in. */
import pino from 'pino';
import { IMPORT, type Principal, RESEARCH, SYSTEM } from './access/principal.ts';
import { createEngine, type Engine } from './app/engine.ts';
import { print, UsageError, withStorage } from './cli-command.ts';
import { newUuid, systemClock } from './fhir/id.ts';
import { writeDumpFolder } from './operations/dump/files.ts';
import { loadDump, type LoadReport } from './operations/dump/load-dump.ts';
import { noReport, OUTCOMES, reportFile } from './operations/dump/report.ts';
import { dumpLayout } from './operations/dump/tables.ts';
import { writeDump } from './operations/dump/write-dump.ts';

/** `dump write <register> <folder> [--numbers | --research]`: the folder must be new. */
export async function dumpCommand(args: readonly string[]): Promise<number> {
  const numbers = args.includes('--numbers') ? 'as-table' : 'left-out';
  const isForResearch = args.includes('--research');
  const [register, folder, ...rest] = args.filter((arg) => arg !== '--numbers' && arg !== '--research');
  const isBoth = isForResearch && numbers === 'as-table';
  if (register === undefined || folder === undefined || rest.length > 0 || isBoth) {
    throw new UsageError('Usage: ryggrad dump write <register> <new folder> [--numbers | --research]');
  }
  return withEngine(async ({ registry, repository }) => {
    const layout = dumpLayout(registry, register);
    const principal: Principal = isForResearch ? { ...SYSTEM, purpose: RESEARCH } : SYSTEM;
    const caller = { principal, requestId: 'cli', interaction: 'data-dump' };
    const rows = writeDump(repository, caller, layout, { numbers });
    for (const [table, count] of await writeDumpFolder(folder, layout, rows)) {
      print(`${table}.csv  ${count} rows`);
    }
    return 0;
  });
}

const LOAD_USAGE = 'Usage: ryggrad dump load <register> <folder> [--report <new file.jsonl | .csv>]';

/** `dump load <register> <folder> [--report <file>]`: 1 when a row was refused; the others are read in. */
export async function loadCommand(args: readonly string[]): Promise<number> {
  const at = args.indexOf('--report');
  const file = at === -1 ? undefined : args[at + 1];
  const [register, folder, ...rest] = at === -1 ? args : args.toSpliced(at, 2);
  if (
    register === undefined ||
    folder === undefined ||
    rest.length > 0 ||
    (at !== -1 && file === undefined)
  ) {
    throw new UsageError(LOAD_USAGE);
  }
  return withEngine(async ({ registry, repository }) => {
    const layout = dumpLayout(registry, register);
    const caller = { principal: IMPORT, requestId: 'cli', interaction: 'load-dump' };
    await using report = file === undefined ? noReport : reportFile(file);
    const loaded = await loadDump(repository, caller, layout, folder, { report, onProgress: progress() });
    printReport(loaded);
    const { user, system } = process.cpuUsage();
    print(
      `${((user + system) / 1e6).toFixed(1)} s of CPU, ${Math.round(process.resourceUsage().maxRSS / 1e3)} MB at most.`,
    );
    return loaded.totals.refused === 0 ? 0 : 1;
  });
}

const EVERY = 10_000;

/** A line for every ten thousand pathways: the rate since the last one, and how much memory is used. */
function progress(): (done: number, of: number) => void {
  let told = { done: 0, at: performance.now() };
  return (done, of) => {
    if (done - told.done >= EVERY || (done === of && done > EVERY)) {
      const now = performance.now();
      const rate = Math.round(((done - told.done) / (now - told.at)) * 1000);
      const memory = Math.round(process.memoryUsage.rss() / 1e6);
      print(`${done} of ${of} pathways, ${rate}/s, ${memory} MB`);
      told = { done, at: now };
    }
  };
}

function printReport({ loaded, known, refused, refusedCount, rows, totals, unread }: LoadReport): void {
  print(
    `${loaded} pathways read in, ${known} were here already, ${refusedCount} were refused, with all their rows.`,
  );
  for (const [table, own] of [...rows, ['together', totals] as const]) {
    print(`  ${table}: ${OUTCOMES.map((outcome) => `${own[outcome]} ${outcome}`).join(', ')}`);
  }
  if (unread.length > 0) {
    print(`No form takes these columns: ${unread.join(', ')}`);
  }
  for (const { pathway, problems } of refused) {
    print(`${pathway} was refused: ${problems.join(' ')}`);
  }
  if (refusedCount > refused.length) {
    print(`… and ${refusedCount - refused.length} more: --report <file> tells of every row.`);
  }
}

/** Work on the register's engine over the storage of the settings. */
export const withEngine = (work: (engine: Engine) => Promise<number>): Promise<number> =>
  withStorage(async (storage, config) => {
    const log = pino({ level: 'error' }, pino.destination(2));
    return work(await createEngine({ config, storage, log, clock: systemClock, newId: newUuid }));
  });
