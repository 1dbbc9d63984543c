/**
 * The conditions that SQL is printed from: what must hold of a resource row and of its index rows.
 */
import type { InstantRange, Prefix } from '../fhir/date.ts';
import type { WrittenNumber } from '../fhir/quantity.ts';

/** Text columns of `resource` that are searched. */
export type TextColumn = 'id' | 'patient' | 'org' | 'canon' | 'status';
export type IndexTable = 'idx_token' | 'idx_date' | 'idx_text' | 'idx_number';

export type Condition =
  /** The column has one of the values. */
  | { readonly kind: 'column'; readonly column: TextColumn; readonly values: readonly string[] }
  | { readonly kind: 'column-present'; readonly column: TextColumn | 'd_lo' }
  | TokenCondition
  | {
      readonly kind: 'text';
      readonly param: number;
      readonly test: 'prefix' | 'exact' | 'contains';
      readonly val: string;
      readonly exact: string;
    }
  /** The main date, the time of the last update, or a row of the date table. */
  | {
      readonly kind: 'date';
      readonly source: 'main' | 'lu' | number;
      readonly prefix: Prefix;
      readonly range: InstantRange;
    }
  | {
      readonly kind: 'number';
      readonly param: number;
      readonly unit: string | null;
      readonly prefix: Prefix;
      readonly number: WrittenNumber;
    }
  /** There is a row of that parameter. */
  | { readonly kind: 'present'; readonly table: IndexTable; readonly param: number }
  | { readonly kind: 'and' | 'or'; readonly conditions: readonly Condition[] }
  | { readonly kind: 'not'; readonly condition: Condition };

/** A token row has one of the hashes. */
export interface TokenCondition {
  readonly kind: 'token';
  readonly param: number;
  readonly column: 'h' | 'hv';
  readonly hashes: readonly string[];
}

/** What nothing satisfies. */
export const NEVER: Condition = { kind: 'or', conditions: [] };

/** Alternatives, without a wrapper round a single one. */
export const anyOf = (conditions: readonly Condition[]): Condition => {
  const [first, ...rest] = conditions;
  return first !== undefined && rest.length === 0 ? first : { kind: 'or', conditions };
};

export const allOf = (conditions: readonly Condition[]): Condition => {
  const [first, ...rest] = conditions;
  return first !== undefined && rest.length === 0 ? first : { kind: 'and', conditions };
};
