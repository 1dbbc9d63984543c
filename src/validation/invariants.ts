/**
 * Invariants: https://hl7.org/fhir/R4/conformance-rules.html#constraints
 * An expression is compiled on first use. Two shortcuts keep it off the common path: an expression that only asks which
 * members are there is evaluated once per combination of them, and one whose members are all absent once for all.
 */
import { compilePath, PathError } from '../fhir/path.ts';
import type { ElementDefinitionConstraint, JsonObject } from '../fhir/types.ts';
import { nativeInvariant } from './native-invariants.ts';
import { fail, inform, isObject, warn, type Check, type Holds } from './run.ts';

/** Rules that the walk itself, the check of narratives or those in `rules/` enforce. */
const ELSEWHERE = new Set(['ele-1', 'txt-1', 'txt-2', 'ref-1', 'que-2', 'que-12']);

/** The check of one constraint; `basePath` says what the value is (`Patient.contact`, `Period`); undefined for resources. */
export function invariantCheck(
  constraint: ElementDefinitionConstraint,
  basePath?: string,
): Check | undefined {
  const { key = '', expression, human = '' } = constraint;
  if (expression === undefined || ELSEWHERE.has(key)) {
    return undefined;
  }
  const report = constraint.severity === 'warning' ? warn : fail;
  const holds = nativeInvariant(key, expression) ?? evaluated(expression, basePath);
  return (value, at, run) => {
    try {
      if (!holds(value, run)) {
        report(run, 'invariant', key, at, `${key}: ${human}`);
      }
    } catch (cause) {
      inform(run, 'processing', key, at, `${key} could not be evaluated: ${reasonOf(cause)}`);
    }
  };
}

const reasonOf = (cause: unknown): string =>
  cause instanceof PathError ? cause.message : 'unexpected value';

const MAX_KNOWN = 1000;
const MEMBER = /(?<![%.'`\w])([a-z][A-Za-z0-9]*)\b(?!\s*\()/g;
const OPERATORS = new Set([
  'and',
  'or',
  'xor',
  'implies',
  'not',
  'true',
  'false',
  'in',
  'contains',
  'is',
  'as',
  'div',
  'mod',
]);
const PRESENCE_ONLY =
  /^(?:\s|[()]|!=|=|\b(?:and|or|xor|implies)\b|\.not\(\)|(?<![%.'`\w])[a-z][A-Za-z0-9]*\.(?:exists|empty)\(\))+$/;
const REACHES_OUT = /%|\$this|children\(|descendants\(|hasValue\(|resolve\(|^\s*[A-Z]|\bid\b/;

function evaluated(expression: string, basePath: string | undefined): Holds {
  const holds = byPath(expression, basePath);
  if (REACHES_OUT.test(expression.replaceAll(/'[^']*'/g, "''"))) {
    return holds;
  }
  const members = membersOf(expression);
  if (members.length === 0) {
    return holds;
  }
  const isPresenceOnly = PRESENCE_ONLY.test(expression);
  const presentIn = presence(members);
  const known = new Map<string, boolean>();
  return (value, run) => {
    const present = isObject(value) ? presentIn(value) : undefined;
    if (present === undefined || (present !== '' && !isPresenceOnly)) {
      return holds(value, run);
    }
    const remembered = known.get(present) ?? holds(value, run);
    if (known.size < MAX_KNOWN) {
      known.set(present, remembered);
    }
    return remembered;
  };
}

/** True unless the expression is plainly false: an empty result (values missing or not comparable) is no fault. */
function byPath(expression: string, basePath: string | undefined): Holds {
  return (value, run) =>
    compilePath(expression, basePath)(value, { resource: run.resource, rootResource: run.root })[0] !== false;
}

function membersOf(expression: string): readonly string[] {
  const bare = expression.replaceAll(/'[^']*'/g, "''").replaceAll('`', '');
  return [...new Set([...bare.matchAll(MEMBER)].map(([, name = '']) => name))].filter(
    (name) => !OPERATORS.has(name),
  );
}

/** Which of the named members an object has, as one text; `value` also stands for `valueString` and `_value`. */
function presence(members: readonly string[]): (value: JsonObject) => string {
  const marks = new Map<string, string>();
  const markOf = (key: string): string => {
    const mark = marks.get(key) ?? (members.some((member) => isMember(key, member)) ? `${key} ` : '');
    if (marks.size < MAX_KNOWN) {
      marks.set(key, mark);
    }
    return mark;
  };
  return (value) => {
    let present = '';
    for (const key in value) {
      present += markOf(key);
    }
    return present;
  };
}

function isMember(key: string, member: string): boolean {
  const name = key.startsWith('_') ? key.slice(1) : key;
  return name === member || (name.startsWith(member) && /^[A-Z]/.test(name.slice(member.length)));
}
