/**
 * After all suites: stop the database of global-setup.ts and remove its files.
 */
import { rm } from 'node:fs/promises';

interface Kept {
  ryggradTest?: { readonly server: AsyncDisposable; readonly dataDir: string };
}

/** Setup and teardown may be loaded apart from each other; the process is what they share. */
export function keepForTeardown(server: AsyncDisposable, dataDir: string): void {
  (globalThis as Kept).ryggradTest = { server, dataDir };
}

export default async function globalTeardown(): Promise<void> {
  const kept = (globalThis as Kept).ryggradTest;
  if (kept !== undefined) {
    await kept.server[Symbol.asyncDispose]();
    await rm(kept.dataDir, { recursive: true, force: true });
  }
}
