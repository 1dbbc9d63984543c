/**
 * What an instrument is, as data: `instruments/<id>.json`, with the tables of `instruments/tables/` (ADR 0023).
 * Items and scores have codes of the code systems instrument-item and instrument-score.
 */
import type { Coding } from '../fhir/types.ts';

/** A text in the three languages of the pages. */
export interface Trilingual {
  readonly nb: string;
  readonly nn: string;
  readonly en: string;
}

export interface Instrument {
  /** File name without its ending. */
  readonly id: string;
  /** Of this definition; part of every score. */
  readonly version: string;
  readonly title: Trilingual;
  /** Codes of the whole panel in LOINC or SNOMED CT. */
  readonly codes?: readonly Coding[];
  readonly note?: string;
  /** Who owns the wording; `own` means that the text may ship with a form. */
  readonly wording: { readonly status: 'own' | 'licensed'; readonly holder: string; readonly note: string };
  /** Publications. */
  readonly source: readonly string[];
  readonly items: readonly InstrumentItem[];
  readonly scores: readonly InstrumentScore[];
  /** The tables that the scores name, by id. */
  readonly tables: ReadonlyMap<string, ScoreTable>;
}

export interface InstrumentItem {
  readonly code: string;
  /** A neutral name of our own, never the licensed wording. */
  readonly label: Trilingual;
  /** Smallest and largest score of an answer; whole numbers unless `fractional`. */
  readonly min: number;
  readonly max: number;
  readonly fractional?: boolean;
  /** UCUM, where the answer is a measurement. */
  readonly unit?: string;
  readonly codes?: readonly Coding[];
  /** What the answers count as, from `min` on: a reversed item is `[5, 4, 3, 2, 1]`. */
  readonly recode?: readonly number[];
}

export const ALGORITHMS = [
  'sum-percent',
  'sum',
  'mean',
  'value-set',
  'linear',
  'value',
  'body-mass-index',
  'factor-sum',
] as const;
export type AlgorithmId = (typeof ALGORITHMS)[number];

/** A change that can give another number is another version. */
export interface Algorithm {
  readonly id: AlgorithmId;
  readonly version: string;
  /** Added to a sum. */
  readonly constant?: number;
  /** Id of a table. */
  readonly table?: string;
  /** Column of a table of coefficients. */
  readonly column?: string;
}

/** When there is a score although answers are missing. */
export interface MissingRule {
  readonly minAnswered: number;
  /** A sum counts the mean of the person's own answers for each that is missing. */
  readonly fill?: 'person-mean';
  /** Where the rule comes from, or that it is our choice. */
  readonly basis: string;
}

export interface Band {
  readonly code: string;
  readonly title: Trilingual;
  /** Ends before this value. */
  readonly below?: number;
  /** Ends with this value. Neither: it has no end. */
  readonly upTo?: number;
}

/** A rule about one score, or about the change from one to the next. */
export type ThresholdRule =
  | { readonly improvement: Amount; readonly worsening?: never; readonly level?: never }
  | { readonly worsening: Amount; readonly improvement?: never; readonly level?: never }
  | { readonly level: Level; readonly improvement?: never; readonly worsening?: never };

/** At least so many points, or percent of the first score; more than that when `exclusive`. */
export type Amount = { readonly exclusive?: boolean } & (
  | { readonly points: number; readonly percent?: never }
  | { readonly percent: number; readonly points?: never }
);

export type Level =
  | { readonly atMost: number }
  | { readonly atLeast: number }
  | { readonly above: number }
  | { readonly below: number };

export type Threshold = ThresholdRule & {
  readonly id: string;
  /** What it is used for. */
  readonly use: string;
  readonly source: string;
  /** `read`: in the source's own text; `public-code`: in public code of a registry; `reported`: not read by us. */
  readonly evidence: 'read' | 'public-code' | 'reported';
};

export interface InstrumentScore {
  readonly code: string;
  readonly title: Trilingual;
  /** In LOINC or SNOMED CT. */
  readonly codes?: readonly Coding[];
  /** Computed only when it is asked for. */
  readonly optional?: boolean;
  readonly algorithm: Algorithm;
  readonly items: readonly string[];
  readonly missing: MissingRule;
  /** Without `max` where there is no upper end. */
  readonly range: { readonly min: number; readonly max?: number };
  readonly direction: 'higher-better' | 'higher-worse' | 'none';
  /** UCUM. */
  readonly unit: { readonly code: string; readonly display: string };
  /** Shown, never stored rounded. */
  readonly decimals: number;
  readonly bands: readonly Band[];
  readonly thresholds: readonly Threshold[];
}

interface TableHead {
  readonly id: string;
  readonly version: string;
  readonly title: string;
  readonly instrument: string;
  readonly publication: string;
  /** Where the numbers were taken from. */
  readonly source: string;
  readonly licence: string;
}

/** One value for each combination of answers: `11221`. */
export interface StateTable extends TableHead {
  readonly kind: 'states';
  readonly values: ReadonlyMap<string, number>;
}

/** A value set without interactions: full health plus what each answer takes away. */
export interface AdditiveTable extends TableHead {
  readonly kind: 'additive';
  readonly fullHealth: number;
  readonly decimals: number;
  /** By item, from the lowest level on. */
  readonly decrements: Readonly<Record<string, readonly number[]>>;
}

/** A constant and a coefficient for each answer of each item, in named columns. */
export interface CoefficientTable extends TableHead {
  readonly kind: 'coefficients';
  readonly constants: Readonly<Record<string, number>>;
  /** By `item|answer`. */
  readonly coefficients: ReadonlyMap<string, Readonly<Record<string, number>>>;
}

/** What a dose is multiplied with; some strengths stand for another dose. Without a factor it cannot be counted. */
export interface Factor {
  readonly item: string;
  readonly factor?: number;
  readonly doses?: Readonly<Record<string, number>>;
  readonly source: string;
  readonly status: string;
  readonly note?: string;
  readonly atc?: readonly string[];
}

export interface FactorTable extends TableHead {
  readonly kind: 'factors';
  readonly factors: readonly Factor[];
}

export type ScoreTable = StateTable | AdditiveTable | CoefficientTable | FactorTable;
