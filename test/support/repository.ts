/** The repository on a database of its own, with the base specification, the shared profiles and no register. */
import type { EhrPrincipal, Principal } from '../../src/access/principal.ts';
import { SYSTEM } from '../../src/access/principal.ts';
import { loadR4 } from '../../src/content/r4.ts';
import { newUuid } from '../../src/fhir/id.ts';
import { parseJson } from '../../src/fhir/json.ts';
import { createShapes } from '../../src/fhir/shape.ts';
import { FhirError } from '../../src/fhir/outcome.ts';
import type { JsonObject, Resource, SearchParameter } from '../../src/fhir/types.ts';
import type { Caller } from '../../src/repository/audit.ts';
import { NO_LABELS } from '../../src/repository/batch.ts';
import type { Operation, Result } from '../../src/repository/operation.ts';
import { Repository } from '../../src/repository/repository.ts';
import type { WriteRule } from '../../src/repository/rules.ts';
import { conditionFinder, createSearchService, type SearchService } from '../../src/repository/search.ts';
import { createIndexer } from '../../src/search/indexer.ts';
import { createParameters } from '../../src/search/parameters.ts';
import { createAuditLog } from '../../src/storage/audit-log.ts';
import { EVERYTHING } from '../../src/storage/row-access.ts';
import type { Labels, ResourceStore } from '../../src/storage/store.ts';
import { clockAt, type TestClock } from './clock.ts';
import { createTestDatabase, type TestDatabase } from './database.ts';
import { sharedArtefacts, sharedValidator } from './validator.ts';

export const FHIR_BASE = 'https://register.example.no/fhir';

export interface RepositoryUnderTest extends AsyncDisposable {
  readonly database: TestDatabase;
  readonly repository: Repository;
  readonly search: SearchService;
  readonly clock: TestClock;
  /** Store resources as they are, with the labels that tests need. */
  seed(resources: readonly JsonObject[], labels?: Partial<Labels>): Promise<void>;
  /** How many live rows of the type have the text in them. */
  count(type: string, text?: string): Promise<number>;
}

/** Make it; dispose in `afterAll`. `storeOf` puts another store over the database. */
export async function startRepository(
  rules: readonly WriteRule[] = [],
  storeOf: (database: TestDatabase) => ResourceStore = ({ store }) => store,
): Promise<RepositoryUnderTest> {
  const database = await createTestDatabase();
  const clock = clockAt('2026-11-20T08:00:00.000Z');
  const parameters = createParameters([
    ...loadR4().searchParameters.all(),
    ...sharedArtefacts<SearchParameter>('SearchParameter'),
  ]);
  const index = createIndexer(parameters, { baseUrl: FHIR_BASE });
  const repository = new Repository({
    store: storeOf(database),
    validator: sharedValidator(),
    shapes: createShapes((type) => loadR4().structureDefinitions.get(type)),
    indexer: (resource) => index(resource as unknown as Resource),
    findIds: conditionFinder(parameters, clock, FHIR_BASE),
    rules,
    audit: createAuditLog(database.app.as(EVERYTHING)),
    clock,
    newId: newUuid,
    fhirBase: FHIR_BASE,
  });
  return {
    database,
    repository,
    search: createSearchService({ repository, parameters }),
    clock,
    async seed(resources, labels = {}) {
      const operations = resources.map((resource) => ({
        ...put(resource),
        labels: { ...NO_LABELS, ...labels },
      }));
      await repository.commit(as(SYSTEM, 'load-content'), operations);
    },
    async count(type, text = '') {
      const [row] = await database.db.query<{ n: number }>({
        text: `select count(*)::int as n from resource
          where content like '{"resourceType":"' || $1 || '"%' and content like '%' || $2 || '%'`,
        values: [type, text],
      });
      return row?.n ?? 0;
    },
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
}

/** An EHR of the given units. */
export const ehrOf = (...units: readonly string[]): EhrPrincipal => ({
  kind: 'ehr',
  subject: `client:ehr-${units[0] ?? 'none'}`,
  name: 'Journal',
  scopes: ['system/*.cruds'],
  units,
});

export const as = (principal: Principal, interaction = 'transaction', requestId = 'request-1'): Caller => ({
  principal,
  requestId,
  interaction,
});

export const post = (
  resource: JsonObject,
  parts: Partial<Operation & { kind: 'create' }> = {},
): Operation => ({
  kind: 'create',
  type: resource['resourceType'] as string,
  resource,
  ...parts,
});

export const put = (
  resource: JsonObject,
  parts: Partial<Operation & { kind: 'update' }> = {},
): Operation & { kind: 'update' } => ({
  kind: 'update',
  type: resource['resourceType'] as string,
  ...(typeof resource['id'] === 'string' && { id: resource['id'] }),
  resource,
  ...parts,
});

export const remove = (
  type: string,
  id: string,
  parts: Partial<Operation & { kind: 'delete' }> = {},
): Operation => ({
  kind: 'delete',
  type,
  id,
  ...parts,
});

/** The resource in a result. */
export const bodyOf = (result: Pick<Result, 'content'> | undefined): JsonObject =>
  parseJson(result?.content ?? 'null') as JsonObject;

/** `404 not-found`, or the value, of something that may be refused. */
export async function refusalOf(running: Promise<unknown>): Promise<string> {
  try {
    await running;
  } catch (error) {
    if (error instanceof FhirError) {
      const [issue] = error.issues;
      return `${error.status} ${issue?.rule ?? issue?.code ?? ''}`;
    }
    throw error;
  }
  return 'done';
}
