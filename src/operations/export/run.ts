/**
 * The work of a bulk export: rows to NDJSON files, as they were at one moment. https://hl7.org/fhir/uv/bulkdata/export.html
 */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { hash64 } from '../../fhir/id.ts';
import { auditRead } from '../../repository/audit.ts';
import type { Db } from '../../storage/db.ts';
import { StorageError } from '../../storage/errors.ts';
import { inSnapshot, type Snapshot } from '../../storage/snapshot.ts';
import { READER } from '../../storage/stream.ts';
import { Cancelled, type ExportDeps } from './deps.ts';
import { type ExportFile, type ExportJob, failJob, findJob, finishJob } from './jobs.ts';
import { writeFiles } from './write.ts';

/** Job handler: carry out one export. Run again after a crash it begins anew; run twice at once, the second does nothing. */
export async function runExport(deps: ExportDeps, { id }: { readonly id: string }): Promise<void> {
  const job = await findJob(deps.db, id);
  if (job === undefined || job.status === 'done' || job.status === 'failed') {
    return;
  }
  const folder = join(deps.folder, job.id);
  try {
    const transactionTime = await settledTime(deps, deps.clock.now().toISOString());
    const files = await inSnapshot(deps.db, (snapshot) =>
      whenAlone(snapshot, job, async () => {
        await rm(folder, { recursive: true, force: true });
        await mkdir(folder, { recursive: true, mode: 0o700 });
        return writeFiles(deps, job, { folder, snapshot, transactionTime });
      }),
    );
    if (files !== undefined && !(await finishJob(deps.db, id, transactionTime, files))) {
      throw new Cancelled();
    }
    if (files !== undefined) {
      await auditExport(deps, job, files);
    }
  } catch (cause) {
    await onFailure(deps, job, folder, cause);
  }
}

/** The lock lasts as long as the snapshot: it goes with the process that holds it, whatever ends that. */
async function whenAlone<T>(
  snapshot: Snapshot,
  { id }: ExportJob,
  work: () => Promise<T>,
): Promise<T | undefined> {
  const [row] = await snapshot.query<{ locked: boolean }>({
    text: 'select pg_try_advisory_xact_lock($1) as locked',
    values: [hash64(`export-run|${id}`)],
  });
  return row?.locked === true ? work() : undefined;
}

/** A deleted export leaves nothing behind; while the database is away the export waits for its next turn. */
async function onFailure(deps: ExportDeps, { id }: ExportJob, folder: string, cause: unknown): Promise<void> {
  if (cause instanceof StorageError) {
    throw cause;
  }
  if (cause instanceof Cancelled || (await findJob(deps.db, id)) === undefined) {
    await rm(folder, { recursive: true, force: true });
    return;
  }
  await failJob(deps.db, id);
  throw cause;
}

/** An export is a disclosure: who got how much of what (BK-10). */
async function auditExport(
  { repository }: ExportDeps,
  { principal, id, requestUrl, settings }: ExportJob,
  files: readonly ExportFile[],
): Promise<void> {
  const counts = files.map(({ type, count, kind }) => `${kind}:${type}=${count}`).join('&');
  const filter = requestUrl.slice(repository.deps.fhirBase.length + 1);
  await auditRead(
    repository.deps,
    { principal, requestId: id, interaction: '$export' },
    { status: 200, query: `${filter} ${settings.level} ${counts}` },
  );
}

const LOOKS = 10;
const PAUSE_MS = 100;

/**
 * The time asked for, once every write that began before it has ended: everything up to it is visible, so that the
 * next export since then misses nothing (BK-03). Behind a write that takes longer than a second, it is an earlier time.
 */
async function settledTime({ db }: ExportDeps, time: string): Promise<string> {
  for (let look = 1; ; look++) {
    const oldest = await oldestWriter(db, time);
    if (oldest === null) {
      return time;
    }
    if (look === LOOKS) {
      return oldest < time ? oldest : time;
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
