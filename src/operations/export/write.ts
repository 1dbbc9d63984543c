/**
 * The files of one bulk export, written type by type from a snapshot. https://hl7.org/fhir/uv/bulkdata/export.html
 * What needs no change on its way is copied as bytes; the rest passes line by line.
 */
import { isDefinition } from '../../access/decide.ts';
import { accessOf, exportFilter } from '../../access/filter.ts';
import type { Principal } from '../../access/principal.ts';
import { readsPseudonymised } from '../../access/redact.ts';
import { MARK_START } from '../../fhir/direct-identifiers.ts';
import { issue, toOutcome } from '../../fhir/outcome.ts';
import { RESOURCE_TYPES, typeName } from '../../fhir/resource-types.ts';
import type { Subset } from '../../interactions/subset.ts';
import { withoutComment } from '../../registry/schedule/task-notes.ts';
import type { Caller } from '../../repository/audit.ts';
import { searchCondition } from '../../repository/search-condition.ts';
import type { CopyChunk } from '../../storage/copy.ts';
import type { Snapshot } from '../../storage/snapshot.ts';
import type { Sql } from '../../storage/store.ts';
import { COMPARTMENT_TYPES } from '../patient-compartment.ts';
import { Cancelled, type ExportDeps } from './deps.ts';
import { type ExportFile, type ExportJob, setProgress } from './jobs.ts';
import { NdjsonFiles } from './ndjson-files.ts';
import { isExported, splitFilter } from './parameters.ts';
import { contentsSql, deletedSql, type Selection, typesWithRowsSql } from './select.ts';

interface Writing {
  readonly folder: string;
  readonly snapshot: Snapshot;
  readonly transactionTime: string;
}

const FILE_BYTES = 128 * 1024 * 1024;
const PROGRESS_MS = 1000;

/** Write everything, and tell what was written. Throws Cancelled when the job was deleted meanwhile. */
export async function writeFiles(
  deps: ExportDeps,
  job: ExportJob,
  { folder, snapshot, transactionTime }: Writing,
): Promise<readonly ExportFile[]> {
  const selection = selectionOf(job, transactionTime);
  const own = snapshot.as(accessOf(job.principal));
  const types = await typesOf(job, own, selection);
  const files = new NdjsonFiles(folder, deps.fileBytes ?? FILE_BYTES);
  try {
    await writeTypes(deps, job, { types, selection, snapshot: own, files });
    await writeDeleted(types, selection, snapshot, files);
    await writeIgnored(job, files);
    return await files.close();
  } finally {
    await files.abandon();
  }
}

async function writeTypes(
  deps: ExportDeps,
  job: ExportJob,
  {
    types,
    selection,
    snapshot,
    files,
  }: {
    readonly types: readonly string[];
    readonly selection: Selection;
    readonly snapshot: Snapshot;
    readonly files: NdjsonFiles;
  },
): Promise<void> {
  const report = reporter(deps, job);
  for (const [index, type] of types.entries()) {
    const criteria = await criteriaOf(deps, job, type, snapshot);
    const change = lineChange(deps, job, type);
    const done = `${type}: ${index} of ${types.length} types done`;
    await report(done, true);
    for await (const chunk of snapshot.copy(contentsSql(type, selection, criteria))) {
      await files.write({ kind: 'output', type }, await change(chunk));
      await report(`${done}, ${files.count} resources`);
    }
  }
}

function selectionOf({ principal, since, until, settings }: ExportJob, transactionTime: string): Selection {
  return {
    filter: exportFilter(principal),
    ...(principal.limits !== undefined && { isCurrentOnly: true as const }),
    since,
    until: until !== null && until < transactionTime ? until : transactionTime,
    transactionTime,
    records: settings.level === 'system' ? undefined : (settings.patients ?? 'all'),
    stores: storesOf(principal),
  };
}

/** Registers whose national store the principal reads. */
function storesOf(principal: Principal): readonly string[] {
  if (principal.kind === 'analytics') {
    return principal.registers;
  }
  return principal.kind === 'staff' && principal.role === 'SC' ? [principal.register] : [];
}

/**
 * The types that were named; else those that there are rows of, without the registers' definitions. Of what has been
 * deleted since, every type counts.
 */
async function typesOf(
  { types, settings }: ExportJob,
  snapshot: Snapshot,
  { filter, since }: Selection,
): Promise<readonly string[]> {
  const asked =
    types.length > 0 ? types : RESOURCE_TYPES.filter((type) => isExported(type) && !isDefinition(type));
  const possible =
    settings.level === 'system'
      ? asked
      : asked.filter((type) => type === 'Provenance' || COMPARTMENT_TYPES.includes(type));
  if (since !== null) {
    return possible;
  }
  const rows = await snapshot.query<{ type: number }>(typesWithRowsSql(possible, filter));
  const present = new Set(rows.map(({ type }) => typeName(type)));
  return possible.filter((type) => present.has(type));
}

/** The conditions of a type's filters; one of them must hold. */
async function criteriaOf(
  deps: ExportDeps,
  job: ExportJob,
  type: string,
  snapshot: Snapshot,
): Promise<readonly Sql[]> {
  const caller = callerOfJob(job);
  const queries = job.settings.typeFilters.map(splitFilter).filter(([name]) => name === type);
  const conditions: Sql[] = [];
  for (const [, query] of queries) {
    conditions.push(await searchCondition(deps, caller, type, query, snapshot));
  }
  return conditions;
}

const callerOfJob = ({ principal, id }: ExportJob): Caller => ({
  principal,
  requestId: id,
  interaction: '$export',
});

/** What becomes of the lines of a type: nothing, for whoever reads whole resources, where there are no identifiers in them. */
function lineChange(
  { repository, subset }: ExportDeps,
  job: ExportJob,
  type: string,
): (chunk: CopyChunk) => Promise<CopyChunk> {
  const part = subsetOf(job, type);
  const isWhole = part === undefined && !readsPseudonymised(job.principal);
  const caller = callerOfJob(job);
  return async (chunk) => {
    const { bytes, rows } = chunk;
    if (isWhole && !bytes.includes(MARK_START) && !mayHaveComment(type, bytes)) {
      return chunk;
    }
    const lines = bytes.toString('utf8').split('\n').slice(0, -1);
    const kept = type === 'Task' ? lines.map(withoutComment) : lines;
    const readable = await repository.forReaders(caller, kept);
    const changed = readable.map((line) => `${subset(line, part)}\n`);
    return { bytes: Buffer.from(changed.join('')), rows };
  };
}

const mayHaveComment = (type: string, bytes: Buffer): boolean => type === 'Task' && bytes.includes('"note"');

/** The elements asked for of this type; names without a type count for all. */
function subsetOf({ settings }: ExportJob, type: string): Subset | undefined {
  const names = settings.elements
    .map((element) => element.split('.'))
    .filter(([first, second]) => second === undefined || first === type)
    .map(([first = '', second]) => second ?? first);
  return names.length === 0 ? undefined : { kind: 'elements', names: new Set(names) };
}

/** Says how far it is, at most once a second, and finds out whether the export is still wanted. */
function reporter({ db }: ExportDeps, { id }: ExportJob): (text: string, now?: true) => Promise<void> {
  let last = 0;
  return async (text, now) => {
    const time = performance.now();
    if (now !== true && time - last < PROGRESS_MS) {
      return;
    }
    last = time;
    if (!(await setProgress(db, id, text))) {
      throw new Cancelled();
    }
  };
}

const ENTRIES = 500;

/** Bundles of DELETE entries: https://hl7.org/fhir/uv/bulkdata/export.html#response---complete-status */
async function writeDeleted(
  types: readonly string[],
  selection: Selection,
  snapshot: Snapshot,
  files: NdjsonFiles,
): Promise<void> {
  if (selection.since === null) {
    return;
  }
  const rows = await snapshot.query<{ type: number; id: string }>(
    deletedSql(types, selection, selection.since),
  );
  for (let start = 0; start < rows.length; start += ENTRIES) {
    const entry = rows
      .slice(start, start + ENTRIES)
      .map(({ type, id }) => ({ request: { method: 'DELETE', url: `${typeName(type)}/${id}` } }));
    const line = `${JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry })}\n`;
    await files.write({ kind: 'deleted', type: 'Bundle' }, { bytes: Buffer.from(line), rows: 1 });
  }
}

/** What lenient handling passed over is said in the export itself. */
async function writeIgnored({ settings }: ExportJob, files: NdjsonFiles): Promise<void> {
  for (const text of settings.ignored) {
    const outcome = toOutcome([issue('warning', 'not-supported', text, undefined, 'export-parameter')]);
    const bytes = Buffer.from(`${JSON.stringify(outcome)}\n`);
    await files.write({ kind: 'error', type: 'OperationOutcome' }, { bytes, rows: 1 });
  }
}
