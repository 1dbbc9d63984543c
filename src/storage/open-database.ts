/**
 * The database to use: the operator's own (DATABASE_URL), else our embedded PostgreSQL.
 */
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { type EmbeddedOptions, startEmbeddedPostgres } from './embedded-postgres.ts';
import { StorageError, errorCode } from './errors.ts';

export interface DatabaseOptions extends EmbeddedOptions {
  readonly databaseUrl?: string | undefined;
  /** How long to wait for a database that is just starting. */
  readonly patienceMs?: number;
}

export interface OpenDatabase extends AsyncDisposable {
  readonly connection: pg.ClientConfig;
  readonly kind: 'url' | 'embedded';
  /** For the log: host and database, or the data folder; never a password. */
  readonly place: string;
}

/** Open the database that the options name. Throws a StorageError that says what to do. */
export async function openDatabase(options: DatabaseOptions): Promise<OpenDatabase> {
  if (options.databaseUrl !== undefined && options.databaseUrl !== '') {
    return await connectTo(options.databaseUrl, options.patienceMs ?? 10_000);
  }
  const embedded = await startEmbeddedPostgres(options);
  return {
    connection: embedded.connection,
    kind: 'embedded',
    place: embedded.folder,
    [Symbol.asyncDispose]: () => embedded[Symbol.asyncDispose](),
  };
}

async function connectTo(url: string, patienceMs: number): Promise<OpenDatabase> {
  const place = describe(url);
  const connection = { connectionString: url };
  const end = Date.now() + patienceMs;
  for (;;) {
    try {
      await tryConnection(connection);
      return { connection, kind: 'url', place, [Symbol.asyncDispose]: () => Promise.resolve() };
    } catch (error) {
      if (!isNotYetUp(error) || Date.now() >= end) {
        throw explainRefusal(error, place);
      }
      await delay(250);
    }
  }
}

function describe(url: string): string {
  try {
    const { host, pathname } = new URL(url);
    return `${host}${pathname}`;
  } catch (cause) {
    throw new StorageError(
      'refused',
      'DATABASE_URL is not a URL. Write postgres://user:password@host:5432/name.',
      {
        cause,
      },
    );
  }
}

async function tryConnection(connection: pg.ClientConfig): Promise<void> {
  const client = new pg.Client({ ...connection, connectionTimeoutMillis: 5000 });
  client.on('error', () => undefined); // reported by connect() or end(); a second report must not end the process
  await client.connect();
  await client.end();
}

const isNotYetUp = (error: unknown): boolean => ['ECONNREFUSED', '57P03'].includes(errorCode(error) ?? '');

const REFUSALS: Readonly<Record<string, string>> = {
  '28P01': 'refuses the user name or password of DATABASE_URL',
  '28000': 'does not let this user in (see pg_hba.conf)',
  '3D000': 'has no database of that name. Create it, or correct DATABASE_URL',
  '53300': 'has no connection left. Raise max_connections or stop other clients',
};

function explainRefusal(cause: unknown, place: string): StorageError {
  const refusal = REFUSALS[errorCode(cause) ?? ''];
  if (refusal !== undefined) {
    return new StorageError('refused', `The database ${place} ${refusal}.`, { cause });
  }
  return new StorageError(
    'unavailable',
    `The database ${place} does not answer (${errorCode(cause) ?? 'no connection'}). ` +
      'Is it running, and is DATABASE_URL right? Without DATABASE_URL an embedded database is used.',
    { cause },
  );
}
