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
      readonly test: 'prefix' | 'exact' | 'contains' | 'equals' | 'ends' | 'phrase';
      readonly val: string;
      readonly exact: string;
    }
  /** The main date, the time of the last update, or a row of the date table. */
  | {
      readonly kind: 'date';
      readonly source: 'main' | 'lu' | number;
      readonly prefix: Prefix | 'po';
      readonly range: InstantRange;
    }
  | {
      readonly kind: 'number';
      readonly param: number;
      readonly unit: string | null;
      readonly prefix: Prefix;
      readonly number: WrittenNumber;
    }
  | PairCondition
  /** There is a row of that parameter. */
  | { readonly kind: 'present'; readonly table: IndexTable; readonly param: number }
  | RefersCondition
  | ReferredCondition
  | RowsCondition
  | { readonly kind: 'and' | 'or'; readonly conditions: readonly Condition[] }
  | { readonly kind: 'not'; readonly condition: Condition };

/** A number row that holds two numbers: a place on earth, or start and end of a stretch. */
export interface PairCondition {
  readonly kind: 'pair';
  readonly param: number;
  readonly unit: string | null;
  readonly test:
    | {
        readonly kind: 'numbers';
        readonly first: { readonly prefix: Prefix; readonly number: WrittenNumber };
        readonly second: { readonly prefix: Prefix; readonly number: WrittenNumber };
      }
    /** Within so many metres. */
    | {
        readonly kind: 'near';
        readonly latitude: number;
        readonly longitude: number;
        readonly metres: number;
      };
}

/** A token row has one of the hashes. */
export interface TokenCondition {
  readonly kind: 'token';
  readonly param: number;
  readonly column: 'h' | 'hv';
  readonly hashes: readonly string[];
}

/** Resources by what they have, in no order: what a plan selects, and the far side of a link. */
export interface Selection {
  /** Database codes; undefined = every type. */
  readonly types: readonly number[] | undefined;
  /** Joined instead of tested, so that the database may start from it in date order. */
  readonly driver: TokenCondition | undefined;
  readonly conditions: readonly Condition[];
}

/** A reference of the row points at a resource of one of the selections. */
export interface RefersCondition {
  readonly kind: 'refers';
  readonly param: number;
  readonly targets: readonly {
    readonly type: string;
    /** Where an id of that type stands; undefined = in the token table. */
    readonly column: 'patient' | 'org' | undefined;
    readonly selection: Selection;
  }[];
}

/** A resource of the selection points at the row. */
export interface ReferredCondition {
  readonly kind: 'referred';
  readonly param: number;
  /** Types of the row that count. */
  readonly types: readonly string[];
  /** Where the selection keeps the row's id; undefined = in the token table. */
  readonly column: 'patient' | 'org' | undefined;
  readonly selection: Selection;
}

/** The row is one of those that the sources list: alternatives of which each can begin at an index of its own. */
export interface RowsCondition {
  readonly kind: 'rows';
  readonly columns: readonly {
    readonly column: 'id' | 'patient' | 'org';
    readonly types: readonly number[];
    readonly value: string;
  }[];
  readonly tokens: readonly { readonly type: number; readonly param: number; readonly h: string }[];
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
