/**
 * The rows of text files, read as a stream: tables with a head line, plain or gzipped, in UTF-8 or Latin-1.
 */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { parse } from 'csv-parse';
import { LoadError } from './load-system.ts';

export type Encoding = 'utf8' | 'latin1';

/** The text of a file, unpacked when it is gzipped. */
export function textOf(file: string, encoding: Encoding = 'utf8'): Readable {
  const bytes = createReadStream(file);
  if (!file.endsWith('.gz')) {
    return bytes.setEncoding(encoding);
  }
  const unpacked = createGunzip().setEncoding(encoding);
  bytes.on('error', (cause) => unpacked.destroy(cause));
  return bytes.pipe(unpacked);
}

export type Row = Readonly<Record<string, string>>;

/** The rows of a CSV or TSV file by the names in its head line; the separator is the one that the head line has most of. */
export async function* rowsOf(file: string, encoding: Encoding = 'utf8'): AsyncIterable<Row> {
  const delimiter = await separatorOf(file, encoding);
  const parser = textOf(file, encoding).pipe(
    parse({
      delimiter,
      bom: true,
      columns: (names: string[]) => names.map((name) => name.trim()),
      quote: delimiter === '\t' ? null : '"',
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
    }),
  );
  try {
    for await (const row of parser) {
      yield row as Row;
    }
  } catch (cause) {
    throw new LoadError(`${file} cannot be read as a table: ${(cause as Error).message}`, { cause });
  }
}

/** The names in the head line. */
export async function headOf(file: string, encoding: Encoding = 'utf8'): Promise<readonly string[]> {
  const line = await firstLine(file, encoding);
  const delimiter = mostOf(line);
  return line.split(delimiter).map((name) => name.trim().replace(/^"|"$/g, ''));
}

const separatorOf = async (file: string, encoding: Encoding): Promise<string> =>
  mostOf(await firstLine(file, encoding));

function mostOf(line: string): string {
  const counts = ['\t', ';', ',', '|'].map((mark) => [mark, line.split(mark).length] as const);
  return counts.reduce((best, next) => (next[1] > best[1] ? next : best))[0];
}

async function firstLine(file: string, encoding: Encoding): Promise<string> {
  for await (const line of linesOf(file, encoding)) {
    return line.replace(/^\ufeff/, '');
  }
  throw new LoadError(`${file} is empty.`);
}

async function* linesOf(file: string, encoding: Encoding): AsyncIterable<string> {
  const text = textOf(file, encoding);
  const lines = createInterface({ input: text, crlfDelay: Infinity });
  let failure: unknown;
  text.on('error', (cause) => {
    failure = cause;
    lines.close();
  });
  try {
    yield* lines;
  } finally {
    lines.close();
    text.destroy();
  }
  if (failure !== undefined) {
    throw new LoadError(`${file} cannot be read.`, { cause: failure });
  }
}

/** The columns of a tab-separated file without quotes (SNOMED CT's release format 2), without its head line. */
export async function* fieldsOf(file: string): AsyncIterable<readonly string[]> {
  let isHead = true;
  for await (const line of linesOf(file, 'utf8')) {
    if (!isHead && line !== '') {
      yield line.split('\t');
    }
    isHead = false;
  }
}

/** Throws when a file is not there, before anything is begun. */
export async function requireFile(file: string): Promise<void> {
  try {
    await (await open(file)).close();
  } catch (cause) {
    throw new LoadError(`${file} cannot be opened (${(cause as NodeJS.ErrnoException).code ?? ''}).`, {
      cause,
    });
  }
}
