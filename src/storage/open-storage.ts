/**
 * Everything of storage/ put together: a database that is up, durable and migrated, and the store over it.
 */
import { join } from 'node:path';
import { ensureApplicationRole, grantToApplication } from './application-role.ts';
import { checkRole } from './check-role.ts';
import { type Db, type DbOptions, createDb } from './db.ts';
import { type Durability, checkDurability } from './durability.ts';
import { migrateJobs } from './jobs.ts';
import { migrate, requireMigrated } from './migrate.ts';
import { type DatabaseOptions, type OpenDatabase, openDatabase } from './open-database.ts';
import { createDirectIdentifiers, type DirectIdentifiers } from './direct-identifiers.ts';
import { keyFile } from './key-source.ts';
import { createPostgresStore } from './postgres-store.ts';
import { protectExisting, type Protected } from './protect-existing.ts';
import { EVERYTHING } from './row-access.ts';
import type { ResourceStore } from './store.ts';

export interface Storage extends AsyncDisposable {
  /** As the server's role: it sees rows of persons only for somebody (`Db.as`). */
  readonly db: Db;
  /** As the owner of the tables, for maintenance; the server's role when only that is known. */
  readonly owner: Db;
  readonly store: ResourceStore;
  /** Direct identifiers, apart from the resources. */
  readonly identifiers: DirectIdentifiers;
  /** For the log: which database, and what it is. */
  readonly kind: OpenDatabase['kind'];
  readonly place: string;
  readonly durability: Durability;
  /** Names of the migrations applied at this start. */
  readonly migrated: readonly string[];
}

export interface StorageOptions extends DatabaseOptions, DbOptions {
  /** File of the keys of direct identifiers; `keys/identifiers.json` in the data folder when it is not said. */
  readonly keysFile?: string;
  /** Told how far the work is of taking identifiers out of versions that are there. */
  readonly report?: (progress: Protected) => void;
}

const KEYS = 'keys/identifiers.json';

/** Open, check, migrate. Throws a StorageError that says what to do; nothing is left running then. */
export async function openStorage(options: StorageOptions): Promise<Storage> {
  const database = await openDatabase(options);
  const db = createDb(database.connection, options);
  const owner = database.owner && createDb(database.owner, { ...options, poolSize: 2 });
  const close = async (): Promise<void> => {
    await db[Symbol.asyncDispose]();
    await owner?.[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  };
  try {
    const durability = await checkDurability(db);
    const migrated = owner === undefined ? await requireMigrated(db) : await migrateDatabase(owner);
    await checkRole(db);
    const identifiers = createDirectIdentifiers(db, keyFile(options.keysFile ?? join(options.dataDir, KEYS)));
    await identifiers.open();
    await protectExisting(owner ?? db.as(EVERYTHING), identifiers, options.report);
    const { kind, place } = database;
    return {
      db,
      owner: owner ?? db,
      store: createPostgresStore(db, identifiers),
      identifiers,
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

/** Our schema and the job queue's, and what the server's role may do in them; as the owner. */
export async function migrateDatabase(owner: Db): Promise<readonly string[]> {
  await ensureApplicationRole(owner);
  const migrated = await migrate(owner);
  await migrateJobs(owner);
  await grantToApplication(owner);
  return migrated;
}
