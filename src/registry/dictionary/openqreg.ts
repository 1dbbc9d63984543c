/** The code book of OpenQReg [klokebok]: one line for each answer of a variable, 27 columns. */
import { isoDate, norwegianDate } from './dates.ts';
import {
  type BookRow,
  type CodeBook,
  type CodedAnswer,
  isTyped,
  NO_RANGE,
  type Range,
  requireColumns,
  strangeColumns,
  type Undecided,
  type Variable,
  type VariableType,
} from './variable.ts';

export const OPENQREG_COLUMNS = [
  'skjemanavn',
  'navn_i_rapporteket',
  'ledetekst',
  'obligatorisk',
  'type',
  'listeverdier',
  'listetekst',
  'normalintervall_start_numerisk',
  'normalintervall_slutt_numerisk',
  'maksintervall_start_numerisk',
  'maksintervall_slutt_numerisk',
  'normalintervall_start_dato',
  'normalintervall_slutt_dato',
  'maksintervall_start_dato',
  'maksintervall_slutt_dato',
  'antall_tegn',
  'lovlige_tegn',
  'desimaler',
  'aktiveringsspoersmaal',
  'underspoersmaal',
  'innfoert_dato',
  'utfaset_dato',
  'tabell',
  'fysisk_feltnavn',
  'kommentar',
  'variabel_id',
  'hjelpetekst',
] as const;
type Column = (typeof OPENQREG_COLUMNS)[number];
type Cells = Readonly<Record<Column, string>>;

const NEEDED: readonly Column[] = ['skjemanavn', 'ledetekst', 'type', 'fysisk_feltnavn'];

const TYPES: Readonly<Record<string, VariableType>> = {
  datovariabel: 'date',
  listevariabel: 'list',
  avkrysningsboks: 'checkbox',
  tallvariabel: 'number',
  tekstvariabel: 'text',
  'liten tekstvariabel': 'text',
  'stor tekstvariabel': 'long-text',
  'skjult variabel': 'hidden',
};

const TYPE_NAMES: Readonly<Record<VariableType, string>> = {
  date: 'Datovariabel',
  list: 'Listevariabel',
  checkbox: 'Avkrysningsboks',
  integer: 'Tallvariabel',
  decimal: 'Tallvariabel',
  number: 'Tallvariabel',
  text: 'Tekstvariabel',
  'long-text': 'Stor tekstvariabel',
  hidden: 'Skjult variabel',
};

/** What the form has no place for, and is kept beside the question. */
const KEPT: readonly Column[] = [
  'navn_i_rapporteket',
  'lovlige_tegn',
  'aktiveringsspoersmaal',
  'underspoersmaal',
  'innfoert_dato',
  'utfaset_dato',
  'kommentar',
];

/** Read the lines. Throws CodeBookError when it is no such book. */
export function readOpenQReg(head: readonly string[], rows: readonly BookRow[]): CodeBook {
  requireColumns(head, NEEDED, 'OpenQReg');
  const undecided: Undecided[] = [...strangeColumns(head, OPENQREG_COLUMNS)];
  const named = rows.flatMap((row) => {
    const cells = cellsOf(row);
    const name = cells.fysisk_feltnavn.trim() || cells.variabel_id.trim();
    if (name === '') {
      undecided.push({
        line: row.line,
        column: 'fysisk_feltnavn',
        variable: cells.ledetekst,
        why: 'The line has no name of a variable and was left out.',
      });
    }
    return name === '' ? [] : [{ line: row.line, cells, name }];
  });
  const groups = Map.groupBy(named, ({ cells, name }) =>
    JSON.stringify([cells.skjemanavn, cells.tabell, name]),
  );
  const variables = [...groups.values()].map((lines) => variableOf(lines, undecided));
  return { variables, undecided };
}

interface NamedLine {
  readonly line: number;
  readonly cells: Cells;
  readonly name: string;
}

const cellsOf = ({ cells }: BookRow): Cells =>
  Object.fromEntries(OPENQREG_COLUMNS.map((name) => [name, cells[name] ?? ''])) as Cells;

function variableOf(lines: readonly NamedLine[], undecided: Undecided[]): Variable {
  const [{ line, cells, name }] = lines as readonly [NamedLine, ...NamedLine[]];
  const say = (column: Column, why: string, at = line): void => {
    undecided.push({ line: at, column, variable: name, why });
  };
  sayDifferences(lines, say);
  const found = TYPES[cells.type.trim().toLowerCase()];
  if (found === undefined) {
    say('type', `The type "${cells.type}" is not known; it is read as a text.`);
  }
  const decimals = whole(cells.desimaler);
  const isOfNumbers = found === 'number';
  const type = isOfNumbers ? numberType(decimals) : (found ?? 'text');
  if (type === 'number') {
    say('desimaler', 'The number of decimals is not told; any number is taken.');
  }
  const answers = answersOf(lines, say);
  const hasLength = isTyped({ type, answers });
  const maxLength = hasLength ? whole(cells.antall_tegn) : undefined;
  return {
    form: cells.skjemanavn.trim(),
    table: cells.tabell.trim(),
    name,
    text: cells.ledetekst.trim(),
    help: cells.hjelpetekst.trim(),
    type,
    isMandatory: isYes(cells.obligatorisk),
    answers,
    usual: rangeOf(cells, 'normalintervall', type, say),
    limits: rangeOf(cells, 'maksintervall', type, say),
    ...(maxLength !== undefined && { maxLength }),
    ...(decimals !== undefined && { decimals }),
    columns: {
      ...kept(cells, KEPT),
      ...(cells.variabel_id.trim() !== idOf(cells.tabell.trim(), name) && kept(cells, ['variabel_id'])),
      ...(!hasLength && kept(cells, ['antall_tegn'])),
      ...(found === undefined && kept(cells, ['type'])),
    },
    line,
  };
}

/** Ids of variables are the table and the name. */
const idOf = (table: string, name: string): string => `${table}_${name}`.toUpperCase();

type Say = (column: Column, why: string, line?: number) => void;

const kept = (cells: Cells, columns: readonly Column[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    columns.map((column) => [column, cells[column].trim()]).filter(([, cell]) => cell !== ''),
  );

const isYes = (cell: string): boolean => cell.trim().toLowerCase() === 'ja';

const whole = (cell: string): number | undefined =>
  /^\d+$/.test(cell.trim()) ? Number(cell.trim()) : undefined;

const numberType = (decimals: number | undefined): VariableType => {
  if (decimals === undefined) {
    return 'number';
  }
  return decimals === 0 ? 'integer' : 'decimal';
};

/** The lines of one variable differ in their answers alone. */
function sayDifferences([first, ...others]: readonly NamedLine[], say: Say): void {
  const own = OPENQREG_COLUMNS.filter((column) => column !== 'listeverdier' && column !== 'listetekst');
  for (const { line, cells } of others) {
    own
      .filter((column) => cells[column] !== first?.cells[column])
      .forEach((column) =>
        say(
          column,
          `The line says "${cells[column]}", the first of the variable "${first?.cells[column] ?? ''}"; the first counts.`,
          line,
        ),
      );
  }
}

function answersOf(lines: readonly NamedLine[], say: Say): readonly CodedAnswer[] {
  const seen = new Map<string, CodedAnswer>();
  for (const { line, cells } of lines) {
    const code = cells.listeverdier.trim();
    const text = cells.listetekst.trim();
    const before = seen.get(code);
    if (code === '' && text !== '') {
      say('listeverdier', `The answer "${text}" has no code and was left out.`, line);
    } else if (before !== undefined && before.text !== (text || code)) {
      say('listeverdier', `The code ${code} stands twice; "${text}" was left out.`, line);
    } else if (code !== '') {
      seen.set(code, before ?? { code, text: text || code });
    }
  }
  return [...seen.values()];
}

type Interval = 'normalintervall' | 'maksintervall';

function rangeOf(cells: Cells, interval: Interval, type: VariableType, say: Say): Range {
  const own = type === 'date' ? 'dato' : 'numerisk';
  const other = type === 'date' ? 'numerisk' : 'dato';
  const takesRange = ['date', 'integer', 'decimal', 'number'].includes(type);
  const cell = (end: 'start' | 'slutt', kind: 'dato' | 'numerisk'): string => {
    const column = `${interval}_${end}_${kind}` as Column;
    const value = cells[column].trim();
    if (value === '') {
      return '';
    }
    const read = takesRange && kind === own ? limitOf(value, kind) : undefined;
    if (read === undefined) {
      const why =
        takesRange && kind === own ? 'is no limit that can be read' : 'says nothing about this type';
      say(column, `"${value}" ${why} and was left out.`);
    }
    return read ?? '';
  };
  (['start', 'slutt'] as const).forEach((end) => cell(end, other));
  return takesRange ? { low: cell('start', own), high: cell('slutt', own) } : (sayBoth(cell, own), NO_RANGE);
}

const sayBoth = (
  cell: (end: 'start' | 'slutt', kind: 'dato' | 'numerisk') => string,
  kind: 'dato' | 'numerisk',
): void => (['start', 'slutt'] as const).forEach((end) => void cell(end, kind));

function limitOf(value: string, kind: 'dato' | 'numerisk'): string | undefined {
  if (kind === 'dato') {
    return value.toLowerCase() === 'today' ? 'today' : isoDate(value);
  }
  const number = Number(value.replace(',', '.'));
  return Number.isFinite(number) ? String(number) : undefined;
}

/** The lines of the book, without the first: a variable has one for each of its answers. */
export const openQRegRows = (variables: readonly Variable[]): readonly (readonly string[])[] =>
  variables.flatMap((variable) =>
    (variable.answers.length === 0 ? [undefined] : variable.answers).map((answer) => {
      const cells = { ...cellsOfVariable(variable), ...answerCells(answer) };
      return OPENQREG_COLUMNS.map((column) => cells[column] ?? '');
    }),
  );

const answerCells = (answer: CodedAnswer | undefined): Partial<Cells> =>
  answer === undefined ? {} : { listeverdier: answer.code, listetekst: answer.text };

function cellsOfVariable(variable: Variable): Partial<Cells> {
  const { columns, type, usual, limits } = variable;
  const kind = type === 'date' ? 'dato' : 'numerisk';
  const written = (limit: string): string =>
    type === 'date' && limit !== 'today' ? norwegianDate(limit) : limit;
  return {
    ...(columns as Partial<Cells>),
    skjemanavn: variable.form,
    ledetekst: variable.text,
    obligatorisk: variable.isMandatory ? 'Ja' : 'Nei',
    type: columns['type'] ?? TYPE_NAMES[type],
    [`normalintervall_start_${kind}`]: written(usual.low),
    [`normalintervall_slutt_${kind}`]: written(usual.high),
    [`maksintervall_start_${kind}`]: written(limits.low),
    [`maksintervall_slutt_${kind}`]: written(limits.high),
    antall_tegn: columns['antall_tegn'] ?? text(variable.maxLength),
    desimaler: text(variable.decimals),
    aktiveringsspoersmaal: columns['aktiveringsspoersmaal'] ?? 'Nei',
    underspoersmaal: columns['underspoersmaal'] ?? 'Nei',
    tabell: variable.table,
    fysisk_feltnavn: variable.name,
    variabel_id: columns['variabel_id'] ?? idOf(variable.table, variable.name),
    hjelpetekst: variable.help,
  };
}

const text = (value: number | undefined): string => (value === undefined ? '' : String(value));
