/**
 * Where the rows of a CSV file are, by key: 24 bytes of memory a row, however long the rows are, and no copy of what they say. The
 * file is read through once; rows are then read from their places.
 */
import { hash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { badRequest } from '../../fhir/outcome.ts';

const CHUNK = 1 << 20;
/** No row of a register is longer: a quote before it was not closed. */
const LONGEST = 16 * CHUNK;
const [QUOTE, LINE_FEED, RETURN] = [0x22, 0x0a, 0x0d];

/** One row of a file as it is passed: the bytes are valid until the next one. */
export interface RawRow {
  readonly bytes: Buffer;
  readonly offset: number;
  /** Counted from 1; the head of the file is in line 1. */
  readonly line: number;
}

/** The rows of a file, without empty ones. Throws 400 for a quote that is not closed. */
export async function* rowsIn(path: string, delimiter: string): AsyncGenerator<RawRow> {
  const separator = delimiter.charCodeAt(0);
  await using file = await open(path);
  let rest: Buffer = Buffer.alloc(0);
  let offset = 0;
  let line = 1;
  for (;;) {
    const chunk = Buffer.allocUnsafe(CHUNK);
    const { bytesRead } = await file.read(chunk, 0, CHUNK, offset + rest.length);
    const bytes = Buffer.concat([rest, chunk.subarray(0, bytesRead)]);
    const isLast = bytesRead === 0;
    let from = 0;
    const next = (): number => endOfRow(bytes, from, separator, isLast);
    for (let end = next(); end !== -1; end = next()) {
      const row = withoutEnd(bytes.subarray(from, end));
      if (row.length > 0) {
        yield { bytes: row, offset: offset + from, line };
      }
      line += linesIn(bytes, from, end);
      from = end;
    }
    if (isLast) {
      return;
    }
    rest = bytes.subarray(from);
    offset += from;
    if (rest.length > LONGEST) {
      throw badRequest(`${path}: the row that begins in line ${line} does not end. Is a quote not closed?`);
    }
  }
}

/** Where the row ends that begins here, with its line feed; -1 when that is not read yet, or nothing is left. */
function endOfRow(bytes: Buffer, from: number, separator: number, isLast: boolean): number {
  let at = from;
  while (at < bytes.length) {
    const end = endOfCell(bytes, at, separator);
    if (bytes[end] === LINE_FEED) {
      return end + 1;
    }
    at = end + 1;
  }
  return isLast && from < bytes.length ? bytes.length : -1;
}

/**
 * The place of what ends the cell that begins here: a delimiter or a line feed, else the end of the bytes. As RFC 4180 has it, and
 * the reader of the row (source.ts): a quote opens a cell only as its first character, so that 5" within a text is no quote.
 */
function endOfCell(bytes: Buffer, from: number, separator: number): number {
  let at = bytes[from] === QUOTE ? afterQuotes(bytes, from) : from;
  while (at < bytes.length && bytes[at] !== separator && bytes[at] !== LINE_FEED) {
    at += 1;
  }
  return at;
}

/** After the quote that closes the cell, or after one in it that neither closes it nor is doubled: the rest is as if unquoted. */
function afterQuotes(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(QUOTE, from + 1); at !== -1; at = bytes.indexOf(QUOTE, at + 2)) {
    if (bytes[at + 1] !== QUOTE) {
      return at + 1;
    }
  }
  return bytes.length;
}

function withoutEnd(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] === LINE_FEED || bytes[end - 1] === RETURN)) {
    end -= 1;
  }
  return bytes.subarray(0, end);
}

function linesIn(bytes: Buffer, from: number, end: number): number {
  let count = 0;
  for (
    let at = bytes.indexOf(LINE_FEED, from);
    at !== -1 && at < end;
    at = bytes.indexOf(LINE_FEED, at + 1)
  ) {
    count += 1;
  }
  return count;
}

/** The cell of a column, without its quotes. */
export function cellOf(bytes: Buffer, column: number, delimiter: string): string {
  const separator = delimiter.charCodeAt(0);
  let from = 0;
  for (let passed = 0; from <= bytes.length; passed++) {
    const end = endOfCell(bytes, from, separator);
    if (passed === column) {
      return unquoted(bytes.toString('utf8', from, end));
    }
    from = end + 1;
  }
  return '';
}

const unquoted = (text: string): string =>
  text.startsWith('"') && text.endsWith('"') && text.length > 1
    ? text.slice(1, -1).replaceAll('""', '"')
    : text;

/** Places of rows, in the order of the file. */
export class RowIndex {
  count = 0;
  private hashes = new Float64Array(1024);
  private offsets = new Float64Array(1024);
  private lengths = new Uint32Array(1024);
  private lines = new Uint32Array(1024);
  private sorted: Uint32Array | undefined;

  add(key: string, { offset, bytes, line }: RawRow): void {
    if (this.count === this.hashes.length) {
      this.grow();
    }
    this.hashes[this.count] = hashOf(key);
    this.offsets[this.count] = offset;
    this.lengths[this.count] = bytes.length;
    this.lines[this.count] = line;
    this.count += 1;
  }

  private grow(): void {
    const size = this.hashes.length * 2;
    const [hashes, offsets] = [new Float64Array(size), new Float64Array(size)];
    const [lengths, lines] = [new Uint32Array(size), new Uint32Array(size)];
    hashes.set(this.hashes);
    offsets.set(this.offsets);
    lengths.set(this.lengths);
    lines.set(this.lines);
    Object.assign(this, { hashes, offsets, lengths, lines });
  }

  place(row: number): { readonly offset: number; readonly length: number; readonly line: number } {
    return {
      offset: this.offsets[row] ?? 0,
      length: this.lengths[row] ?? 0,
      line: this.lines[row] ?? 0,
    };
  }

  /** Rows that may have this key, in the order of the file: two keys may have one hash. */
  candidates(key: string): readonly number[] {
    const { hashes } = this;
    this.sorted ??= this.sort();
    const wanted = hashOf(key);
    let [low, high] = [0, this.count];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((hashes[this.sorted[middle] ?? 0] ?? 0) < wanted) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    const found: number[] = [];
    for (let at = low; at < this.count; at++) {
      const row = this.sorted[at] ?? 0;
      if (hashes[row] !== wanted) {
        break;
      }
      found.push(row);
    }
    return found;
  }

  private sort(): Uint32Array {
    const { hashes } = this;
    return Uint32Array.from({ length: this.count }, (_, at) => at).sort(
      (a, b) => (hashes[a] ?? 0) - (hashes[b] ?? 0) || a - b,
    );
  }
}

const hashOf = (key: string): number => hash('sha1', key, 'buffer').readUIntBE(0, 6);
