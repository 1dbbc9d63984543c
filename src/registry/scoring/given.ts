/**
 * What an algorithm gets and gives.
 */
import type { InstrumentItem } from '../../content/instrument.ts';

/** An answer inside its item's scale. */
export interface Given {
  readonly item: InstrumentItem;
  /** As it was given; algorithms that add up take `points`. */
  readonly answer: number;
  /** After recoding. */
  readonly points: number;
}

/** A number, or what could not be found in the table. */
export type Outcome =
  { readonly value: number } | { readonly unknown: readonly string[]; readonly known?: number };
