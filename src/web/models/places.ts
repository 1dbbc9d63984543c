/** Places of a department [Lokasjoner, Avdelinger] as their pages show them. */
import type { PlaceKind } from '../../registry/unit/places.ts';

export interface PlaceLine {
  readonly id: string;
  readonly name: string;
  /** Name in lists [visningsnavn]. */
  readonly alias: string;
  readonly resh: string;
  readonly isActive: boolean;
  /** The department that keeps it. */
  readonly department: string;
}

/** One change, as the national coordinator is told of it. */
export interface PlaceChange {
  readonly at: string;
  readonly who: string;
  readonly kind: PlaceKind;
  readonly name: string;
  readonly department: string;
  readonly what: 'added' | 'changed' | 'deactivated' | 'activated' | 'deleted';
}

export interface PlacesModel {
  readonly kind: PlaceKind;
  readonly lines: readonly PlaceLine[];
  /** The reader keeps the list. */
  readonly mayChange: boolean;
  /** For the national coordinator alone, newest first. */
  readonly changes?: readonly PlaceChange[];
}

/** What was typed about a place. */
export interface TypedPlace {
  readonly name: string;
  readonly alias: string;
  readonly resh: string;
  readonly isActive: boolean;
}

/** Stable keys of what is wrong with it: texts by ui/place-texts.ts. */
export type PlaceProblem =
  | 'place-name'
  | 'place-alias'
  | 'place-resh'
  | 'place-name-taken'
  | 'place-alias-taken'
  | 'place-used'
  | 'place-changed';
