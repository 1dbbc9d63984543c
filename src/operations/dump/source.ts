/** The files of a dump that is read in: rows by their keys, read from their places (row-index.ts). */
import { closeSync, openSync, readSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { badRequest } from '../../fhir/outcome.ts';
import type { DumpTable } from '../../registry/dump/shape.ts';
import { heads } from './files.ts';
import { cellOf, RowIndex, rowsIn } from './row-index.ts';
import { type DumpLayout, type DumpLine, type DumpModule, isOfPathways } from './tables.ts';

/** A row as it is read; `problem` when it is not what the head of its file says. */
export interface SourceRow {
  readonly table: string;
  readonly row: number;
  readonly line: number;
  readonly key: string;
  readonly bytes: Buffer;
}

export interface ReadRow {
  readonly cells: DumpLine;
  readonly problem?: string;
}

/** The file of one table; one that is left out has no rows. */
export class TableFile implements Disposable {
  readonly name: string;
  readonly head: readonly string[];
  private readonly index: RowIndex;
  private readonly keyColumn: number;
  private readonly layout: DumpLayout;
  private readonly file: number | undefined;
  private readonly decoders: readonly TextDecoder[];

  constructor(
    name: string,
    layout: DumpLayout,
    {
      head,
      index,
      keyColumn,
      path,
    }: {
      readonly head: readonly string[];
      readonly index: RowIndex;
      readonly keyColumn: number;
      readonly path?: string;
    },
  ) {
    this.name = name;
    this.layout = layout;
    this.head = head;
    this.index = index;
    this.keyColumn = keyColumn;
    this.file = path === undefined ? undefined : openSync(path, 'r');
    const other = layout.solution.encoding === 'utf-8' ? [] : [layout.solution.encoding];
    this.decoders = ['utf-8', ...other].map((encoding) => new TextDecoder(encoding, { fatal: true }));
  }

  get count(): number {
    return this.index.count;
  }

  at(row: number): SourceRow {
    const { offset, length, line } = this.index.place(row);
    const bytes = Buffer.allocUnsafe(length);
    if (this.file !== undefined) {
      if (readSync(this.file, bytes, 0, length, offset) < length) {
        throw badRequest(`${this.name}.csv has become shorter while it was read.`, undefined, 'dump');
      }
    }
    const key = cellOf(bytes, this.keyColumn, this.layout.solution.delimiter).trim();
    return { table: this.name, row, line, key, bytes };
  }

  /** Rows with this key, in the order of the file. */
  of(key: string): readonly SourceRow[] {
    return this.index
      .candidates(key)
      .map((row) => this.at(row))
      .filter((row) => row.key === key);
  }

  read({ bytes }: SourceRow): ReadRow {
    const text = this.decoded(bytes);
    if (text === undefined) {
      return { cells: {}, problem: 'The row is not UTF-8: see shape.encoding of dump/dump.json.' };
    }
    const values = cellsIn(text, this.layout.solution.delimiter);
    const cells = Object.fromEntries(this.head.map((name, at) => [name, values?.[at] ?? '']));
    return values?.length === this.head.length
      ? { cells }
      : { cells, problem: this.misfit(values?.length, text) };
  }

  private misfit(count: number | undefined, text: string): string {
    const lines = text.split('\n').length;
    const isLong = lines > 1 ? ` It goes over ${lines} lines: is a quote in it not closed?` : '';
    return count === undefined
      ? `The row has a quote that is not closed.${isLong}`
      : `The row has ${count} cells, the head of the file ${this.head.length}.${isLong}`;
  }

  private decoded(bytes: Buffer): string | undefined {
    for (const decoder of this.decoders) {
      try {
        return decoder.decode(bytes);
      } catch {
        continue; // another encoding may be it
      }
    }
    return undefined;
  }

  [Symbol.dispose](): void {
    if (this.file !== undefined) {
      closeSync(this.file);
    }
  }
}

/** Undefined when a quote is not closed, or the text is not one row. */
function cellsIn(text: string, delimiter: string): readonly string[] | undefined {
  try {
    const rows = parse(text, { delimiter, relax_column_count: true, relax_quotes: true });
    return rows.length === 1 ? rows[0] : undefined;
  } catch {
    return undefined;
  }
}

export interface DumpSource extends Disposable {
  readonly patients: TableFile;
  readonly numbers: TableFile;
  readonly tables: ReadonlyMap<DumpTable, TableFile>;
  /** The file of the pathways of each module. */
  readonly pathways: ReadonlyMap<DumpModule, TableFile>;
  /** All of them. */
  readonly files: readonly TableFile[];
  /** Columns of files that nothing is read from: `table.COLUMN`. */
  readonly unread: readonly string[];
}

/** Find the rows of a folder's files. Throws 400 for a file without the columns that its rows are known by, or no pathways. */
export async function openDump(folder: string, layout: DumpLayout): Promise<DumpSource> {
  const { columns, patients, numbers } = layout.solution;
  const own = columns.form === '' ? columns.pathway : columns.form;
  const open = (name: string, key: string): Promise<TableFile> => openTable(folder, name, key, layout);
  const opened = await Promise.all(
    layout.tables.map(
      async (table) =>
        [table, await open(table.name, isOfPathways(layout, table) ? own : columns.pathway)] as const,
    ),
  );
  const tables = new Map(opened);
  const pathways = new Map(
    layout.modules.flatMap((module) => {
      const file = tables.get(module.pathways);
      return file === undefined || file.count === 0 ? [] : [[module, file] as const];
    }),
  );
  if (pathways.size === 0) {
    const names = layout.modules.map(({ pathways: { name } }) => `${name}.csv`).join(', ');
    throw badRequest(`${folder} has no pathways: there is no ${names}, or no row in it.`, undefined, 'dump');
  }
  const persons = {
    patients: await open(patients, columns.person),
    numbers: await open(numbers, columns.person),
  };
  const files = [...tables.values(), persons.patients, persons.numbers];
  const known = heads(layout);
  return {
    ...persons,
    tables,
    pathways,
    files,
    unread: files.flatMap(({ name, head }) =>
      head.filter((column) => !isRead(column, known.get(name), layout)).map((column) => `${name}.${column}`),
    ),
    [Symbol.dispose]: () => files.forEach((file) => file[Symbol.dispose]()),
  };
}

const isRead = (
  column: string,
  head: readonly string[] | undefined,
  { solution: { columns } }: DumpLayout,
): boolean => head?.includes(column) === true || Object.values(columns).includes(column);

async function openTable(folder: string, name: string, key: string, layout: DumpLayout): Promise<TableFile> {
  const path = join(folder, `${name}.csv`);
  const index = new RowIndex();
  if (!(await isThere(path))) {
    return new TableFile(name, layout, { head: [], index, keyColumn: -1 });
  }
  const { delimiter } = layout.solution;
  let head: readonly string[] = [];
  let keyColumn = -1;
  for await (const row of rowsIn(path, delimiter)) {
    if (head.length === 0) {
      head = (parse(row.bytes, { delimiter, bom: true, relax_quotes: true })[0] ?? []).map((column) =>
        column.trim(),
      );
      keyColumn = keyColumnOf(path, head, key);
    } else {
      index.add(cellOf(row.bytes, keyColumn, delimiter).trim(), row);
    }
  }
  return new TableFile(name, layout, { head, index, keyColumn, path });
}

function keyColumnOf(path: string, head: readonly string[], key: string): number {
  const at = head.indexOf(key);
  if (at === -1) {
    throw badRequest(
      `${path} has no column ${key}, by which its rows are known. It has ${head.slice(0, 8).join(', ')}${head.length > 8 ? ' …' : ''}.`,
      undefined,
      'dump',
    );
  }
  return at;
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
