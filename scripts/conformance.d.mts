/** One feature: what the specification calls it, how much of it is done, and the tests that show it. */
export interface ConformanceRow {
  readonly area: string;
  readonly feature: string;
  readonly spec: string;
  readonly state: 'yes' | 'partly' | 'no';
  readonly note?: string;
  readonly tests: readonly { readonly file: string; readonly title: string }[];
}

export function readRows(): readonly ConformanceRow[];
export function conformancePage(rows: readonly ConformanceRow[]): string;
