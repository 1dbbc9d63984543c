/**
 * What scopes let through: https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html
 */

export type Level = 'patient' | 'user' | 'system';

interface Scope {
  readonly level: Level;
  readonly type: string;
  readonly letters: string;
}

const V1: Readonly<Record<string, string>> = { read: 'rs', write: 'cud', '*': 'cruds' };

/** `patient/Condition.rs`, `system/*.read`; those with queries are not granted here. */
function parse(scope: string): Scope | undefined {
  const [, level, type, of] = /^(patient|user|system)\/(\*|[A-Z][A-Za-z]+)\.([a-z*]+)$/.exec(scope) ?? [];
  if (level === undefined || type === undefined || of === undefined) {
    return undefined;
  }
  const letters = V1[of] ?? of;
  return /^c?r?u?d?s?$/.test(letters) && letters !== ''
    ? { level: level as Level, type, letters }
    : undefined;
}

const CONTEXT = [
  'openid',
  'fhirUser',
  'launch',
  'launch/patient',
  'launch/encounter',
  'offline_access',
  'online_access',
];

/** Is it a scope that this server knows? `offline_access` is known and not granted: tokens here end when they end. */
export const isGrantable = (scope: string): boolean =>
  parse(scope) !== undefined || (CONTEXT.includes(scope) && !scope.endsWith('_access'));

/** May these scopes do this (`r` read, `s` search, `c` create, `u` update) with the type? */
export const mayDo = (scopes: readonly string[], type: string, letter: 'c' | 'r' | 's' | 'u'): boolean =>
  scopes
    .map(parse)
    .some(
      (scope) =>
        scope !== undefined && (scope.type === '*' || scope.type === type) && scope.letters.includes(letter),
    );

/** Does the token see one patient alone? */
export const isOfOnePatient = (scopes: readonly string[]): boolean =>
  !scopes.some((scope) => ['user', 'system'].includes(parse(scope)?.level ?? ''));
