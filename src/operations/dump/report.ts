/**
 * The report of a dump that is read in: a line for every row of every file, as JSON or as a spreadsheet reads it, written as it comes.
 * Rows are counted once each, so that the totals are those of the files.
 */
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { RULES, type Rule } from '../../registry/dump/read-cell.ts';
import { stringify } from 'csv-stringify/sync';
import type { SourceRow, TableFile } from './source.ts';

export const OUTCOMES = ['taken', 'corrected', 'unchanged', 'refused'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** One thing that is told of a row: a value that was corrected, or why the row was refused. */
export interface Finding {
  readonly column?: string;
  /** linkId of the question, or the element. */
  readonly element?: string;
  readonly old?: string;
  readonly new?: string;
  /** Rule of the correction, or of the refusal. */
  readonly rule: string;
  readonly why: string;
}

export interface RowReport {
  readonly table: string;
  readonly line: number;
  readonly key: string;
  readonly outcome: Outcome;
  readonly findings: readonly Finding[];
}

/** Where lines go to. */
export interface ReportSink extends AsyncDisposable {
  write(report: RowReport): Promise<void>;
}

export const correction = (
  column: string,
  element: string | undefined,
  old: string,
  value: string,
  rule: Rule,
): Finding => ({
  column,
  ...(element !== undefined && { element }),
  old,
  new: value,
  rule,
  why: RULES[rule],
});

/** Lines of a file: `.csv` for a spreadsheet, else JSON. The file must be new: a report is never written over. */
export function reportFile(path: string): ReportSink {
  const file = createWriteStream(path, { mode: 0o600, flags: 'wx' });
  const asLine = path.endsWith('.csv') ? csvLine : jsonLine;
  const isOpen = once(file, 'open');
  isOpen.catch(() => undefined); // it is awaited by the first line
  let isBegun = false;
  let failure: Error | undefined;
  file.on('error', (cause) => (failure = cause));
  const put = async (text: string): Promise<void> => {
    if (failure !== undefined) {
      throw failure; // no room on the disk, say: what cannot be told is not read in
    }
    if (!file.write(text)) {
      await once(file, 'drain');
    }
  };
  return {
    async write(report) {
      if (!isBegun) {
        isBegun = true;
        await isOpen;
        await put(path.endsWith('.csv') ? `\uFEFF${CSV_HEAD}` : '');
      }
      await put(asLine(report));
    },
    async [Symbol.asyncDispose]() {
      if (failure === undefined) {
        file.end();
        await once(file, 'close');
      }
    },
  };
}

/** For those who want the totals alone. */
export const noReport: ReportSink = {
  write: () => Promise.resolve(),
  [Symbol.asyncDispose]: () => Promise.resolve(),
};

const jsonLine = (report: RowReport): string => `${JSON.stringify(report)}\n`;

const CSV = ['table', 'line', 'key', 'outcome', 'column', 'element', 'old', 'new', 'rule', 'why'] as const;
const CSV_HEAD = stringify([[...CSV]], { delimiter: ';' });

/** Several findings of a row stand in one line, each on a line of its own in the cells. */
function csvLine({ findings, ...row }: RowReport): string {
  const cells = CSV.map((name) =>
    name in row
      ? String(row[name as keyof typeof row])
      : findings.map((finding) => finding[name as keyof Finding] ?? '').join('\n'),
  );
  return stringify([cells], { delimiter: ';', escape_formulas: true });
}

/** Rows of the files by outcome. */
export type Totals = Readonly<Record<Outcome, number>>;

/** Tells each row once. */
export class Reporter {
  private readonly sink: ReportSink;
  private readonly told = new Map<string, Uint8Array>();
  private readonly counts = new Map<string, Record<Outcome, number>>();

  constructor(sink: ReportSink, files: readonly TableFile[]) {
    this.sink = sink;
    for (const { name, count } of files) {
      this.told.set(name, new Uint8Array(count));
      this.counts.set(name, { taken: 0, corrected: 0, unchanged: 0, refused: 0 });
    }
  }

  isTold(table: string, row: number): boolean {
    return this.told.get(table)?.[row] === 1;
  }

  /** A row that is told already is not told again: a person's, with the second pathway. */
  async tell(row: SourceRow, outcome: Outcome, findings: readonly Finding[] = []): Promise<void> {
    const told = this.told.get(row.table);
    const counts = this.counts.get(row.table);
    if (told === undefined || counts === undefined || told[row.row] === 1) {
      return;
    }
    told[row.row] = 1;
    counts[outcome] += 1;
    const { table, line, key } = row;
    await this.sink.write({ table, line, key, outcome, findings });
  }

  byTable(): ReadonlyMap<string, Totals> {
    return this.counts;
  }

  totals(): Totals {
    const all = [...this.counts.values()];
    const sum = (outcome: Outcome): number => all.reduce((total, each) => total + each[outcome], 0);
    return {
      taken: sum('taken'),
      corrected: sum('corrected'),
      unchanged: sum('unchanged'),
      refused: sum('refused'),
    };
  }
}
