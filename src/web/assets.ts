/**
 * Where the client bundle is: read from the manifest that `vite build` writes to dist/web.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Addresses of the bundle, `/web/assets/…`. */
export interface Assets {
  readonly script: string;
  readonly styles: readonly string[];
  /** The script of the login with passkeys. */
  readonly passkey?: string;
  /** The script of buttons that print. */
  readonly print?: string;
}

interface Chunk {
  readonly file: string;
  readonly css?: readonly string[];
}

const ENTRY = 'src/web/client/main.tsx';
const PASSKEY = 'src/web/client/passkey.ts';
const PRINT = 'src/web/client/print.ts';
const ASSET_BASE = '/web/';

/** Read the manifest in the folder of the built bundle. Throws, saying how to build it, when there is none. */
export function readAssets(folder: string): Assets {
  const manifest = readManifest(folder);
  const entry = manifest[ENTRY];
  const passkey = manifest[PASSKEY];
  const print = manifest[PRINT];
  if (entry === undefined) {
    throw new Error(`The manifest in ${folder} has no ${ENTRY}. Build the pages again: npm run build.`);
  }
  return {
    script: ASSET_BASE + entry.file,
    styles: (entry.css ?? []).map((file) => ASSET_BASE + file),
    ...(passkey !== undefined && { passkey: ASSET_BASE + passkey.file }),
    ...(print !== undefined && { print: ASSET_BASE + print.file }),
  };
}

function readManifest(folder: string): Readonly<Record<string, Chunk>> {
  try {
    const text = readFileSync(join(folder, '.vite', 'manifest.json'), 'utf8');
    return JSON.parse(text) as Record<string, Chunk>;
  } catch (cause) {
    throw new Error(`The pages are not built: ${folder} has no manifest. Run npm run build.`, { cause });
  }
}
