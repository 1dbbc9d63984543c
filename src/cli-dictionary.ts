/** `ryggrad dictionary …`: code books of the old solutions in, and out again; what helsedata.no asks for. */
import { basename, extname, join, resolve } from 'node:path';
import { print, UsageError } from './cli-command.ts';
import { options } from './cli-options.ts';
import { checkLoaded, contentRoot, refuseExisting } from './cli-register.ts';
import { loadContent } from './content/load.ts';
import { refusedId } from './content/scaffold/register.ts';
import { systemClock } from './fhir/id.ts';
import { registerVariables, writeBook } from './operations/dictionary/export-book.ts';
import { writeMetadata } from './operations/dictionary/export-metadata.ts';
import {
  type BookFile,
  bookFiles,
  readBook,
  writeContent,
  writeReport,
} from './operations/dictionary/import-book.ts';
import { readRegistry } from './registry/registry.ts';
import { dayInOslo } from './sdc/expression.ts';

const IMPORT =
  'dictionary import <file> … --format openqreg|mrs --register <id> --out <folder> [--name …] [--title …] [--publisher …]';
const EXPORT = 'dictionary export <register> --format openqreg|mrs|dcat --out <folder> [--content <folder>]';
const REPORT = 'kodebok-rapport.csv';

/** `dictionary import`: a code book becomes the content of a new register below `--out`. */
export async function importDictionary(args: readonly string[]): Promise<number> {
  const names = ['format', 'register', 'out', 'name', 'title', 'publisher', 'content'];
  const { rest: files, values } = options(args, names, IMPORT);
  const { register: id, out, name = id, publisher } = values;
  if (files.length === 0 || id === undefined || out === undefined || name === undefined) {
    throw new UsageError(`Usage: ryggrad ${IMPORT}`);
  }
  const format = formatOf(values['format'], ['openqreg', 'mrs']);
  const refused = refusedId(id);
  if (refused !== undefined) {
    throw new UsageError(refused);
  }
  const folder = resolve(out);
  await refuseExisting(folder, [`registers/${id}`, `questionnaires/${id}`, `valuesets/${id}`]);
  const book = await readBook(format, files.map(bookFile));
  if (book.variables.length === 0) {
    throw new UsageError(`${files.join(', ')}: no variables were found.`);
  }
  const roots = [contentRoot(values['content'])];
  const head = {
    id,
    name,
    title: values['title'] ?? name,
    publisher: publisher ?? 'Oppgi hvem som svarer for registeret',
    date: dayInOslo(systemClock.now()),
  };
  const made = bookFiles(head, book, await loadContent(roots), format);
  await writeContent(folder, made.files);
  const report = join(folder, `${id}-${REPORT}`);
  await writeReport(report, made.undecided);
  made.undecided.forEach(({ line, column, variable, why }) =>
    print(`${line === 0 ? '' : `line ${line}, `}${column}${variable === '' ? '' : `, ${variable}`}: ${why}`),
  );
  print(
    `\n${book.variables.length} variables in ${new Set(book.variables.map(({ form }) => form)).size} forms, ${made.files.length} files below ${folder}.`,
  );
  print(`What could not be decided (${made.undecided.length}) stands in ${report}.`);
  return checkLoaded([...new Set([...roots, folder])], id, 'errors');
}

/** `1b=kodebok.csv` names its form; else what stands last in the name of the file: `kodebok_1b.csv`. */
function bookFile(given: string): BookFile {
  const [, form, file] = /^([^/=]+)=(.+)$/.exec(given) ?? [];
  const name = basename(file ?? given, extname(given));
  return { file: file ?? given, form: form ?? name.slice(name.lastIndexOf('_') + 1) };
}

function formatOf<T extends string>(given: string | undefined, known: readonly T[]): T {
  const found = known.find((format) => format === given);
  if (found === undefined) {
    throw new UsageError(
      `--format must be ${known.join(' or ')}${given === undefined ? '' : `, not ${given}`}.`,
    );
  }
  return found;
}

/** `dictionary export`: the same files, written from the content. */
export async function exportDictionary(args: readonly string[]): Promise<number> {
  const { rest, values } = options(args, ['format', 'out', 'content'], EXPORT);
  const [id, ...more] = rest;
  const { out } = values;
  if (id === undefined || out === undefined || more.length > 0) {
    throw new UsageError(`Usage: ryggrad ${EXPORT}`);
  }
  const format = formatOf(values['format'], ['openqreg', 'mrs', 'dcat']);
  const registry = readRegistry(await loadContent([contentRoot(values['content'])]));
  const written =
    format === 'dcat'
      ? await writeMetadata(registry, id, resolve(out))
      : await writeBook(format, id, registerVariables(registry, id), resolve(out));
  for (const [file, count] of written) {
    print(`${join(out, file)}  ${count} variables`);
  }
  return 0;
}
