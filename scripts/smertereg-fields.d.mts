/** One item of a form of the register, as the table shows it. */
export interface Field {
  readonly form: string;
  readonly linkId: string;
  readonly type: string;
  readonly question: string;
  readonly answers: string;
  readonly condition: string;
  readonly rules: string;
  readonly place: string;
  /** Name in the old solution. */
  readonly legacy: string | undefined;
  /** Why there is no old name. */
  readonly reason: string | undefined;
}

export interface FieldContent {
  readonly forms: readonly { readonly id: string; readonly item: readonly object[] }[];
}

export function readContent(): FieldContent;
export function readFields(content?: FieldContent): readonly Field[];
export function fieldsPage(fields: readonly Field[], content: FieldContent): string;
