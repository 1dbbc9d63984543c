/**
 * The tables of a data dump [datadump], laid out by the register's `dump/dump.json`: one for each form with a row per
 * pathway, one for each group of rows within a form. Columns are the variable names that the questions carry.
 */
import type { DumpRules, Register } from '../../content/register.ts';
import type { Coding } from '../../fhir/types.ts';
import type { Form, FormItem } from '../../sdc/form-types.ts';
import { hasRows } from '../../sdc/tree.ts';
import type { FormLibrary } from '../form/library.ts';
import type { Schedule } from '../schedule/plan.ts';
import { nameToCarry } from '../schedule/planned-form.ts';
import type { LegacyCodes, Question } from './legacy-codes.ts';
import type { Solution } from './solution.ts';

export interface DumpColumn extends Question {
  readonly name: string;
  /** Name by which its codes are looked up. */
  readonly variable: string;
  readonly form: string;
  readonly names: readonly string[];
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

/** What names of maps of a form may begin with: its table, with or without the module; its own name within the register. */
export const namesInMaps = (table: string, id: string, register: string): readonly string[] => [
  table,
  table.slice(table.indexOf('_') + 1),
  id.startsWith(`${register}-`) ? id.slice(register.length + 1) : id,
];

/** Throws when two different questions would write into one column, or a form has rows within rows. */
export function dumpTables(
  { id, dump }: Pick<Register, 'id' | 'dump'>,
  schedule: Schedule,
  library: FormLibrary,
  codes: LegacyCodes,
  solution: Solution,
): readonly DumpTable[] {
  if (dump === undefined) {
    return [];
  }
  return schedule.forms.flatMap((each) => {
    const form = library.form(each.questionnaire);
    const planned = nameToCarry(each, schedule);
    const rules = { register: id, dump, codes, solution };
    return form === undefined
      ? []
      : [form, ...otherVersions(form, planned, dump, library)].flatMap((one) =>
          tablesOf(one, planned, rules),
        );
  });
}

/** Versions of the form that are not in use any more, and have tables of their own. */
const otherVersions = (
  { canonical, questionnaire: { url = '' } }: Form,
  planned: string | undefined,
  { tables }: DumpRules,
  library: Pick<FormLibrary, 'versionsOf'>,
): readonly Form[] =>
  library.versionsOf(url).filter((form) => form.canonical !== canonical && keyOf(form, planned) in tables);

/** What `tables` and `rows` call a form by. */
const keyOf = ({ questionnaire: { id = '' } }: Form, planned: string | undefined): string =>
  planned === undefined ? id : `${id}@${planned}`;

interface Rules {
  readonly register: string;
  readonly dump: DumpRules;
  readonly codes: LegacyCodes;
  readonly solution: Solution;
}

function tablesOf(form: Form, planned: string | undefined, rules: Rules): readonly DumpTable[] {
  const { dump, register } = rules;
  const own = form.questionnaire.url?.split('/').at(-1) ?? form.questionnaire.id ?? '';
  const id = keyOf(form, planned);
  const name = dump.tables[id] ?? id;
  const groups = repeatingGroups(form.items);
  const named = { form: form.questionnaire.id ?? '', names: namesInMaps(name, own, register) };
  const table = (group: FormItem | undefined, called: string, items: readonly FormItem[]): DumpTable => ({
    name: called,
    form,
    planned,
    group,
    columns: columnsOf(items, named, rules),
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

/** By what the maps of a form's old codes are found. */
type Named = Pick<DumpColumn, 'form' | 'names'>;

function columnsOf(items: readonly FormItem[], named: Named, rules: Rules): readonly DumpColumn[] {
  const columns = new Map<string, DumpColumn>();
  for (const column of items.flatMap((item) => columnsOfItem(item, named, rules))) {
    const same = columns.get(column.name);
    if (same !== undefined && (column.option !== undefined || same.option !== undefined)) {
      throw new Error(`Two answers would be written into the column ${column.name}.`);
    }
    columns.set(column.name, { ...column, items: [...(same?.items ?? []), ...column.items] });
  }
  return [...columns.values()];
}

function columnsOfItem(item: FormItem, named: Named, rules: Rules): readonly DumpColumn[] {
  const question = { variable: variableOf(item, rules.dump), ...named, items: [item] };
  if (item.options === undefined || !(item.isRepeating || isTicked(item, question, rules))) {
    return [{ ...question, name: question.variable }];
  }
  return item.options.list.map(({ coding }) => ({
    ...question,
    name: columnOfOption(question, coding, rules),
    option: `${coding.system ?? ''}|${coding.code ?? ''}`,
  }));
}

/** A column of its own for each answer, which the old code names. */
function isTicked(item: FormItem, question: Question, { codes, solution }: Rules): boolean {
  const list = item.options?.list ?? [];
  return (
    solution.checkboxes === 'named' &&
    list.length > 0 &&
    list.every(({ coding }) => isColumnName(codes.toOld(question, coding), coding))
  );
}

const isColumnName = (old: string, { code }: Coding): boolean =>
  old !== code && /^[A-Za-z][A-Za-z_]{2}\w*$/.test(old);

function columnOfOption(question: Question, coding: Coding, { codes, solution }: Rules): string {
  const old = codes.toOld(question, coding);
  const isWhole =
    old.startsWith(`${question.variable}_`) || (solution.checkboxes === 'named' && isColumnName(old, coding));
  return isWhole ? old : `${question.variable}_${columnPart(old)}`;
}

const columnPart = (code: string): string => code.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_');

/** The variable name that a question carries, else its linkId. */
export const variableOf = ({ source, linkId }: FormItem, { variables }: DumpRules): string =>
  source.code?.find(({ system }) => variables.includes(system ?? ''))?.code ?? columnPart(linkId);
