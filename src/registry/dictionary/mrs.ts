/** The code book of MRS [kodebok]: a file for each form, a line for each variable, and below it a line for each of its answers. */
import {
  type BookRow,
  type CodeBook,
  type CodedAnswer,
  NO_RANGE,
  requireColumns,
  strangeColumns,
  type Undecided,
  type Variable,
  type VariableType,
} from './variable.ts';

export const MRS_COLUMNS = [
  'Feltnavn',
  'Variabelnavn',
  'Felttype',
  'Obligatorisk',
  'DataDumpnavn',
  'Gyldighet',
] as const;

const TYPES: Readonly<Record<string, VariableType>> = {
  'dato/tid': 'date',
  dato: 'date',
  avkrysning: 'checkbox',
  'numerisk (heltall)': 'integer',
  'numerisk (flyttall)': 'decimal',
  enum: 'list',
  text: 'text',
  tekst: 'text',
};

const TYPE_NAMES: Readonly<Record<VariableType, string>> = {
  date: 'Dato/Tid',
  checkbox: 'Avkrysning',
  integer: 'Numerisk (heltall)',
  decimal: 'Numerisk (flyttall)',
  number: 'Numerisk (flyttall)',
  list: 'Enum',
  text: 'Text',
  'long-text': 'Text',
  hidden: 'Text',
};

/** Answers that say that there is none. */
const UNANSWERED = /^ikke (svart|besvart|utfylt|fylt ut)\.?$/i;
/** The codes that they have; "Ikke besvart" may also be an answer, such as a reason. */
const UNANSWERED_CODE = /^(0|9|99|-\d+)$/;
/** `1 = Ja`; what has no sign of equality is one text. */
const ANSWER = /^\s*([^=\s][^=]*?)\s*=\s*(.*)$/s;

interface Entry {
  readonly row: BookRow;
  readonly answers: CodedAnswer[];
}

/** Read the lines of one form. Throws CodeBookError when it is no such book. */
export function readMrs(form: string, head: readonly string[], rows: readonly BookRow[]): CodeBook {
  requireColumns(head, ['Feltnavn', 'Variabelnavn', 'Felttype'], 'MRS');
  const undecided: Undecided[] = [...strangeColumns(head, MRS_COLUMNS)];
  const entries: Entry[] = [];
  for (const row of rows) {
    const last = entries.at(-1);
    if (cell(row, 'Felttype') !== '') {
      entries.push({ row, answers: [] });
    } else {
      takeAnswer(row, last, undecided);
    }
  }
  const variables = entries.map((entry) => variableOf(form, entry, undecided));
  return { variables: withoutTwins(variables, undecided), undecided };
}

const cell = ({ cells }: BookRow, column: (typeof MRS_COLUMNS)[number]): string =>
  (cells[column] ?? '').trim();

function takeAnswer(row: BookRow, last: Entry | undefined, undecided: Undecided[]): void {
  const written = cell(row, 'Variabelnavn');
  const [, code = '', text = ''] = ANSWER.exec(written) ?? [];
  const say = (why: string): void => {
    undecided.push({
      line: row.line,
      column: 'Variabelnavn',
      variable: last === undefined ? '' : nameOf(last.row),
      why,
    });
  };
  if (last === undefined || code === '') {
    say(`"${written}" is neither a variable nor an answer ("1 = Ja") and was left out.`);
  } else if (last.answers.some((answer) => answer.code === code)) {
    say(`The code ${code} stands twice; "${text.trim()}" was left out.`);
  } else {
    last.answers.push({ code, text: text.trim() || code });
  }
}

const nameOf = (row: BookRow): string => cell(row, 'DataDumpnavn') || cell(row, 'Variabelnavn');

function variableOf(form: string, { row, answers }: Entry, undecided: Undecided[]): Variable {
  const name = nameOf(row);
  const say = (column: string, why: string): void => {
    undecided.push({ line: row.line, column, variable: name, why });
  };
  const written = cell(row, 'Felttype');
  const type = TYPES[written.toLowerCase()];
  if (type === undefined) {
    say('Felttype', `The type "${written}" is not known; it is read as a text.`);
  }
  if (written.toLowerCase() === 'dato/tid') {
    say('Felttype', 'A time of day is not told apart from a date; it is read as a date.');
  }
  const unanswered = answers.find(({ code, text }) => UNANSWERED.test(text) && UNANSWERED_CODE.test(code));
  const path = cell(row, 'Variabelnavn');
  const validity = cell(row, 'Gyldighet');
  return {
    form,
    table: form,
    name,
    text: cell(row, 'Feltnavn') || name,
    help: '',
    type: type ?? 'text',
    isMandatory: cell(row, 'Obligatorisk').toLowerCase() === 'ja',
    answers: answers.filter((answer) => answer !== unanswered),
    ...(unanswered !== undefined && { unanswered }),
    usual: NO_RANGE,
    limits: NO_RANGE,
    ...(type === 'integer' && { decimals: 0 }),
    columns: {
      ...(path !== name && { Variabelnavn: path }),
      ...(validity !== '' && { Gyldighet: validity }),
      ...(type === undefined && { Felttype: written }),
    },
    line: row.line,
  };
}

/** A name may stand once in a form. */
function withoutTwins(variables: readonly Variable[], undecided: Undecided[]): readonly Variable[] {
  const seen = new Set<string>();
  return variables.filter(({ name, line }) => {
    if (seen.has(name)) {
      undecided.push({
        line,
        column: 'DataDumpnavn',
        variable: name,
        why: 'The name stands twice in the form; the second was left out.',
      });
      return false;
    }
    seen.add(name);
    return true;
  });
}

/** The lines of one form's book, without the first. */
export const mrsRows = (variables: readonly Variable[]): readonly (readonly string[])[] =>
  variables.flatMap((variable) => {
    const { columns, unanswered, answers } = variable;
    const codes = [...(unanswered === undefined ? [] : [unanswered]), ...answers];
    return [
      [
        variable.text,
        columns['Variabelnavn'] ?? variable.name,
        columns['Felttype'] ?? (codes.length > 0 ? 'Enum' : TYPE_NAMES[variable.type]),
        variable.isMandatory ? 'Ja' : 'Nei',
        variable.name,
        columns['Gyldighet'] ?? 'v1.0',
      ],
      ...codes.map(({ code, text }) => ['', `${code} = ${text}`, '', '', '', '']),
    ];
  });
