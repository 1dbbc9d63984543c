/**
 * A search, parsed: what was asked, free of URL syntax and of SQL. https://hl7.org/fhir/R4/search.html
 */
import type { InstantRange, Prefix } from '../fhir/date.ts';
import type { WrittenNumber } from '../fhir/quantity.ts';
import type { Issue } from '../fhir/outcome.ts';
import type { Parameter } from './parameters.ts';

export interface SearchTree {
  /** Types searched; more than one only at the system level. */
  readonly types: readonly string[];
  /** All must hold. */
  readonly criteria: readonly Criterion[];
  /** Empty = the planner's own order. */
  readonly sort: readonly SortKey[];
  readonly count: number;
  readonly total: 'none' | 'estimate' | 'accurate';
  readonly summary: 'false' | 'true' | 'text' | 'data' | 'count';
  readonly elements: readonly string[];
  readonly includes: readonly Include[];
  readonly revincludes: readonly Include[];
  /** Position after which to go on, as given out before. */
  readonly cursor: string | undefined;
  /** What was ignored under lenient handling. */
  readonly warnings: readonly Issue[];
  /** The parameters that are answered, for the self link. */
  readonly understood: readonly (readonly [string, string])[];
}

/** A condition on one parameter of the resource itself. */
export type PlainCriterion = MatchCriterion | MissingCriterion;

export type Criterion =
  PlainCriterion | ChainCriterion | HasCriterion | CompartmentCriterion | AllCriterion | NotCriterion;

/** Several conditions, or the opposite of one: what `_filter` is made of. */
export interface AllCriterion {
  readonly kind: 'and' | 'or';
  readonly criteria: readonly Criterion[];
}
export interface NotCriterion {
  readonly kind: 'not';
  readonly criterion: Criterion;
}

/** `Patient/[id]/…`: the resource belongs to that compartment, or is the one that the compartment is named by. */
export interface CompartmentCriterion {
  readonly kind: 'compartment';
  readonly type: string;
  readonly id: string;
}

/** At least one of the values matches; with `not`, none does. */
export interface MatchCriterion {
  readonly kind: 'match';
  readonly parameter: Parameter;
  readonly modifier: Modifier | undefined;
  readonly values: readonly SearchValue[];
}

export type Modifier =
  | 'not'
  | 'exact'
  | 'contains'
  | 'equals'
  | 'ends'
  | 'identifier'
  | 'text'
  | 'of-type'
  | 'in'
  | 'not-in'
  | 'above'
  | 'below';

/** The element is absent (`missing`) or there. */
export interface MissingCriterion {
  readonly kind: 'missing' | 'present';
  readonly parameter: Parameter;
}

/** `subject:Patient.identifier=…`: what is referred to satisfies one of the targets' criteria. */
export interface ChainCriterion {
  readonly kind: 'chain';
  readonly parameter: Parameter;
  readonly targets: readonly { readonly type: string; readonly criterion: Criterion }[];
}

/** `_has:Observation:subject:code=…`: a resource of `type` refers here by `parameter` and satisfies the criterion. */
export interface HasCriterion {
  readonly kind: 'has';
  readonly type: string;
  readonly parameter: Parameter;
  readonly criterion: Criterion;
}

export type SearchValue =
  | TokenValue
  | ReferenceValue
  | UriValue
  | DateValue
  | TextValue
  | NumberValue
  | QuantityValue
  | NearValue
  | OfTypeValue
  | CompositeValue;

/** `system` '' = no system (`|code`), undefined = any; `code` undefined = any of the system (`system|`). */
export interface TokenValue {
  readonly type: 'token';
  readonly system: string | undefined;
  readonly code: string | undefined;
}
/** `Type/id`, a foreign url or a canonical; or an id whose type is not said. */
export interface ReferenceValue {
  readonly type: 'reference';
  readonly form: 'literal' | 'id';
  readonly text: string;
}
export interface UriValue {
  readonly type: 'uri';
  readonly uri: string;
}
export interface DateValue {
  readonly type: 'date';
  /** `po`: the ranges overlap (`_filter`). */
  readonly prefix: Prefix | 'po';
  readonly range: InstantRange;
}
export interface TextValue {
  readonly type: 'string';
  readonly text: string;
}
export interface NumberValue {
  readonly type: 'number';
  readonly prefix: Prefix;
  readonly number: WrittenNumber;
}
export interface QuantityValue {
  readonly type: 'quantity';
  readonly prefix: Prefix;
  readonly number: WrittenNumber;
  readonly system: string | undefined;
  readonly unit: string | undefined;
}
/** An identifier of a type: `system|code|value`. */
export interface OfTypeValue {
  readonly type: 'of-type';
  readonly system: string;
  readonly code: string;
  readonly value: string;
}
/** A place on earth, and how far from it. */
export interface NearValue {
  readonly type: 'near';
  readonly latitude: number;
  readonly longitude: number;
  readonly metres: number;
}
export interface CompositeValue {
  readonly type: 'composite';
  readonly parts: readonly SearchValue[];
}

export interface SortKey {
  readonly parameter: Parameter;
  readonly direction: 'asc' | 'desc';
}

export interface Include {
  /** The type that holds the reference. */
  readonly source: string;
  readonly parameter: Parameter;
  /** Only references to this type. */
  readonly target: string | undefined;
  /** `:iterate`: followed from what is included, too. */
  readonly isIterated?: true;
  /** From `*`: types that the caller may not search are left out instead of refused. */
  readonly isWildcard?: true;
}
