/**
 * Commands for whole code systems (ICD-10, NCSP, ATC, SNOMED CT, LOINC …): load them from files, list them, take one away.
 */
import { print, withStorage } from './cli-command.ts';
import { systemClock } from './fhir/id.ts';
import { filesToLoad } from './terminology/load-command.ts';
import { LoadError, loadSystem, removeSystem } from './terminology/load-system.ts';
import { loadedSystems } from './terminology/tables.ts';

/** `terminology load <format> <file> --version …`: nothing happens when these files are loaded already. */
export async function loadTerminology(args: readonly string[]): Promise<number> {
  const files = await filesToLoad(args);
  return await withStorage(async ({ owner }) => {
    print(`Loading ${files.title} ${files.version} as ${files.url}`);
    const { state, count } = await loadSystem(owner, files, { now: systemClock.now(), progress: print });
    print(
      state === 'unchanged'
        ? `These files are loaded already: ${count} concepts.`
        : `${count} concepts of ${files.url} ${files.version} can be used now.`,
    );
    return 0;
  });
}

/** `terminology list`: every loaded version; the one in force is marked. */
export async function listTerminology(): Promise<number> {
  return await withStorage(async ({ db }) => {
    const systems = await loadedSystems(db, systemClock.now().toISOString().slice(0, 10));
    for (const [index, { url, version, title, count, loaded }] of systems.entries()) {
      const isInForce = systems[index - 1]?.url !== url;
      print(
        `${isInForce ? '*' : ' '} ${url}  ${version}  ${title}  ${count} concepts, loaded ${loaded.slice(0, 10)}`,
      );
    }
    return 0;
  });
}

/** `terminology remove <system> <version>`. */
export async function removeTerminology([url, version]: readonly string[]): Promise<number> {
  if (url === undefined || version === undefined) {
    throw new LoadError('Usage: terminology remove <system> <version>, as `terminology list` shows them.');
  }
  return await withStorage(async ({ owner }) => {
    const isRemoved = await removeSystem(owner, url, version);
    print(isRemoved ? `${url} ${version} is gone.` : `${url} ${version} is not loaded.`);
    return isRemoved ? 0 : 1;
  });
}
