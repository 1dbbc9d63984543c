/** The tables of a register's dump with the old codes, and the two that are of no form: persons, and their numbers. */
import { badRequest } from '../../fhir/outcome.ts';
import { legacyCodes, type LegacyCodes } from '../../registry/dump/legacy-codes.ts';
import {
  type DumpTable,
  dumpTables,
  FORM_COLUMNS,
  KEY_COLUMNS,
  ROW_COLUMN,
} from '../../registry/dump/shape.ts';
import type { Cells } from '../../registry/dump/to-cells.ts';
import type { Registry } from '../../registry/registry.ts';
import type { Schedule } from '../../registry/schedule/plan.ts';

export interface DumpLayout {
  readonly register: string;
  readonly schedule: Schedule;
  readonly codes: LegacyCodes;
  readonly tables: readonly DumpTable[];
  /** The table of the first form of the schedule that has one: its rows are the pathways. */
  readonly pathways: DumpTable;
}

/** Code system of Patient.gender. */
export const GENDER = 'http://hl7.org/fhir/administrative-gender';

/** What a pathway's row has after the keys. */
export const PATHWAY_COLUMNS = [
  'PATHWAY_STATUS',
  'PATHWAY_START',
  'PATHWAY_END',
  'CONSENT_WITHDRAWN',
] as const;

/** Persons, by PasientID. */
export const PATIENT_TABLE = {
  name: 'patient',
  columns: ['PATIENT_ID', 'BIRTH_DATE', 'GENDER', 'DECEASED', 'DECEASED_DATE'],
} as const;
/** Their numbers [koblingstabell]: apart, and only when asked for. */
export const LINK_TABLE = { name: 'koblingstabell', columns: ['PATIENT_ID', 'SYSTEM', 'SSN'] } as const;

/** Throws 400 when the register is not known or its content does not lay out a dump. */
export function dumpLayout({ content, schedules, forms }: Registry, register: string): DumpLayout {
  const schedule = schedules.find((each) => each.register.id === register);
  const dump = schedule?.register.dump;
  if (schedule === undefined || dump === undefined) {
    throw badRequest(`No register "${register}" with a dump/dump.json is here.`, undefined, 'dump');
  }
  const codes = legacyCodes(content.conceptMaps.all(), dump);
  const tables = dumpTables(schedule.register, schedule, forms, codes);
  const first = Object.values(dump.tables)[0];
  const pathways = tables.find(({ name }) => name === first);
  if (pathways === undefined) {
    throw badRequest('dump/dump.json names no form of the register first in its tables.', undefined, 'dump');
  }
  return { register, schedule, codes, tables, pathways };
}

/** Names of a table's columns in the file. */
export function headOf({ pathways }: DumpLayout, table: DumpTable): readonly string[] {
  const names = table.columns.map(({ name }) => name);
  if (table.group !== undefined) {
    return [...KEY_COLUMNS, ROW_COLUMN, ...names];
  }
  return [...KEY_COLUMNS, ...(table === pathways ? PATHWAY_COLUMNS : []), ...FORM_COLUMNS, ...names];
}

/** A row of a file, by column. */
export type DumpLine = Cells;

/** The files of a dump; each gives its rows in the order of the pathways. */
export interface DumpFiles {
  readonly patients: ReadonlyMap<string, DumpLine>;
  /** Numbers of persons by PasientID; empty when the dump has none. */
  readonly numbers: ReadonlyMap<string, readonly DumpLine[]>;
  /** Rows of a table, or nothing when the file is left out. */
  readonly rows: (table: string) => AsyncIterable<DumpLine>;
}
