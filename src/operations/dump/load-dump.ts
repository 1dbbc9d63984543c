/**
 * Reading a data dump in: pathways in batches, each batch in one transaction, by the rules that every form passes. Each row is told in
 * the report. A pathway comes whole or not at all; one that has come before is left alone; nothing is sent to anybody (docs/adr/0027).
 */
import type { Caller } from '../../repository/audit.ts';
import { closeVisit } from '../../repository/audit.ts';
import type { Repository } from '../../repository/repository.ts';
import { Visit } from '../../repository/visit.ts';
import { EVERYTHING } from '../../storage/row-access.ts';
import { readCentres } from './centres.ts';
import { allRows, type Gathered, gather } from './gather.ts';
import { type Imported, importedSql } from './ledger.ts';
import { loadBatch } from './load-batch.ts';
import type { LoadDeps } from './load-deps.ts';
import { planPathway } from './plan-pathway.ts';
import { noReport, Reporter, type ReportSink, type Totals } from './report.ts';
import { type DumpSource, openDump, type SourceRow, type TableFile } from './source.ts';
import type { DumpLayout, DumpModule } from './tables.ts';
import { Tally } from './tally.ts';

export interface LoadOptions {
  readonly report?: ReportSink;
  /** Pathways in one transaction. */
  readonly batch?: number;
  /** Transactions at a time. */
  readonly parallel?: number;
  /** Told after each batch: pathways done so far, of how many. */
  readonly onProgress?: (done: number, of: number) => void;
}

export interface LoadReport {
  /** Pathways that were read in. */
  readonly loaded: number;
  /** Pathways that are here already. */
  readonly known: number;
  /** What kept pathways from being read in; the first hundred. */
  readonly refused: readonly { readonly pathway: string; readonly problems: readonly string[] }[];
  readonly refusedCount: number;
  /** Rows of the files, by table and outcome. */
  readonly rows: ReadonlyMap<string, Totals>;
  readonly totals: Totals;
  /** Columns of the files that no form takes. */
  readonly unread: readonly string[];
}

const BATCH = 30;
const PARALLEL = 2;

/** Read the files of a folder in. Throws for what concerns the whole dump (400). */
export async function loadDump(
  repository: Repository,
  caller: Caller,
  layout: DumpLayout,
  folder: string,
  { report = noReport, batch = BATCH, parallel = PARALLEL, onProgress }: LoadOptions = {},
): Promise<LoadReport> {
  using source = await openDump(folder, layout);
  const visit = new Visit();
  const centres = (await readCentres(repository, { ...caller, visit })).flatMap(({ id, resh }) => [
    [resh, id] as const,
    [id, id] as const,
  ]);
  const reporter = new Reporter(report, source.files);
  const tally = new Tally();
  const deps: LoadDeps = {
    repository,
    caller,
    layout,
    source,
    centres: new Map(centres),
    reporter,
    tally,
  };
  const ranges = rangesOf(source, batch);
  const of = ranges.reduce((sum, { from, to }) => sum + to - from, 0);
  let done = 0;
  const work = async (): Promise<void> => {
    for (let range = ranges.shift(); range !== undefined; range = ranges.shift()) {
      await loadRange(deps, range);
      done += range.to - range.from;
      onProgress?.(done, of);
    }
  };
  await Promise.all(Array.from({ length: parallel }, work));
  await tellTheRest(source, reporter);
  await closeVisit(repository.deps, { ...caller, visit });
  return { ...tally.result(), rows: reporter.byTable(), totals: reporter.totals(), unread: source.unread };
}

interface Range {
  readonly module: DumpModule;
  readonly file: TableFile;
  readonly from: number;
  readonly to: number;
}

const rangesOf = ({ pathways }: DumpSource, batch: number): Range[] =>
  [...pathways].flatMap(([module, file]) =>
    Array.from({ length: Math.ceil(file.count / batch) }, (_, at) => ({
      module,
      file,
      from: at * batch,
      to: Math.min(file.count, (at + 1) * batch),
    })),
  );

async function loadRange(deps: LoadDeps, { module, file, from, to }: Range): Promise<void> {
  const { source, layout, repository } = deps;
  const rows = Array.from({ length: to - from }, (_, at) => file.at(from + at));
  const firsts = new Map(rows.map((row) => [row, file.of(row.key)[0]]));
  const own = rows.filter((row) => firsts.get(row)?.row === row.row);
  const gathered = own.map((row) => gather(row, module, source, layout));
  const imported = await repository.deps.store.as(EVERYTHING).query<Imported>(
    importedSql(
      layout.register,
      gathered.map(({ key }) => key),
    ),
  );
  const byKey = new Map(imported.map((each) => [each.key, each]));
  const fresh: Gathered[] = [];
  for (const each of gathered) {
    const before = byKey.get(each.key);
    if (before === undefined) {
      fresh.push(each);
    } else {
      await tellImported(deps, each, before);
    }
  }
  const plans = fresh.map((each) => planPathway(each, deps));
  await loadBatch(deps, plans);
  for (const row of rows.filter((each) => !own.includes(each))) {
    await tellSecond(deps, row, firsts.get(row));
  }
}

/** It has come before: nothing is written. What has changed since is told, and refused. */
async function tellImported(
  { reporter, tally }: LoadDeps,
  gathered: Gathered,
  { rows }: Imported,
): Promise<void> {
  const names = new Set([...Object.keys(rows), ...Object.keys(gathered.hashes)]);
  const changed = [...names].filter((name) => rows[name] !== gathered.hashes[name]);
  if (changed.length === 0) {
    tally.known();
  } else {
    tally.refuse(
      gathered.key,
      `It was read in before, and has other rows now in ${changed.join(', ')}. Correct it here, with a reason.`,
    );
  }
  for (const row of allRows(gathered)) {
    const isChanged = changed.includes(row.table) || (row === gathered.main && changed.length > 0);
    await reporter.tell(
      row,
      isChanged ? 'refused' : 'unchanged',
      isChanged
        ? [
            {
              rule: 'changed-since',
              why: `The pathway was read in before, with other rows in ${changed.join(', ')}.`,
            },
          ]
        : [],
    );
  }
}

async function tellSecond(
  { reporter }: LoadDeps,
  row: SourceRow,
  first: SourceRow | undefined,
): Promise<void> {
  const isSame = first?.bytes.equals(row.bytes) === true;
  await reporter.tell(row, isSame ? 'unchanged' : 'refused', [
    isSame
      ? { rule: 'same-row', why: `It is the row of line ${first.line} once more.` }
      : {
          rule: 'pathway-twice',
          why: `The pathway is in line ${first?.line ?? 0} already, with another row.`,
        },
  ]);
}

/** Rows that no pathway has asked for. */
async function tellTheRest({ files, patients, numbers }: DumpSource, reporter: Reporter): Promise<void> {
  for (const file of files) {
    const isPerson = file === patients || file === numbers;
    for (let row = 0; row < file.count; row++) {
      if (!reporter.isTold(file.name, row)) {
        await reporter.tell(file.at(row), 'refused', [
          isPerson
            ? { rule: 'person-unused', why: 'No pathway of this person was read in.' }
            : { rule: 'no-pathway', why: 'The dump has no pathway with this key.' },
        ]);
      }
    }
  }
}
