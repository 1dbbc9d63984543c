/** A dump as a folder of CSV files: one per table, separated by semicolons, with the names of the columns first. */
import { createReadStream, createWriteStream, type WriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { once } from 'node:events';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import { parse } from 'csv-parse';
import { stringify } from 'csv-stringify/sync';
import { badRequest } from '../../fhir/outcome.ts';
import {
  type DumpFiles,
  type DumpLayout,
  type DumpLine,
  headOf,
  LINK_TABLE,
  PATIENT_TABLE,
} from './tables.ts';
import type { DumpRow } from './write-dump.ts';

const DELIMITER = ';';

/** One line of a file, as RFC 4180 has it but for the delimiter. */
export const csvLine = (cells: readonly string[]): string =>
  stringify([[...cells]], { delimiter: DELIMITER });

/** Names of the columns by table, of every table of the dump. */
export const heads = (layout: DumpLayout): ReadonlyMap<string, readonly string[]> =>
  new Map([
    [PATIENT_TABLE.name, PATIENT_TABLE.columns],
    [LINK_TABLE.name, LINK_TABLE.columns],
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
    [...columns.keys()].filter((name) => name !== LINK_TABLE.name).map((name) => [name, 0]),
  );
  const fileOf = (table: string): WriteStream => {
    const file = files.get(table) ?? createWriteStream(join(folder, `${table}.csv`), { mode: 0o600 });
    if (!files.has(table)) {
      files.set(table, file);
      file.write(csvLine(columns.get(table) ?? []));
    }
    return file;
  };
  [...counts.keys()].forEach(fileOf);
  for await (const { table, cells } of rows) {
    counts.set(table, (counts.get(table) ?? 0) + 1);
    const file = fileOf(table);
    if (!file.write(csvLine(cells))) {
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

/** The files of a folder, read as they are needed; persons are read at once. Throws when there are none. */
export async function readDumpFolder(folder: string): Promise<DumpFiles> {
  const rows = (table: string): AsyncIterable<DumpLine> => linesOf(join(folder, `${table}.csv`));
  const patients = await all(rows(PATIENT_TABLE.name));
  if (patients.length === 0) {
    throw badRequest(`${folder} has no persons: there is no ${PATIENT_TABLE.name}.csv, or it is empty.`);
  }
  const numbers = await all(rows(LINK_TABLE.name));
  return {
    patients: new Map(patients.map((line) => [line['PATIENT_ID'] ?? '', line])),
    numbers: Map.groupBy(numbers, (line) => line['PATIENT_ID'] ?? ''),
    rows,
  };
}

async function all(lines: AsyncIterable<DumpLine>): Promise<readonly DumpLine[]> {
  const found: DumpLine[] = [];
  for await (const line of lines) {
    found.push(line);
  }
  return found;
}

/** Nothing for a file that is not there. */
async function* linesOf(path: string): AsyncGenerator<DumpLine> {
  const parser = parse({ delimiter: DELIMITER, columns: true, bom: true, skip_empty_lines: true });
  pipeline(createReadStream(path), parser, () => undefined); // its errors are the parser's, which is read here
  try {
    yield* parser as AsyncIterable<DumpLine>;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') {
      throw cause;
    }
  }
}
