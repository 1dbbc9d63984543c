/**
 * SMART v2 scopes: https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html
 * Parse, print, and answer what a set of scopes allows. A text that is not exactly in the grammar grants nothing (SC-01).
 */

import type { Sql } from '../storage/store.ts';

export type ScopeLevel = 'patient' | 'user' | 'system';

/** c create · r read, vread, instance history · u update, patch · d delete · s type and system search and history (SC-02). */
export type ScopeLetter = 'c' | 'r' | 'u' | 'd' | 's';

/** One `name=value` after the question mark, percent-decoded; the value is a search value of that parameter. */
export interface ScopeConstraint {
  readonly name: string;
  readonly value: string;
}

export interface SmartScope {
  readonly level: ScopeLevel;
  /** A resource type, or `*`. */
  readonly type: string;
  /** In the order c, r, u, d, s; at least one. */
  readonly letters: readonly ScopeLetter[];
  /** All must hold; empty = every resource of the type. */
  readonly constraints: readonly ScopeConstraint[];
  /** Written in the v1 grammar (`.read`, `.write`, `.*`), so that the answer can be, too. */
  readonly isV1: boolean;
}

/** What a request wants to do, in the terms of a scope. */
export interface ScopeNeed {
  readonly level: ScopeLevel;
  readonly type: string;
  readonly letter: ScopeLetter;
}

/** What is asked of a row: a letter, or `any` = may it be pointed at? */
export type LimitKind = ScopeLetter | 'any';

/** A condition on the resource row `r` for each; undefined = every row of the types that the scopes name. */
export type ScopeLimits = Readonly<Record<LimitKind, Sql | undefined>>;

export const LETTERS: readonly ScopeLetter[] = ['c', 'r', 'u', 'd', 's'];

const GRAMMAR =
  /^(patient|user|system)\/(\*|[A-Z][A-Za-z]{1,63})\.(?:(read|write|\*)|(?=[cruds])(c?r?u?d?s?)(?:\?([^?]+))?)$/;

const V1_LETTERS: Readonly<Record<string, readonly ScopeLetter[]>> = {
  read: ['r', 's'],
  write: ['c', 'u', 'd'],
  '*': LETTERS,
};

/** Plain search parameters only: modifiers, chains, `_filter`, `_has` and result parameters are refused (SC-04). */
const PLAIN_PARAMETER = /^(?:_id|_tag|_security|_profile|_source|[a-z][A-Za-z0-9-]*)$/;

/**
 * `system/Observation.rs?category=laboratory` → its parts; undefined for whatever is not in the grammar, and for query
 * parameters that this server cannot enforce.
 */
export function parseScope(text: string): SmartScope | undefined {
  const match = GRAMMAR.exec(text);
  if (match === null) {
    return undefined;
  }
  const [, level, type, v1, v2, query] = match;
  const constraints = query === undefined ? [] : parseConstraints(query);
  if (constraints === undefined) {
    return undefined;
  }
  return {
    level: level as ScopeLevel,
    type: type as string,
    letters:
      v1 === undefined ? ([...(v2 as string)] as ScopeLetter[]) : (V1_LETTERS[v1] as readonly ScopeLetter[]),
    constraints,
    isV1: v1 !== undefined,
  };
}

/** The inverse of `parseScope`; a v1 scope whose letters are no longer a v1 set is printed as v2. */
export function formatScope(scope: SmartScope): string {
  const letters = scope.letters.join('');
  const v1 = Object.entries(V1_LETTERS).find(([, set]) => set.join('') === letters)?.[0];
  const permission = scope.isV1 && v1 !== undefined && scope.constraints.length === 0 ? v1 : letters;
  const query = scope.constraints.map(({ name, value }) => `${name}=${encodeValue(value)}`).join('&');
  return `${scope.level}/${scope.type}.${permission}${query === '' ? '' : `?${query}`}`;
}

/**
 * Do the scopes allow this for every resource of the type? A scope with constraints never answers yes here: ask
 * `constraintsFor` and apply what it returns.
 */
export function allows(scopes: readonly string[], need: ScopeNeed): boolean {
  return covering(scopes, need).some(({ constraints }) => constraints.length === 0);
}

/**
 * Which resources the scopes allow this for: `all`, `none`, or alternatives of which a resource must meet one, each a
 * list of constraints that must all hold (search: AND them to the query; write: before and after).
 */
export function constraintsFor(
  scopes: readonly string[],
  need: ScopeNeed,
): 'all' | 'none' | readonly (readonly ScopeConstraint[])[] {
  const matching = covering(scopes, need);
  if (matching.length === 0) {
    return 'none';
  }
  return matching.some(({ constraints }) => constraints.length === 0)
    ? 'all'
    : matching.map(({ constraints }) => constraints);
}

function covering(scopes: readonly string[], { level, type, letter }: ScopeNeed): readonly SmartScope[] {
  return scopes
    .map(parseScope)
    .filter((scope) => scope !== undefined)
    .filter(
      (scope) =>
        scope.level === level &&
        (scope.type === '*' || scope.type === type) &&
        scope.letters.includes(letter),
    );
}

function parseConstraints(query: string): readonly ScopeConstraint[] | undefined {
  const constraints = query.split('&').map(parseConstraint);
  return constraints.every((constraint) => constraint !== undefined) ? constraints : undefined;
}

function parseConstraint(pair: string): ScopeConstraint | undefined {
  const equals = pair.indexOf('=');
  const name = pair.slice(0, equals);
  if (equals < 1 || equals === pair.length - 1 || !PLAIN_PARAMETER.test(name)) {
    return undefined;
  }
  try {
    return { name, value: decodeURIComponent(pair.slice(equals + 1)) };
  } catch {
    return undefined;
  }
}

/** Only what an OAuth scope token cannot carry, and what would end the value, is encoded. */
function encodeValue(value: string): string {
  return value.replace(/[^\x21\x23-\x25\x27-\x5b\x5d-\x7e]|[%&]/gu, encodeURIComponent);
}
