/**
 * What scoring gives: a number, or the reason why there is none. Never 0 for what cannot be computed.
 */
import type { InstrumentScore } from '../../content/instrument.ts';

/** Scores of answers by item code; an item that is absent or undefined is not answered. */
export type Answers = Readonly<Record<string, number | undefined>>;

/** Codes of the code system score-absent-reason. */
export type AbsentReason = 'no-answers' | 'too-few-answers' | 'outside-range' | 'not-in-table';

export interface Method {
  readonly algorithm: string;
  readonly version: string;
  /** Value set or other table, with its version. */
  readonly table?: { readonly id: string; readonly version: string };
}

interface Basis {
  readonly score: InstrumentScore;
  readonly method: Method;
  /** Codes of items whose answers could be used. */
  readonly answered: readonly string[];
  /** Codes of items without an answer, or with one that could not be used. */
  readonly missing: readonly string[];
  /** The answers as one word, where the score is looked up by it: `11221`. */
  readonly state?: string;
}

export interface Computed extends Basis {
  readonly value: number;
  readonly absent?: never;
}

export interface Absent extends Basis {
  readonly value?: never;
  readonly absent: AbsentReason;
  /** The part of a sum that could be computed. */
  readonly known?: number;
}

export type ScoreResult = Computed | Absent;
