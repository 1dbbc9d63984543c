/** Reads the folder of content packs: one JSON file for each (registry/sending/content-packs.ts says what is in it). */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseJson } from '../fhir/json.ts';
import type { JsonObject } from '../fhir/types.ts';
import { ContentError } from './problem.ts';

const TEXTS = ['instrument', 'version', 'language', 'holder', 'licence', 'validFrom'] as const;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** Packs of a folder as JSON, checked. Throws ContentError with every fault; no folder is no packs. */
export async function readPacks(folder: string | undefined): Promise<readonly JsonObject[]> {
  if (folder === undefined) {
    return [];
  }
  const files = (await filesOf(folder)).filter((name) => name.endsWith('.json')).sort();
  const packs = await Promise.all(
    files.map(async (file) => ({ file, json: await jsonOf(join(folder, file)) })),
  );
  const problems = packs.flatMap(({ file, json }) =>
    faultsOf(json).map((element) => ({ file, element, reason: 'A content pack needs it.' })),
  );
  if (problems.length > 0) {
    throw new ContentError(problems);
  }
  return packs.map(({ json }) => json);
}

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

async function jsonOf(path: string): Promise<JsonObject> {
  try {
    const json = parseJson(await readFile(path, 'utf8'));
    return typeof json === 'object' && json !== null && !Array.isArray(json) ? (json as JsonObject) : {};
  } catch {
    return {};
  }
}

function faultsOf(pack: JsonObject): readonly string[] {
  const missing = TEXTS.filter((name) => typeof pack[name] !== 'string' || pack[name] === '');
  const days = (['validFrom', 'validTo'] as const).filter(
    (name) => pack[name] !== undefined && !DAY.test(String(pack[name])),
  );
  const texts = pack['texts'];
  const hasTexts = typeof texts === 'object' && texts !== null && Object.keys(texts).length > 0;
  return [...new Set([...missing, ...days, ...(hasTexts ? [] : ['texts'])])];
}
