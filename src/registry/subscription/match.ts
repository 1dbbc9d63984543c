/**
 * Which versions of a batch match a search: the search's own SQL over the index rows of exactly those versions.
 * Common table expressions with the names of the tables stand in for them, so that there is one interpreter of search and
 * not two, and a version that has been superseded, or is the one before, is judged as it was.
 */
import { typeCode } from '../../fhir/resource-types.ts';
import type { JsonObject } from '../../fhir/types.ts';
import { resolveLinks } from '../../search/link.ts';
import { parseSearch } from '../../search/parse.ts';
import type { ParameterTable } from '../../search/parameters.ts';
import { planSearch } from '../../search/plan.ts';
import { contentSql } from '../../search/print.ts';
import type { SearchTree } from '../../search/tree.ts';
import type { IndexEntry, Sql, StoreSession } from '../../storage/store.ts';

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
  const rows = versions.map(({ id, lastUpdated, resource }, number) => {
    const index = indexer(resource);
    const key = { cmp: 0, type: typeCode(type), rid: number };
    const { hot } = index;
    return {
      main: {
        ...key,
        id,
        lu: lastUpdated,
        content: String(number),
        patient: hot.patient,
        org: hot.org,
        canon: hot.canon,
        status: hot.status,
        d_lo: hot.dLo,
        d_hi: hot.dHi,
      },
      tokens: index.tokens.map((row) => ({ ...key, ...row, d: hot.dLo })),
      dates: index.dates.map((row) => ({ ...key, ...row })),
      texts: index.texts.map((row) => ({ ...key, ...row })),
      numbers: index.numbers.map((row) => ({ ...key, ...row })),
    };
  });
  return {
    type,
    keys: versions.map(({ key }) => key),
    parameters: [
      JSON.stringify(rows.map(({ main }) => main)),
      JSON.stringify(rows.flatMap(({ tokens }) => tokens)),
      JSON.stringify(rows.flatMap(({ dates }) => dates)),
      JSON.stringify(rows.flatMap(({ texts }) => texts)),
      JSON.stringify(rows.flatMap(({ numbers }) => numbers)),
    ],
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
  const rows = await session.query<{ content: string }>(over(contentSql(plan, options), versions.parameters));
  return new Set(rows.map(({ content }) => versions.keys[Number(content)] ?? ''));
}

const KEY = 'cmp int, type smallint, rid bigint';
const TABLES: readonly (readonly [name: string, columns: string])[] = [
  [
    'resource',
    `${KEY}, id text, lu timestamptz, content text, patient text, org text, canon text, status text, d_lo timestamptz, d_hi timestamptz`,
  ],
  ['idx_token', `${KEY}, param int, h bigint, hv bigint, d timestamptz`],
  ['idx_date', `${KEY}, param int, lo timestamptz, hi timestamptz`],
  ['idx_text', `${KEY}, param int, val text, exact text`],
  ['idx_number', `${KEY}, param int, lo float8, hi float8, unit bigint`],
];

/** The statement with its tables replaced by the given rows. */
function over({ text, values }: Sql, parameters: readonly string[]): Sql {
  const tables = TABLES.map(
    ([name, columns], index) =>
      `${name} as materialized (select * from json_to_recordset($${values.length + index + 1}) as x (${columns}))`,
  );
  return { text: `with ${tables.join(',\n')}\n${text}`, values: [...values, ...parameters] };
}
