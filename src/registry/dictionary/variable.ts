/**
 * A variable of a register as a code book [klokebok, kodebok] tells of it, whichever of the old solutions the book comes from.
 */

export type VariableType =
  'date' | 'list' | 'checkbox' | 'integer' | 'decimal' | 'number' | 'text' | 'long-text' | 'hidden';

/** Numbers or ISO dates as text; `today` is a date. Empty: no limit. */
export interface Range {
  readonly low: string;
  readonly high: string;
}

export interface CodedAnswer {
  readonly code: string;
  readonly text: string;
}

export interface Variable {
  /** Name of the form, as the book has it. */
  readonly form: string;
  readonly table: string;
  /** Name of the column in the data dump. */
  readonly name: string;
  readonly text: string;
  readonly help: string;
  readonly type: VariableType;
  readonly isMandatory: boolean;
  readonly answers: readonly CodedAnswer[];
  /** The code that stands for no answer, where the solution has one among the answers. */
  readonly unanswered?: CodedAnswer;
  /** Outside of this a value is asked about. */
  readonly usual: Range;
  /** Outside of this a value is refused. */
  readonly limits: Range;
  readonly maxLength?: number;
  readonly decimals?: number;
  /** What the book says besides, by the name of its column. */
  readonly columns: Readonly<Record<string, string>>;
  /** Line of the file; 0 when it comes from no file. */
  readonly line: number;
}

/** Is it typed, so that it has a length? A list without values is. */
export const isTyped = ({ type, answers }: Pick<Variable, 'type' | 'answers'>): boolean =>
  type === 'text' || type === 'long-text' || (type === 'list' && answers.length === 0);

/** Something that the book does not say, or says in a way that cannot be taken as it is. */
export interface Undecided {
  readonly line: number;
  readonly column: string;
  readonly variable: string;
  readonly why: string;
}

export interface CodeBook {
  readonly variables: readonly Variable[];
  readonly undecided: readonly Undecided[];
}

/** One line of the file: cells by the name of the column, as the first line has it. */
export interface BookRow {
  readonly line: number;
  readonly cells: Readonly<Record<string, string>>;
}

/** The file is no code book of this kind. */
export class CodeBookError extends Error {
  override readonly name = 'CodeBookError';
}

export const NO_RANGE: Range = { low: '', high: '' };

/** Throws CodeBookError when the first line lacks columns that the book cannot do without. */
export function requireColumns(head: readonly string[], needed: readonly string[], kind: string): void {
  const missing = needed.filter((name) => !head.includes(name));
  if (missing.length > 0) {
    throw new CodeBookError(
      `This is no ${kind} code book: the first line has no ${missing.join(', ')}. It has: ${head.join(', ') || 'nothing'}.`,
    );
  }
}

/** Columns of the first line that nobody reads, and columns that are not there. */
export const strangeColumns = (head: readonly string[], known: readonly string[]): readonly Undecided[] => [
  ...head
    .filter((name) => !known.includes(name))
    .map((column) => ({ line: 1, column, variable: '', why: 'The column is not known and was left out.' })),
  ...known
    .filter((name) => !head.includes(name))
    .map((column) => ({ line: 1, column, variable: '', why: 'The file does not have this column.' })),
];
