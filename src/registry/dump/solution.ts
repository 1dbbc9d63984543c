/**
 * How the files of an old solution are written: names of the columns, states of a form, dates, numbers, characters. OpenQReg and MRS
 * as they are; `shape` in the register's `dump/dump.json` says where its dump differs (docs/adr/0027).
 */
import type { DUMP_COLUMNS } from '../../content/check-dump.ts';
import type { DumpShapeRules } from '../../content/register.ts';

type ColumnName = (typeof DUMP_COLUMNS)[number];

/** State of a form by its row. `none`: the form was made and never saved. */
export type FormState = 'none' | 'in-progress' | 'completed' | 'amended';

export interface Solution {
  readonly kind: 'openqreg' | 'mrs';
  readonly columns: Readonly<Record<ColumnName, string>>;
  /** By what the column of the state has; the first of each state is what is written. */
  readonly states: Readonly<Record<string, FormState>>;
  readonly delimiter: string;
  readonly decimal: '.' | ',';
  readonly dates: 'iso' | 'norwegian';
  readonly booleans: readonly [no: string, yes: string];
  readonly encoding: 'utf-8' | 'windows-1252';
  readonly missing: readonly string[];
  readonly unanswered: 'coded' | 'empty';
  readonly checkboxes: 'named' | 'joined';
  /** What the systems of identifiers begin with that keep the old GUIDs; undefined where rows are known by numbers. */
  readonly identifiers: string | undefined;
  /** Names of the tables of persons and of their numbers. */
  readonly patients: string;
  readonly numbers: string;
}

const OPENQREG: Solution = {
  kind: 'openqreg',
  columns: {
    pathway: 'MCEID',
    form: '',
    unit: 'CENTREID',
    person: 'PATIENT_ID',
    row: 'ROW',
    status: 'STATUS',
    authored: 'AUTHORED',
    reason: 'CHANGE_REASON',
    pathwayStatus: 'PATHWAY_STATUS',
    start: 'PATHWAY_START',
    end: 'PATHWAY_END',
    withdrawn: 'CONSENT_WITHDRAWN',
    birthDate: 'BIRTH_DATE',
    gender: 'GENDER',
    deceased: 'DECEASED',
    deceasedDate: 'DECEASED_DATE',
    numberSystem: 'SYSTEM',
    number: 'SSN',
  },
  states: { '0': 'in-progress', '1': 'completed', '2': 'amended', '-1': 'none' },
  delimiter: ';',
  decimal: '.',
  dates: 'iso',
  booleans: ['0', '1'],
  encoding: 'utf-8',
  missing: [],
  unanswered: 'empty',
  checkboxes: 'joined',
  identifiers: undefined,
  patients: 'patient',
  numbers: 'koblingstabell',
};

const MRS: Solution = {
  kind: 'mrs',
  columns: {
    pathway: 'HovedskjemaGUID',
    form: 'SkjemaGUID',
    unit: 'UnitId',
    person: 'PasientGUID',
    row: 'Radnummer',
    status: 'FormStatus',
    authored: 'FormDate',
    reason: 'EndringArsak',
    pathwayStatus: 'ForlopStatus',
    start: 'ForlopStart',
    end: 'ForlopSlutt',
    withdrawn: 'SamtykkeTrukketDato',
    birthDate: 'PatientBirthDate',
    gender: 'PatientGender',
    deceased: 'Deceased',
    deceasedDate: 'DeceasedDate',
    numberSystem: 'NummerSystem',
    number: 'Fodselsnummer',
  },
  states: { '1': 'in-progress', '2': 'completed', '3': 'amended', '0': 'none' },
  delimiter: ';',
  decimal: ',',
  dates: 'norwegian',
  booleans: ['False', 'True'],
  encoding: 'utf-8',
  missing: ['-1'],
  unanswered: 'coded',
  checkboxes: 'named',
  identifiers: undefined,
  patients: 'pasient',
  numbers: 'koblingstabell',
};

const SOLUTIONS = { openqreg: OPENQREG, mrs: MRS } as const;

/** OpenQReg for a dump that does not say its shape. */
export function solutionOf(shape: DumpShapeRules | undefined): Solution {
  const { kind = 'openqreg', columns, ...rest } = shape ?? {};
  const known = SOLUTIONS[kind];
  return { ...known, ...rest, kind, columns: { ...known.columns, ...columns } };
}

/** What the column of the state has for a state. */
export const stateCode = ({ states }: Solution, state: string): string =>
  Object.keys(states).find((code) => states[code] === state) ?? '';

/** System of the identifier that keeps a GUID of the old solution: of a person, a pathway, a form. */
export const oldSystem = (
  { identifiers, columns }: Solution,
  of: 'person' | 'pathway' | 'form',
): string | undefined => (identifiers === undefined ? undefined : `${identifiers}${columns[of]}`);
