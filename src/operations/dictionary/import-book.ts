/** A code book read from files and written as a register's content, with a report of what it does not decide. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Content } from '../../content/content.ts';
import { formatJson } from '../../content/format-json.ts';
import { BASE, type NewFile } from '../../content/scaffold/artefacts.ts';
import { type NewRegister, registerFiles } from '../../content/scaffold/register.ts';
import type { SharedAnswers } from '../../registry/dictionary/lists.ts';
import { readMrs } from '../../registry/dictionary/mrs.ts';
import { readOpenQReg } from '../../registry/dictionary/openqreg.ts';
import { contentOf } from '../../registry/dictionary/to-content.ts';
import type { CodeBook, Undecided } from '../../registry/dictionary/variable.ts';
import { readTable } from './read-rows.ts';
import { writeTable } from './write-table.ts';

export type BookFormat = 'openqreg' | 'mrs';

/** A file, and the name of its form where the book has one file for each. */
export interface BookFile {
  readonly file: string;
  readonly form: string;
}

/** Read the files of one book. Throws CodeBookError. */
export async function readBook(format: BookFormat, files: readonly BookFile[]): Promise<CodeBook> {
  const books: CodeBook[] = [];
  for (const { file, form } of files) {
    const { head, rows } = await readTable(file);
    books.push(format === 'openqreg' ? readOpenQReg(head, rows) : readMrs(form, head, rows));
  }
  return {
    variables: books.flatMap(({ variables }) => variables),
    undecided: books.flatMap(({ undecided }) => undecided),
  };
}

/** The register's files, and what the book leaves open. */
export function bookFiles(
  register: NewRegister,
  book: CodeBook,
  content: Content,
  format: BookFormat,
): { readonly files: readonly NewFile[]; readonly undecided: readonly Undecided[] } {
  const { parts, undecided } = contentOf(register, book, sharedAnswers(content), format);
  return { files: registerFiles(register, parts), undecided };
}

/** The answers that registers share, and the value sets that list some of them. */
export function sharedAnswers({ codeSystems, valueSets }: Content): SharedAnswers {
  const system = `${BASE}/CodeSystem/answer`;
  const concepts = codeSystems.get(system)?.concept ?? [];
  const listed = valueSets.all().flatMap(({ url, version, compose }) => {
    const [only, ...more] = compose?.include ?? [];
    const codes = only?.system === system && more.length === 0 ? (only.concept ?? []) : [];
    const isPlain = codes.length > 0 && compose?.exclude === undefined;
    return isPlain
      ? [[codes.map(({ code }) => code).join(' '), `${url ?? ''}|${version ?? ''}`] as const]
      : [];
  });
  return {
    system,
    codes: new Map(concepts.map(({ code = '', display = '' }) => [display, code])),
    valueSets: new Map(listed.toReversed()),
  };
}

/** Write files below a root, with the folders that they need. */
export async function writeContent(root: string, files: readonly NewFile[]): Promise<void> {
  for (const { path, content } of files) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), typeof content === 'string' ? content : formatJson(content));
  }
}

/** The report as a table. */
export const writeReport = (file: string, undecided: readonly Undecided[]): Promise<void> =>
  writeTable(
    file,
    ['linje', 'kolonne', 'variabel', 'hvorfor'],
    undecided.map(({ line, column, variable, why }) => [
      line === 0 ? '' : String(line),
      column,
      variable,
      why,
    ]),
  );
