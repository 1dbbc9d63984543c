/** One build at a time: a folder that only one process can make, with the number of that process in it. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { projectRoot } from './find-node.mjs';

const lock = join(projectRoot, 'dist.lock');
const ownerFile = join(lock, 'pid');

/**
 * Runs `work` while no other build runs. The lock of a process that has died is taken over.
 *
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withBuildLock(work) {
  let seenWithoutOwner = 0;
  while (!take()) {
    const owner = lockOwner();
    seenWithoutOwner = owner === undefined ? seenWithoutOwner + 1 : 0;
    if ((owner !== undefined && !isRunning(owner)) || seenWithoutOwner > 20) {
      rmSync(lock, { recursive: true, force: true });
      continue;
    }
    await wait(100);
  }
  try {
    return await work();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

function take() {
  try {
    mkdirSync(lock);
    writeFileSync(ownerFile, String(process.pid));
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') {
      return false;
    }
    throw error;
  }
}

function lockOwner() {
  try {
    return Number(readFileSync(ownerFile, 'utf8')) || undefined;
  } catch {
    return undefined;
  }
}

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
