/**
 * Rows of the table behind the work lists: kept, dropped, and read by page (docs/adr/0021). What a row says is made by
 * registry/episode/list-entry.ts; whose rows are seen is repository/pathway-list.ts, and row-level security below it.
 */
import { hash32 } from '../fhir/id.ts';
import type { Sql } from './store.ts';

export const CONSENT_STATES = ['yes', 'no', 'unknown'] as const;
export type ListedConsent = (typeof CONSENT_STATES)[number];

/** States of a pathway's forms, as bits of the column `forms`. */
export const FORM_STATES = {
  new: 1,
  'in-progress': 2,
  'to-confirm': 4,
  completed: 8,
  'to-import': 16,
} as const;
export type FormsState = keyof typeof FORM_STATES;

/** One pathway as lists sort and filter it. */
export interface ListEntry {
  readonly episode: string;
  readonly register: string;
  /** Code of its type: which of the register's modules it is of. */
  readonly module: string;
  readonly unit: string | null;
  readonly patient: string;
  readonly isActive: boolean;
  readonly consent: ListedConsent;
  readonly start?: string | undefined;
  readonly location?: string | undefined;
  readonly department?: string | undefined;
  readonly forms: readonly FormsState[];
  /** When its last form was locked, and none waits. */
  readonly completedAt?: string | undefined;
  /** By which rules it was made. */
  readonly shape: string;
}

/** Lower case, with the last three letters of the Norwegian alphabet behind z: to be compared byte by byte. */
export const alphabetical = (text: string): string =>
  text
    .toLocaleLowerCase('nb')
    .replaceAll(/[æä]/g, '{')
    .replaceAll(/[øö]/g, '|')
    .replaceAll('å', '}')
    .normalize('NFD')
    .replaceAll(/\p{M}/gu, '');

/** Wait for whoever else changes these pathways, and make others wait until this transaction ends. */
export const lockListedSql = (episodes: readonly string[]): Sql => ({
  text: 'select episode from pathway_list where episode = any($1) order by episode for update',
  values: [episodes],
});

/** Make rows, or write them anew; where they may be seen nationally is left as it is. */
export const keepListedSql = (entries: readonly ListEntry[]): Sql => ({
  text: `insert into pathway_list
      (cmp, episode, reg, module, unit, patient, active, consent, started, location, department, department_key, forms, completed, shape)
    select *
    from json_to_recordset($1) as x (
      cmp int, episode text, reg text, module text, unit text, patient text, active boolean, consent smallint, started timestamptz,
      location text, department text, department_key text, forms smallint, completed timestamptz, shape bigint
    )
    on conflict (cmp, episode) do update
    set reg = excluded.reg, module = excluded.module, unit = excluded.unit, active = excluded.active, consent = excluded.consent,
        started = excluded.started, location = excluded.location, department = excluded.department,
        department_key = excluded.department_key, forms = excluded.forms, completed = excluded.completed,
        shape = excluded.shape`,
  values: [JSON.stringify(entries.map(columnsOf))],
});

/** Names as in the table. */
const columnsOf = (entry: ListEntry): object => ({
  cmp: hash32(`Patient/${entry.patient}`),
  episode: entry.episode,
  reg: entry.register,
  module: entry.module,
  unit: entry.unit,
  patient: entry.patient,
  active: entry.isActive,
  consent: CONSENT_STATES.indexOf(entry.consent),
  started: entry.start ?? null,
  location: entry.location ?? null,
  department: entry.department ?? null,
  department_key: alphabetical(entry.department ?? ''),
  forms: bitsOf(entry.forms),
  completed: entry.completedAt ?? null,
  shape: entry.shape,
});

export const bitsOf = (states: readonly FormsState[]): number =>
  states.reduce((bits, state) => bits | FORM_STATES[state], 0);

export const dropListedSql = (episodes: readonly string[]): Sql => ({
  text: 'delete from pathway_list where episode = any($1)',
  values: [episodes],
});

/** Pathways whose rows were made by other rules than these, locked until the transaction ends. */
export const staleListedSql = (shape: string, limit: number): Sql => ({
  text: `select episode
    from pathway_list
    where shape < $1 or shape > $1
    limit $2
    for update skip locked`,
  values: [shape, limit],
});
