/** A row of a table as writes, and what is told of it in the report. */
import { error, type FhirError, type Issue } from '../../fhir/outcome.ts';
import type { JsonObject, JsonValue } from '../../fhir/types.ts';
import type { CsvMapping } from '../../content/csv-mapping.ts';
import type { Finding } from '../../operations/dump/report.ts';
import type { Operation } from '../../repository/operation.ts';
import { type Cell, type CellContext, readCell } from './cell.ts';
import { fill } from './fill.ts';

export type Cells = Readonly<Record<string, string>>;

export interface RowReading {
  /** Name of the row: the cells of `id`, undefined when one has nothing. */
  readonly id: string | undefined;
  readonly sentAt: Date | undefined;
  readonly corrections: readonly Finding[];
  readonly problems: readonly Issue[];
  readonly operations: readonly Operation[];
  /** Column by the place that an issue names: `surgery.performedDateTime`. */
  readonly columns: ReadonlyMap<string, string>;
}

/** What may not stand in a report twice: the cells are in the table. */
const UNTOLD: ReadonlySet<string> = new Set(['national-number']);

export function readRow(cells: Cells, context: CellContext): RowReading {
  const { mapping } = context;
  const read = new Map(
    Object.entries(mapping.columns).map(
      ([name, column]) => [name, readCell(cells[name] ?? '', column, context)] as const,
    ),
  );
  const id = idOf(cells, mapping);
  const problems = [
    ...[...read].flatMap(([name, { problem }]) =>
      problem === undefined ? [] : [error('value', problem, name, 'cell')],
    ),
    ...(id === undefined
      ? [error('required', `The row has no name: ${mapping.id.join(', ')}.`, mapping.id[0], 'row-id')]
      : []),
  ];
  const changed = mapping.changed === undefined ? undefined : read.get(mapping.changed)?.value;
  const time = typeof changed === 'string' ? Date.parse(changed) : NaN;
  const written = problems.length === 0 && id !== undefined ? write(id, read, mapping) : NOTHING;
  return {
    id,
    sentAt: Number.isNaN(time) ? undefined : new Date(time),
    corrections: [...read].flatMap(([name, cell]) => correctionOf(name, cells[name] ?? '', cell, mapping)),
    problems,
    ...written,
  };
}

const NOTHING = { operations: [], columns: new Map<string, string>() };

function idOf(cells: Cells, { id }: CsvMapping): string | undefined {
  const parts = id.map((name) => (cells[name] ?? '').trim());
  return parts.includes('') ? undefined : parts.join('/');
}

function correctionOf(
  column: string,
  old: string,
  { value, correction }: Cell,
  { columns }: CsvMapping,
): readonly Finding[] {
  if (correction === undefined) {
    return [];
  }
  const isTold = !UNTOLD.has(columns[column]?.type ?? '');
  return [
    {
      column,
      ...(isTold && { old, new: typeof value === 'object' ? JSON.stringify(value) : String(value) }),
      rule: correction,
      why: 'It is written as here.',
    },
  ];
}

function write(
  id: string,
  read: ReadonlyMap<string, Cell>,
  { resources, system }: CsvMapping,
): Pick<RowReading, 'operations' | 'columns'> {
  const present = resources.filter(({ when }) => when === undefined || read.get(when)?.value !== undefined);
  const names = new Set(present.map(({ name }) => name));
  const valueOf = (name: string): JsonValue | undefined => {
    const other = name.startsWith('@') ? name.slice(1) : undefined;
    if (other === undefined) {
      return read.get(name)?.value;
    }
    return names.has(other) ? nameOf(other) : undefined;
  };
  const columns = new Map<string, string>();
  const operations = present.map(({ name, resource: template }): Operation => {
    const filled = fill(template, valueOf);
    filled.columns.forEach((column, path) => columns.set(`${name}.${path}`, column));
    const type = String(filled.resource['resourceType']);
    const common = { type, at: name, fullUrl: nameOf(name) };
    if (type === 'Patient') {
      return { ...common, kind: 'create', resource: filled.resource, matchPerson: true };
    }
    const identifier: JsonObject = { system, value: `${id}/${name}` };
    const own = (filled.resource['identifier'] ?? []) as readonly JsonObject[];
    return {
      ...common,
      kind: 'update',
      resource: { ...filled.resource, identifier: [identifier, ...own] },
      condition: new URLSearchParams({ identifier: `${system}|${id}/${name}` }).toString(),
    };
  });
  return { operations, columns };
}

const nameOf = (name: string): string => `urn:ryggrad:row:${name}`;

/** Reasons of a refusal by column, as the report tells them. */
export function findingsOf(
  { issues }: FhirError,
  { columns }: Pick<RowReading, 'columns'>,
): readonly Finding[] {
  return issues.map(({ expression = '', diagnostics, rule, code }) => {
    const path = [...columns.keys()]
      .filter(
        (each) =>
          expression === each || expression.startsWith(`${each}.`) || each.startsWith(`${expression}.`),
      )
      .toSorted((a, b) => b.length - a.length)[0];
    const column = path === undefined ? undefined : columns.get(path);
    const named = rule === 'cell' || rule === 'row-id' ? expression : column;
    return {
      ...(named !== undefined && { column: named }),
      ...(expression !== '' && { element: expression }),
      rule: rule ?? code,
      why: diagnostics,
    };
  });
}
