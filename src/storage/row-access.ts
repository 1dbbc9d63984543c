/**
 * For whom a statement asks, as row-level security is told (docs/adr/0014, sql/0015): settings of the transaction, sent in
 * the same packet as the statement and gone when it ends, so that no other user of the connection can meet them (RL-02).
 */
import pg from 'pg';

/** How far somebody sees. */
export type Breadth =
  /** The server itself: jobs, rules, maintenance. */
  | 'all'
  /** What belongs to no unit: definitions, units, people at work. */
  | 'shared'
  /** Rows of own units, whatever the register, and the persons they are about. */
  | 'unit'
  /** Rows of own units in own registers, and what others have sent about persons with a pathway there. */
  | 'department'
  /** The national store of own registers. */
  | 'national'
  /** The same without who works where. */
  | 'analytics';

export interface RowAccess {
  readonly read: Breadth;
  /** Rows that may be made and changed: all, those of own units, those of own registers. */
  readonly write: 'all' | 'unit' | 'register' | 'none';
  readonly units: readonly string[];
  readonly registers: readonly string[];
  /** One person alone; empty = no such limit. */
  readonly patient: string;
}

/** Whose rows a write may make and change. */
export type WriteAccess = Pick<RowAccess, 'write' | 'units' | 'registers'>;

const NOBODY = { units: [], registers: [], patient: '' } as const;

/** The server's own work. Never for what a caller asks. */
export const EVERYTHING: RowAccess = { ...NOBODY, read: 'all', write: 'all' };

/** What is nobody's in particular. */
export const SHARED: RowAccess = { ...NOBODY, read: 'shared', write: 'none' };

/** The statement that each connection prepares when it is opened. */
export const SET_ACCESS = {
  name: 'row_access',
  text: `select set_config('ryggrad.read', $1, true), set_config('ryggrad.write', $2, true),
    set_config('ryggrad.units', $3, true), set_config('ryggrad.registers', $4, true),
    set_config('ryggrad.patient', $5, true)`,
} as const;

/** Its values. */
export const settingsOf = ({ read, write, units, registers, patient }: RowAccess): readonly string[] => [
  read,
  write,
  arrayLiteral(units),
  arrayLiteral(registers),
  patient,
];

/** The settings as a text of their own, for a transaction that begins with one. */
export function settingsText(access: RowAccess): string {
  const values = settingsOf(access);
  return SET_ACCESS.text.replaceAll(/\$(\d)/g, (_, place: string) =>
    pg.escapeLiteral(values[Number(place) - 1] ?? ''),
  );
}

/** Every element in quotes, as the policies look for them. No id has a quote or a backslash: what has names nothing. */
const arrayLiteral = (values: readonly string[]): string =>
  `{${values
    .filter((value) => !/["\\]/.test(value))
    .map((value) => `"${value}"`)
    .join(',')}}`;
