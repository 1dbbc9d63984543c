/**
 * Which rows a token's scopes reach, as SQL on the resource row `r` (SC-04): `?category=laboratory` is the search of that
 * parameter, `patient/…` the compartment of the patient in context. Made once per principal; `filter.ts` adds it to what
 * the principal may see, so that search, chains, includes, $everything, export and subscriptions all stay within it (SC-03).
 */
import { typeCode } from '../fhir/resource-types.ts';
import { FhirError } from '../fhir/outcome.ts';
import type { ParameterTable } from '../search/parameters.ts';
import { parseSearch } from '../search/parse.ts';
import { knownConditions, type PlannedCriterion } from '../search/plan.ts';
import { printCondition } from '../search/print-condition.ts';
import { type Fragment, join, raw, sql, toSql } from '../search/sql.ts';
import type { Sql } from '../storage/store.ts';
import type { Principal } from './principal.ts';
import { parseScope, type ScopeLetter, type ScopeLimits, type SmartScope } from './scopes.ts';

export interface LimitContext {
  readonly parameters: ParameterTable;
  readonly now: Date;
  readonly baseUrl: string;
}

const PATIENT = typeCode('Patient') ?? 0;

/** The principal with its limits, where its scopes have any. Scopes that cannot be held to are worth nothing. */
export function withLimits<P extends Principal>(principal: P, context: LimitContext): P {
  const scopes = principal.scopes.map(parseScope).filter((scope) => scope !== undefined);
  const patient = principal.kind === 'staff' ? principal.scopePatient : undefined;
  const isLimited = scopes.some(({ level, constraints }) => level === 'patient' || constraints.length > 0);
  if (!isLimited && patient === undefined) {
    return principal;
  }
  const limit = (letter: ScopeLetter): Sql | undefined =>
    limitOf(
      scopes.filter(({ letters }) => letters.includes(letter)),
      patient,
      context,
    );
  const limits: ScopeLimits = {
    c: limit('c'),
    r: limit('r'),
    u: limit('u'),
    d: limit('d'),
    s: limit('s'),
    any: referable(scopes, patient),
  };
  return { ...principal, limits };
}

/** What a reference may point at: of an app with a patient, nothing about others that no scope beyond the patient names. */
function referable(scopes: readonly SmartScope[], patient: string | undefined): Sql | undefined {
  const types = scopes.filter(({ level }) => level !== 'patient').map(({ type }) => type);
  return patient === undefined || types.includes('*')
    ? undefined
    : toSql(sql`(r.type = any(${types.map(codeOf)}::smallint[]) or ${ofPatient(patient)})`);
}

/** Are all of a scope's constraints plain searches of parameters that the type has? */
export function isEnforceable(scope: SmartScope, context: LimitContext): boolean {
  return scope.constraints.length === 0 || constraintsOf(scope, context) !== undefined;
}

/** Alternatives by type; a row must meet one of those of its type. */
interface Reach {
  readonly type: string;
  /** Undefined: every row. */
  readonly condition: Fragment | undefined;
}

function limitOf(
  scopes: readonly SmartScope[],
  patient: string | undefined,
  context: LimitContext,
): Sql | undefined {
  const reaches = scopes.flatMap((scope) => reachOf(scope, patient, context));
  if (reaches.some(({ type, condition }) => type === '*' && condition === undefined)) {
    return undefined;
  }
  const everywhere = reaches.filter(({ type }) => type === '*');
  const types = [...new Set(reaches.map(({ type }) => type))].filter((type) => type !== '*');
  const byType = types.map((type) => {
    const own = reaches.filter((reach) => reach.type === type);
    return sql`(r.type = ${codeOf(type)} and ${anyOf([...own, ...everywhere])})`;
  });
  // types that no scope names are refused before rows are asked for; a patient's app sees no other patient's even so
  const unnamed = patient === undefined ? raw('true') : ofPatient(patient);
  const others = everywhere.length > 0 ? anyOf(everywhere) : unnamed;
  const rest = sql`(not (r.type = any(${types.map(codeOf)}::smallint[])) and ${others})`;
  return toSql(sql`(${join([...byType, rest], ' or ')})`);
}

const codeOf = (type: string): number => typeCode(type) ?? 0;

function anyOf(reaches: readonly Reach[]): Fragment {
  const conditions = reaches.map(({ condition }) => condition ?? raw('true'));
  return sql`(${join(conditions, ' or ')})`;
}

/** What one scope reaches; nothing when it cannot be held to, or has no patient to be about. */
function reachOf(scope: SmartScope, patient: string | undefined, context: LimitContext): readonly Reach[] {
  const constraints = constraintsOf(scope, context);
  if (constraints === undefined || (scope.level === 'patient' && patient === undefined)) {
    return [{ type: scope.type, condition: raw('false') }];
  }
  const own = scope.level === 'patient' && patient !== undefined ? [ofPatient(patient)] : [];
  const all = [...own, ...constraints];
  return [{ type: scope.type, condition: all.length === 0 ? undefined : sql`(${join(all, ' and ')})` }];
}

/** The patient's own rows, and what is about nobody: staff, units, questionnaires. */
const ofPatient = (patient: string): Fragment =>
  sql`(r.patient = ${patient} or (r.type = ${PATIENT} and r.id = ${patient}) or (r.patient is null and r.unit is null and r.type <> ${PATIENT}))`;

/** The constraints as conditions on `r`; undefined when one is no plain search of this type. */
function constraintsOf(
  { type, constraints }: SmartScope,
  { parameters, now, baseUrl }: LimitContext,
): readonly Fragment[] | undefined {
  if (constraints.length === 0) {
    return [];
  }
  try {
    const query = constraints.map(({ name, value }) => [name, value] as const);
    const { criteria } = parseSearch(type === '*' ? undefined : type, query, parameters, { baseUrl });
    const plain = criteria.filter(({ kind }) => kind === 'match');
    if (plain.length !== constraints.length || plain.length !== criteria.length) {
      return undefined;
    }
    return knownConditions(plain as readonly PlannedCriterion[], parameters).map(({ condition }) =>
      printCondition(condition, { now, filter: undefined }),
    );
  } catch (cause) {
    if (cause instanceof FhirError) {
      return undefined;
    }
    throw cause;
  }
}
