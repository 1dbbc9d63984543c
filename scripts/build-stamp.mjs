/** Says whether dist/ was built from the sources as they are now: a hash over their contents, kept in dist/.stamp. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { projectRoot } from './find-node.mjs';

const sources = [
  'src',
  'demo',
  'vite.config.ts',
  'tsconfig.json',
  'tsconfig.build.json',
  'package-lock.json',
  'scripts/build.mjs',
  'scripts/bundle-components.mjs',
];

/** Whether dist/ is whole and belongs to the present sources. */
export function isBuilt() {
  const stamp = join(projectRoot, 'dist/.stamp');
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === sourceHash();
}

/** The hash of everything that goes into a build: names and contents, not times, so that a copied dist/ stays valid. */
export function sourceHash() {
  const hash = createHash('sha256');
  for (const path of sources.flatMap((name) => filesBelow(join(projectRoot, name)))) {
    const content = readFileSync(path);
    hash.update(`${relative(projectRoot, path)}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

function filesBelow(path) {
  if (!existsSync(path)) {
    return [];
  }
  if (statSync(path).isFile()) {
    return [path];
  }
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}
