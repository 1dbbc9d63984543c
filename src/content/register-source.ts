/**
 * The files of the content sorted into shared artefacts and register folders, and the files of a register that are no
 * artefacts: manifest.json, access/rules.json, dump/dump.json, intake/csv-*.json, texts/*.json,
 * pages/*.json.
 */
import type { JsonObject } from '../fhir/types.ts';
import { toArtefact, type Artefact } from './artefact.ts';
import type { ContentProblem } from './problem.ts';
import { REGISTER_FOLDER, type SourceFile } from './source.ts';

/** A register folder before it is known to be in order. */
export interface RegisterSource {
  readonly id: string;
  readonly folder: string;
  readonly manifest: SourceFile | undefined;
  readonly rules: SourceFile | undefined;
  readonly dump: SourceFile | undefined;
  /** By name: `intake/csv-surgery.json` is `surgery`. */
  readonly mappings: ReadonlyMap<string, SourceFile>;
  /** By language. */
  readonly texts: ReadonlyMap<string, SourceFile>;
  /** By name: `pages/overview.json` is `overview`. */
  readonly pages: ReadonlyMap<string, SourceFile>;
  readonly artefacts: readonly Artefact[];
}

export interface SortedSource {
  readonly shared: readonly Artefact[];
  readonly registers: readonly RegisterSource[];
  readonly problems: readonly ContentProblem[];
}

const ARTEFACT_FOLDERS = new Set(['schedule', 'extraction', 'intake', 'measures', 'views']);

/** Sort files by register; a register is a folder below `registers/`. */
export function sortFiles(files: readonly SourceFile[]): SortedSource {
  const ids = new Set(files.filter(inRegisters).map(({ path }) => part(path, 1)));
  const registers = [...ids].sort().map((id) => registerSource(id, files));
  return {
    shared: files
      .filter((file) => !inRegisters(file) && !ids.has(part(file.path, 1)))
      .map((file) => toArtefact(file, undefined)),
    registers,
    problems: files.filter((file) => inRegisters(file) && roleOf(file.path) === 'unknown').map(misplaced),
  };
}

const inRegisters = ({ path }: SourceFile): boolean => path.startsWith(`${REGISTER_FOLDER}/`);
const part = (path: string, index: number): string => path.split('/')[index] ?? '';

function registerSource(id: string, files: readonly SourceFile[]): RegisterSource {
  const own = files.filter(({ path }) => part(path, 1) === id);
  const withRole = (role: Role): SourceFile[] =>
    own.filter((file) => inRegisters(file) && roleOf(file.path) === role);
  const artefacts = [...own.filter((file) => !inRegisters(file)), ...withRole('artefact')];
  return {
    id,
    folder: `${REGISTER_FOLDER}/${id}`,
    manifest: withRole('manifest')[0],
    rules: withRole('rules')[0],
    dump: withRole('dump')[0],
    mappings: new Map(
      withRole('mapping').map((file) => [part(file.path, 3).replace(/^csv-|\.json$/g, ''), file]),
    ),
    texts: new Map(withRole('texts').map((file) => [part(file.path, 3).replace(/\.json$/, ''), file])),
    pages: new Map(withRole('pages').map((file) => [part(file.path, 3).replace(/\.json$/, ''), file])),
    artefacts: artefacts.map((file) => toArtefact(file, id)),
  };
}

type Role = 'manifest' | 'rules' | 'dump' | 'mapping' | 'texts' | 'pages' | 'artefact' | 'unknown';

function roleOf(path: string): Role {
  const [, , folder = '', ...rest] = path.split('/');
  if (folder === 'manifest.json') {
    return 'manifest';
  }
  if (folder === 'access' && rest[0] === 'rules.json') {
    return 'rules';
  }
  if (folder === 'dump' && rest[0] === 'dump.json') {
    return 'dump';
  }
  if (folder === 'intake' && rest.length === 1 && rest[0]?.startsWith('csv-') === true) {
    return 'mapping';
  }
  if ((folder === 'texts' || folder === 'pages') && rest.length === 1) {
    return folder;
  }
  return ARTEFACT_FOLDERS.has(folder) ? 'artefact' : 'unknown';
}

const misplaced = ({ path }: SourceFile): ContentProblem => ({
  file: path,
  element: '',
  reason: `Nothing reads this file: a register has manifest.json, access/rules.json, dump/dump.json, intake/csv-<name>.json, texts/, pages/, cases/ and artefacts in ${[...ARTEFACT_FOLDERS].join(', ')}.`,
});

/** Manifest lines (`url|version`) with their places. */
export function manifestLines(
  manifest: JsonObject,
): readonly { readonly element: string; readonly canonical: string }[] {
  const definition = manifest['definition'] as JsonObject | undefined;
  const resources = (definition?.['resource'] ?? []) as readonly { reference?: { reference?: string } }[];
  return resources.map(({ reference }, index) => ({
    element: `definition.resource[${index}].reference`,
    canonical: reference?.reference ?? '',
  }));
}
