/**
 * A database of its own for a suite: a clone of the migrated template, gone when disposed.
 */
import type { ClientConfig } from 'pg';
import { type Db, type DbOptions, createDb } from '../../src/storage/db.ts';
import { createPostgresStore } from '../../src/storage/postgres-store.ts';
import type { ResourceStore } from '../../src/storage/store.ts';

export interface TestDatabase extends AsyncDisposable {
  readonly connection: ClientConfig;
  /** The same as a DATABASE_URL. */
  readonly url: string;
  readonly db: Db;
  readonly store: ResourceStore;
}

interface TestServer {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly template: string;
}

let count = 0;

/** Clone the template. Use with `await using`, or dispose in `afterAll`. */
export async function createTestDatabase(options: DbOptions = {}): Promise<TestDatabase> {
  const { template, ...server } = testServer();
  const name = `test_${process.pid}_${count++}`;
  await administrate(server, `create database ${name} template ${template}`);
  const connection = { ...server, database: name };
  const db = createDb(connection, { backoff: () => 1, ...options });
  return {
    connection,
    url: `postgres://${server.user}@localhost:${server.port}/${name}?host=${encodeURIComponent(server.host)}`,
    db,
    store: createPostgresStore(db),
    async [Symbol.asyncDispose]() {
      await db[Symbol.asyncDispose]();
      await administrate(server, `drop database ${name} with (force)`);
    },
  };
}

function testServer(): TestServer {
  const text = process.env.RYGGRAD_TEST_DATABASE;
  if (text === undefined) {
    throw new Error('The test database is not running: start jest with its globalSetup (npm test does).');
  }
  return JSON.parse(text) as TestServer;
}

async function administrate(server: Omit<TestServer, 'template'>, text: string): Promise<void> {
  await using admin = createDb(
    { ...server, database: 'ryggrad' },
    { poolSize: 1, statementTimeoutMs: 60_000 },
  );
  await admin.query({ text });
}
