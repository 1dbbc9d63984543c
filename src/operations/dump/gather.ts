/** All rows of a pathway, wherever they are in the dump, and what they come to as hashes. */
import { createHash } from 'node:crypto';
import type { DumpTable } from '../../registry/dump/shape.ts';
import { cellOf } from './row-index.ts';
import type { DumpSource, SourceRow } from './source.ts';
import type { DumpLayout, DumpModule } from './tables.ts';

export interface Gathered {
  readonly module: DumpModule;
  readonly key: string;
  /** Row of the pathway itself. */
  readonly main: SourceRow;
  /** Rows of the forms and their groups; the pathway's own among them. */
  readonly rows: ReadonlyMap<DumpTable, readonly SourceRow[]>;
  readonly person: string;
  readonly patients: readonly SourceRow[];
  readonly numbers: readonly SourceRow[];
  /** By table. */
  readonly hashes: Readonly<Record<string, string>>;
}

/** Every row of them. */
export const allRows = ({ rows, patients, numbers }: Gathered): readonly SourceRow[] => [
  ...[...rows.values()].flat(),
  ...patients,
  ...numbers,
];

export function gather(
  main: SourceRow,
  module: DumpModule,
  source: DumpSource,
  { solution }: DumpLayout,
): Gathered {
  const rows = new Map(
    module.tables.map(
      (table) =>
        [table, table === module.pathways ? [main] : (source.tables.get(table)?.of(main.key) ?? [])] as const,
    ),
  );
  const column = source.pathways.get(module)?.head.indexOf(solution.columns.person) ?? -1;
  const person = column === -1 ? '' : cellOf(main.bytes, column, solution.delimiter).trim();
  const [patients, numbers] = [source.patients.of(person), source.numbers.of(person)];
  const tables = [
    ...[...rows].map(([table, own]) => [table.name, own] as const),
    [solution.patients, patients] as const,
    [solution.numbers, numbers] as const,
  ];
  return { module, key: main.key, main, rows, person, patients, numbers, hashes: hashesOf(tables) };
}

const hashesOf = (
  tables: readonly (readonly [name: string, rows: readonly SourceRow[]])[],
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    tables
      .filter(([, rows]) => rows.length > 0)
      .map(([name, rows]) => {
        const sum = createHash('sha256');
        rows.forEach(({ bytes }) => sum.update(bytes).update('\n'));
        return [name, sum.digest('base64url').slice(0, 22)];
      }),
  );
