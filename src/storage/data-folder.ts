/**
 * Where the embedded database keeps its files, and who may use them. An ordinary user has them in DATA_DIR/postgres.
 * Root must hand them to another account, which often cannot reach a checkout (below /root, say): then they lie in
 * a state folder of the system, and DATA_DIR/postgres.location says where.
 */
import { createHash } from 'node:crypto';
import { chown, lstat, mkdir, open, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { type Account, canReach, postgresAccount } from './postgres-account.ts';
import { StorageError, errorCode, fromFileSystem } from './errors.ts';

export interface DataFolder {
  /** PostgreSQL's own data directory. */
  readonly cluster: string;
  /** Who owns it and runs PostgreSQL. */
  readonly account: Account;
  /** Folder beside it for copied programs. */
  readonly state: string;
}

const POINTER = 'postgres.location';

/** Find or choose the place of the database below `dataDir`. Throws `permission`, `no-space` or `broken`. */
export async function locateDataFolder(dataDir: string): Promise<DataFolder> {
  const home = resolve(dataDir);
  try {
    const account = await postgresAccount();
    await mkdir(home, { recursive: true, mode: account.ids === undefined ? 0o700 : 0o711 });
    const cluster = (await pointedFolder(home)) ?? (await chooseFolder(home, account));
    return { cluster, account: await ownerOf(cluster, account), state: await stateFolder(home, account) };
  } catch (error) {
    throw fromFileSystem(error, home);
  }
}

/** The place noted by an earlier start. It must still be there: an empty database would look like lost data. */
async function pointedFolder(home: string): Promise<string | undefined> {
  const pointer = join(home, POINTER);
  const cluster = (await readOrUndefined(pointer))?.trim();
  if (cluster !== undefined && !(await exists(cluster))) {
    throw new StorageError(
      'broken',
      `The database of ${home} was kept in ${cluster}, which is gone. Put it back from a backup, ` +
        `or delete ${pointer} to start with an empty database.`,
    );
  }
  return cluster;
}

async function chooseFolder(home: string, account: Account): Promise<string> {
  const inside = join(home, 'postgres');
  if ((await exists(inside)) || (await canReach(account, 'folder', home))) {
    return inside;
  }
  const outside = join(await stateFolder(home, account), shortHash(home), 'postgres');
  await mkdir(dirname(outside), { recursive: true, mode: 0o711 });
  return outside;
}

/** Note a folder outside DATA_DIR, once it holds a database. */
export async function rememberFolder(dataDir: string, cluster: string): Promise<void> {
  const pointer = join(resolve(dataDir), POINTER);
  if (dirname(cluster) !== resolve(dataDir)) {
    await writeFile(`${pointer}.new`, `${cluster}\n`);
    await rename(`${pointer}.new`, pointer);
    await syncFolder(dirname(pointer));
  }
}

/** Make a renamed entry of a folder survive a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder);
  await handle.sync();
  await handle.close();
}

/** PostgreSQL runs only as the owner of its files, whoever we are now. */
async function ownerOf(cluster: string, account: Account): Promise<Account> {
  const found = await stat(cluster).catch(() => undefined);
  const uid = process.getuid?.();
  if (found === undefined || found.uid === (account.ids?.uid ?? uid)) {
    return account;
  }
  if (uid === 0 && (await kindOf(cluster)) !== 'database') {
    return account;
  }
  if (uid === 0 && found.uid !== 0) {
    return { name: String(found.uid), ids: { uid: found.uid, gid: found.gid } };
  }
  throw new StorageError(
    'permission',
    `The database in ${cluster} belongs to user id ${found.uid}, and this process runs as user id ${uid ?? -1}. ` +
      `Start as its owner${found.uid === 0 ? '' : ' or as root'}, change its owner, or set DATA_DIR.`,
  );
}

const SYSTEM_STATE = '/var/lib/ryggrad';

/** A folder that we may write and the account may enter. A temporary folder is the last resort. */
async function stateFolder(home: string, account: Account): Promise<string> {
  if (account.ids === undefined || (await canReach(account, 'folder', home))) {
    return home;
  }
  for (const folder of [SYSTEM_STATE, join(tmpdir(), 'ryggrad-state')]) {
    const made = await mkdir(folder, { recursive: true, mode: 0o755 }).then(
      () => true,
      () => false,
    );
    if (made && (await lstat(folder)).uid === 0 && (await canReach(account, 'folder', folder))) {
      return folder;
    }
  }
  throw new StorageError(
    'permission',
    `${home} cannot be reached by the account ${account.name}, which runs PostgreSQL for root, and neither can ` +
      `${SYSTEM_STATE}. Set DATA_DIR to a folder whose parents all may be entered by everyone, or set DATABASE_URL.`,
  );
}

/** A private folder for the socket; its path must fit in the 107 bytes that a socket address has. */
export async function socketFolder({ cluster, account }: DataFolder): Promise<string> {
  const beside = join(dirname(cluster), 'run');
  const isLong = Buffer.byteLength(join(beside, '.s.PGSQL.5432')) > 103;
  const folder = isLong ? join(tmpdir(), `ryggrad-${shortHash(cluster)}`) : beside;
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (error) {
    await checkLeftover(folder, account, error);
  }
  return await own(folder, account);
}

/** A folder of an earlier start is ours to use; one that somebody else put there is not. */
async function checkLeftover(folder: string, account: Account, error: unknown): Promise<void> {
  if (errorCode(error) !== 'EEXIST') {
    throw error;
  }
  const found = await lstat(folder);
  const owners = [account.ids?.uid, process.getuid?.()];
  if (!found.isDirectory() || !owners.includes(found.uid) || (found.mode & 0o077) !== 0) {
    throw new StorageError(
      'permission',
      `${folder} is needed for the database's socket, and is not ours. Remove it.`,
    );
  }
}

const shortHash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 12);

/** Give a new folder to the account. */
export async function own(folder: string, { ids }: Account): Promise<string> {
  if (ids !== undefined) {
    await chown(folder, ids.uid, ids.gid);
  }
  return folder;
}

/** What stands at the place of the database. */
export async function kindOf(cluster: string): Promise<'none' | 'empty' | 'database' | 'other'> {
  const names = await readdir(cluster).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') {
      return undefined;
    }
    throw error;
  });
  if (names === undefined) {
    return 'none';
  }
  if (names.includes('PG_VERSION')) {
    return 'database';
  }
  return names.length === 0 ? 'empty' : 'other';
}

const exists = async (path: string): Promise<boolean> =>
  await lstat(path).then(
    () => true,
    () => false,
  );

/** Remove what an interrupted first start left. */
export async function removeDrafts(cluster: string): Promise<void> {
  const names = await readdir(dirname(cluster));
  const drafts = names.filter((name) => name.startsWith('postgres.init-'));
  await Promise.all(drafts.map((name) => rm(join(dirname(cluster), name), { recursive: true, force: true })));
}

async function readOrUndefined(path: string): Promise<string | undefined> {
  return await readFile(path, 'utf8').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') {
      return undefined;
    }
    throw error;
  });
}
