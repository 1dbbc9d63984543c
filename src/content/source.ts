/**
 * The content folders as files: what stands where, read and parsed, but not yet judged.
 */
import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { FhirError } from '../fhir/outcome.ts';
import { parseJson } from '../fhir/json.ts';
import type { JsonObject, JsonValue } from '../fhir/types.ts';
import type { ContentProblem } from './problem.ts';

/** A JSON file that could be read. */
export interface SourceFile {
  /** Relative to its root, with forward slashes. */
  readonly path: string;
  readonly json: JsonObject;
}

/** The files below one root, and those that could not be parsed. */
export interface SourceTree {
  readonly files: readonly SourceFile[];
  readonly problems: readonly ContentProblem[];
}

/** Folders of artefacts that stand kind first, register second. */
export const KIND_FOLDERS = ['fhir-profiles', 'valuesets', 'questionnaires'] as const;
export const REGISTER_FOLDER = 'registers';

/** Read every JSON file of the content folders below a root; a folder that is not there has no files. */
export async function readTree(root: string): Promise<SourceTree> {
  const paths = (
    await Promise.all([...KIND_FOLDERS, REGISTER_FOLDER].map((folder) => jsonFiles(root, folder)))
  ).flat();
  const results = paths.sort().map((path) => readJson(root, path));
  return {
    files: results.filter((result) => 'json' in result),
    problems: results.filter((result) => 'reason' in result),
  };
}

/** Cases are test data of the register, not content. */
const isCase = (path: string): boolean =>
  path.split('/')[2] === 'cases' && path.startsWith(`${REGISTER_FOLDER}/`);

async function jsonFiles(root: string, folder: string): Promise<string[]> {
  const entries = await readdir(join(root, folder), { recursive: true }).catch(noSuchFolder);
  return entries
    .map((entry) => `${folder}/${entry.replaceAll('\\', '/')}`)
    .filter((path) => path.endsWith('.json') && !isCase(path));
}

function noSuchFolder(cause: unknown): string[] {
  if ((cause as NodeJS.ErrnoException).code === 'ENOENT') {
    return [];
  }
  throw cause;
}

/** A thousand small files are read in a fraction of the time when each is waited for. */
function readJson(root: string, path: string): SourceFile | ContentProblem {
  try {
    const json: JsonValue = parseJson(readFileSync(join(root, path), 'utf8'));
    return isObject(json)
      ? { path, json }
      : { file: path, element: '', reason: 'The file must hold one JSON object.' };
  } catch (cause) {
    if (cause instanceof FhirError) {
      return { file: path, element: '', reason: cause.message.replace('The body', 'The file') };
    }
    throw cause;
  }
}

const isObject = (value: JsonValue): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
