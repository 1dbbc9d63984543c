/**
 * What a client gets of what it asks for: requested scopes ∩ the client's registered policy (SC-06, SC-07).
 * https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html
 */
import { formatScope, parseScope, type ScopeConstraint, type SmartScope } from '../access/scopes.ts';

/** Can the server hold a client to this scope's constraints? */
export type IsEnforceable = (scope: SmartScope) => boolean;

/** Constraints that were read are enforced; without the search parameters at hand nobody can say more. */
const ANY: IsEnforceable = () => true;

/**
 * The granted scopes, in the order asked for; empty when nothing asked for is registered. A scope that the policy
 * covers whole comes back verbatim (v1 as v1), one that it covers in part comes back as that part, other texts vanish;
 * so do scopes with parameters that the server does not have (SC-04). Without a request the registered set is the default.
 */
export function grantScopes(
  requested: string | undefined,
  policy: readonly string[],
  isEnforceable: IsEnforceable = ANY,
): readonly string[] {
  const allowed = policy.map(parseScope).filter((scope) => scope !== undefined);
  if (requested === undefined || requested.trim() === '') {
    return allowed.filter(isEnforceable).map(formatScope);
  }
  const granted = requested.split(' ').flatMap((text) => grantOne(text, allowed, isEnforceable));
  return [...new Set(granted)];
}

function grantOne(
  text: string,
  allowed: readonly SmartScope[],
  isEnforceable: IsEnforceable,
): readonly string[] {
  const asked = parseScope(text);
  if (asked === undefined) {
    return [];
  }
  const parts = allowed
    .map((scope) => intersect(asked, scope))
    .filter((scope) => scope !== undefined)
    .filter(isEnforceable);
  return parts.some((part) => isSame(part, asked)) ? [text] : parts.map(formatScope);
}

/** What both scopes allow, or undefined when that is nothing. */
function intersect(asked: SmartScope, allowed: SmartScope): SmartScope | undefined {
  if (
    asked.level !== allowed.level ||
    (asked.type !== allowed.type && asked.type !== '*' && allowed.type !== '*')
  ) {
    return undefined;
  }
  const letters = asked.letters.filter((letter) => allowed.letters.includes(letter));
  if (letters.length === 0) {
    return undefined;
  }
  return {
    level: asked.level,
    type: asked.type === '*' ? allowed.type : asked.type,
    letters,
    constraints: union(asked.constraints, allowed.constraints),
    isV1: asked.isV1,
  };
}

function union(a: readonly ScopeConstraint[], b: readonly ScopeConstraint[]): readonly ScopeConstraint[] {
  return [
    ...a,
    ...b.filter((one) => !a.some((other) => other.name === one.name && other.value === one.value)),
  ];
}

function isSame(a: SmartScope, b: SmartScope): boolean {
  return formatScope({ ...a, isV1: false }) === formatScope({ ...b, isV1: false });
}
