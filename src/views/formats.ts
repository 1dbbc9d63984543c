/**
 * Rows of a view as files: NDJSON, a JSON array, CSV (RFC 4180), Parquet.
 * https://sql-on-fhir.org/ig/OperationDefinition-ViewDefinitionRun.html
 */
import { stringify } from 'csv-stringify/sync';
import type { Column } from './columns.ts';
import type { CompiledView } from './compile-view.ts';
import { parquetFile } from './parquet.ts';
import type { RowForm } from './run.ts';
import { spreadsheetText } from './spreadsheet-text.ts';
import { arrayRows, objectRows } from './statement.ts';

export interface FormatOptions {
  /** The first line of a CSV names the columns. */
  readonly header: boolean;
  /** A text that a spreadsheet would calculate gets an apostrophe before it (OWASP CSV injection). */
  readonly escapeFormulas: boolean;
}

export interface Format {
  readonly mediaType: string;
  /** What one row's text is. */
  readonly form: RowForm;
  readonly write: (
    rows: AsyncIterable<string>,
    view: CompiledView,
    options: FormatOptions,
  ) => AsyncIterable<string | Uint8Array>;
}

/** By the name in `_format`. */
export const FORMATS: ReadonlyMap<string, Format> = new Map<string, Format>([
  [
    'ndjson',
    { mediaType: 'application/x-ndjson', form: objectRows, write: (rows) => together(ndjson(rows)) },
  ],
  [
    'json',
    { mediaType: 'application/json; charset=utf-8', form: objectRows, write: (rows) => together(json(rows)) },
  ],
  [
    'csv',
    {
      mediaType: 'text/csv; charset=utf-8',
      form: (view, source, limit) => arrayRows(view, source, 'texts', limit),
      write: csv,
    },
  ],
  [
    'parquet',
    {
      mediaType: 'application/vnd.apache.parquet',
      form: (view, source, limit) => arrayRows(view, source, 'values', limit),
      write: (rows, { columns }) => parquetFile(rows, columns),
    },
  ],
]);

async function* ndjson(rows: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const row of rows) {
    yield `${row}\n`;
  }
}

async function* json(rows: AsyncIterable<string>): AsyncGenerator<string> {
  let before = '[';
  for await (const row of rows) {
    yield `${before}${row}`;
    before = ',\n';
  }
  yield before === '[' ? '[]' : ']';
}

const CHUNK = 64 * 1024;

/** Pieces as chunks that are worth a packet each. */
async function* together(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let chunk = '';
  for await (const piece of pieces) {
    chunk += piece;
    if (chunk.length >= CHUNK) {
      yield chunk;
      chunk = '';
    }
  }
  if (chunk !== '') {
    yield chunk;
  }
}

type Cell = string | null;

const LINES = 500;

/** Nothing is an empty field, an empty text is `""`. */
async function* csv(
  rows: AsyncIterable<string>,
  { columns }: CompiledView,
  { header, escapeFormulas }: FormatOptions,
): AsyncGenerator<string> {
  const escaped = escapeFormulas ? columns.map(isText) : [];
  let lines: Cell[][] = header ? [columns.map(({ name }) => name)] : [];
  for await (const row of rows) {
    const cells = JSON.parse(row) as Cell[];
    lines.push(
      escapeFormulas ? cells.map((cell, index) => (escaped[index] === true ? harmless(cell) : cell)) : cells,
    );
    if (lines.length >= LINES) {
      yield csvText(lines);
      lines = [];
    }
  }
  if (lines.length > 0) {
    yield csvText(lines);
  }
}

const csvText = (lines: readonly Cell[][]): string =>
  stringify([...lines], { record_delimiter: 'windows', quoted_empty: true, quoted_match: /[\r\n]/ });

const isText = ({ sqlType }: Column): boolean => sqlType === 'text' || sqlType === 'jsonb';

const harmless = (cell: Cell): Cell => (cell === null ? null : spreadsheetText(cell));
