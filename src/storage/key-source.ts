/**
 * Where master keys are kept: a file that its owner alone may read, apart from the database and its backups. A key
 * management service takes the file's place by the same port.
 */
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncFolder } from './data-folder.ts';
import { errorCode, StorageError } from './errors.ts';
import type { MasterKey } from './sealing.ts';

export interface KeySource {
  /** For messages. */
  readonly place: string;
  /** All keys, oldest first; none before the first start. Throws `keys` when they cannot be used. */
  load(): Promise<readonly MasterKey[]>;
  /** Make a key of the next version, and keep it beside the others before it is used. */
  add(): Promise<MasterKey>;
}

interface KeyFile {
  readonly keys: readonly { readonly version: number; readonly created: string; readonly key: string }[];
}

const BYTES = 32;

/** Keys in a file of mode 0400. It is made when the first key is. */
export function keyFile(path: string): KeySource {
  const load = async (): Promise<readonly MasterKey[]> =>
    (await readKeys(path)).keys.map(({ version, key }) => toMasterKey(path, version, key));
  return {
    place: path,
    load,
    async add() {
      const { keys } = await readKeys(path);
      const version = (keys.at(-1)?.version ?? 0) + 1;
      const secret = randomBytes(BYTES);
      const added = { version, created: new Date().toISOString(), key: secret.toString('base64url') };
      await writeKeys(path, { keys: [...keys, added] });
      return { version, secret };
    },
  };
}

async function readKeys(path: string): Promise<KeyFile> {
  try {
    const { mode } = await stat(path);
    if ((mode & 0o077) !== 0) {
      throw new StorageError(
        'keys',
        `${path} holds the keys of national identity numbers, and others than its owner may read it. Run: chmod 400 ${path}`,
      );
    }
    const { keys } = JSON.parse(await readFile(path, 'utf8')) as Partial<KeyFile>;
    if (!Array.isArray(keys)) {
      throw new SyntaxError('no list of keys');
    }
    return { keys };
  } catch (cause) {
    if (errorCode(cause) === 'ENOENT') {
      return { keys: [] };
    }
    throw cause instanceof StorageError ? cause : unusable(path, cause);
  }
}

function toMasterKey(path: string, version: unknown, key: unknown): MasterKey {
  const secret = Buffer.from(typeof key === 'string' ? key : '', 'base64url');
  if (!Number.isInteger(version) || secret.length !== BYTES) {
    throw unusable(path, undefined);
  }
  return { version: version as number, secret };
}

const unusable = (path: string, cause: unknown): StorageError =>
  new StorageError(
    'keys',
    `${path} cannot be read as the keys of national identity numbers. Put it back from the copy that is kept apart from the database's backups.`,
    { cause },
  );

/** Whole or not at all, also when the power fails: a key that is lost takes its values with it. */
async function writeKeys(path: string, content: KeyFile): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.new`;
  await rm(draft, { force: true });
  const handle = await open(draft, 'w', 0o400);
  try {
    await handle.writeFile(`${JSON.stringify(content, null, 2)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await chmod(draft, 0o400);
  await rename(draft, path);
  await syncFolder(dirname(path));
}
