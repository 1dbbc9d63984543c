/**
 * Our own PostgreSQL for those who bring none: found, created, started, kept running and stopped with this process.
 * It listens on a socket in a private folder only: no port, no password.
 */
import { chmod, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { APPLICATION_ROLE, ensureApplicationRole } from './application-role.ts';
import {
  type DataFolder,
  kindOf,
  locateDataFolder,
  own,
  rememberFolder,
  removeDrafts,
  socketFolder,
  syncFolder,
} from './data-folder.ts';
import { StorageError, errorCode, fromFileSystem } from './errors.ts';
import { runAs } from './postgres-account.ts';
import { type Programs, findPrograms } from './postgres-programs.ts';
import {
  type Postmaster,
  type PostmasterOptions,
  explain,
  startPostmaster,
  waitForPredecessor,
} from './postmaster.ts';
import { lockFolder } from './process-lock.ts';

export interface EmbeddedOptions {
  readonly dataDir: string;
  /** The search path for a system PostgreSQL, used when the npm package does not run here. */
  readonly path?: string;
  /** Server settings over our own; for tests. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface EmbeddedPostgres extends AsyncDisposable {
  readonly connection: pg.ClientConfig;
  /** Where the data lie. */
  readonly folder: string;
  /** Process id of the database now running. */
  readonly pid: number;
}

const USER = 'ryggrad';

/** Start the database of a data folder, making it first when there is none. Throws a StorageError. */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const dataDir = resolve(options.dataDir);
  const folder = await locateDataFolder(dataDir);
  const unlock = lockFolder(dataDir);
  try {
    return await start(options, folder, unlock);
  } catch (error) {
    unlock();
    throw fromFileSystem(error, folder.cluster);
  }
}

async function start(
  options: EmbeddedOptions,
  folder: DataFolder,
  unlock: () => void,
): Promise<EmbeddedPostgres> {
  const programs = await findPrograms(folder.account, folder.state, options.path ?? '');
  await prepareCluster(folder, programs);
  await rememberFolder(options.dataDir, folder.cluster);
  const socket = await socketFolder(folder);
  const server = await keepRunning({
    account: folder.account,
    program: programs.postgres,
    cluster: folder.cluster,
    socketFolder: socket,
    settings: { ...SETTINGS, ...options.settings },
    log: join(dirname(folder.cluster), 'postgres.log'),
  });
  const connection = { host: socket, port: 5432, user: USER, database: USER };
  const stop = async (): Promise<void> => {
    await server.stop();
    await rm(socket, { recursive: true, force: true });
    unlock();
  };
  await createDatabase(connection).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return {
    connection,
    folder: folder.cluster,
    get pid() {
      return server.pid();
    },
    [Symbol.asyncDispose]: stop,
  };
}

const MEGABYTE = 1024 * 1024;
const sharedBuffers = Math.round(Math.min(512, Math.max(32, totalmem() / MEGABYTE / 16)));

const SETTINGS: Readonly<Record<string, string>> = {
  cluster_name: 'ryggrad',
  max_connections: '60',
  shared_buffers: `${sharedBuffers}MB`,
  // an answered write is on disk (RE-01)
  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',
  wal_level: 'replica',
  jit: 'off', // our statements are short; compiling them costs more than it gives
  random_page_cost: '1.1',
  autovacuum_naptime: '10s', // a new store is planned for as it is, not as it was a minute ago
  timezone: 'UTC',
  log_timezone: 'UTC',
  idle_in_transaction_session_timeout: '60s',
  // the log is no place for health data: no statements, no values
  log_min_messages: 'warning',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
};

async function prepareCluster(folder: DataFolder, programs: Programs): Promise<void> {
  const kind = await kindOf(folder.cluster);
  if (kind === 'other') {
    throw new StorageError(
      'broken',
      `${folder.cluster} holds files, but no database (PG_VERSION is missing). ` +
        'Put the database back from a backup, or set DATA_DIR to an empty folder.',
    );
  }
  if (kind !== 'database') {
    await removeDrafts(folder.cluster);
    await createCluster(folder, programs);
    return;
  }
  await checkVersion(folder.cluster, programs.major);
  await waitForPredecessor(folder.cluster);
}

async function checkVersion(cluster: string, major: number): Promise<void> {
  const made = (await readFile(join(cluster, 'PG_VERSION'), 'utf8')).trim();
  if (Number(made) !== major) {
    throw new StorageError(
      'version',
      `The database in ${cluster} was made by PostgreSQL ${made}, and the program here is PostgreSQL ${major}. ` +
        `Start it with PostgreSQL ${made} and move the data with a dump, or set DATA_DIR to an empty folder.`,
    );
  }
}

/** A new cluster is made beside its place and moved there when complete and on disk, so half of one is never used. */
async function createCluster({ cluster, account }: DataFolder, programs: Programs): Promise<void> {
  const draft = join(dirname(cluster), `postgres.init-${process.pid}`);
  await own(await made(draft), account);
  const locale =
    programs.major >= 17 ? ['--locale-provider=builtin', '--builtin-locale=C.UTF-8'] : ['--locale=C'];
  const options = ['--encoding=UTF8', ...locale, '--data-checksums', '--no-instructions', '--auth=trust'];
  try {
    await runAs(account, programs.initdb, ['-D', draft, '-U', USER, ...options]);
    await rename(draft, cluster);
    await syncFolder(dirname(cluster));
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw errorCode(error) === undefined
      ? explain(String((error as { stderr?: string }).stderr), cluster)
      : error;
  }
}

async function made(folder: string): Promise<string> {
  await mkdir(folder, { mode: 0o700 });
  await chmod(folder, 0o700);
  return folder;
}

/** A database that dies (killed, out of memory) is started again, so that we recover without a restart (RE-03). */
async function keepRunning(options: PostmasterOptions): Promise<{ pid(): number; stop(): Promise<void> }> {
  let current: Postmaster = await startWhenFree(options);
  let isStopping = false;
  const watch = async (): Promise<void> => {
    while (!isStopping) {
      await current.ended;
      if (!isStopping) {
        current = await startAgain(options, () => isStopping, current);
      }
    }
  };
  const watching = watch();
  return {
    pid: () => current.pid,
    async stop() {
      isStopping = true;
      await current.stop();
      await watching;
      await current.stop();
    },
  };
}

async function startAgain(
  options: PostmasterOptions,
  isStopping: () => boolean,
  last: Postmaster,
): Promise<Postmaster> {
  while (!isStopping()) {
    try {
      return await startWhenFree(options);
    } catch {
      await delay(1000, undefined, { ref: false });
    }
  }
  return last;
}

/** After a crash the children of the dead server need a moment to see it; until then its memory is taken. */
async function startWhenFree(options: PostmasterOptions): Promise<Postmaster> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startPostmaster(options);
    } catch (error) {
      if (attempt === 50 || !(error instanceof StorageError && error.code === 'in-use')) {
        throw error;
      }
      await delay(200);
    }
  }
}

async function createDatabase(connection: pg.ClientConfig): Promise<void> {
  const client = new pg.Client({ ...connection, database: 'postgres' });
  await client.connect();
  try {
    const { rows } = await client.query('select 1 from pg_database where datname = $1', [USER]);
    if (rows.length === 0) {
      await client.query(`create database ${USER}`);
    }
    await ensureApplicationRole(client);
    await client.query(`alter role ${APPLICATION_ROLE} login`); // by the socket in our own folder, as the owner does
  } finally {
    await client.end();
  }
}
