/**
 * A table of text as rows: CSV in any usual encoding (UTF-8 with or without a mark, UTF-16, Windows-1252) and with any usual separator.
 * The file is read twice and never held whole. https://www.rfc-editor.org/rfc/rfc4180
 */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline, Readable } from 'node:stream';
import { parse } from 'csv-parse';
import { type BookRow, CodeBookError } from '../../registry/dictionary/variable.ts';

export interface Table {
  readonly encoding: Encoding;
  readonly delimiter: string;
  /** Names of the columns. */
  readonly head: readonly string[];
  readonly rows: readonly BookRow[];
}

export type Encoding = 'utf-8' | 'utf-16le' | 'windows-1252';

const DELIMITERS = [';', ',', '\t', '|'];

/** Read a file. Throws CodeBookError when it cannot be read, or is no table. */
export async function readTable(file: string): Promise<Table> {
  const encoding = await encodingOf(file);
  const delimiter = await delimiterOf(file, encoding);
  const parser = parse({
    delimiter,
    info: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
  });
  pipeline(Readable.from(decoded(file, encoding)), parser, () => undefined);
  let head: readonly string[] | undefined;
  const rows: BookRow[] = [];
  let last = 0;
  try {
    for await (const { record, info } of parser as AsyncIterable<Parsed>) {
      const line = last + 1;
      last = info.lines;
      if (head === undefined) {
        head = record.map((name) => name.trim());
      } else if (record.some((cell) => cell.trim() !== '')) {
        rows.push({ line, cells: cellsOf(head, record) });
      }
    }
  } catch (cause) {
    throw new CodeBookError(`${file} cannot be read as a table: ${(cause as Error).message}`, { cause });
  }
  if (head === undefined) {
    throw new CodeBookError(`${file} is empty.`);
  }
  return { encoding, delimiter, head, rows };
}

interface Parsed {
  readonly record: readonly string[];
  /** Lines read so far, to the end of this record. */
  readonly info: { readonly lines: number };
}

const cellsOf = (head: readonly string[], record: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(head.map((name, index) => [name, record[index] ?? '']));

/** What the bytes are: told by the mark at the beginning, else UTF-8 when all of it is, else Windows-1252. */
export async function encodingOf(file: string): Promise<Encoding> {
  const mark = await firstBytes(file, 2);
  if (mark[0] === 0xff && mark[1] === 0xfe) {
    return 'utf-16le';
  }
  try {
    for await (const chunk of decoded(file, 'utf-8')) {
      void chunk;
    }
    return 'utf-8';
  } catch {
    return 'windows-1252';
  }
}

async function firstBytes(file: string, count: number): Promise<Buffer> {
  try {
    await using handle = await open(file);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(count), 0, count, 0);
    return buffer.subarray(0, bytesRead);
  } catch (cause) {
    const { code = 'unknown' } = cause as NodeJS.ErrnoException;
    throw new CodeBookError(`${file} cannot be read (${code}).`, { cause });
  }
}

/** The text, without a mark at its beginning; throws where the bytes are not in this encoding. */
async function* decoded(file: string, encoding: Encoding): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  for await (const chunk of createReadStream(file) as AsyncIterable<Uint8Array>) {
    yield decoder.decode(chunk, { stream: true });
  }
  yield decoder.decode();
}

/** The separator that the first line has most of, outside of quotes. */
async function delimiterOf(file: string, encoding: Encoding): Promise<string> {
  const line = (await firstLine(file, encoding)).replaceAll(/"[^"]*"/g, '');
  const counts = DELIMITERS.map((delimiter) => [delimiter, line.split(delimiter).length - 1] as const);
  const [best] = counts.toSorted((a, b) => b[1] - a[1]);
  return best?.[0] ?? ';';
}

async function firstLine(file: string, encoding: Encoding): Promise<string> {
  let text = '';
  for await (const chunk of decoded(file, encoding)) {
    text += chunk;
    const end = text.search(/[\r\n]/);
    if (end >= 0) {
      return text.slice(0, end);
    }
  }
  return text;
}
