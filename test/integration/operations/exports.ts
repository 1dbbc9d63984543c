/** A bulk export from kick-off to files, as a client does it. */
import type { TestApp } from '../../support/app.ts';
import type { HttpAnswer, HttpClient } from '../../support/http-client.ts';

export const ASYNC = { prefer: 'respond-async' };

export interface Manifest {
  readonly transactionTime: string;
  readonly request: string;
  readonly requiresAccessToken: boolean;
  readonly output: readonly { readonly type: string; readonly url: string; readonly count: number }[];
  readonly deleted: readonly unknown[];
  readonly error: readonly unknown[];
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
  client.get(`fhir/$export${query}`, ASYNC);

/** Export, run the job, fetch every file, and give the export back. */
export async function exportAll(server: TestApp, client: HttpClient, query = ''): Promise<Exported> {
  const kicked = await kickOff(client, query);
  const status = kicked.headers.get('content-location') ?? '';
  expect([kicked.status, kicked.body]).toEqual([202, undefined]);
  expect(await server.app.jobs.runOnce()).toEqual([]);
  const finished = await client.get(status);
  expect(finished.status).toBe(200);
  const manifest = finished.body as Manifest;
  const files = Object.fromEntries(
    await Promise.all(
      manifest.output.map(async ({ type, url }) => [type, String((await client.get(url)).body)] as const),
    ),
  );
  const names = Object.values(files)
    .flatMap(linesOf)
    .map((line) => JSON.parse(line) as { resourceType: string; id: string })
    .map(({ resourceType, id }) => `${resourceType}/${id}`);
  return { manifest, status, files, names };
}

export const linesOf = (file: string): readonly string[] => file.split('\n').slice(0, -1);
