/**
 * Rows as a Parquet file, a group of rows at a time: https://parquet.apache.org/docs/file-format/
 * Whole numbers are INT32; decimals DOUBLE (15 digits); dates of any precision are texts, as in FHIR.
 */
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { Column, SqlType } from './columns.ts';

type SchemaElement = ConstructorParameters<typeof ParquetWriter>[0]['schema'][number];

const TEXT = { type: 'BYTE_ARRAY', converted_type: 'UTF8' } as const;

const TYPES: Readonly<Record<SqlType, Partial<SchemaElement>>> = {
  text: TEXT,
  boolean: { type: 'BOOLEAN' },
  integer: { type: 'INT32' },
  numeric: { type: 'DOUBLE' },
  jsonb: { type: 'BYTE_ARRAY', converted_type: 'JSON' },
  date: { type: 'INT32', converted_type: 'DATE' },
  timestamptz: { type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' },
};

const GROUP = 20_000;

/** Rows as JSON arrays → the file's bytes. Memory is that of one group. */
export async function* parquetFile(
  rows: AsyncIterable<string>,
  columns: readonly Column[],
): AsyncGenerator<Uint8Array> {
  const bytes = new ByteWriter();
  const writer = new ParquetWriter({ writer: bytes, schema: schemaOf(columns), createdBy: 'ryggrad' });
  let group = columns.map((): unknown[] => []);
  for await (const row of rows) {
    addRow(group, row, columns);
    if (group[0]?.length === GROUP) {
      await writer.write({ columnData: named(columns, group), rowGroupSize: GROUP });
      yield taken(bytes);
      group = columns.map((): unknown[] => []);
    }
  }
  if ((group[0]?.length ?? 0) > 0) {
    await writer.write({ columnData: named(columns, group), rowGroupSize: GROUP });
  }
  await writer.finish();
  yield taken(bytes);
}

const schemaOf = (columns: readonly Column[]): SchemaElement[] => [
  { name: 'root', num_children: columns.length },
  ...columns.map(({ name, sqlType }): SchemaElement => ({
    name,
    repetition_type: 'OPTIONAL',
    ...TYPES[sqlType],
  })),
];

function addRow(group: readonly unknown[][], row: string, columns: readonly Column[]): void {
  const cells = JSON.parse(row) as readonly unknown[];
  columns.forEach(({ sqlType }, index) => {
    group[index]?.push(toCell(cells[index], sqlType));
  });
}

function toCell(cell: unknown, type: SqlType): unknown {
  if (cell === null || cell === undefined) {
    return undefined;
  }
  return type === 'date' || type === 'timestamptz' ? new Date(cell as string) : cell;
}

const named = (columns: readonly Column[], group: readonly unknown[][]) =>
  columns.map(({ name }, index) => ({ name, data: group[index] ?? [] }));

/** What has been written since the last time; the place in the file goes on. */
function taken(bytes: ByteWriter): Uint8Array {
  const chunk = bytes.getBytes().slice();
  bytes.index = 0;
  return chunk;
}
