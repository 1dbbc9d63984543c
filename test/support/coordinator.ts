/** A national coordinator (SC) as a client: the demo's staff client, with its key, but without units. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findClient, saveClient } from '../../src/smart/clients.ts';
import type { TestApp } from './app.ts';
import { type HttpClient, httpClient } from './http-client.ts';

export async function nationalCoordinator(server: TestApp): Promise<HttpClient> {
  const folder = join(server.config.dataDir, 'demo');
  const local = JSON.parse(await readFile(join(folder, 'staff-client.json'), 'utf8')) as {
    client_id: string;
  };
  const client = await findClient(server.database.db.pool, local.client_id);
  if (client === undefined) {
    throw new Error('The demo has no staff client');
  }
  await saveClient(server.database.db.pool, { ...client, id: 'national', units: [] });
  await writeFile(join(folder, 'national-client.json'), JSON.stringify({ ...local, client_id: 'national' }));
  return httpClient(server.url, await server.token('national'));
}
