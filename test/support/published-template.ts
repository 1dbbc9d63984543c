/**
 * The template of suites that start the server: a database that a server with the repository's own content has published that
 * content into. The first suite that asks makes it, with the code that every start runs; the others clone it.
 */
import pino from 'pino';
import { createEngine } from '../../src/app/engine.ts';
import { readConfig } from '../../src/config.ts';
import { newUuid } from '../../src/fhir/id.ts';
import { createDb } from '../../src/storage/db.ts';
import { administrate, createTestDatabase, testServer } from './database.ts';

/** When the content was published; a clock that stands earlier cannot use it. */
export const PUBLISHED_AT = new Date('2025-01-01T00:00:00Z');

const NAME = 'ryggrad_published';

/** Its name, once it is there. */
export async function publishedTemplate(): Promise<string> {
  const { host, port, user } = testServer();
  const server = { host, port, user };
  await using admin = createDb(
    { ...server, database: 'ryggrad' },
    { poolSize: 1, statementTimeoutMs: 120_000 },
  );
  const isThere = async (): Promise<boolean> =>
    (await admin.query({ text: 'select 1 from pg_database where datname = $1', values: [NAME] })).length > 0;
  if (await isThere()) {
    return NAME;
  }
  await admin.query({ text: 'select pg_advisory_lock(hashtext($1))', values: [NAME] }); // ends with the connection
  if (!(await isThere())) {
    await administrate(server, `alter database ${await publish()} rename to ${NAME}`);
  }
  return NAME;
}

/** Name of a new database with the content, which nobody is connected to. */
async function publish(): Promise<string> {
  const database = await createTestDatabase();
  await createEngine({
    config: readConfig({ PUBLIC_URL: 'http://127.0.0.1' }),
    storage: { ...database, db: database.app },
    log: pino({ level: 'error' }, pino.destination(2)),
    clock: { now: () => PUBLISHED_AT },
    newId: newUuid,
  });
  await database.app[Symbol.asyncDispose]();
  await database.db[Symbol.asyncDispose]();
  return String(database.connection.database);
}
