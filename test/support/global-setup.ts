/**
 * Before all suites: one embedded PostgreSQL, and in it a migrated database that each suite clones.
 * Its files are in memory where there is room; the settings are those of production.
 */
import { chmod, mkdtemp, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDb } from '../../src/storage/db.ts';
import { startEmbeddedPostgres } from '../../src/storage/embedded-postgres.ts';
import { migrateDatabase } from '../../src/storage/open-storage.ts';
import { keepForTeardown } from './global-teardown.ts';

const TEMPLATE = 'ryggrad_template';

export default async function globalSetup(): Promise<void> {
  const dataDir = await mkdtemp(join(await roomyFolder(), 'ryggrad-test-'));
  await chmod(dataDir, 0o711); // root's database runs as another user, who must get in
  const server = await startEmbeddedPostgres({ dataDir, path: process.env.PATH ?? '' });
  keepForTeardown(server, dataDir);
  const { host, port, user } = server.connection;
  await using admin = createDb(server.connection);
  await admin.query({ text: `create database ${TEMPLATE}` });
  {
    await using template = createDb({ ...server.connection, database: TEMPLATE });
    await migrateDatabase(template);
  }
  process.env.RYGGRAD_TEST_DATABASE = JSON.stringify({ host, port, user, template: TEMPLATE });
}

const GIGABYTE = 2 ** 30;

async function roomyFolder(): Promise<string> {
  const memory = await statfs('/dev/shm').catch(() => undefined);
  return memory !== undefined && memory.bavail * memory.bsize > 2 * GIGABYTE ? '/dev/shm' : tmpdir();
}
