/**
 * What the rows of a pathway say, before anything is looked up: cells in the words of the forms, with every correction; or why they
 * are refused. Pure but for reading the rows.
 */
import type { EpisodeOfCare, JsonObject } from '../../fhir/types.ts';
import { readCell } from '../../registry/dump/read-cell.ts';
import type { DumpColumn, DumpTable } from '../../registry/dump/shape.ts';
import type { FormState } from '../../registry/dump/solution.ts';
import type { Cells } from '../../registry/dump/to-cells.ts';
import { readMoment } from '../../registry/dump/written.ts';
import type { Gathered } from './gather.ts';
import type { PlanDeps } from './load-deps.ts';
import { readPerson } from './read-person.ts';
import { RowNotes } from './row-notes.ts';
import type { SourceRow } from './source.ts';
import type { DumpLayout } from './tables.ts';

/** A form as the dump has it. */
export interface FormPlan {
  readonly table: DumpTable;
  readonly row: SourceRow;
  readonly cells: Cells;
  /** Rows of its groups, by linkId. */
  readonly rows: ReadonlyMap<string, readonly Cells[]>;
  readonly status: Exclude<FormState, 'none'>;
  readonly authored: string;
  readonly reason: string;
  readonly guid: string;
}

export interface PathwayPlan {
  readonly gathered: Gathered;
  readonly notes: RowNotes;
  /** The person as the dump has them. */
  readonly person: JsonObject;
  readonly unit: string;
  readonly status: string;
  readonly start: string;
  readonly end: string;
  readonly withdrawn: string;
  readonly forms: readonly FormPlan[];
}

const STATUSES: readonly string[] = [
  'planned',
  'waitlist',
  'active',
  'onhold',
  'finished',
  'cancelled',
  'entered-in-error',
] satisfies readonly EpisodeOfCare['status'][];

/** Undefined rows are none; what is wrong is in the notes. */
export function planPathway(gathered: Gathered, deps: PlanDeps): PathwayPlan {
  const { layout } = deps;
  const { columns, kind } = layout.solution;
  const notes = new RowNotes();
  const lines = readRows(gathered, deps, notes);
  const { main } = gathered;
  const line = lines.get(main) ?? {};
  if (kind === 'openqreg') {
    requireNumber(notes, main, columns.pathway, main.key);
    requireNumber(notes, main, columns.person, gathered.person);
  } else if (main.key === '' || gathered.person === '') {
    notes.refuse(main, {
      column: main.key === '' ? columns.form : columns.person,
      rule: 'key-missing',
      why: 'The row says of no pathway, or of no person, that it is theirs.',
    });
  }
  const forms = planForms(gathered, deps, notes, lines);
  const own = forms.find(({ table }) => table === gathered.module.pathways);
  const moment = (column: string): string => readAsMoment(line, column, main, layout, notes);
  const status = line[columns.pathwayStatus]?.trim() ?? '';
  if (status !== '' && !STATUSES.includes(status)) {
    notes.refuse(main, {
      column: columns.pathwayStatus,
      old: status,
      rule: 'pathway-status',
      why: `"${status}" is no state of a pathway: ${STATUSES.join(', ')}.`,
    });
  }
  return {
    gathered,
    notes,
    person: readPerson(gathered, deps, notes, line),
    unit: unitOf(line, main, deps, notes),
    status: status === '' ? usualStatus(own) : status,
    start: moment(columns.start) || (own?.authored ?? ''),
    end: moment(columns.end),
    withdrawn: moment(columns.withdrawn),
    forms,
  };
}

/** A pathway that the old solution gives no state is over when its first form is locked. */
const usualStatus = (own: FormPlan | undefined): string =>
  own === undefined || own.status === 'in-progress' ? 'active' : 'finished';

function readRows({ rows }: Gathered, { source }: PlanDeps, notes: RowNotes): ReadonlyMap<SourceRow, Cells> {
  const lines = new Map<SourceRow, Cells>();
  for (const [table, own] of rows) {
    for (const row of own) {
      const { cells, problem } = source.tables.get(table)?.read(row) ?? { cells: {} };
      lines.set(row, cells);
      if (problem !== undefined) {
        notes.refuse(row, { rule: 'row-form', why: problem });
      }
    }
  }
  return lines;
}

function requireNumber(notes: RowNotes, row: SourceRow, column: string, value: string): void {
  if (!/^[1-9]\d{0,14}$/.test(value)) {
    const why = `${column} must be a whole number, not "${value}".`;
    notes.refuse(row, { column, old: value, rule: 'dump-number', why });
  }
}

function readAsMoment(
  line: Cells,
  column: string,
  row: SourceRow,
  { solution }: DumpLayout,
  notes: RowNotes,
): string {
  const text = (line[column] ?? '').trim();
  const read = text === '' ? { value: '' } : readMoment(text, solution);
  if (read === undefined) {
    notes.refuse(row, { column, old: text, rule: 'date', why: `"${text}" is no moment of the calendar.` });
    return '';
  }
  notes.correct(row, column, undefined, text, read);
  return read.value;
}

function unitOf(line: Cells, row: SourceRow, { layout, centres }: PlanDeps, notes: RowNotes): string {
  const column = layout.solution.columns.unit;
  const number = (line[column] ?? '').trim();
  const unit = centres.get(number);
  if (unit === undefined) {
    const near = [...centres.keys()].filter((known) => /^\d+$/.test(known)).slice(0, 5);
    notes.refuse(row, {
      column,
      old: number,
      rule: 'unit-unknown',
      why: `No department here has the RESH id "${number}". There are ${near.join(', ')}${centres.size > 10 ? ' …' : ''}.`,
    });
  }
  return unit ?? '';
}

/** The forms that the dump has of the pathway, in the order of the schedule. */
function planForms(
  gathered: Gathered,
  deps: PlanDeps,
  notes: RowNotes,
  lines: ReadonlyMap<SourceRow, Cells>,
): readonly FormPlan[] {
  const plans = gathered.module.tables.flatMap((table) => {
    const rows = table.group === undefined ? (gathered.rows.get(table) ?? []) : [];
    const [row, ...others] = rows;
    others.forEach((other) => refuseSecond(notes, other, row));
    return row === undefined ? [] : planForm(table, row, { gathered, deps, notes, lines });
  });
  refuseVersions(plans, notes);
  return plans;
}

/** A form is answered in one version of it; the tables of another one have no row of the pathway. */
function refuseVersions(plans: readonly FormPlan[], notes: RowNotes): void {
  const byForm = Map.groupBy(plans, ({ table: { form, planned = '' } }) =>
    [form.questionnaire.url, planned].join('@'),
  );
  for (const [first, ...others] of byForm.values()) {
    others.forEach(({ row }) =>
      notes.refuse(row, {
        rule: 'form-twice',
        why: `The pathway has this form already, in another version: ${first?.table.name ?? ''}, line ${first?.row.line ?? 0}.`,
      }),
    );
  }
}

/** The same row twice says nothing new; another one cannot be told from the first. */
function refuseSecond(notes: RowNotes, other: SourceRow, first: SourceRow | undefined): void {
  if (first !== undefined && other.bytes.equals(first.bytes)) {
    notes.repeat(other, `It is the row of line ${first.line} once more.`);
    return;
  }
  notes.refuse(other, {
    rule: 'form-twice',
    why: `The pathway has this form already, in line ${first?.line ?? 0}, with other answers.`,
  });
}

interface Planning {
  readonly gathered: Gathered;
  readonly deps: PlanDeps;
  readonly notes: RowNotes;
  readonly lines: ReadonlyMap<SourceRow, Cells>;
}

function planForm(table: DumpTable, row: SourceRow, planning: Planning): readonly FormPlan[] {
  const { deps, notes, lines, gathered } = planning;
  const { solution } = deps.layout;
  const { columns, states } = solution;
  const line = lines.get(row) ?? {};
  const state = (line[columns.status] ?? '').trim();
  const status = state === '' ? 'none' : states[state];
  const cells = readCells(table, row, planning);
  if (status === undefined) {
    const why = `"${state}" is no state of a form: ${Object.keys(states).join(', ')}.`;
    notes.refuse(row, { column: columns.status, old: state, rule: 'form-state', why });
    return [];
  }
  const groups = gathered.module.tables.filter(
    (each) => isOfSameForm(each, table) && each.group !== undefined,
  );
  const inGroups = groups.flatMap((each) => gathered.rows.get(each) ?? []);
  if (status === 'none') {
    const isAnswered = inGroups.length > 0 || Object.values(cells).some((cell) => cell !== '');
    if (isAnswered) {
      notes.refuse(row, {
        column: columns.status,
        old: state,
        rule: 'form-state',
        why: 'The form has answers and no state: a form that was never saved has none.',
      });
    }
    return [];
  }
  const rows = new Map(groups.map((each) => [each.group?.linkId ?? '', groupRows(each, planning)] as const));
  const authored = readAsMoment(line, columns.authored, row, deps.layout, notes);
  const reason = (line[columns.reason] ?? '').trim();
  const guid = columns.form === '' ? '' : (line[columns.form] ?? '').trim();
  return [{ table, row, cells, rows, status, authored, reason, guid }];
}

export const isOfSameForm = (one: DumpTable, other: DumpTable): boolean =>
  one.form === other.form && one.planned === other.planned;

function groupRows(table: DumpTable, planning: Planning): readonly Cells[] {
  const { gathered, lines, deps } = planning;
  const { row: numbered } = deps.layout.solution.columns;
  const own = gathered.rows.get(table) ?? [];
  const place = (row: SourceRow): number => Number(lines.get(row)?.[numbered] ?? 0) || 0;
  return own.toSorted((a, b) => place(a) - place(b)).map((row) => readCells(table, row, planning));
}

function readCells(table: DumpTable, row: SourceRow, { deps, notes, lines }: Planning): Cells {
  const line = lines.get(row) ?? {};
  const read: Record<string, string> = {};
  for (const column of table.columns) {
    const cell = line[column.name];
    if (cell !== undefined && cell !== '') {
      read[column.name] = readOne(cell, column, row, deps, notes);
    }
  }
  return read;
}

function readOne(
  cell: string,
  column: DumpColumn,
  row: SourceRow,
  { layout }: PlanDeps,
  notes: RowNotes,
): string {
  const reading = readCell(cell, column, layout);
  const element = column.items.map(({ linkId }) => linkId).join(' ');
  if (reading.problem !== undefined) {
    notes.refuse(row, { column: column.name, element, old: cell, rule: 'value', why: reading.problem });
    return '';
  }
  notes.correct(row, column.name, element, cell, reading);
  return reading.value;
}
