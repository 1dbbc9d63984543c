/** What is found about the rows of one pathway while they are read: corrections, and why a row is refused. */
import type { Rule } from '../../registry/dump/read-cell.ts';
import type { Understood } from '../../registry/dump/written.ts';
import { correction, type Finding } from './report.ts';
import type { SourceRow } from './source.ts';

export class RowNotes {
  private readonly corrections = new Map<SourceRow, Finding[]>();
  private readonly problems = new Map<SourceRow, Finding[]>();
  private readonly repeated = new Map<SourceRow, Finding>();

  /** Nothing when the value is as the dump has it. */
  correct(
    row: SourceRow,
    column: string,
    element: string | undefined,
    old: string,
    { value, rule }: Understood<Rule>,
  ): void {
    if (rule !== undefined) {
      const own = this.corrections.get(row) ?? [];
      own.push(correction(column, element, old, value, rule));
      this.corrections.set(row, own);
    }
  }

  refuse(row: SourceRow, finding: Finding): void {
    this.problems.set(row, [...(this.problems.get(row) ?? []), finding]);
  }

  /** A row that says what another one has said. */
  repeat(row: SourceRow, why: string): void {
    this.repeated.set(row, { rule: 'same-row', why });
  }

  correctionsOf(row: SourceRow): readonly Finding[] {
    return this.corrections.get(row) ?? [];
  }

  problemsOf(row: SourceRow): readonly Finding[] {
    return this.problems.get(row) ?? [];
  }

  repetitionOf(row: SourceRow): Finding | undefined {
    return this.repeated.get(row);
  }

  /** The first row that is refused: the pathway is, with it. */
  get refused(): SourceRow | undefined {
    return [...this.problems.keys()][0];
  }
}
