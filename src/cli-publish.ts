/** `ryggrad register load` and `register diff`: content into the store, and what a new version changes for forms that are open. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import pino from 'pino';
import { createEngine, type Engine } from './app/engine.ts';
import { print, UsageError, withStorage } from './cli-command.ts';
import { options } from './cli-options.ts';
import { contentRoot } from './cli-register.ts';
import type { Content } from './content/content.ts';
import { readTree } from './content/source.ts';
import { newUuid, systemClock } from './fhir/id.ts';
import { formatCanonical } from './fhir/canonical.ts';
import type { Resource } from './fhir/types.ts';
import {
  type ComparedContent,
  comparedContent,
  compareRegisters,
  type FormDifference,
} from './registry/publication/compare-registers.ts';
import { type OpenForms, openForms } from './registry/publication/open-forms.ts';
import {
  type PlannedArtefact,
  planPublication,
  publishContent,
  publishSome,
} from './registry/publication/publish-content.ts';
import { EVERYTHING } from './storage/row-access.ts';

const LOAD = 'register load [id] [--dry-run] [--content <folder>]';
const DIFF = 'register diff <old folder | git revision> [new folder] [--register <id>] [--database]';
const FOLDERS = ['fhir-profiles', 'valuesets', 'questionnaires', 'registers'];

/** `register load`: writes what is new or changed; with `--dry-run` it only says what that is. */
export async function loadRegister(args: readonly string[]): Promise<number> {
  const { rest, values, switches } = options(args, ['content'], LOAD, ['dry-run']);
  const [id, ...more] = rest;
  if (more.length > 0) {
    throw new UsageError(`Usage: ryggrad ${LOAD}`);
  }
  const isDry = switches.has('dry-run');
  return withStorage(async (storage, config) => {
    const log = pino({ level: 'error' }, pino.destination(2));
    const engine = await createEngine({
      config: { ...config, contentRoot: contentRoot(values['content']) },
      storage,
      log,
      clock: systemClock,
      newId: newUuid,
      publishing: 'left-out',
    });
    const artefacts = artefactsOf(engine.content, id);
    const planned = await planPublication(engine.repository, artefacts);
    report(planned, isDry ? 'would be ' : '');
    if (!isDry && planned.some(({ effect }) => effect !== 'unchanged')) {
      await publish(engine, storage.db, artefacts, id);
      print('Servers that run take it up when they are started anew.');
    }
    return 0;
  });
}

/** All of it is remembered as what was loaded, so that the next start has nothing to do. */
async function publish(
  { repository }: Engine,
  db: Parameters<typeof publishContent>[0],
  artefacts: readonly Resource[],
  id: string | undefined,
): Promise<void> {
  await (id === undefined
    ? publishContent(db, repository, 'content', artefacts)
    : publishSome(repository, artefacts));
}

/** Everything, or what the manifest of one register lists. */
function artefactsOf(content: Content, id: string | undefined): readonly Resource[] {
  if (id === undefined) {
    return content.artefacts;
  }
  const register = content.registers.find((one) => one.id === id);
  if (register === undefined) {
    const known = content.registers.map((one) => one.id).join(', ');
    throw new UsageError(`There is no register ${id} here; there are: ${known || 'none'}.`);
  }
  const listed = new Set(register.manifest.definition?.resource?.map(({ reference }) => reference.reference));
  return content.artefacts.filter((artefact) => {
    const { url = '', version } = artefact as Resource & { url?: string; version?: string };
    return listed.has(formatCanonical(url, version));
  });
}

function report(planned: readonly PlannedArtefact[], would: string): void {
  for (const { artefact, effect } of planned.filter((one) => one.effect !== 'unchanged')) {
    print(`${would}${effect}  ${artefact.resourceType}/${artefact.id ?? ''}`);
  }
  const count = (effect: PlannedArtefact['effect']): number =>
    planned.filter((one) => one.effect === effect).length;
  print(
    `${planned.length} artefacts: ${count('created')} ${would}created, ${count('updated')} ${would}updated, ${count('unchanged')} unchanged`,
  );
}

/** `register diff`: 1 when forms that are open would break. */
export async function diffRegisters(args: readonly string[]): Promise<number> {
  const { rest, values, switches } = options(args, ['register'], DIFF, ['database']);
  const [old, now, ...more] = rest;
  if (old === undefined || more.length > 0) {
    throw new UsageError(`Usage: ryggrad ${DIFF}`);
  }
  const after = await readContent(contentRoot(now));
  const differences = compareRegisters(await contentOf(old), after, values['register']);
  const open = switches.has('database') ? await withOpenForms() : undefined;
  differences.forEach((difference) => describe(difference, open));
  const errors = differences.flatMap((difference) => difference.errors).length;
  print(`${differences.length} forms differ; ${errors} would break forms that are open.`);
  return errors === 0 ? 0 : 1;
}

async function withOpenForms(): Promise<readonly OpenForms[]> {
  let found: readonly OpenForms[] = [];
  await withStorage(async ({ db }) => {
    found = await openForms(db.as(EVERYTHING));
    return 0;
  });
  return found;
}

async function readContent(root: string): Promise<ComparedContent> {
  const { files, problems } = await readTree(root);
  problems.forEach(({ file, reason }) => print(`${file}: ${reason}`));
  if (files.length === 0) {
    throw new UsageError(`${root} has no content: there are no files in ${FOLDERS.join(', ')}.`);
  }
  return comparedContent(files);
}

/** A folder, or the content as it was in a revision of the git repository that one stands in. */
async function contentOf(place: string): Promise<ComparedContent> {
  const isFolder = await stat(place).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (isFolder) {
    return readContent(resolve(place));
  }
  const folder = await mkdtemp(join(tmpdir(), 'ryggrad-diff-'));
  try {
    await checkOut(place, folder);
    return await readContent(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function checkOut(revision: string, folder: string): Promise<void> {
  const run = promisify(execFile);
  const cwd = contentRoot();
  try {
    await run('git', ['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`], {
      cwd,
    });
  } catch (cause) {
    throw new UsageError(`${revision} is neither a folder nor a revision of the git repository in ${cwd}.`, {
      cause,
    });
  }
  const { stdout } = await run('git', ['ls-tree', '--name-only', revision], { cwd });
  const there = FOLDERS.filter((name) => stdout.split('\n').includes(name));
  const archive = join(folder, 'content.tar');
  const made = await run('git', ['archive', '--format=tar', revision, ...there], {
    cwd,
    encoding: 'buffer',
    maxBuffer: 1024 ** 3,
  });
  await writeFile(archive, made.stdout);
  await run('tar', ['-xf', archive, '-C', folder]);
}

function describe(
  { register, url, before, after, changes, errors, meaning }: FormDifference,
  open: readonly OpenForms[] | undefined,
): void {
  const name = url.slice(url.lastIndexOf('/') + 1);
  print(`${register}  ${name}  ${before ?? 'not asked for'} → ${after ?? 'not asked for'}`);
  errors.forEach((text) => print(`    error  ${text}`));
  changes.forEach(({ linkId, text }) => print(`    ${linkId}  ${text}`));
  meaning.forEach((text) => print(`    ${text}`));
  const own = open?.filter(({ canonical }) => canonical.startsWith(`${url}|`)) ?? [];
  own.forEach(({ canonical, drafts, waiting }) =>
    print(`    in the store, ${canonical.slice(url.length + 1)}: ${drafts} drafts, ${waiting} not begun`),
  );
}
