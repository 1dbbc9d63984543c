/** Content of two registers: SmerteReg as it is, and one with two modules that is made for tests (test/content/two-modules/). */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repositoryRoot } from './source-files.ts';

const FIRST = 'smertereg';
const FOLDERS = [
  'fhir-profiles',
  'instruments',
  'valuesets/shared',
  ...['questionnaires', 'valuesets', 'registers'].map((folder) => `${folder}/${FIRST}`),
];

export interface TwoModules extends AsyncDisposable {
  /** For CONTENT_DIR. */
  readonly folder: string;
}

export async function twoModules(): Promise<TwoModules> {
  const folder = await mkdtemp(join(tmpdir(), 'ryggrad-modules-'));
  for (const name of FOLDERS) {
    await cp(join(repositoryRoot, name), join(folder, name), { recursive: true });
  }
  await cp(join(repositoryRoot, 'test/content/two-modules'), folder, { recursive: true });
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}
