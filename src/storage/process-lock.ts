/**
 * One live process per data folder: a file that names its owner. A process id alone may be reused by another program,
 * so the moment that the owner started is kept with it.
 */
import { linkSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StorageError, errorCode, fromFileSystem } from './errors.ts';

const LOCK = 'ryggrad.pid';

/** Take the folder. Throws `in-use` with the owner's process id. The result gives it back. */
export function lockFolder(folder: string): () => void {
  const lock = join(folder, LOCK);
  const draft = `${lock}.${process.pid}`;
  try {
    writeFileSync(draft, `${process.pid} ${startedAt(process.pid)}\n`);
    try {
      takeOver(draft, lock, folder);
    } finally {
      unlinkSync(draft);
    }
  } catch (error) {
    throw fromFileSystem(error, folder);
  }
  return () => {
    release(lock);
  };
}

/** `link` is atomic: of two that try, one gets it. */
function takeOver(draft: string, lock: string, folder: string): void {
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      linkSync(draft, lock);
      return;
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') {
        throw error;
      }
    }
    removeUnlessOwned(lock, folder);
  }
  throw new StorageError('in-use', `The data folder ${folder} is being taken by another process. Try again.`);
}

function removeUnlessOwned(lock: string, folder: string): void {
  const [pid, started] = readLock(lock);
  if (pid !== undefined && isAlive(pid) && (started === '' || startedAt(pid) === started)) {
    throw new StorageError(
      'in-use',
      `The data folder ${folder} is in use by process ${pid}. Stop that process, or give this one another DATA_DIR.`,
    );
  }
  unlinkSync(lock);
}

function release(lock: string): void {
  if (readLock(lock)[0] === process.pid) {
    unlinkSync(lock);
  }
}

function readLock(lock: string): readonly [number | undefined, string] {
  try {
    const [pid = '', started = ''] = readFileSync(lock, 'utf8').trim().split(' ');
    return [Number(pid) > 0 ? Number(pid) : undefined, started];
  } catch (error) {
    if (errorCode(error) === 'ENOENT') {
      return [undefined, ''];
    }
    throw error;
  }
}

/** True for every process that exists, also one of another user, but not for one that only waits to be buried. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return processState(pid)[0] !== 'Z';
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}

/** Start time of a process in ticks since boot; '' where the system does not tell. */
const startedAt = (pid: number): string => processState(pid)[19] ?? '';

/** Fields of /proc/<pid>/stat from the third (state) on; the second may hold blanks. */
function processState(pid: number): readonly string[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}
