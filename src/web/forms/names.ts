/**
 * Names of form fields: the way from the root to an item, so that a plain HTML POST can be read back.
 * `q/dato` is one item; `q/opioider:r2/dose` is the item in the row whose element id is `r2`.
 * Rows are named by id, not by position: deleting row one does not rename row two, neither here nor on the server.
 */

/** One repetition of a repeating group on the way to an item. */
export interface RowStep {
  readonly linkId: string;
  readonly row: string;
}

/** Where an item is: the rows it lies in, outermost first, and its linkId. */
export interface FieldPath {
  readonly rows: readonly RowStep[];
  readonly linkId: string;
}

const PREFIX = 'q/';

/** Path → name of the field and id of its element. */
export function nameOf({ rows, linkId }: FieldPath): string {
  return PREFIX + [...rows.map(stepName), escape(linkId)].join('/');
}

/** Name of one row as a whole: `q/opioider:r2`. */
export function rowName(rows: readonly RowStep[]): string {
  return PREFIX + rows.map(stepName).join('/');
}

/** Name → path; undefined for anything that `nameOf` does not write. */
export function parseName(name: string): FieldPath | undefined {
  const steps = readSteps(name);
  const last = steps?.at(-1);
  if (steps === undefined || last === undefined || last.row !== undefined) {
    return undefined;
  }
  const rows = steps.slice(0, -1);
  return rows.every(isRow) ? { rows, linkId: last.linkId } : undefined;
}

/** Name of a row → its steps; undefined for anything that `rowName` does not write. */
export function parseRowName(name: string): readonly RowStep[] | undefined {
  const steps = readSteps(name);
  return steps !== undefined && steps.length > 0 && steps.every(isRow) ? steps : undefined;
}

interface Step {
  readonly linkId: string;
  readonly row?: string;
}

const isRow = (step: Step): step is RowStep => step.row !== undefined;

function readSteps(name: string): readonly Step[] | undefined {
  if (!name.startsWith(PREFIX)) {
    return undefined;
  }
  const steps = name.slice(PREFIX.length).split('/').map(readStep);
  return steps.every((step) => step !== undefined) ? steps : undefined;
}

function readStep(text: string): Step | undefined {
  const [linkId, row, ...rest] = text.split(':').map(unescape);
  if (linkId === undefined || linkId === '' || rest.length > 0 || row === '') {
    return undefined;
  }
  return row === undefined ? { linkId } : { linkId, row };
}

const stepName = ({ linkId, row }: RowStep): string => `${escape(linkId)}:${escape(row)}`;

const escape = (text: string): string => text.replace(/[%/:\s"'#?&=]/g, encodeCharacter);

const encodeCharacter = (character: string): string =>
  [...new TextEncoder().encode(character)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');

function unescape(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
