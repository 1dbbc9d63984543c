/**
 * `ryggrad reindex`: make index rows anew, in the foreground, while servers may go on reading and writing.
 */
import { print, UsageError } from './cli-command.ts';
import { readConfig } from './config.ts';
import { loadContent } from './content/load.ts';
import { loadR4 } from './content/r4.ts';
import { systemClock } from './fhir/id.ts';
import { isResourceType } from './fhir/resource-types.ts';
import { planReindex, type ReindexDeps, runReindex } from './repository/reindex.ts';
import { createIndexer } from './search/indexer.ts';
import { createParameters } from './search/parameters.ts';
import { openStorage } from './storage/open-storage.ts';
import { EVERYTHING } from './storage/row-access.ts';
import { readIndexState } from './storage/reindex-store.ts';

/** `[--type <type>]… [--status]`: what is stale, or these types whatever their state; or only say how far it is. */
export async function reindex(args: readonly string[]): Promise<number> {
  const { types, isStatus } = readArguments(args);
  const config = readConfig();
  const content = await loadContent([config.contentRoot]);
  const parameters = createParameters([
    ...loadR4().searchParameters.all(),
    ...content.searchParameters.all(),
  ]);
  await using storage = await openStorage(config);
  const db = storage.db.as(EVERYTHING);
  if (isStatus) {
    const states = (await readIndexState(db)).filter(({ target }) => target !== null);
    states.forEach(({ type, done, total }) => print(`${type}  ${done} of ${total}`));
    print(states.length === 0 ? 'Everything is indexed.' : `${states.length} types are not indexed yet.`);
    return 0;
  }
  const deps: ReindexDeps = {
    db,
    parameters,
    index: createIndexer(parameters, { baseUrl: config.fhirBase }),
    clock: systemClock,
    report: ({ type, done, total, isDone }) =>
      print(isDone ? `${type}  done` : `${type}  from ${done} of ${total}`),
  };
  const planned = await planReindex(deps, types);
  await runReindex(deps);
  print(planned.length === 0 ? 'Everything was indexed.' : `${planned.length} types indexed.`);
  return 0;
}

function readArguments(args: readonly string[]): { types: readonly string[]; isStatus: boolean } {
  const types: string[] = [];
  let isStatus = false;
  for (let at = 0; at < args.length; at++) {
    const value = args[at + 1] ?? '';
    if (args[at] === '--status') {
      isStatus = true;
    } else if (args[at] === '--type' && isResourceType(value)) {
      types.push(value);
      at++;
    } else {
      throw new UsageError('Usage: ryggrad reindex [--type <resource type>]… [--status]');
    }
  }
  return { types, isStatus };
}
