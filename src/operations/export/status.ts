/** https://hl7.org/fhir/uv/bulkdata/export.html#bulk-data-status-request and #bulk-data-delete-request */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Principal } from '../../access/principal.ts';
import { FhirError, error, notFound } from '../../fhir/outcome.ts';
import type { Deps, FhirRequest, FhirResponse } from '../../interactions/exchange.ts';
import type { ExportDeps } from './deps.ts';
import { deleteJob, type ExportFile, type ExportJob, findJob, notePoll } from './jobs.ts';

/** Shortest time between two questions, and the longest that a client is asked to wait. */
const PAUSE_SECONDS = 1;
const LONGEST_PAUSE_SECONDS = 30;

/** How far the export is, or its manifest (BK-02, BK-03). */
export async function status(
  exports: ExportDeps,
  { fhirBase }: Deps,
  request: FhirRequest,
): Promise<FhirResponse> {
  const job = await ownJob(exports, request);
  if (job.status === 'failed') {
    throw new FhirError(500, error('exception', 'The export failed. Delete it and start a new one.'));
  }
  const answer = job.status === 'done' ? manifest(job, fhirBase) : await waiting(exports, job);
  return /(?:^|[\s,;])separate-export-status(?:$|[\s,;])/.test(request.header('prefer') ?? '')
    ? separated(answer)
    : answer;
}

async function waiting({ db, clock }: ExportDeps, job: ExportJob): Promise<FhirResponse> {
  const pause = String(pauseOf(job, clock.now()));
  if (!(await notePoll(db, job.id, PAUSE_SECONDS))) {
    throw new FhirError(
      429,
      error('throttled', `The status was asked for less than a second ago. Ask again in ${pause} s.`),
      { headers: { 'Retry-After': pause } },
    );
  }
  return { status: 202, headers: { 'X-Progress': job.progress || 'waiting', 'Retry-After': pause } };
}

/** A tenth of the time that it has taken so far. */
function pauseOf({ requested }: ExportJob, now: Date): number {
  const seconds = Math.ceil((now.getTime() - Date.parse(requested)) / 10_000);
  return Math.min(Math.max(seconds, PAUSE_SECONDS), LONGEST_PAUSE_SECONDS);
}

function manifest(job: ExportJob, fhirBase: string): FhirResponse {
  const list = (kind: ExportFile['kind']): readonly object[] =>
    job.files
      .filter((file) => file.kind === kind)
      .map(({ type, name, count }) => ({ type, url: `${fhirBase}/$export-file/${job.id}/${name}`, count }));
  return {
    status: 200,
    headers: { 'Content-Type': 'application/json', Expires: new Date(job.expires).toUTCString() },
    body: JSON.stringify({
      transactionTime: job.transactionTime,
      request: job.requestUrl,
      requiresAccessToken: true,
      output: list('output'),
      deleted: list('deleted'),
      error: list('error'),
    }),
  };
}

/** For clients behind gateways that make something of their own of a 202. */
const separated = (answer: FhirResponse): FhirResponse => ({
  ...answer,
  status: 200,
  headers: {
    ...answer.headers,
    'X-Export-Status': String(answer.status),
    'Preference-Applied': 'separate-export-status',
  },
});

/** Forget the export, also while it runs: the job notices, and removes what it has written (BK-07). */
export async function cancel(exports: ExportDeps, _deps: Deps, request: FhirRequest): Promise<FhirResponse> {
  const job = await ownJob(exports, request);
  await deleteJob(exports.db, job.id);
  await rm(join(exports.folder, job.id), { recursive: true, force: true });
  return { status: 202, headers: {} };
}

/**
 * The caller's own job; another's answers like one that never was (BK-06). So does one that was made with other scopes, to
 * who is held to parameters or to a patient by those of now: the files hold what the former reached (SC-03).
 */
export async function ownJob({ db }: ExportDeps, request: FhirRequest): Promise<ExportJob> {
  const { principal } = request;
  const job = await findJob(db, request.id, principal.subject);
  if (
    job === undefined ||
    (principal.limits !== undefined && reachOf(principal) !== reachOf(job.principal))
  ) {
    throw notFound('$export-status', request.id);
  }
  return job;
}

const reachOf = (principal: Principal): string =>
  JSON.stringify([principal.scopes.toSorted(), principal.kind === 'staff' && principal.scopePatient]);
