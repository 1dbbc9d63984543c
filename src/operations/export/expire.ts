/**
 * The end of bulk exports: rows and files go when their time is over (BK-07).
 */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { deleteExpired, knownJobs, requeueUnfinished } from './jobs.ts';
import type { ExportDeps } from './deps.ts';

/**
 * Forget exports that have expired, and remove every folder that belongs to none: those of expired and deleted exports,
 * and what a crash left behind. A download that is under way keeps its open file to the end.
 */
export async function expireExports({
  db,
  clock,
  folder,
}: Pick<ExportDeps, 'db' | 'clock' | 'folder'>): Promise<void> {
  const folders = await foldersIn(folder); // read before the rows: a folder is made after its row
  await deleteExpired(db, clock.now().toISOString());
  const known = new Set(await knownJobs(db));
  for (const name of folders.filter((name) => !known.has(name))) {
    await rm(join(folder, name), { recursive: true, force: true });
  }
}

const SETTLED_MS = 60_000;

/** Take up again what a killed server left half done: every minute, and so within a minute after its start. */
export async function resumeExports({ db, clock }: Pick<ExportDeps, 'db' | 'clock'>): Promise<void> {
  await requeueUnfinished(db, new Date(clock.now().getTime() - SETTLED_MS).toISOString());
}

async function foldersIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') {
      return [];
    }
    throw cause;
  }
}
