/**
 * Which versions of a batch match a search: the search's own SQL over the index rows of exactly those versions.
 * Common table expressions with the names of the tables stand in for them, so that there is one interpreter of search and
 * not two, and a version that has been superseded, or is the one before, is judged as it was.
 */
import type { JsonObject } from '../../fhir/types.ts';
import { resolveLinks } from '../../search/link.ts';
import { parseSearch } from '../../search/parse.ts';
import type { ParameterTable } from '../../search/parameters.ts';
import { planSearch } from '../../search/plan.ts';
import { contentSql } from '../../search/print.ts';
import type { SearchTree } from '../../search/tree.ts';
import { overVersions, versionRows } from '../../search/version-rows.ts';
import type { IndexEntry, StoreSession } from '../../storage/store.ts';

export interface MatchDeps {
  readonly session: StoreSession;
  readonly parameters: ParameterTable;
  readonly indexer: (resource: JsonObject) => IndexEntry;
  readonly baseUrl: string;
  readonly now: Date;
}

/** One version, under a key of the caller's. */
export interface Version {
  readonly key: string;
  readonly type: string;
  readonly id: string;
  readonly lastUpdated: string;
  readonly resource: JsonObject;
}

/** Versions of one type, indexed once, to be asked any number of searches. */
export interface IndexedVersions {
  readonly type: string;
  readonly keys: readonly string[];
  readonly parameters: readonly string[];
}

/** Index the versions as the store would. */
export function indexVersions(
  type: string,
  versions: readonly Version[],
  indexer: MatchDeps['indexer'],
): IndexedVersions {
  const rows = versions.map(({ id, lastUpdated, resource }) => ({
    type,
    id,
    lastUpdated,
    unit: null,
    index: indexer(resource),
  }));
  return {
    type,
    keys: versions.map(({ key }) => key),
    parameters: versionRows(rows),
  };
}

/** Parse criteria strictly: what is not understood must not match everything. Throws FhirError 400. */
export const parseCriteria = (
  type: string,
  query: string,
  parameters: ParameterTable,
  baseUrl: string,
): SearchTree => parseSearch(type, new URLSearchParams(query), parameters, { baseUrl });

/** Is every criterion about the resource itself? Chains, `_has` and compartments are about others, which are not versions of the batch. */
export const isAboutItself = ({ criteria }: Pick<SearchTree, 'criteria'>): boolean =>
  criteria.every((criterion) => {
    switch (criterion.kind) {
      case 'and':
      case 'or':
        return isAboutItself(criterion);
      case 'not':
        return isAboutItself({ criteria: [criterion.criterion] });
      default:
        return OWN_KINDS.has(criterion.kind);
    }
  });

const OWN_KINDS: ReadonlySet<string> = new Set(['match', 'missing', 'present']);

/** Keys of the versions that match; one statement. The tree must be about the resource itself. */
export async function matching(
  { session, parameters, baseUrl, now }: MatchDeps,
  versions: IndexedVersions,
  tree: SearchTree,
): Promise<ReadonlySet<string>> {
  const options = { now, filter: undefined };
  const criteria = await resolveLinks(tree.criteria, tree.types, {
    ...options,
    session,
    parameters,
    baseUrl,
  });
  const plan = planSearch(
    { types: tree.types, sort: [], count: versions.keys.length, cursor: undefined },
    criteria,
    parameters,
  );
  const rows = await session.query<{ content: string }>(
    overVersions(contentSql(plan, options), versions.parameters),
  );
  return new Set(rows.map(({ content }) => versions.keys[Number(content)] ?? ''));
}
