/** The tables of a register's dump with the old codes, and the two that are of no form: persons, and their numbers. */
import { badRequest } from '../../fhir/outcome.ts';
import type { EpisodeOfCare } from '../../fhir/types.ts';
import { legacyCodes, type LegacyCodes } from '../../registry/dump/legacy-codes.ts';
import { type DumpTable, dumpTables } from '../../registry/dump/shape.ts';
import { type Solution, solutionOf } from '../../registry/dump/solution.ts';
import type { Cells } from '../../registry/dump/to-cells.ts';
import type { Registry } from '../../registry/registry.ts';
import type { Schedule } from '../../registry/schedule/plan.ts';
import { codingKey } from '../../sdc/answer.ts';

/** A module of the register: its pathways have a type of their own, and a table in which each has a row. */
export interface DumpModule {
  readonly schedule: Schedule;
  readonly tables: readonly DumpTable[];
  /** The table of the form that `tables` names first: its rows are the pathways. */
  readonly pathways: DumpTable;
}

export interface DumpLayout {
  readonly register: string;
  readonly codes: LegacyCodes;
  readonly solution: Solution;
  readonly modules: readonly DumpModule[];
  /** Of all modules. */
  readonly tables: readonly DumpTable[];
}

/** Code system of Patient.gender. */
const GENDER = 'http://hl7.org/fhir/administrative-gender';
const GENDERS = ['male', 'female', 'other', 'unknown'] as const;

/** Sex of persons as a question, for its old codes. */
const GENDER_QUESTION = { variable: 'GENDER' } as const;

/** Throws 400 when the register is not known or its content does not lay out a dump. */
export function dumpLayout({ content, schedules, forms }: Registry, register: string): DumpLayout {
  const own = schedules.filter((each) => each.register.id === register);
  const dump = own[0]?.register.dump;
  if (dump === undefined) {
    throw badRequest(`No register "${register}" with a dump/dump.json is here.`, undefined, 'dump');
  }
  const codes = legacyCodes(content.conceptMaps.all(), dump);
  const solution = solutionOf(dump.shape);
  const order = Object.values(dump.tables);
  const modules = own.map((schedule) => {
    const tables = dumpTables(schedule.register, schedule, forms, codes, solution);
    const first = order.find((name) => tables.some((table) => table.name === name));
    const pathways = tables.find(({ name }) => name === first);
    if (pathways === undefined) {
      throw badRequest('dump/dump.json names no form of a module in its tables.', undefined, 'dump');
    }
    return { schedule, tables, pathways };
  });
  return { register, codes, solution, modules, tables: modules.flatMap(({ tables }) => tables) };
}

/** Are its rows the pathways of a module? */
export const isOfPathways = ({ modules }: Pick<DumpLayout, 'modules'>, table: DumpTable): boolean =>
  modules.some(({ pathways }) => pathways === table);

/** The module that a pathway is of, by its type; the only one, where there is one. */
export function moduleOf(
  { modules }: Pick<DumpLayout, 'modules'>,
  { type = [] }: EpisodeOfCare,
): DumpModule | undefined {
  const codes = new Set(type.flatMap(({ coding = [] }) => coding.map(codingKey)));
  return modules.length === 1
    ? modules[0]
    : modules.find(({ schedule }) =>
        (schedule.pathwayType ?? []).some(({ coding = [] }) =>
          coding.some((each) => codes.has(codingKey(each))),
        ),
      );
}

/** Sexes of persons and their old codes: by the register's map, else as both old solutions have them. */
export const genderCodes = ({
  codes,
  solution,
}: Pick<DumpLayout, 'codes' | 'solution'>): ReadonlyMap<string, string> =>
  new Map(
    GENDERS.map((gender) => {
      const mapped = codes.toOld(GENDER_QUESTION, { system: GENDER, code: gender });
      return [gender, mapped === gender ? (solution.genders[gender] ?? gender) : mapped];
    }),
  );

/** Columns that say whose a row is: the form where it has a GUID, the pathway, the department, the person. */
export function keyColumns({ solution: { columns } }: DumpLayout, table: DumpTable): readonly string[] {
  const own = table.group === undefined && columns.form !== '' ? [columns.form] : [];
  return [...own, columns.pathway, columns.unit, columns.person];
}

/** What a pathway's row has after the keys. */
const pathwayColumns = ({ columns }: Solution): readonly string[] => [
  columns.pathwayStatus,
  columns.start,
  columns.end,
  columns.withdrawn,
];

/** State of a form, when it was saved, why it was corrected. */
const formColumns = ({ columns }: Solution): readonly string[] => [
  columns.status,
  columns.authored,
  columns.reason,
];

/** Names of a table's columns in the file. */
export function headOf(layout: DumpLayout, table: DumpTable): readonly string[] {
  const { solution } = layout;
  const names = table.columns.map(({ name }) => name);
  const keys = keyColumns(layout, table);
  return table.group === undefined
    ? [
        ...keys,
        ...(isOfPathways(layout, table) ? pathwayColumns(solution) : []),
        ...formColumns(solution),
        ...names,
      ]
    : [...keys, solution.columns.row, ...names];
}

/** Persons, and their numbers [koblingstabell]: apart, and only when asked for. */
export const personHead = ({ columns }: Solution): readonly string[] => [
  columns.person,
  columns.birthDate,
  columns.gender,
  columns.deceased,
  columns.deceasedDate,
];
export const numberHead = ({ columns }: Solution): readonly string[] => [
  columns.person,
  columns.numberSystem,
  columns.number,
];

/** A row of a file, by column. */
export type DumpLine = Cells;
