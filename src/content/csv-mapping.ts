/** `intake/csv-<name>.json` of a register: how the columns of a table become resources. docs/integration.md explains it. */
import type { JsonObject } from '../fhir/types.ts';

export const CELL_TYPES = [
  'text',
  'date',
  'moment',
  'number',
  'integer',
  'code',
  'national-number',
  'unit',
] as const;
export type CellType = (typeof CELL_TYPES)[number];

export interface CsvColumn {
  readonly type: CellType;
  /** A row without it is refused. */
  readonly required?: true;
  /** Of a code or a unit: what stands in the table → what it is here. */
  readonly codes?: Readonly<Record<string, string>>;
  /** Of a code: the value set that it must be in; what is written is then a Coding. */
  readonly valueSet?: string;
}

/** One resource of each row. `{Column}` stands for the value of a cell, `{@name}` for another resource of the row. */
export interface CsvResource {
  readonly name: string;
  /** Column without whose value there is none. */
  readonly when?: string;
  readonly resource: JsonObject;
}

export interface CsvMapping {
  readonly title: string;
  /** System of the identifiers by which rows are known again. */
  readonly system: string;
  /** Columns that name the row. */
  readonly id: readonly string[];
  /** Column that says when the row was changed: an older one overwrites nothing. */
  readonly changed?: string;
  readonly dates?: 'iso' | 'norwegian';
  readonly decimal?: '.' | ',';
  /** What stands in a cell without a value, beside nothing. */
  readonly missing?: readonly string[];
  readonly columns: Readonly<Record<string, CsvColumn>>;
  /** Columns that are known, and not taken. */
  readonly ignored?: readonly string[];
  readonly resources: readonly CsvResource[];
}

/** Names in curly brackets in a template, with their signs. */
export const placeholdersIn = (template: unknown): readonly string[] => [
  ...new Set(
    [...JSON.stringify(template).matchAll(/\{(@?[\p{L}_][\p{L}\p{N}_ .-]*)\}/gu)].map(
      ([, name = '']) => name,
    ),
  ),
];
