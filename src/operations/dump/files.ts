/** A dump as a folder of CSV files: one per table, with the names of the columns first. */
import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { once } from 'node:events';
import { join } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import { type DumpLayout, headOf, numberHead, personHead } from './tables.ts';
import type { DumpRow } from './write-dump.ts';

/** One line of a file, as RFC 4180 has it but for the delimiter. */
export const csvLine = (cells: readonly string[], { solution }: Pick<DumpLayout, 'solution'>): string =>
  stringify([[...cells]], { delimiter: solution.delimiter });

/** Names of the columns by table, of every table of the dump. */
export const heads = (layout: DumpLayout): ReadonlyMap<string, readonly string[]> =>
  new Map([
    [layout.solution.patients, personHead(layout.solution)],
    [layout.solution.numbers, numberHead(layout.solution)],
    ...layout.tables.map((table) => [table.name, headOf(layout, table)] as const),
  ]);

/** Write the rows into a new folder; answers how many each table has. Throws when the folder is there. */
export async function writeDumpFolder(
  folder: string,
  layout: DumpLayout,
  rows: AsyncIterable<DumpRow>,
): Promise<ReadonlyMap<string, number>> {
  await mkdir(folder);
  const columns = heads(layout);
  const files = new Map<string, WriteStream>();
  const counts = new Map(
    [...columns.keys()].filter((name) => name !== layout.solution.numbers).map((name) => [name, 0]),
  );
  const fileOf = (table: string): WriteStream => {
    const file = files.get(table) ?? createWriteStream(join(folder, `${table}.csv`), { mode: 0o600 });
    if (!files.has(table)) {
      files.set(table, file);
      file.write(csvLine(columns.get(table) ?? [], layout));
    }
    return file;
  };
  [...counts.keys()].forEach(fileOf);
  for await (const { table, cells } of rows) {
    counts.set(table, (counts.get(table) ?? 0) + 1);
    const file = fileOf(table);
    if (!file.write(csvLine(cells, layout))) {
      await once(file, 'drain');
    }
  }
  await Promise.all(
    [...files.values()].map(async (file) => {
      file.end();
      await once(file, 'finish');
    }),
  );
  return counts;
}
