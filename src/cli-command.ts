/** What every command of `ryggrad` is made with: its files, the storage, a line on the terminal. */
import { readFile } from 'node:fs/promises';
import { type Config, readConfig } from './config.ts';
import { openStorage, type Storage } from './storage/open-storage.ts';

/** A command that was called wrongly; the message says how to call it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Throws UsageError for a command that takes no arguments and was given some. */
export function refuseArguments(args: readonly string[], command: string): void {
  if (args.length > 0) {
    throw new UsageError(`Usage: ryggrad ${command}`);
  }
}

/** The text of a file that was named; throws UsageError when there is none. */
export async function readText(file: string | undefined, usage: string): Promise<string> {
  if (file === undefined) {
    throw new UsageError(`Usage: ${usage}`);
  }
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new UsageError(`${file} cannot be read (${(cause as NodeJS.ErrnoException).code ?? 'unknown'}).`, {
      cause,
    });
  }
}

/** Work on the storage of the settings, closed afterwards; gives the exit code. */
export async function withStorage(
  work: (storage: Storage, config: Config) => Promise<number>,
): Promise<number> {
  const config = readConfig();
  await using storage = await openStorage(config);
  return await work(storage, config);
}

export const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
