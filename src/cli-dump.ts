/** `ryggrad dump …`: the data of a register as tables in the form of the old solution, out and in. */
import pino from 'pino';
import { IMPORT, SYSTEM } from './access/principal.ts';
import { createEngine, type Engine } from './app/engine.ts';
import { print, UsageError, withStorage } from './cli-command.ts';
import { newUuid, systemClock } from './fhir/id.ts';
import { readDumpFolder, writeDumpFolder } from './operations/dump/files.ts';
import { loadDump } from './operations/dump/load-dump.ts';
import { dumpLayout } from './operations/dump/tables.ts';
import { writeDump } from './operations/dump/write-dump.ts';

/** `dump write <register> <folder> [--numbers]`: the folder must be new. */
export async function dumpCommand(args: readonly string[]): Promise<number> {
  const numbers = args.includes('--numbers') ? 'as-table' : 'left-out';
  const [register, folder, ...rest] = args.filter((arg) => arg !== '--numbers');
  if (register === undefined || folder === undefined || rest.length > 0) {
    throw new UsageError('Usage: ryggrad dump write <register> <new folder> [--numbers]');
  }
  return withEngine(async ({ registry, repository }) => {
    const layout = dumpLayout(registry, register);
    const caller = { principal: SYSTEM, requestId: 'cli', interaction: 'data-dump' };
    const rows = writeDump(repository, caller, layout, { numbers });
    for (const [table, count] of await writeDumpFolder(folder, layout, rows)) {
      print(`${table}.csv  ${count} rows`);
    }
    return 0;
  });
}

/** `dump load <register> <folder>`: 1 when a pathway was refused; the others are read in. */
export async function loadCommand([register, folder, ...rest]: readonly string[]): Promise<number> {
  if (register === undefined || folder === undefined || rest.length > 0) {
    throw new UsageError('Usage: ryggrad dump load <register> <folder>');
  }
  return withEngine(async ({ registry, repository }) => {
    const layout = dumpLayout(registry, register);
    const caller = { principal: IMPORT, requestId: 'cli', interaction: 'load-dump' };
    const report = await loadDump(repository, caller, layout, await readDumpFolder(folder));
    print(`${report.loaded} pathways read in, ${report.known} were here already.`);
    for (const { pathway, problems } of report.refused) {
      print(`ForløpsID ${pathway} was refused: ${problems.join(' ')}`);
    }
    return report.refused.length === 0 ? 0 : 1;
  });
}

/** Work on the register's engine over the storage of the settings. */
export const withEngine = (work: (engine: Engine) => Promise<number>): Promise<number> =>
  withStorage(async (storage, config) => {
    const log = pino({ level: 'error' }, pino.destination(2));
    return work(await createEngine({ config, storage, log, clock: systemClock, newId: newUuid }));
  });
