/**
 * A database of its own for a suite: a clone of the migrated template, gone when disposed.
 */
import { randomUUID } from 'node:crypto';
import type { ClientConfig } from 'pg';
import { APPLICATION_ROLE } from '../../src/storage/application-role.ts';
import { type Db, type DbOptions, createDb } from '../../src/storage/db.ts';
import { createDirectIdentifiers, type DirectIdentifiers } from '../../src/storage/direct-identifiers.ts';
import type { KeySource } from '../../src/storage/key-source.ts';
import { memoryKeys } from './memory-keys.ts';
import { createPostgresStore } from '../../src/storage/postgres-store.ts';
import type { ResourceStore } from '../../src/storage/store.ts';

export interface TestDatabase extends AsyncDisposable {
  readonly connection: ClientConfig;
  /** The same as a DATABASE_URL. */
  readonly url: string;
  /** As the owner of the tables, who sees every row: for what a test looks up by itself. */
  readonly db: Db;
  /** As the server's role, which sees what it says for whom it asks; the store asks as it does. */
  readonly app: Db;
  readonly store: ResourceStore;
  /** Keys that end with the process. */
  readonly keys: KeySource;
  readonly identifiers: DirectIdentifiers;
}

/** A PostgreSQL server of the tests: where it listens, and who owns its databases. */
export interface TestServer {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly template: string;
}

/**
 * Clone a template: the migrated one without a row unless another is named. Use with `await using`, or dispose in `afterAll`.
 */
export async function createTestDatabase(
  options: DbOptions = {},
  template = testServer().template,
): Promise<TestDatabase> {
  const { host, port, user } = testServer();
  const server = { host, port, user };
  const name = `test_${process.pid}_${randomUUID().slice(0, 8)}`; // a suite that could not clean up is in nobody's way
  await administrate(server, `create database ${name} template ${template}`);
  const connection = { ...server, database: name };
  const db = createDb(connection, { backoff: () => 1, ...options });
  const app = createDb({ ...connection, user: APPLICATION_ROLE }, { backoff: () => 1, ...options });
  const keys = memoryKeys();
  const identifiers = createDirectIdentifiers(app, keys);
  return {
    connection,
    keys,
    identifiers,
    url: `postgres://${server.user}@localhost:${server.port}/${name}?host=${encodeURIComponent(server.host)}`,
    db,
    app,
    store: createPostgresStore(app, identifiers),
    async [Symbol.asyncDispose]() {
      await app[Symbol.asyncDispose]();
      await db[Symbol.asyncDispose]();
      await administrate(server, `drop database ${name} with (force)`);
    },
  };
}

/** The server that jest's globalSetup started. Throws when it did not. */
export function testServer(): TestServer {
  const text = process.env.RYGGRAD_TEST_DATABASE;
  if (text === undefined) {
    throw new Error('The test database is not running: start jest with its globalSetup (npm test does).');
  }
  return JSON.parse(text) as TestServer;
}

/** One statement for the server as a whole. */
export async function administrate(server: Omit<TestServer, 'template'>, text: string): Promise<void> {
  await using admin = createDb(
    { ...server, database: 'ryggrad' },
    { poolSize: 1, statementTimeoutMs: 60_000 },
  );
  await admin.query({ text });
}
