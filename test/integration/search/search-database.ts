/** A test database with a few resources in it, and searches as a caller would make them. */
import { stringifyJson } from '../../../src/fhir/json.ts';
import type { JsonObject, Resource } from '../../../src/fhir/types.ts';
import { protect } from '../../../src/repository/protect.ts';
import { createIndexer } from '../../../src/search/indexer.ts';
import { parseSearch } from '../../../src/search/parse.ts';
import type { Compartment } from '../../../src/search/parse.ts';
import { runSearch } from '../../../src/search/search.ts';
import type { SearchResult } from '../../../src/search/search.ts';
import type { Labels, Sql, StoreSession, Write } from '../../../src/storage/store.ts';
import { createTestDatabase } from '../../support/database.ts';
import type { TestDatabase } from '../../support/database.ts';
import type { ParameterTable } from '../../../src/search/parameters.ts';
import { EVERYTHING } from '../../../src/storage/row-access.ts';
import { parameters as standard } from '../../unit/search/definitions.ts';

export const BASE_URL = 'https://register.example/fhir';
export const NOW = new Date('2024-06-01T12:00:00Z');
export const SHARED: Labels = { register: null, unit: null, episode: null, national: false };

export interface SearchDatabase extends AsyncDisposable {
  readonly database: TestDatabase;
  /** Store first versions. */
  create(resources: readonly (Resource & { readonly id: string })[], labels?: Labels): Promise<void>;
  /** Store a next version; null deletes. */
  change(type: string, id: string, resource: Resource | null): Promise<void>;
  search(type: string | undefined, query: string, filter?: Sql): Promise<SearchResult>;
  /** The same through another session, in a compartment perhaps. */
  searchWith(session: StoreSession, type: string | undefined, query: string): Promise<SearchResult>;
  searchIn(compartment: Compartment, type: string | undefined, query: string): Promise<SearchResult>;
  /** Ids found, in order. */
  ids(type: string, query: string): Promise<readonly string[]>;
}

export async function createSearchDatabase(parameters: ParameterTable = standard): Promise<SearchDatabase> {
  const index = createIndexer(parameters, { baseUrl: BASE_URL });
  const firstVersion = (resource: Resource, labels: Labels): Write => ({
    type: resource.resourceType,
    id: resource.id ?? '',
    versionId: 1,
    lastUpdated: resource.meta?.lastUpdated ?? '2024-01-01T12:00:00.000Z',
    content: stringifyJson(resource),
    labels,
    index: index(resource),
    uniqueKeys: [],
    previous: null,
    op: 'C',
  });
  const database = await createTestDatabase();
  const { store } = database;
  const run = (
    session: StoreSession,
    type: string | undefined,
    query: string,
    { filter, compartment }: { filter?: Sql | undefined; compartment?: Compartment } = {},
  ): Promise<SearchResult> => {
    const tree = parseSearch(type, new URLSearchParams(query), parameters, {
      baseUrl: BASE_URL,
      ...(compartment !== undefined && { compartment }),
    });
    return runSearch(session, { parameters, filter, now: NOW, baseUrl: BASE_URL }, tree);
  };
  const search = (type: string | undefined, query: string, filter?: Sql): Promise<SearchResult> =>
    run(store.as(EVERYTHING), type, query, { filter });
  return {
    database,
    create: (resources, labels = SHARED) =>
      store.transaction(async (tx) => {
        const given = resources.map((resource) => resource as unknown as JsonObject);
        const versions = await protect(
          given.map((resource) => ({ resource, content: stringifyJson(resource) })),
          tx,
        );
        await tx.write(
          versions.map((version) => firstVersion(version?.resource as unknown as Resource, labels)),
        );
      }),
    change: (type, id, resource) =>
      store.transaction(async (tx) => {
        const [previous] = await tx.lockMany([{ type, id }]);
        await tx.write([
          {
            ...firstVersion(resource ?? ({ resourceType: type, id } as Resource), SHARED),
            id,
            versionId: previous!.versionId + 1,
            previous: previous!,
            labels: previous!.labels,
            op: resource === null ? 'D' : 'U',
            ...(resource === null && { content: null, index: null }),
          },
        ]);
      }),
    search,
    searchWith: run,
    searchIn: (compartment, type, query) => run(store.as(EVERYTHING), type, query, { compartment }),
    ids: async (type, query) => (await search(type, query)).rows.map(({ id }) => id),
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
}
