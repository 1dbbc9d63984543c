/**
 * `COPY … TO STDOUT` as a stream of whole lines: https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-COPY
 * The fastest way out of the database: texts pass as bytes, and nothing is parsed. Memory is flat: the socket is paused
 * while the reader is behind.
 */
import pg from 'pg';
import type { Sql } from './store.ts';

/** Whole lines, each ended by a line feed. */
export interface CopyChunk {
  readonly bytes: Buffer;
  readonly rows: number;
}

const CHUNK = 256 * 1024;
const MAX_WAITING = 4;

/**
 * The first column of the statement's rows, one line each. It must be JSON without line breaks, as stored content is:
 * nothing is escaped, since JSON holds neither of the control characters that CSV is told to quote and to separate by.
 * A reader that stops early leaves the connection unusable: destroy it.
 */
export async function* copyLines(client: pg.Client, sql: Sql): AsyncGenerator<CopyChunk> {
  const copy = new CopyOut(
    `copy (${inlined(sql)}) to stdout with (format csv, quote e'\\x01', delimiter e'\\x02')`,
  );
  client.query(copy);
  for (let chunk = await copy.next(); chunk !== undefined; chunk = await copy.next()) {
    yield chunk;
  }
}

/** A statement with its parameters as literals: COPY takes none. */
export function inlined({ text, values }: Sql): string {
  return text.replaceAll(/\$(\d+)/g, (_, place: string) => literal(values[Number(place) - 1]));
}

function literal(value: unknown): string {
  if (value === null || value === undefined) {
    return 'null';
  }
  if (Array.isArray(value)) {
    return pg.escapeLiteral(`{${value.map(element).join(',')}}`);
  }
  if (value instanceof Date) {
    return pg.escapeLiteral(value.toISOString());
  }
  return typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : pg.escapeLiteral(String(value as string));
}

const element = (value: unknown): string =>
  value === null ? 'NULL' : `"${String(value as string).replaceAll(/["\\]/g, '\\$&')}"`;

/** A query of the driver that hands copied lines on; the names of its methods are the driver's. */
class CopyOut {
  private readonly text: string;
  private connection: pg.Connection | undefined;
  private filling: Buffer = Buffer.allocUnsafe(CHUNK);
  private filled = 0;
  private rows = 0;
  private readonly ready: CopyChunk[] = [];
  private state: { readonly ended: true; readonly error?: Error } | undefined;
  private wake: (() => void) | undefined;

  constructor(text: string) {
    this.text = text;
  }

  submit(connection: pg.Connection): void {
    this.connection = connection;
    connection.query(this.text);
  }

  /** The next chunk; undefined at the end. Throws what the database says. */
  async next(): Promise<CopyChunk | undefined> {
    while (this.ready.length === 0 && this.state === undefined) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    if (this.state?.error !== undefined) {
      throw this.state.error;
    }
    const chunk = this.ready.shift();
    if (this.ready.length < MAX_WAITING) {
      this.connection?.stream.resume();
    }
    return chunk;
  }

  /** One row. The driver's buffer is used again, so its bytes are copied. */
  handleCopyData({ chunk }: { readonly chunk: Buffer }): void {
    if (this.filled + chunk.length > this.filling.length) {
      this.flush();
      this.filling = Buffer.allocUnsafe(Math.max(CHUNK, chunk.length));
    }
    chunk.copy(this.filling, this.filled);
    this.filled += chunk.length;
    this.rows++;
  }

  handleReadyForQuery(): void {
    this.flush();
    this.end();
  }

  handleError(error: Error): void {
    this.end(error);
  }

  handleCommandComplete(): void {}
  handleRowDescription(): void {}
  handleDataRow(): void {}
  handleEmptyQuery(): void {}

  private flush(): void {
    if (this.rows === 0) {
      return;
    }
    this.ready.push({ bytes: this.filling.subarray(0, this.filled), rows: this.rows });
    this.filled = 0;
    this.rows = 0;
    if (this.ready.length >= MAX_WAITING) {
      this.connection?.stream.pause();
    }
    this.wake?.();
  }

  private end(error?: Error): void {
    this.state ??= { ended: true, ...(error !== undefined && { error }) };
    this.wake?.();
  }
}
