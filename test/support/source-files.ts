/** The repository's own files, for tests about the repository itself. */
import { readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that holds package.json. */
export const repositoryRoot = fileURLToPath(new URL('../..', import.meta.url));

const notOurs = /^(node_modules|data|coverage|\.git|dist|dist\..*)$/;

/** Every file of the repository below `folder`, sorted, as paths from the root with forward slashes. */
export function repositoryFiles(folder = '.'): readonly string[] {
  return readdirSync(join(repositoryRoot, folder), { withFileTypes: true })
    .filter((entry) => folder !== '.' || !notOurs.test(entry.name))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? repositoryFiles(path) : [path.split(sep).join('/')];
    })
    .sort();
}

/** Folder names directly below `folder`. */
export function foldersIn(folder: string): readonly string[] {
  return readdirSync(join(repositoryRoot, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => relative('.', entry.name));
}
