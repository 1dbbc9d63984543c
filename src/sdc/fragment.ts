/** A piece of an expression made ready for its place, and what it is evaluated in. See expression.ts. */
import type { QuestionnaireResponse, QuestionnaireResponseItem } from '../fhir/types.ts';

/** Compiles one FHIRPath; the result evaluates it on a base with environment variables (without `%`). Throws on bad syntax. */
export type PathCompiler = (expression: string) => PathRun;

export interface PathRun {
  (base: unknown, variables: Readonly<Record<string, unknown>>): readonly unknown[];
  /** Values that keep their types when they are handed on as a variable; without it variables are put in by their text. */
  readonly nodes?: (base: unknown, variables: Readonly<Record<string, unknown>>) => readonly unknown[];
}

/** What an evaluation sees. */
export interface Scope {
  readonly resource: QuestionnaireResponse;
  /** The response item of the element with this order that encloses the place of evaluation. */
  readonly itemAt: (order: number) => QuestionnaireResponseItem;
  /** Its path, which tells rows apart. */
  readonly pathAt: (order: number) => string;
  readonly variables: Readonly<Record<string, unknown>>;
  /** What variables are in this evaluation, so far. */
  readonly memo: VariableMemo;
}

/** A rewritten expression or variable, ready to be put into another one. */
export interface Fragment {
  readonly text: string;
  readonly mentions: ReadonlySet<string>;
  readonly externals: ReadonlySet<string>;
  /** Also those of the variables that it uses. */
  readonly holders: ReadonlySet<number>;
  /** Variables that the text names, by the name that they have in it. */
  readonly uses?: ReadonlyMap<string, Variable>;
  /** Reads what is there for one evaluation only: a row that is being made, a template's turn. */
  readonly isPassing?: boolean;
  /** The variable that the fragment is; it is named instead of being put in. */
  readonly variable?: Variable;
}

/** A variable that is evaluated once for its place. */
export interface Variable {
  /** Its name in texts: from its own text, so that the same variable of a form has the same name everywhere. */
  readonly alias: string;
  readonly fragment: Fragment;
  /** Throws what the FHIRPath engine throws. */
  readonly evaluate: (scope: Scope) => readonly unknown[];
}

/** Values of variables in one round of evaluation. */
export interface VariableMemo {
  /** The value at the place of the scope, made at the first time; undefined for one whose evaluation fails. */
  valueOf(variable: Variable, scope: Scope): readonly unknown[] | undefined;
}
