/**
 * The tables of a data dump [datadump], laid out by the register's `dump/dump.json`: one for each form with a row per
 * pathway, one for each group of rows within a form. Columns are the variable names that the questions carry.
 */
import type { DumpRules, Register } from '../../content/register.ts';
import type { Form, FormItem } from '../../sdc/form-types.ts';
import { hasRows } from '../../sdc/tree.ts';
import type { FormLibrary } from '../form/library.ts';
import type { Schedule } from '../schedule/plan.ts';
import { nameToCarry } from '../schedule/planned-form.ts';
import type { LegacyCodes } from './legacy-codes.ts';

export interface DumpColumn {
  readonly name: string;
  /** Name by which its codes are looked up. */
  readonly variable: string;
  /** Questions that share the column: only one of them is asked at a time. */
  readonly items: readonly FormItem[];
  /** Of a question with several answers: the one that the column tells of, by 1 and 0. */
  readonly option?: string;
}

export interface DumpTable {
  readonly name: string;
  readonly form: Form;
  /** Action id of the plan, where it asks for the form several times: each time has tables of its own. */
  readonly planned: string | undefined;
  /** The group whose rows the table holds; undefined for the form's own table. */
  readonly group: FormItem | undefined;
  readonly columns: readonly DumpColumn[];
}

/** What every row begins with: ForløpsID, RESH id of the department, PasientID. */
export const KEY_COLUMNS = ['MCEID', 'CENTREID', 'PATIENT_ID'] as const;
/** State of a form: 0 draft, 1 locked, 2 corrected after locking; when it was saved; why it was corrected. */
export const FORM_COLUMNS = ['STATUS', 'AUTHORED', 'CHANGE_REASON'] as const;
/** Number of a row within its form, from 1. */
export const ROW_COLUMN = 'ROW';

/** Throws when two different questions would write into one column, or a form has rows within rows. */
export function dumpTables(
  { dump }: Register,
  schedule: Schedule,
  library: FormLibrary,
  codes: LegacyCodes,
): readonly DumpTable[] {
  if (dump === undefined) {
    return [];
  }
  return schedule.forms.flatMap((each) => {
    const form = library.form(each.questionnaire);
    return form === undefined ? [] : tablesOf(form, nameToCarry(each, schedule), dump, codes);
  });
}

function tablesOf(
  form: Form,
  planned: string | undefined,
  dump: DumpRules,
  codes: LegacyCodes,
): readonly DumpTable[] {
  const own = form.questionnaire.id ?? '';
  const id = planned === undefined ? own : `${own}@${planned}`;
  const name = dump.tables[id] ?? id;
  const groups = repeatingGroups(form.items);
  const table = (group: FormItem | undefined, called: string, items: readonly FormItem[]): DumpTable => ({
    name: called,
    form,
    planned,
    group,
    columns: columnsOf(items, dump, codes),
  });
  return [
    table(undefined, name, questions(form.items)),
    ...groups.map((group) =>
      table(
        group,
        dump.rows[`${id}#${group.linkId}`] ?? `${name}_${group.linkId}`,
        questions(group.children),
      ),
    ),
  ];
}

const repeatingGroups = (items: readonly FormItem[]): readonly FormItem[] =>
  items.flatMap((item) => [...(hasRows(item) ? [item] : []), ...repeatingGroups(item.children)]);

/** Questions below these items, without those in rows of their own. */
const questions = (items: readonly FormItem[]): readonly FormItem[] =>
  items
    .filter((item) => !hasRows(item))
    .flatMap((item) => [
      ...(item.type === 'group' || item.type === 'display' ? [] : [item]),
      ...questions(item.children),
    ]);

function columnsOf(items: readonly FormItem[], dump: DumpRules, codes: LegacyCodes): readonly DumpColumn[] {
  const columns = new Map<string, DumpColumn>();
  for (const column of items.flatMap((item) => columnsOfItem(item, dump, codes))) {
    const same = columns.get(column.name);
    if (same !== undefined && (column.option !== undefined || same.option !== undefined)) {
      throw new Error(`Two answers would be written into the column ${column.name}.`);
    }
    columns.set(column.name, { ...column, items: [...(same?.items ?? []), ...column.items] });
  }
  return [...columns.values()];
}

function columnsOfItem(item: FormItem, dump: DumpRules, codes: LegacyCodes): readonly DumpColumn[] {
  const variable = variableOf(item, dump);
  if (!item.isRepeating || item.options === undefined) {
    return [{ name: variable, variable, items: [item] }];
  }
  return item.options.list.map(({ coding }) => {
    const old = codes.toOld(variable, coding);
    return {
      name: old.startsWith(`${variable}_`) ? old : `${variable}_${columnPart(old)}`,
      variable,
      items: [item],
      option: `${coding.system ?? ''}|${coding.code ?? ''}`,
    };
  });
}

const columnPart = (code: string): string => code.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_');

/** The variable name that a question carries, else its linkId. */
export const variableOf = ({ source, linkId }: FormItem, { variables }: DumpRules): string =>
  source.code?.find(({ system }) => variables.includes(system ?? ''))?.code ?? columnPart(linkId);
