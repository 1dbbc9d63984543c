export interface RuleRow {
  readonly number: number;
  readonly rule: string;
  readonly guide: string;
  /** Titles by test file. */
  readonly tests: ReadonlyMap<string, readonly { readonly title: string }[]>;
  readonly cases: readonly string[];
}
export function rulesIn(title: string): number[];
export function readRules(): RuleRow[];
export function rulesPage(rows?: readonly RuleRow[]): string;
