/**
 * Online reindexing: https://hl7.org/fhir/R4/searchparameter.html (a new parameter is not searchable until the resources
 * that are there have been indexed for it). At start each type's definitions are compared with those that its index was
 * made from; what differs is made anew in the background, batch after batch, while everybody reads and writes. Until then
 * the parameters that differ are refused by name with how far the work is; all others are answered.
 */
import type { Clock } from '../fhir/id.ts';
import { parseJson } from '../fhir/json.ts';
import { RESOURCE_TYPES } from '../fhir/resource-types.ts';
import type { Resource } from '../fhir/types.ts';
import { indexChecksums, type Checksums } from '../search/index-version.ts';
import type { Indexer } from '../search/indexer.ts';
import type { ParameterTable } from '../search/parameters.ts';
import type { Db } from '../storage/db.ts';
import {
  countRows,
  finishType,
  type IndexStateRow,
  readBatch,
  readIndexState,
  saveIndexState,
  saveProgress,
  writeIndex,
} from '../storage/reindex-store.ts';

export interface ReindexDeps {
  readonly db: Db;
  readonly parameters: ParameterTable;
  readonly index: Indexer;
  readonly clock: Clock;
  /** Told of each type that is begun or done. */
  readonly report?: (progress: TypeProgress) => void;
}

export interface TypeProgress {
  readonly type: string;
  readonly done: number;
  readonly total: number;
  readonly isDone: boolean;
}

/** Resources of one statement. */
const BATCH = 200;
const REFRESH_MS = 1000;

/**
 * Compare what is indexed with what is defined, and note what is to be done; answers the types with work. `force` names
 * types whose index is made anew in any case. Types without resources need nothing.
 */
export async function planReindex(
  { db, parameters, clock }: Pick<ReindexDeps, 'db' | 'parameters' | 'clock'>,
  force: readonly string[] = [],
): Promise<readonly string[]> {
  const states = new Map((await readIndexState(db)).map((state) => [state.type, state]));
  const wanted = new Map(RESOURCE_TYPES.map((type) => [type, indexChecksums(parameters, type)]));
  const stale = RESOURCE_TYPES.filter((type) => {
    const state = states.get(type);
    return force.includes(type) || !isSame(state?.target ?? state?.params, wanted.get(type) ?? {});
  });
  const counts = stale.length === 0 ? new Map<string, number>() : await countRows(db, stale);
  const changed = stale.map((type): IndexStateRow => {
    const total = counts.get(type) ?? 0;
    const target = wanted.get(type) ?? {};
    const params = states.get(type)?.params ?? {};
    return total === 0
      ? { type, params: target, target: null, after: '0', done: 0, total }
      : { type, params, target, after: '0', done: 0, total };
  });
  if (changed.length > 0) {
    await saveIndexState(db, changed, clock.now());
  }
  const before = [...states.values()].filter(({ type, target }) => target !== null && !stale.includes(type));
  return [...before, ...changed.filter(({ target }) => target !== null)].map(({ type }) => type);
}

const isSame = (a: Checksums | undefined, b: Checksums): boolean =>
  a !== undefined &&
  Object.keys(a).length === Object.keys(b).length &&
  Object.entries(b).every(([code, checksum]) => a[code] === checksum);

/** Do the work that is noted, going on where it stopped. Ends early, between two batches, when `signal` says so. */
export async function runReindex(deps: ReindexDeps, signal?: AbortSignal): Promise<void> {
  const states = await readIndexState(deps.db);
  for (const state of states.filter(({ target }) => target !== null)) {
    const isDone = await reindexType(deps, state, signal);
    if (!isDone) {
      return;
    }
  }
}

async function reindexType(
  { db, index, clock, report }: ReindexDeps,
  { type, target, after: start, done: before, total }: IndexStateRow,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  report?.({ type, done: before, total, isDone: false });
  let after = start;
  let done = before;
  for (;;) {
    if (signal?.aborted === true) {
      return false;
    }
    const rows = await readBatch(db, type, after, BATCH);
    const last = rows.at(-1);
    if (last === undefined) {
      await finishType(db, { type, target }, clock.now());
      report?.({ type, done, total, isDone: true });
      return true;
    }
    await writeIndex(
      db,
      type,
      rows.map((row) => ({ row, index: index(parseJson(row.content) as unknown as Resource) })),
    );
    after = last.rid;
    done += rows.length;
    await saveProgress(db, type, { after, count: rows.length, now: clock.now() });
  }
}

/** Few enough to be indexed before the first request instead of being refused for a while. */
const AT_ONCE = 2000;

export interface PreparedIndex {
  readonly pending: NonNullable<ParameterTable['pending']>;
  /** There is work for the job. */
  readonly hasWork: boolean;
}

/** At start: note what is stale, make it anew at once if it is little, and keep watch over the rest. */
export async function prepareIndex(deps: ReindexDeps): Promise<PreparedIndex> {
  await planReindex(deps);
  const waiting = await readPending(deps.db);
  const total = [...waiting.values()].reduce((sum, state) => sum + state.total, 0);
  if (waiting.size > 0 && total <= AT_ONCE) {
    await runReindex(deps);
  }
  const states = total <= AT_ONCE ? new Map<string, IndexStateRow>() : waiting;
  return { pending: watch(deps, states), hasWork: states.size > 0 };
}

/** What the table says, kept in memory; read again, behind the scenes, when it is asked for and a second old. */
function watch(
  { db, clock }: Pick<ReindexDeps, 'db' | 'clock'>,
  first: ReadonlyMap<string, IndexStateRow>,
): NonNullable<ParameterTable['pending']> {
  let states = first;
  let readAt = clock.now().getTime();
  const refresh = async (): Promise<void> => {
    states = await readPending(db);
  };
  return (type, code) => {
    const state = states.get(type);
    if (states.size > 0 && Math.abs(clock.now().getTime() - readAt) >= REFRESH_MS) {
      readAt = clock.now().getTime();
      refresh().catch(() => undefined); // the next question asks again
    }
    return state === undefined || state.params[code] === state.target?.[code]
      ? undefined
      : `${state.done} of ${state.total} resources`;
  };
}

async function readPending(db: Db): Promise<ReadonlyMap<string, IndexStateRow>> {
  const states = await readIndexState(db);
  return new Map(states.filter(({ target }) => target !== null).map((state) => [state.type, state]));
}
