/**
 * NDJSON files of one export: one type each, ended when they are large. http://ndjson.org
 */
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { CopyChunk } from '../../storage/copy.ts';
import type { ExportFile } from './jobs.ts';

interface OpenFile extends Omit<ExportFile, 'count'> {
  readonly handle: FileHandle;
  count: number;
  bytes: number;
}

/** Holds the one file that is being written; chunks are whole lines, so files are too. */
export class NdjsonFiles {
  /** Lines written so far. */
  count = 0;
  private readonly folder: string;
  private readonly limit: number;
  private readonly done: ExportFile[] = [];
  private current: OpenFile | undefined;

  constructor(folder: string, limit: number) {
    this.folder = folder;
    this.limit = limit;
  }

  async write({ kind, type }: Pick<ExportFile, 'kind' | 'type'>, { bytes, rows }: CopyChunk): Promise<void> {
    const file = await this.fileOf(kind, type);
    await file.handle.writeFile(bytes); // writes all of it, at the end
    file.count += rows;
    file.bytes += bytes.length;
    this.count += rows;
  }

  /** End the last file; all files that hold anything. */
  async close(): Promise<readonly ExportFile[]> {
    await this.end();
    return this.done;
  }

  /** Let go of the file that is being written, whatever is in it. */
  async abandon(): Promise<void> {
    const { current } = this;
    this.current = undefined;
    await current?.handle.close();
  }

  private async fileOf(kind: ExportFile['kind'], type: string): Promise<OpenFile> {
    const { current } = this;
    if (current?.kind === kind && current.type === type && current.bytes < this.limit) {
      return current;
    }
    await this.end();
    const number = this.done.filter((file) => file.kind === kind && file.type === type).length + 1;
    const name = `${kind === 'output' ? '' : `${kind}.`}${type}.${number}.ndjson`;
    const handle = await open(join(this.folder, name), 'wx', 0o600);
    this.current = { kind, type, name, handle, count: 0, bytes: 0 };
    return this.current;
  }

  /** On disk before the manifest says that it is there. */
  private async end(): Promise<void> {
    const { current } = this;
    this.current = undefined;
    if (current === undefined) {
      return;
    }
    const { handle, kind, type, name, count } = current;
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
    this.done.push({ kind, type, name, count });
  }
}
