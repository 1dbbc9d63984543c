/**
 * Files of an export, handed out: https://hl7.org/fhir/uv/bulkdata/export.html#bulk-data-output-file-request
 * Who has withdrawn consent since the export was made is not handed out any more, nor what has been deleted.
 */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { exportFilter } from '../../access/filter.ts';
import { FhirError, error, notFound } from '../../fhir/outcome.ts';
import { callerOf, type Deps, type FhirRequest, type FhirResponse } from '../../interactions/exchange.ts';
import { auditRead } from '../../repository/audit.ts';
import type { ExportDeps } from './deps.ts';
import type { ExportFile, ExportJob } from './jobs.ts';
import { withdrawnSql } from './select.ts';
import { ownJob } from './status.ts';

const NDJSON = { 'Content-Type': 'application/fhir+ndjson' };

/** One file, whole or a range of it. */
export async function exportFile(
  exports: ExportDeps,
  { repository }: Deps,
  request: FhirRequest,
): Promise<FhirResponse> {
  const job = await ownJob(exports, request);
  const found = job.files.find(({ name }) => name === request.versionId);
  if (found === undefined || job.status !== 'done') {
    throw notFound('$export-file', `${request.id}/${request.versionId}`);
  }
  const caller = callerOf(request, '$export-file');
  await repository.authorise(caller, 'export', { type: found.kind === 'output' ? found.type : '*' });
  const withdrawn = await withdrawnIds(exports, job, found, request);
  await auditRead(repository.deps, caller, { status: 200, query: found.name });
  const path = join(exports.folder, job.id, found.name);
  if (withdrawn.size > 0) {
    return { status: 200, headers: NDJSON, stream: Readable.from(linesWithout(path, withdrawn)) };
  }
  const range = await rangeOf(path, request);
  return range === undefined
    ? { status: 200, headers: { ...NDJSON, 'Accept-Ranges': 'bytes' }, stream: createReadStream(path) }
    : partial(path, range);
}

/** Ids in the file that are not the caller's to read any more. */
async function withdrawnIds(
  { db }: ExportDeps,
  { transactionTime }: ExportJob,
  { kind, type }: ExportFile,
  { principal }: FhirRequest,
): Promise<ReadonlySet<string>> {
  if (kind !== 'output' || transactionTime === null) {
    return new Set();
  }
  const rows = await db.query<{ id: string }>(withdrawnSql(type, exportFilter(principal), transactionTime));
  return new Set(rows.map(({ id }) => id));
}

async function* linesWithout(path: string, ids: ReadonlySet<string>): AsyncGenerator<string> {
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    const id = /^\{"resourceType":"[A-Za-z]+","id":"([^"]+)"/.exec(line)?.[1] ?? idOf(line);
    if (id === undefined || !ids.has(id)) {
      yield `${line}\n`;
    }
  }
}

const idOf = (line: string): string | undefined => (JSON.parse(line) as { readonly id?: string }).id;

interface Range {
  readonly start: number;
  /** The last byte, included. */
  readonly end: number;
  readonly size: number;
}

/** One range of bytes (https://www.rfc-editor.org/rfc/rfc9110#name-range); what is no single range is passed over. */
async function rangeOf(path: string, request: FhirRequest): Promise<Range | undefined> {
  const match = /^bytes=(\d*)-(\d*)$/.exec(request.header('range')?.trim() ?? '');
  if (match === null || (match[1] === '' && match[2] === '')) {
    return undefined;
  }
  const { size } = await stat(path);
  const [, first = '', last = ''] = match;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (start > end) {
    throw new FhirError(416, error('value', `The file has ${size} bytes; ask for a range within them.`), {
      headers: { 'Content-Range': `bytes */${size}` },
    });
  }
  return { start, end, size };
}

function partial(path: string, { start, end, size }: Range): FhirResponse {
  return {
    status: 206,
    headers: {
      ...NDJSON,
      'Accept-Ranges': 'bytes',
      'Content-Range': `bytes ${start}-${end}/${size}`,
      'Content-Length': String(end - start + 1),
    },
    stream: createReadStream(path, { start, end }),
  };
}
