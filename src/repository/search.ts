/**
 * Search through the repository: authorised, filtered in SQL, pseudonymised where the reader is, audited.
 */
import { decide, toRefusal } from '../access/decide.ts';
import { rowFilter } from '../access/filter.ts';
import type { Principal } from '../access/principal.ts';
import { readsPseudonymised, refuseHiddenParameters } from '../access/redact.ts';
import type { Clock } from '../fhir/id.ts';
import { badRequest, type Issue } from '../fhir/outcome.ts';
import type { ParameterTable } from '../search/parameters.ts';
import { type Compartment, parseSearch } from '../search/parse.ts';
import { findIds, runSearch } from '../search/search.ts';
import type { Criterion, Include, PlainCriterion, SearchTree } from '../search/tree.ts';
import type { Row, Sql, StoreSession } from '../storage/store.ts';
import { auditRead, type Caller, ownersOf } from './audit.ts';
import type { Repository } from './repository.ts';

export interface Found {
  readonly matches: readonly FoundRow[];
  readonly included: readonly FoundRow[];
  readonly total: number | undefined;
  readonly selfQuery: URLSearchParams;
  /** The query of the next page; undefined on the last. */
  readonly nextQuery: URLSearchParams | undefined;
  readonly warnings: readonly Issue[];
}

export type FoundRow = Row & { readonly content: string };

export interface SearchOptions {
  readonly lenient: boolean;
  /** Only what belongs to this resource. */
  readonly compartment?: Compartment;
}

export interface SearchService {
  /** Throws FhirError: 400 for what is not understood, 403. `type` '' searches all types. */
  search(caller: Caller, type: string, query: URLSearchParams, options: SearchOptions): Promise<Found>;
}

export function createSearchService({
  repository,
  parameters,
}: {
  readonly repository: Repository;
  readonly parameters: ParameterTable;
}): SearchService {
  const { fhirBase, clock } = repository.deps;
  return {
    async search(caller, type, query, { lenient, compartment }) {
      for (const asked of type === '' ? typesAsked(query) : [type]) {
        await repository.authorise(caller, 'search', { type: asked });
      }
      const tree = parseSearch(type === '' ? undefined : type, query, parameters, {
        handling: lenient ? 'lenient' : 'strict',
        baseUrl: fhirBase,
        ...(compartment !== undefined && { compartment }),
      });
      refuseTrail(tree);
      for (const other of otherTypes(tree)) {
        await repository.authorise(caller, 'search', { type: other });
      }
      if (readsPseudonymised(caller.principal)) {
        refuseRevealing(tree);
      }
      const filter = rowFilter(caller.principal);
      const found = await runSearch(
        repository.readAs(caller.principal),
        {
          parameters,
          filter,
          now: clock.now(),
          baseUrl: fhirBase,
          mayInclude: (included) => maySearch(caller, included),
        },
        tree,
      );
      const rows = [...found.rows, ...found.included];
      await auditRead(repository.deps, caller, {
        status: 200,
        query: `${place(type, compartment)}?${tree.understood.map(([name]) => name).join('&')}`,
        patients: patientsIn(rows),
        ...ownersOf(rows.map(({ labels }) => labels)),
      });
      const contents = await repository.forReaders(
        caller,
        rows.map(({ content }) => content ?? ''),
      );
      const readable = rows.map((row, at): FoundRow => ({ ...row, content: contents[at] as string }));
      return {
        matches: readable.slice(0, found.rows.length),
        included: readable.slice(found.rows.length),
        total: found.total,
        selfQuery: new URLSearchParams(tree.understood.map(([name, value]) => [name, value])),
        nextQuery: found.nextCursor === undefined ? undefined : nextQuery(tree, found.nextCursor),
        warnings: found.warnings,
      };
    },
  };
}

/** The audit trail is kept apart from the resources: a link to it would answer that there is nothing. */
function refuseTrail(tree: SearchTree): void {
  if (otherTypes(tree).has('AuditEvent')) {
    throw badRequest(
      'AuditEvents are not reached by chains, _has, _include or _revinclude: search AuditEvent?patient=… or AuditEvent?entity=….',
      undefined,
      'search-parameter',
    );
  }
}

const place = (type: string, compartment: Compartment | undefined): string =>
  compartment === undefined ? type : `${compartment.type}/${compartment.id}/${type === '' ? '*' : type}`;

/**
 * May this principal ask this of its types, and of those behind chains and includes, without learning what it may not read?
 * Throws FhirError 403 or 400. For searches that are kept and asked later, such as a Subscription's.
 */
export function requireSearchable(principal: Principal, tree: SearchTree): void {
  for (const type of [...tree.types, ...otherTypes(tree)]) {
    const decision = decide(principal, 'search', type);
    if (decision.effect === 'deny') {
      throw toRefusal(decision);
    }
  }
  if (readsPseudonymised(principal)) {
    refuseRevealing(tree);
  }
}

/** Types of a system-level search; without `_type` it takes a right to all of them. */
function typesAsked(query: URLSearchParams): readonly string[] {
  const named = query.getAll('_type').flatMap((value) => value.split(','));
  return named.length === 0 ? ['*'] : named;
}

/** Ids that a condition of a write matches; three are enough to know that it is ambiguous. */
export function conditionFinder(parameters: ParameterTable, clock: Clock, baseUrl: string) {
  return (
    session: StoreSession,
    type: string,
    query: string,
    filter: Sql | undefined,
  ): Promise<readonly string[]> =>
    findIds(session, { parameters, filter, now: clock.now(), baseUrl }, type, query, 3);
}

/** An include that names no target type brings only types that the caller may search (SC-03). */
const maySearch = ({ principal }: Caller, type: string): boolean =>
  decide(principal, 'search', type).effect === 'permit';

/** Types that a search reaches through chains, `_has` and includes: each needs the right to search it (SC-03). */
export function otherTypes({ criteria, includes, revincludes }: SearchTree): ReadonlySet<string> {
  const isNamed = ({ isWildcard }: Include): boolean => isWildcard !== true;
  const included = includes.filter(isNamed).map(({ target, source }) => target ?? source);
  const including = revincludes.filter(isNamed).map(({ source }) => source);
  return new Set([...criteria.flatMap(linkedTypes), ...included, ...including]);
}

function linkedTypes(criterion: Criterion): readonly string[] {
  switch (criterion.kind) {
    case 'chain':
      return criterion.targets.flatMap((target) => [target.type, ...linkedTypes(target.criterion)]);
    case 'has':
      return [criterion.type, ...linkedTypes(criterion.criterion)];
    case 'and':
    case 'or':
      return criterion.criteria.flatMap(linkedTypes);
    case 'not':
      return linkedTypes(criterion.criterion);
    default:
      return [];
  }
}

function nextQuery(tree: SearchTree, cursor: string): URLSearchParams {
  const kept = tree.understood.filter(([name]) => name !== '_cursor');
  return new URLSearchParams([...kept.map(([name, value]) => [name, value]), ['_cursor', cursor]]);
}

/** Parameters that a pseudonymised reader may not use, also behind chains, and numbers of those who are referred to. */
export function refuseRevealing({ types, criteria, sort }: SearchTree): void {
  for (const type of types) {
    refuseHiddenParameters(
      type,
      sort.map(({ parameter }) => parameter.code),
    );
  }
  for (const [type, criterion] of criteria.flatMap((criterion) => plainCriteria(types, criterion))) {
    refuseHiddenParameters(type, [criterion.parameter.code]);
    if (criterion.kind === 'match' && criterion.modifier === 'identifier') {
      throw badRequest(
        'The modifier :identifier is not available to a client that reads pseudonymised data.',
        undefined,
        'pseudonymised',
      );
    }
  }
}

/** The conditions of a criterion with the types that they are about. */
function plainCriteria(
  types: readonly string[],
  criterion: Criterion,
): readonly (readonly [string, PlainCriterion])[] {
  switch (criterion.kind) {
    case 'chain':
      return criterion.targets.flatMap((target) => plainCriteria([target.type], target.criterion));
    case 'has':
      return plainCriteria([criterion.type], criterion.criterion);
    case 'and':
    case 'or':
      return criterion.criteria.flatMap((part) => plainCriteria(types, part));
    case 'not':
      return plainCriteria(types, criterion.criterion);
    case 'compartment':
      return [];
    default:
      return types.map((type) => [type, criterion]);
  }
}

const PATIENT_ID =
  /"resourceType":"Patient","id":"([^"]+)"|"(?:subject|patient|for|beneficiary)":\{[^{}]*?"reference":"Patient\/([^"]+)"/;

function patientsIn(rows: readonly Row[]): readonly string[] {
  const ids = rows.flatMap(({ content }) => {
    const match = PATIENT_ID.exec(content ?? '');
    return match === null ? [] : [(match[1] ?? match[2]) as string];
  });
  return [...new Set(ids)];
}
