/** A content folder of its own for a test: what registers share, and the files of a register beside it. */
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { formatJson } from '../../src/content/format-json.ts';
import type { NewFile } from '../../src/content/scaffold/artefacts.ts';
import { repositoryRoot } from './source-files.ts';

export interface ContentFolder extends AsyncDisposable {
  readonly root: string;
  write(files: readonly NewFile[]): Promise<void>;
}

const SHARED = ['fhir-profiles', 'instruments', 'valuesets/shared'];

/** Dispose it afterwards. */
export async function contentFolder(files: readonly NewFile[]): Promise<ContentFolder> {
  const root = await mkdtemp(join(tmpdir(), 'ryggrad-content-'));
  await Promise.all(
    SHARED.map((folder) => cp(join(repositoryRoot, folder), join(root, folder), { recursive: true })),
  );
  const write = async (more: readonly NewFile[]): Promise<void> => {
    for (const { path, content } of more) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), typeof content === 'string' ? content : formatJson(content));
    }
  };
  await write(files);
  return { root, write, [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }) };
}
