/** What the documents say about files must be so. */
import { existsSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { repositoryFiles, repositoryRoot } from './support/source-files.ts';

const files = repositoryFiles();
const folders = new Set(files.flatMap(foldersAbove));
/** The two walks are read as soon as they are written; README's links say that they must be. */
const documents = [
  'README.md',
  'docs/architecture.md',
  'docs/data-walk.md',
  'docs/operations.md',
  'docs/style.md',
].filter((path) => files.includes(path));

describe('A document about the source', () => {
  it.each(documents)('names only files that exist: %s.', (document) => {
    const text = readFileSync(join(repositoryRoot, document), 'utf8');

    expect(namedPaths(text).filter((path) => !isThere(path))).toEqual([]);
  });

  it.each(documents)('links only to files that exist: %s.', (document) => {
    const text = readFileSync(join(repositoryRoot, document), 'utf8');
    const targets = [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)[^)]*\)/g)].map(
      ([, target]) => target!,
    );
    const missing = targets.filter(
      (target) => !existsSync(join(repositoryRoot, posix.dirname(document), target)),
    );

    expect(missing).toEqual([]);
  });
});

describe('The page of settings', () => {
  it('explains every variable that the configuration reads.', () => {
    const source = readFileSync(join(repositoryRoot, 'src/config.ts'), 'utf8');
    const read = [...source.matchAll(/\b(?:env\[|given\(|usual\(|place\()'([A-Z_]+)'/g)].map(
      ([, name]) => name!,
    );
    const text = readFileSync(join(repositoryRoot, 'docs/operations.md'), 'utf8');

    expect(new Set(read).size).toBeGreaterThan(20);
    expect(read.filter((name) => !text.includes(`| \`${name}\``))).toEqual([]);
  });
});

/** What stands between backticks and reads like a path: `src/app.ts`, `rest/routes.ts`, `web/pages/`. */
function namedPaths(text: string): readonly string[] {
  const proseOnly = text.replaceAll(/^```[^]*?^```/gm, '');
  const quoted = [...proseOnly.matchAll(/`([^`\n]+)`/g)].map(([, name]) => name!);
  return quoted.filter(
    (name) => /^[\w@.-]+(\/[\w@.-]+)*\/?$/.test(name) && (/\/$/.test(name) || hasSourceEnding(name)),
  );
}

function hasSourceEnding(name: string): boolean {
  return /[\w-]\.(ts|tsx|js|mjs|json|md|sql|css)$/.test(name);
}

/** A path may be written from the root, from src/, or from further in, as long as something ends with it. */
function isThere(path: string): boolean {
  const known = path.endsWith('/') ? [...folders].map((folder) => `${folder}/`) : files;
  return isMadeAtRunTime(path) || known.some((name) => name === path || name.endsWith(`/${path}`));
}

function isMadeAtRunTime(path: string): boolean {
  return /^(dist|data|node_modules)\//.test(path);
}

function foldersAbove(path: string): readonly string[] {
  const folder = posix.dirname(path);
  return folder === '.' ? [] : [folder, ...foldersAbove(folder)];
}
