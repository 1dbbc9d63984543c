/**
 * The rows of bulk exports: https://hl7.org/fhir/uv/bulkdata/export.html
 */
import type { Principal } from '../../access/principal.ts';
import type { Queryable } from '../../storage/db.ts';
import type { ExportLevel, ExportParameters } from './parameters.ts';

/** What is asked for beside types and times. */
export interface ExportSettings extends Pick<ExportParameters, 'typeFilters' | 'elements' | 'ignored'> {
  readonly level: ExportLevel;
  /** Persons that it is limited to: those asked for, or the members of the group. */
  readonly patients?: readonly string[];
}

export interface ExportRequest {
  readonly id: string;
  readonly principal: Principal;
  readonly requestUrl: string;
  readonly types: readonly string[];
  readonly since: string | undefined;
  readonly until: string | undefined;
  readonly settings: ExportSettings;
  readonly requested: string;
  readonly expires: string;
}

export interface ExportFile {
  readonly kind: 'output' | 'deleted' | 'error';
  readonly type: string;
  readonly name: string;
  readonly count: number;
}

export interface ExportJob extends Omit<ExportRequest, 'since' | 'until'> {
  readonly since: string | null;
  readonly until: string | null;
  readonly status: 'accepted' | 'running' | 'done' | 'failed';
  readonly progress: string;
  readonly transactionTime: string | null;
  readonly files: readonly ExportFile[];
}

interface JobRecord extends Pick<
  ExportJob,
  | 'id'
  | 'principal'
  | 'types'
  | 'since'
  | 'until'
  | 'settings'
  | 'requested'
  | 'expires'
  | 'status'
  | 'progress'
> {
  readonly request_url: string;
  readonly transaction_time: string | null;
  readonly manifest: { readonly files: readonly ExportFile[] } | null;
}

export async function insertJob(db: Queryable, job: ExportRequest): Promise<void> {
  await db.query({
    text: `insert into export_job
        (id, subject, principal, request_url, types, since, until, settings, status, requested, expires)
      values ($1, $2, $3, $4, $5, $6, $7, $8, 'accepted', $9, $10)`,
    values: [
      job.id,
      job.principal.subject,
      JSON.stringify(job.principal),
      job.requestUrl,
      job.types,
      job.since ?? null,
      job.until ?? null,
      JSON.stringify(job.settings),
      job.requested,
      job.expires,
    ],
  });
}

/** The job, if it belongs to the subject (or whoever owns it, when no subject is given). */
export async function findJob(db: Queryable, id: string, subject?: string): Promise<ExportJob | undefined> {
  const [record] = await db.query<JobRecord>({
    text: `select id, principal, request_url, types, since, until, settings, requested, expires, status, progress,
        transaction_time, manifest
      from export_job
      where id = $1
        and ($2::text is null or subject = $2)`,
    values: [id, subject ?? null],
  });
  return record === undefined ? undefined : toJob(record);
}

function toJob(record: JobRecord): ExportJob {
  const { request_url: requestUrl, transaction_time: transactionTime, manifest, ...rest } = record;
  return { ...rest, requestUrl, transactionTime, files: manifest?.files ?? [] };
}

export async function countUnfinished(db: Queryable, subject: string): Promise<number> {
  const [row] = await db.query<{ n: number }>({
    text: `select count(*)::int as n
      from export_job
      where subject = $1
        and status in ('accepted', 'running')`,
    values: [subject],
  });
  return row?.n ?? 0;
}

/** Note how far it is; false when the job is no longer there: somebody has deleted it. */
export async function setProgress(db: Queryable, id: string, progress: string): Promise<boolean> {
  const rows = await db.query<{ id: string }>({
    text: `update export_job set status = 'running', progress = $2 where id = $1 returning id`,
    values: [id, progress.slice(0, 99)],
  });
  return rows.length > 0;
}

/** Note that the status was asked for; false when that was less than `pause` before, by the database's clock. */
export async function notePoll(db: Queryable, id: string, pauseSeconds: number): Promise<boolean> {
  const rows = await db.query<{ id: string }>({
    text: `update export_job set polled = clock_timestamp()
      where id = $1
        and (polled is null or polled <= clock_timestamp() - make_interval(secs => $2))
      returning id`,
    values: [id, pauseSeconds],
  });
  return rows.length > 0;
}

/** The export is complete; false when somebody has deleted it in the meantime. */
export async function finishJob(
  db: Queryable,
  id: string,
  transactionTime: string,
  files: readonly ExportFile[],
): Promise<boolean> {
  const rows = await db.query<{ id: string }>({
    text: `update export_job
      set status = 'done', progress = '', transaction_time = $2, manifest = $3
      where id = $1
      returning id`,
    values: [id, transactionTime, JSON.stringify({ files })],
  });
  return rows.length > 0;
}

export async function failJob(db: Queryable, id: string): Promise<void> {
  await db.query({ text: `update export_job set status = 'failed' where id = $1`, values: [id] });
}

export async function deleteJob(db: Queryable, id: string): Promise<void> {
  await db.query({ text: 'delete from export_job where id = $1', values: [id] });
}

export async function deleteExpired(db: Queryable, now: string): Promise<void> {
  await db.query({ text: 'delete from export_job where expires <= $1', values: [now] });
}

/** Ids of all exports. */
export async function knownJobs(db: Queryable): Promise<readonly string[]> {
  const rows = await db.query<{ id: string }>({ text: 'select id from export_job' });
  return rows.map(({ id }) => id);
}

/**
 * Put exports that are not finished into the queue again, once each: a server that was killed leaves its job locked there
 * for hours. One that is in fact running holds a lock by which the second run sees that there is nothing to do.
 */
export async function requeueUnfinished(db: Queryable, before: string): Promise<void> {
  await db.query({
    text: `select graphile_worker.add_job('export', json_build_object('id', id), job_key => 'export:' || id)
      from export_job
      where status in ('accepted', 'running')
        and requested < $1`,
    values: [before],
  });
}
