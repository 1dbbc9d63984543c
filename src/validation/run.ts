/**
 * One validation: what the checks share while they walk a resource, and how they report.
 */
import { issue, type Issue } from '../fhir/outcome.ts';
import type { JsonObject, JsonValue } from '../fhir/types.ts';
import type { DeferredCode } from '../terminology/deferred.ts';

/** A literal reference found in a resource, with the types that its element allows (empty: any). */
export interface FoundReference {
  readonly reference: string;
  readonly expression: string;
  readonly targetTypes: readonly string[];
}

/** The state of a walk. `root` holds the contained resources; `resource` is the one (contained or not) being checked. */
export interface Run {
  readonly issues: Issue[];
  readonly references: FoundReference[];
  /** Codes of systems that are not in memory: the repository asks the loaded systems. */
  readonly deferred: DeferredCode[];
  readonly root: JsonObject;
  readonly resource: JsonObject;
  /** Where `resource` stands, and its type: to know an element's path in its own resource. */
  readonly resourceAt: string;
  /** The walk of the resource that this one stands in as a whole (a Bundle, a Parameters); contained ones share their container's. */
  readonly outer: Run | undefined;
  /** Code systems already reported as not being here. */
  readonly unchecked: Set<string>;
  /** Ids of elements met so far, by resource: each is unique in its own. */
  readonly ids: Map<JsonObject, Set<string>>;
  /** Profiles being held against resources that references lead to, so that circles end. */
  readonly following: Map<JsonObject, Set<string>>;
  depth: number;
}

/** Checks one value; `at` is its FHIRPath with indexes. */
export type Check = (value: JsonValue, at: string, run: Run) => void;

/** Whether an invariant holds for a value. */
export type Holds = (value: JsonValue, run: Run) => boolean;

export const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const listOf = (value: JsonValue | undefined): readonly JsonValue[] => {
  if (value === undefined || value === null) {
    return [];
  }
  return Array.isArray(value) ? (value as readonly JsonValue[]) : [value];
};

export const stringOf = (value: JsonValue | undefined): string | undefined =>
  typeof value === 'string' ? value : undefined;

/** Report an error: the issue code, the stable rule key, plain words without the value. */
export function fail(run: Run, code: Issue['code'], rule: string, at: string, text: string): void {
  run.issues.push(issue('error', code, text, at, rule));
}

export function warn(run: Run, code: Issue['code'], rule: string, at: string, text: string): void {
  run.issues.push(issue('warning', code, text, at, rule));
}

export function inform(run: Run, code: Issue['code'], rule: string, at: string, text: string): void {
  run.issues.push(issue('information', code, text, at, rule));
}

const MAX_SHOWN = 60;

/** A code, name or URL from the input, fit for a message: shortened, and long digit runs (a person's number) hidden. */
export function shown(text: string): string {
  const short = text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
  return short.replaceAll(/[0-9]{9,}/g, '…').replaceAll(/[\p{Cc}]/gu, ' ');
}

/** Run checks on the side: how many errors they would report. */
export function errorsOf(run: Run, check: (aside: Run) => void): readonly Issue[] {
  const aside: Run = { ...run, issues: [], references: [], deferred: [] };
  check(aside);
  return aside.issues.filter(({ severity }) => severity === 'error' || severity === 'fatal');
}
