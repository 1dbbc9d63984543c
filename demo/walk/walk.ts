/**
 * Where a walk goes: the running server, the keys and passwords that its demo mode wrote, and who listens.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Narrator, WalkError } from './narrator.ts';

export interface Walk {
  /** The server, without a slash at the end. */
  readonly url: string;
  /** Folder of client keys and passwords: `<DATA_DIR>/demo`. */
  readonly keys: string;
  readonly narrator: Narrator;
}

/** A JSON file of the demo folder. Throws WalkError when it is not there. */
export async function readKeyFile<T>({ keys }: Walk, name: string): Promise<T> {
  try {
    return JSON.parse(await readFile(join(keys, name), 'utf8')) as T;
  } catch (cause) {
    throw new WalkError(
      `${join(keys, name)} cannot be read. Is DATA_DIR the one that the server was started with?`,
      { cause },
    );
  }
}

/** A request that is told to the narrator. Redirects are handed back. */
export async function send(
  { url, narrator }: Pick<Walk, 'url' | 'narrator'>,
  path: string,
  init: RequestInit = {},
): Promise<Response> {
  const target = new URL(path, `${url}/`);
  const begun = performance.now();
  const response = await fetch(target, { redirect: 'manual', ...init });
  narrator.exchange({
    method: init.method ?? 'GET',
    path: target.pathname + target.search,
    status: response.status,
    ms: performance.now() - begun,
  });
  return response;
}

/** Name and value of a thing that must be there. Throws WalkError. */
export function must<T>(value: T | undefined | null, what: string): T {
  if (value === undefined || value === null) {
    throw new WalkError(`There is no ${what}.`);
  }
  return value;
}
