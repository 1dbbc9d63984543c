/** https://hl7.org/fhir/uv/bulkdata/export.html */
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { FhirError, badRequest, error, notFound } from '../../fhir/outcome.ts';
import { isResourceType } from '../../fhir/resource-types.ts';
import { callerOf, type Deps, type FhirRequest, type FhirResponse } from '../../interactions/exchange.ts';
import { auditRead } from '../../repository/audit.ts';
import type { Queryable, Statement } from '../../storage/db.ts';
import type { StoreTransaction } from '../../storage/store.ts';
import type { OperationRoute } from '../route.ts';
import { countUnfinished, deleteJob, type ExportJob, findJob, insertJob } from './jobs.ts';
import type { ExportDeps } from './run.ts';

const DEFINITION = 'http://hl7.org/fhir/uv/bulkdata/OperationDefinition/export';
const FORMATS = new Set(['application/fhir+ndjson', 'application/ndjson', 'ndjson']);
const KNOWN = new Set(['_outputFormat', '_since', '_until', '_type']);
const LIFETIME_MS = 24 * 60 * 60 * 1000;

/** Kick-off, status, files and deletion (BK-01, BK-02, BK-06, BK-07). */
export function exportRoutes(exports: ExportDeps): readonly OperationRoute[] {
  return [
    {
      method: 'get',
      path: '/$export',
      name: 'export',
      definition: DEFINITION,
      run: (deps, request) => kickOff(exports, deps, request),
    },
    { method: 'get', path: '/$export-status/:id', run: (deps, request) => status(exports, deps, request) },
    { method: 'delete', path: '/$export-status/:id', run: (deps, request) => cancel(exports, deps, request) },
    {
      method: 'get',
      path: '/$export-file/:id/:versionId',
      run: (deps, request) => file(exports, deps, request),
    },
  ];
}

async function kickOff(
  exports: ExportDeps,
  { repository, fhirBase }: Deps,
  request: FhirRequest,
): Promise<FhirResponse> {
  const caller = callerOf(request, '$export');
  const { types, since, until } = parseParameters(request);
  for (const type of types.length === 0 ? ['*'] : types) {
    await repository.authorise(caller, 'export', { type });
  }
  if (!/respond-async/.test(request.header('prefer') ?? '')) {
    throw badRequest(
      'A bulk export is asynchronous: send Prefer: respond-async.',
      undefined,
      'respond-async',
    );
  }
  const now = exports.clock.now();
  const id = repository.deps.newId(now);
  await repository.deps.store.transaction(async (tx) => {
    const queryable = { query: <T extends object>(sql: Statement) => tx.query<T>({ values: [], ...sql }) };
    await refuseSecond(queryable, tx, request.principal.subject);
    await insertJob(queryable, {
      id,
      principal: request.principal,
      requestUrl: `${fhirBase}/$export${request.query.size === 0 ? '' : `?${request.query.toString()}`}`,
      types,
      since,
      until,
      requested: now.toISOString(),
      expires: new Date(now.getTime() + LIFETIME_MS).toISOString(),
    });
    await tx.enqueue('export', { id }, { jobKey: `export:${id}` });
  });
  await auditRead(repository.deps, caller, { status: 202, query: request.query.toString() });
  return { status: 202, headers: { 'Content-Location': `${fhirBase}/$export-status/${id}` } };
}

/** One export of a client at a time; two that are asked for at once wait for each other here. */
async function refuseSecond(queryable: Queryable, tx: StoreTransaction, subject: string): Promise<void> {
  await tx.lockText(`export|${subject}`);
  if ((await countUnfinished(queryable, subject)) > 0) {
    throw new FhirError(
      429,
      error('throttled', 'An export of this client is under way. Wait for it, or delete it.'),
      { headers: { 'Retry-After': '10' } },
    );
  }
}

function parseParameters({ query }: FhirRequest): {
  types: readonly string[];
  since: string | undefined;
  until: string | undefined;
} {
  const unknown = [...query.keys()].find((name) => !KNOWN.has(name));
  if (unknown !== undefined) {
    throw badRequest(
      `The export parameter "${unknown.slice(0, 40)}" is not supported.`,
      undefined,
      'export-parameter',
    );
  }
  const format = query.get('_outputFormat');
  if (format !== null && !FORMATS.has(format.replaceAll(' ', '+'))) {
    throw badRequest('_outputFormat must be application/fhir+ndjson.', undefined, 'export-format');
  }
  const types = query.getAll('_type').flatMap((text) => text.split(','));
  const wrong = types.find((type) => !isResourceType(type));
  if (wrong !== undefined) {
    throw badRequest(`"${wrong.slice(0, 40)}" in _type is no R4 resource type.`, undefined, 'export-type');
  }
  return { types: [...new Set(types)], since: instant(query, '_since'), until: instant(query, '_until') };
}

function instant(query: URLSearchParams, name: string): string | undefined {
  const text = query.get(name);
  if (text === null) {
    return undefined;
  }
  const time = Date.parse(text.replace(' ', '+'));
  if (Number.isNaN(time)) {
    throw badRequest(`${name} must be an instant, such as 2026-11-20T08:00:00+01:00.`, undefined, name);
  }
  return new Date(time).toISOString();
}

async function status(exports: ExportDeps, { fhirBase }: Deps, request: FhirRequest): Promise<FhirResponse> {
  const job = await ownJob(exports, request);
  if (job.status === 'failed') {
    throw new FhirError(500, error('exception', 'The export failed. Delete it and start a new one.'));
  }
  if (job.status !== 'done') {
    return { status: 202, headers: { 'X-Progress': job.progress || 'waiting', 'Retry-After': '1' } };
  }
  const manifest = {
    transactionTime: job.transactionTime,
    request: job.requestUrl,
    requiresAccessToken: true,
    output: job.files.map(({ type, name, count }) => ({
      type,
      url: `${fhirBase}/$export-file/${job.id}/${name}`,
      count,
    })),
    deleted: [],
    error: [],
  };
  return {
    status: 200,
    headers: { 'Content-Type': 'application/json', Expires: new Date(job.expires).toUTCString() },
    body: JSON.stringify(manifest),
  };
}

async function cancel(exports: ExportDeps, _deps: Deps, request: FhirRequest): Promise<FhirResponse> {
  const job = await ownJob(exports, request);
  await deleteJob(exports.db, job.id);
  await rm(join(exports.folder, job.id), { recursive: true, force: true });
  return { status: 202, headers: {} };
}

async function file(exports: ExportDeps, { repository }: Deps, request: FhirRequest): Promise<FhirResponse> {
  const job = await ownJob(exports, request);
  const found = job.files.find(({ name }) => name === request.versionId);
  if (found === undefined || job.status !== 'done') {
    throw notFound('$export-file', `${request.id}/${request.versionId}`);
  }
  await auditRead(repository.deps, callerOf(request, '$export-file'), { status: 200, query: found.name });
  const stream = createReadStream(join(exports.folder, job.id, found.name));
  return { status: 200, headers: { 'Content-Type': 'application/fhir+ndjson' }, stream };
}

/** The caller's own job; another's answers like one that never was (BK-06). */
async function ownJob({ db }: ExportDeps, request: FhirRequest): Promise<ExportJob> {
  const job = await findJob(db, request.id, request.principal.subject);
  if (job === undefined) {
    throw notFound('$export-status', request.id);
  }
  return job;
}
