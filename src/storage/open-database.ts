/**
 * The database to use: the operator's own (DATABASE_URL), else our embedded PostgreSQL.
 */
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { type EmbeddedOptions, startEmbeddedPostgres } from './embedded-postgres.ts';
import { APPLICATION_ROLE } from './application-role.ts';
import { StorageError, errorCode } from './errors.ts';

export interface DatabaseOptions extends EmbeddedOptions {
  /** Of the server's own role, which owns nothing. */
  readonly databaseUrl?: string | undefined;
  /** Of the role that owns the tables: for migrations and maintenance alone. */
  readonly databaseOwnerUrl?: string | undefined;
  /** In production one role does not do the work of both. */
  readonly mode?: 'demo' | 'production';
  /** How long to wait for a database that is just starting. */
  readonly patienceMs?: number;
}

export interface OpenDatabase extends AsyncDisposable {
  /** Of the server. */
  readonly connection: pg.ClientConfig;
  /** Of the owner; undefined when only the server's is known. */
  readonly owner: pg.ClientConfig | undefined;
  readonly kind: 'url' | 'embedded';
  /** For the log: host and database, or the data folder; never a password. */
  readonly place: string;
}

/** Open the database that the options name. Throws a StorageError that says what to do. */
export async function openDatabase(options: DatabaseOptions): Promise<OpenDatabase> {
  if (options.databaseUrl !== undefined && options.databaseUrl !== '') {
    return await openUrls(options.databaseUrl, options);
  }
  const embedded = await startEmbeddedPostgres(options);
  return {
    connection: { ...embedded.connection, user: APPLICATION_ROLE },
    owner: embedded.connection,
    kind: 'embedded',
    place: embedded.folder,
    [Symbol.asyncDispose]: () => embedded[Symbol.asyncDispose](),
  };
}

async function openUrls(
  url: string,
  { databaseOwnerUrl, mode, patienceMs = 10_000 }: DatabaseOptions,
): Promise<OpenDatabase> {
  const server = await connectTo(url, 'DATABASE_URL', patienceMs);
  const opened = {
    kind: 'url',
    place: describe(url, ''),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  } as const;
  if (databaseOwnerUrl !== undefined && databaseOwnerUrl !== '') {
    const owner = await connectTo(databaseOwnerUrl, 'DATABASE_OWNER_URL', patienceMs);
    return { ...opened, connection: server, owner };
  }
  if (await isApplicationRole(server)) {
    return { ...opened, connection: server, owner: undefined };
  }
  if (mode === 'production') {
    throw new StorageError(
      'role',
      `The role of DATABASE_URL is the owner of the tables, or no member of ${APPLICATION_ROLE}: row-level security would not ` +
        'hold for it. Set DATABASE_OWNER_URL to the owner and DATABASE_URL to a role of its own; ' +
        '"The database\'s roles" in docs/operations.md has the statements.',
    );
  }
  return { ...opened, connection: { ...server, options: `-c role=${APPLICATION_ROLE}` }, owner: server };
}

/** Is the role no more than a member of the application role? */
async function isApplicationRole(connection: pg.ClientConfig): Promise<boolean> {
  return await withClient(connection, async (client) => {
    const { rows } = await client.query<{ fits: boolean }>(
      `select not rolsuper
         and exists (select from pg_roles where rolname = '${APPLICATION_ROLE}')
         and pg_has_role(current_user, (select oid from pg_roles where rolname = '${APPLICATION_ROLE}'), 'usage')
         and not coalesce((select pg_has_role(current_user, relowner, 'usage') from pg_class where oid = to_regclass('resource')), false)
         as fits
       from pg_roles where rolname = current_user`,
    );
    return rows[0]?.fits === true;
  });
}

async function connectTo(url: string, setting: string, patienceMs: number): Promise<pg.ClientConfig> {
  const place = describe(url, setting);
  const connection = { connectionString: url };
  const end = Date.now() + patienceMs;
  for (;;) {
    try {
      await withClient(connection, () => Promise.resolve());
      return connection;
    } catch (error) {
      if (!isNotYetUp(error) || Date.now() >= end) {
        throw explainRefusal(error, place, setting);
      }
      await delay(250);
    }
  }
}

function describe(url: string, setting: string): string {
  try {
    const { host, pathname } = new URL(url);
    return `${host}${pathname}`;
  } catch (cause) {
    throw new StorageError(
      'refused',
      `${setting} is not a URL. Write postgres://user:password@host:5432/name.`,
      { cause },
    );
  }
}

async function withClient<T>(
  connection: pg.ClientConfig,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ ...connection, connectionTimeoutMillis: 5000 });
  client.on('error', () => undefined); // reported by connect() or end(); a second report must not end the process
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

const isNotYetUp = (error: unknown): boolean => ['ECONNREFUSED', '57P03'].includes(errorCode(error) ?? '');

const REFUSALS: Readonly<Record<string, string>> = {
  '28P01': 'refuses the user name or password',
  '28000': 'does not let this user in (see pg_hba.conf)',
  '3D000': 'has no database of that name. Create it, or correct the address',
  '53300': 'has no connection left. Raise max_connections or stop other clients',
};

function explainRefusal(cause: unknown, place: string, setting: string): StorageError {
  const refusal = REFUSALS[errorCode(cause) ?? ''];
  if (refusal !== undefined) {
    return new StorageError('refused', `The database ${place} ${refusal} (${setting}).`, { cause });
  }
  return new StorageError(
    'unavailable',
    `The database ${place} does not answer (${errorCode(cause) ?? 'no connection'}). ` +
      `Is it running, and is ${setting} right? Without DATABASE_URL an embedded database is used.`,
    { cause },
  );
}
