/** `ryggrad register …`: registers as content: a new one, what is wrong with one, what there is. */
import { access } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { print, UsageError } from './cli-command.ts';
import { readConfig } from './config.ts';
import type { Content } from './content/content.ts';
import { loadContent } from './content/load.ts';
import { ContentError } from './content/problem.ts';
import { newRegister, refusedId } from './content/scaffold/register.ts';
import { systemClock } from './fhir/id.ts';
import { writeContent } from './operations/dictionary/import-book.ts';
import { checkRegisters } from './registry/checking/check-registers.ts';
import { type ContentFinding, describeFinding, fromProblem } from './registry/checking/finding.ts';
import { dayInOslo } from './sdc/expression.ts';
import { options } from './cli-options.ts';

const NEW =
  'register new <id> [--name <short name>] [--title <full name>] [--publisher <who>] [--content <folder>]';
const CHECK = 'register check [id] [--content <folder>]';

/** The folder that holds the content: as named, else that of the settings. */
export const contentRoot = (folder?: string): string =>
  folder === undefined ? readConfig().contentRoot : resolve(folder);

/** `register new`: refuses what is there already; gives the files that were written. */
export async function newRegisterCommand(args: readonly string[]): Promise<number> {
  const { rest, values } = options(args, ['name', 'title', 'publisher', 'content'], NEW);
  const [id, ...more] = rest;
  if (id === undefined || more.length > 0) {
    throw new UsageError(`Usage: ryggrad ${NEW}`);
  }
  const refused = refusedId(id);
  if (refused !== undefined) {
    throw new UsageError(refused);
  }
  const root = contentRoot(values['content']);
  const name = values['name'] ?? id;
  const files = newRegister({
    id,
    name,
    title: values['title'] ?? name,
    publisher: values['publisher'] ?? 'Oppgi hvem som svarer for registeret',
    date: dayInOslo(systemClock.now()),
  });
  await refuseExisting(root, [`registers/${id}`, `questionnaires/${id}`, `valuesets/${id}`]);
  await writeContent(root, files);
  files.forEach(({ path }) => print(path));
  print(`\nThe register ${id} is there. Next: ryggrad ${CHECK.replace('[id]', id).split(' [')[0] ?? ''}`);
  return 0;
}

/** Nothing is written over. Throws UsageError for a folder that is there. */
export async function refuseExisting(root: string, folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    const isThere = await access(join(root, folder)).then(
      () => true,
      () => false,
    );
    if (isThere) {
      throw new UsageError(`${join(root, folder)} is there already; nothing was written.`);
    }
  }
}

/** `register check`: 1 when there are errors. */
export async function checkCommand(args: readonly string[]): Promise<number> {
  const { rest, values } = options(args, ['content'], CHECK);
  const [id, ...more] = rest;
  if (more.length > 0) {
    throw new UsageError(`Usage: ryggrad ${CHECK}`);
  }
  return checkLoaded([contentRoot(values['content'])], id);
}

/** Check what is below these roots: all registers, or one. Warnings are counted, and shown unless only errors are. */
export async function checkLoaded(
  roots: readonly string[],
  id: string | undefined,
  shown: 'all' | 'errors' = 'all',
): Promise<number> {
  const loaded = await loadOrProblems(roots);
  if (!('registers' in loaded)) {
    return report('The content cannot be loaded', loaded);
  }
  if (id !== undefined && !loaded.registers.some((register) => register.id === id)) {
    const known = loaded.registers.map((register) => register.id).join(', ');
    throw new UsageError(`There is no register ${id} here; there are: ${known || 'none'}.`);
  }
  const about =
    id === undefined
      ? `${loaded.registers.length} registers, ${loaded.artefacts.length} artefacts`
      : `The register ${id}`;
  return report(about, checkRegisters(loaded, id), shown);
}

async function loadOrProblems(roots: readonly string[]): Promise<Content | readonly ContentFinding[]> {
  try {
    return await loadContent(roots);
  } catch (cause) {
    if (!(cause instanceof ContentError)) {
      throw cause;
    }
    return cause.problems.map(fromProblem);
  }
}

function report(about: string, findings: readonly ContentFinding[], shown: 'all' | 'errors' = 'all'): number {
  findings
    .filter(({ severity }) => shown === 'all' || severity === 'error')
    .forEach((finding) => print(describeFinding(finding)));
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  print(`${about}: ${errors} errors, ${findings.length - errors} warnings`);
  return errors === 0 ? 0 : 1;
}

/** `register list`: the registers and their artefacts. */
export async function listCommand(): Promise<number> {
  const content = await loadContent([contentRoot()]);
  for (const { id, manifest, texts } of content.registers) {
    print(`${id}  ${texts?.['nb']?.title ?? manifest.title ?? ''}`);
    for (const { reference } of manifest.definition?.resource ?? []) {
      print(`    ${reference.reference ?? reference.display ?? ''}`);
    }
  }
  return 0;
}
