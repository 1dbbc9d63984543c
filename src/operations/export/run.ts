/**
 * The work of a bulk export: rows to NDJSON files, streamed. https://hl7.org/fhir/uv/bulkdata/export.html
 */
import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout } from 'node:timers/promises';
import { isDefinition } from '../../access/decide.ts';
import { rowFilter } from '../../access/filter.ts';
import { typeCode, typeName } from '../../fhir/resource-types.ts';
import type { Clock } from '../../fhir/id.ts';
import type { Repository } from '../../repository/repository.ts';
import { shifted } from '../../repository/rows.ts';
import type { Db } from '../../storage/db.ts';
import type { Sql } from '../../storage/store.ts';
import { READER } from '../../storage/stream.ts';
import { type ExportFile, type ExportJob, failJob, findJob, finishJob, setProgress } from './jobs.ts';

export interface ExportDeps {
  readonly db: Db;
  readonly repository: Repository;
  readonly clock: Clock;
  /** Folder that holds one folder per export. */
  readonly folder: string;
}

/** Job handler: carry out one export. Safe to run again after a crash: it begins anew. */
export async function runExport(deps: ExportDeps, { id }: { readonly id: string }): Promise<void> {
  const job = await findJob(deps.db, id);
  if (job === undefined || job.status === 'done') {
    return;
  }
  const folder = join(deps.folder, job.id);
  try {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const transactionTime = await settledTime(deps, job.requested);
    const files = await writeFiles(deps, job, folder, transactionTime);
    await finishJob(deps.db, id, transactionTime, files);
  } catch (cause) {
    await failJob(deps.db, id);
    throw cause;
  }
}

const LOOKS = 10;
const PAUSE_MS = 100;

/**
 * The time of the request, once every write that began before it has ended: everything up to it is visible, so that the
 * next export since then misses nothing (BK-03). Behind a write that takes longer than a second, it is an earlier time.
 */
async function settledTime({ db }: ExportDeps, requested: string): Promise<string> {
  for (let look = 1; ; look++) {
    const oldest = await oldestWriter(db, requested);
    if (oldest === null) {
      return requested;
    }
    if (look === LOOKS) {
      return oldest < requested ? oldest : requested;
    }
    await setTimeout(PAUSE_MS);
  }
}

/**
 * A second before the oldest open transaction that may have begun by then; null when there is none. `lastUpdated` is set as
 * a transaction begins, by the clock of the server that writes: a second is more than clocks differ.
 */
async function oldestWriter(db: Db, time: string): Promise<string | null> {
  const [row] = await db.query<{ oldest: string | null }>({
    text: `select date_trunc('milliseconds', min(xact_start)) - interval '1 second' as oldest
      from pg_stat_activity
      where datname = current_database()
        and backend_type = 'client backend'
        and pid <> pg_backend_pid()
        and application_name <> $1
        and xact_start < $2::timestamptz + interval '1 second'`,
    values: [READER, time],
  });
  return row?.oldest ?? null;
}

async function writeFiles(
  deps: ExportDeps,
  job: ExportJob,
  folder: string,
  transactionTime: string,
): Promise<readonly ExportFile[]> {
  const filter = rowFilter(job.principal);
  const types = job.types.length > 0 ? job.types : await typesWithRows(deps, filter);
  const until = job.until !== null && job.until < transactionTime ? job.until : transactionTime;
  const files: ExportFile[] = [];
  for (const [index, type] of types.entries()) {
    await setProgress(deps.db, job.id, `${type}: ${index} of ${types.length} types done`);
    const name = `${type}.ndjson`;
    const sql = contentSql(type, { since: job.since, until }, filter);
    const count = await writeFile(deps, job, sql, join(folder, name));
    if (count > 0) {
      files.push({ type, name, count });
    }
  }
  return files;
}

async function writeFile(deps: ExportDeps, job: ExportJob, sql: Sql, path: string): Promise<number> {
  const caller = { principal: job.principal, requestId: job.id, interaction: '$export' };
  let count = 0;
  async function* lines(): AsyncGenerator<string> {
    for await (const content of deps.repository.deps.store.stream(sql)) {
      count++;
      yield `${deps.repository.forReader(caller, content)}\n`;
    }
  }
  await pipeline(Readable.from(lines()), createWriteStream(path, { mode: 0o600 }));
  return count;
}

/** Types that the caller has rows of, without the registers' definitions: those are exported when named in `_type`. */
async function typesWithRows({ db }: ExportDeps, filter: Sql | undefined): Promise<readonly string[]> {
  const condition = shifted(filter, 0);
  const rows = await db.query<{ type: number }>({
    text: `select distinct r.type
      from resource r
      where r.content is not null
        and ${condition.text}`,
    values: condition.values,
  });
  return rows
    .map(({ type }) => typeName(type))
    .filter((type) => !isDefinition(type))
    .toSorted();
}

/**
 * What has not changed since, and yet is new to the reader: rows that moved into the national store, and persons about
 * whom something else is new.
 */
const NEW_IN_STORE = `r.moved > $2
          or (r.type = ${typeCode('Patient') ?? 0} and exists (
            select 1 from resource n
            where n.cmp = r.cmp and n.patient = r.id and (n.lu > $2 or n.moved > $2)))`;

function contentSql(
  type: string,
  { since, until }: { readonly since: string | null; readonly until: string },
  filter: Sql | undefined,
): Sql {
  const condition = shifted(filter, 3);
  return {
    text: `select r.content
      from resource r
      where r.type = $1
        and r.content is not null
        and ($2::timestamptz is null or r.lu > $2 or ${NEW_IN_STORE})
        and r.lu <= $3
        and ${condition.text}`,
    values: [typeCode(type) ?? 0, since, until, ...condition.values],
  };
}
