/**
 * Everything of storage/ put together: a database that is up, durable and migrated, and the store over it.
 */
import { type Db, type DbOptions, createDb } from './db.ts';
import { type Durability, checkDurability } from './durability.ts';
import { migrateJobs } from './jobs.ts';
import { migrate } from './migrate.ts';
import { type DatabaseOptions, type OpenDatabase, openDatabase } from './open-database.ts';
import { createPostgresStore } from './postgres-store.ts';
import type { ResourceStore } from './store.ts';

export interface Storage extends AsyncDisposable {
  readonly db: Db;
  readonly store: ResourceStore;
  /** For the log: which database, and what it is. */
  readonly kind: OpenDatabase['kind'];
  readonly place: string;
  readonly durability: Durability;
  /** Names of the migrations applied at this start. */
  readonly migrated: readonly string[];
}

/** Open, check, migrate. Throws a StorageError that says what to do; nothing is left running then. */
export async function openStorage(options: DatabaseOptions & DbOptions): Promise<Storage> {
  const database = await openDatabase(options);
  const db = createDb(database.connection, options);
  const close = async (): Promise<void> => {
    await db[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  };
  try {
    const durability = await checkDurability(db);
    const migrated = await migrateDatabase(db);
    const { kind, place } = database;
    return {
      db,
      store: createPostgresStore(db),
      kind,
      place,
      durability,
      migrated,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Our schema and the job queue's. */
export async function migrateDatabase(db: Db): Promise<readonly string[]> {
  const migrated = await migrate(db);
  await migrateJobs(db);
  return migrated;
}
