/** A bulk export from kick-off to files, as a client does it. */
import { join } from 'node:path';
import { loadR4 } from '../../../src/content/r4.ts';
import { createSubset } from '../../../src/interactions/subset.ts';
import type { ExportDeps } from '../../../src/operations/export/deps.ts';
import { createParameters } from '../../../src/search/parameters.ts';
import type { TestApp } from '../../support/app.ts';
import type { HttpAnswer, HttpClient } from '../../support/http-client.ts';

export const ASYNC = { prefer: 'respond-async' };

export interface Manifest {
  readonly transactionTime: string;
  readonly request: string;
  readonly requiresAccessToken: boolean;
  readonly output: readonly { readonly type: string; readonly url: string; readonly count: number }[];
  readonly deleted: Manifest['output'];
  readonly error: Manifest['output'];
}

export interface Exported {
  readonly manifest: Manifest;
  /** Address of the status, for what comes after. */
  readonly status: string;
  /** Text of each file by type. */
  readonly files: Readonly<Record<string, string>>;
  /** `Patient/1` of everything in the files. */
  readonly names: readonly string[];
}

export const kickOff = (client: HttpClient, query = ''): Promise<HttpAnswer> =>
  client.get(`fhir/${query.includes('$export') ? query : `$export${query}`}`, ASYNC);

/** Export, run the job, fetch every file, and give the export back. */
export async function exportAll(server: TestApp, client: HttpClient, query = ''): Promise<Exported> {
  return finish(server, client, await kickOff(client, query));
}

/** The rest of an export that has been kicked off. */
export async function finish(server: TestApp, client: HttpClient, kicked: HttpAnswer): Promise<Exported> {
  const status = kicked.headers.get('content-location') ?? '';
  expect([kicked.status, kicked.body]).toEqual([202, undefined]);
  expect(await server.app.jobs.runOnce()).toEqual([]);
  const finished = await client.get(status);
  expect(finished.status).toBe(200);
  const manifest = finished.body as Manifest;
  const files: Record<string, string> = {};
  for (const { type, url } of manifest.output) {
    files[type] = (files[type] ?? '') + String((await client.get(url)).body);
  }
  const names = Object.values(files)
    .flatMap(linesOf)
    .map((line) => JSON.parse(line) as { resourceType: string; id: string })
    .map(({ resourceType, id }) => `${resourceType}/${id}`);
  return { manifest, status, files, names };
}

export const linesOf = (file: string): readonly string[] => file.split('\n').slice(0, -1);

/** What runs the export jobs of a server under test. */
export function exportDeps(server: TestApp): ExportDeps {
  const { repository } = server.app;
  return {
    db: server.database.db,
    repository,
    parameters: createParameters(loadR4().searchParameters.all()),
    subset: createSubset(loadR4()),
    clock: repository.deps.clock,
    folder: join(server.config.dataDir, 'exports'),
  };
}
