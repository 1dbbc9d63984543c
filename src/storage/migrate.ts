/**
 * Brings the schema up to date: the numbered files of sql/, in order, each once, in one transaction.
 */
import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import type { Db, Queryable } from './db.ts';
import { StorageError } from './errors.ts';

export interface Migration {
  readonly name: string;
  readonly sql: string;
  readonly sha256: string;
}

const FOLDER = new URL('./sql/', import.meta.url);
const NAME = /^\d{4}-[a-z0-9-]+\.sql$/;
const LOCK = 7_471_901; // any number that all versions of this program agree on

/** The migrations that come with this program, in order. */
export async function readMigrations(folder: URL = FOLDER): Promise<readonly Migration[]> {
  const names = (await readdir(folder)).filter((name) => NAME.test(name)).sort();
  return await Promise.all(
    names.map(async (name) => {
      const sql = await readFile(new URL(name, folder), 'utf8');
      return { name, sql, sha256: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

/**
 * Apply what is missing; the names applied now are returned. Two programs starting at once wait for each other.
 * Throws `migration` when an applied file has changed or is unknown here (the database is newer than the program).
 */
export async function migrate(db: Db, migrations?: readonly Migration[]): Promise<readonly string[]> {
  const all = migrations ?? (await readMigrations());
  return await db.tx(async (client) => await applyMissing(client, all), {
    setup: 'set local statement_timeout = 0',
  });
}

/** For a role that may not migrate: throws `migration` when anything is missing, and names it. */
export async function requireMigrated(db: Queryable): Promise<readonly string[]> {
  const all = await readMigrations();
  const rows = await db.query<Migration>({ text: 'select name, sha256 from migration' }).catch(() => []);
  const applied = new Map(rows.map(({ name, sha256 }) => [name, sha256]));
  checkApplied(applied, all);
  const missing = all.filter(({ name }) => !applied.has(name));
  if (missing.length > 0) {
    throw new StorageError(
      'migration',
      `The database is ${missing.length} migrations behind this program (from ${missing[0]?.name ?? ''} on), and the role of ` +
        'DATABASE_URL does not own it. Set DATABASE_OWNER_URL to the owner for this start, or for `npm run ryggrad -- migrate`.',
    );
  }
  return [];
}

async function applyMissing(client: Queryable, all: readonly Migration[]): Promise<readonly string[]> {
  await client.query({ text: 'select pg_advisory_xact_lock($1)', values: [LOCK] });
  await client.query({
    text: `create table if not exists migration (
             name text collate "C" primary key,
             sha256 text not null,
             applied timestamptz not null default now()
           )`,
  });
  const rows = await client.query<Migration>({ text: 'select name, sha256 from migration' });
  const applied = new Map(rows.map(({ name, sha256 }) => [name, sha256]));
  checkApplied(applied, all);
  const missing = all.filter(({ name }) => !applied.has(name));
  for (const { name, sql, sha256 } of missing) {
    await client.query({ text: sql });
    await client.query({
      text: 'insert into migration (name, sha256) values ($1, $2)',
      values: [name, sha256],
    });
  }
  return missing.map(({ name }) => name);
}

function checkApplied(applied: ReadonlyMap<string, string>, all: readonly Migration[]): void {
  const known = new Map(all.map(({ name, sha256 }) => [name, sha256]));
  for (const [name, sha256] of applied) {
    if (known.get(name) === undefined) {
      throw new StorageError(
        'migration',
        `The database has migration ${name}, which this program does not know: it was used by a newer version. Start that version.`,
      );
    }
    if (known.get(name) !== sha256) {
      throw new StorageError(
        'migration',
        `Migration ${name} was changed after it was applied to this database. Restore the file, and put the change in a new one.`,
      );
    }
  }
}
