/** Reads the folder of content packs: one JSON file for each (registry/sending/pack.ts says what is in it). */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseJson } from '../fhir/json.ts';
import type { JsonObject } from '../fhir/types.ts';
import { packFaults } from './check-pack.ts';
import type { InstrumentIndex } from './instruments.ts';
import { ContentError, type ContentProblem } from './problem.ts';

export interface PackFile {
  readonly file: string;
  readonly json: JsonObject;
  readonly problems: readonly ContentProblem[];
}

/** Packs of a folder as JSON, checked. Throws ContentError with every fault; no folder is no packs. */
export async function readPacks(
  folder: string | undefined,
  instruments: InstrumentIndex,
): Promise<readonly JsonObject[]> {
  const files = folder === undefined ? [] : await readPackFiles(folder, instruments);
  const problems = files.flatMap((each) => each.problems);
  if (problems.length > 0) {
    throw new ContentError(problems);
  }
  return files.map(({ json }) => json);
}

/** The files of a folder with what is wrong with each. Throws ContentError when the folder cannot be read. */
export async function readPackFiles(
  folder: string,
  instruments: InstrumentIndex,
): Promise<readonly PackFile[]> {
  const names = (await filesOf(folder)).filter((name) => name.endsWith('.json')).sort();
  const files = await Promise.all(names.map((name) => readPackFile(join(folder, name), name, instruments)));
  return files.map((each, index) => ({
    ...each,
    problems: [...each.problems, ...sameAsEarlier(each, files.slice(0, index))],
  }));
}

/** One file; `name` is what its problems call it. */
export async function readPackFile(
  path: string,
  name: string,
  instruments: InstrumentIndex,
): Promise<PackFile> {
  try {
    const json = parseJson(await readFile(path, 'utf8'));
    if (typeof json !== 'object' || json === null || Array.isArray(json)) {
      return broken(name, 'The file must hold one JSON object.');
    }
    const pack = json as JsonObject;
    const problems = packFaults(pack, instruments).map((fault) => ({ file: name, ...fault }));
    return { file: name, json: pack, problems };
  } catch (cause) {
    return broken(name, `The file cannot be read as JSON: ${(cause as Error).message}`);
  }
}

const broken = (file: string, reason: string): PackFile => ({
  file,
  json: {},
  problems: [{ file, element: '', reason }],
});

async function filesOf(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch {
    throw new ContentError([
      {
        file: folder,
        element: '',
        reason: 'The folder of content packs (CONTENT_PACKS_DIR) cannot be read.',
      },
    ]);
  }
}

/** Two packs of one instrument and language that begin on one day: nobody could say which counts. */
function sameAsEarlier({ file, json }: PackFile, earlier: readonly PackFile[]): readonly ContentProblem[] {
  const keyOf = (pack: JsonObject): string =>
    [pack['instrument'], pack['language'], pack['validFrom']].join(' ');
  const other = earlier.find((each) => each.problems.length === 0 && keyOf(each.json) === keyOf(json));
  return other === undefined
    ? []
    : [{ file, element: 'validFrom', reason: `${other.file} is of the same instrument, language and day.` }];
}
