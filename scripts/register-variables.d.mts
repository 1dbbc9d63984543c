/** Types of register-variables.mjs for the test that holds its pages. */
export interface VariableRow {
  readonly register: string;
  readonly prefix: string;
  readonly form: string;
  readonly variable: string;
  /** Where it is; absent when it is left out. */
  readonly questionnaire?: string;
  readonly linkId?: string;
  readonly type?: string;
  readonly codes?: string;
  /** Why it is left out. */
  readonly reason?: string;
}

export function readVariables(): readonly VariableRow[];
export function missing(rows: readonly VariableRow[]): readonly VariableRow[];
export function pageOf(register: string, rows?: readonly VariableRow[]): string;
export function registersOf(rows?: readonly VariableRow[]): readonly string[];
