/** Definitions change while resources are there: what is stale is known, refused, made anew, and never blocks a writer. */
import { loadR4 } from '../../../src/content/r4.ts';
import { stringifyJson } from '../../../src/fhir/json.ts';
import type { Resource, SearchParameter } from '../../../src/fhir/types.ts';
import { planReindex, prepareIndex, runReindex, type ReindexDeps } from '../../../src/repository/reindex.ts';
import { createIndexer } from '../../../src/search/indexer.ts';
import { createParameters } from '../../../src/search/parameters.ts';
import { parseSearch } from '../../../src/search/parse.ts';
import { runSearch } from '../../../src/search/search.ts';
import { readIndexState } from '../../../src/storage/reindex-store.ts';
import type { Write } from '../../../src/storage/store.ts';
import { EVERYTHING } from '../../../src/storage/row-access.ts';
import { clockAt } from '../../support/clock.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

const eyeColour = (expression: string): SearchParameter => ({
  resourceType: 'SearchParameter',
  url: 'https://ryggrad.no/fhir/SearchParameter/eye-colour',
  name: 'EyeColour',
  status: 'active',
  description: 'Colour of the eyes',
  code: 'eye-colour',
  base: ['Patient'],
  type: 'string',
  expression,
});

const EYES = "Patient.extension.where(url = 'http://eyes').value";
const HAIR = "Patient.extension.where(url = 'http://hair').value";
const clock = clockAt('2026-11-20T08:00:00.000Z');
const COUNT = 2100;

/** The server as it starts with these definitions. */
function definedAs(database: TestDatabase, extra: readonly SearchParameter[]): ReindexDeps {
  const parameters = createParameters([...loadR4().searchParameters.all(), ...extra]);
  return { db: database.db, parameters, index: createIndexer(parameters), clock };
}

const patient = (n: number, eyes = 'blue'): Resource =>
  ({
    resourceType: 'Patient',
    id: `p${n}`,
    extension: [
      { url: 'http://eyes', valueString: eyes },
      { url: 'http://hair', valueString: 'brown' },
    ],
  }) as Resource;

const firstVersion = (resource: Resource, { index }: ReindexDeps): Write => ({
  type: resource.resourceType,
  id: resource.id ?? '',
  versionId: 1,
  lastUpdated: '2026-01-01T12:00:00.000Z',
  content: stringifyJson(resource),
  labels: { register: null, unit: null, episode: null, national: false },
  index: index(resource),
  uniqueKeys: [],
  previous: null,
  op: 'C',
});

describe('A changed definition', () => {
  let database: TestDatabase;
  let old: ReindexDeps;

  beforeEach(async () => {
    database = await createTestDatabase();
    old = definedAs(database, []);
    await prepareIndex(old);
    await database.store.transaction((tx) =>
      tx.write(Array.from({ length: COUNT }, (_, n) => firstVersion(patient(n), old))),
    );
  });

  afterEach(async () => {
    await database[Symbol.asyncDispose]();
  });

  const total = async ({ parameters }: ReindexDeps, query: string): Promise<number | undefined> => {
    const tree = parseSearch('Patient', new URLSearchParams(`${query}&_summary=count`), parameters);
    const deps = { parameters, filter: undefined, now: clock.now() };
    return (await runSearch(database.store.as(EVERYTHING), deps, tree)).total;
  };

  const stateOf = async (type: string) =>
    (await readIndexState(database.db)).find((state) => state.type === type);

  it('needs no work where nothing changed.', async () => {
    expect(await planReindex(definedAs(database, []))).toEqual([]);
    expect((await prepareIndex(definedAs(database, []))).hasWork).toBe(false);
  });

  it('is refused by name with its progress, while the other parameters are answered.', async () => {
    const changed = definedAs(database, [eyeColour(EYES)]);
    const { pending, hasWork } = await prepareIndex(changed);
    const parameters = { ...changed.parameters, pending };

    const ask = (): unknown => parseSearch('Patient', new URLSearchParams('eye-colour=blue'), parameters);

    expect(hasWork).toBe(true);
    expect(ask).toThrow(/eye-colour is not searchable yet: .*0 of 2100 resources/);
    expect(await total({ ...changed, parameters }, '_id=p7')).toBe(1);
    expect(parseSearch('Observation', new URLSearchParams('code=x'), parameters).criteria).toHaveLength(1);
  });

  it('finds every resource when the work is done, also after another change of its expression.', async () => {
    const eyes = definedAs(database, [eyeColour(EYES)]);
    await planReindex(eyes);
    await runReindex(eyes);

    expect(await total(eyes, 'eye-colour=blue')).toBe(COUNT);
    expect((await stateOf('Patient'))?.target).toBeNull();

    const hair = definedAs(database, [eyeColour(HAIR)]);
    expect(await planReindex(hair)).toEqual(['Patient']);
    await runReindex(hair);

    expect(await total(hair, 'eye-colour=brown')).toBe(COUNT);
    expect(await total(hair, 'eye-colour=blue')).toBe(0);
  });

  it('goes on after a stop in the middle, at a second start.', async () => {
    const eyes = definedAs(database, [eyeColour(EYES)]);
    await planReindex(eyes);
    const stopping = new AbortController();
    let batches = 0;
    const index: ReindexDeps['index'] = (resource) => {
      batches += 1;
      if (batches === 300) {
        stopping.abort();
      }
      return eyes.index(resource);
    };
    await runReindex({ ...eyes, index }, stopping.signal);

    expect(await stateOf('Patient')).toMatchObject({ done: 400, total: COUNT });

    const second = definedAs(database, [eyeColour(EYES)]);
    await prepareIndex(second);
    const seen: number[] = [];
    await runReindex({ ...second, report: ({ done }) => seen.push(done) });

    expect(seen[0]).toBe(400);
    expect(await total(second, 'eye-colour=blue')).toBe(COUNT);
  });

  it('leaves a version alone that was written meanwhile, and waits for none that is being written.', async () => {
    const eyes = definedAs(database, [eyeColour(EYES)]);
    await planReindex(eyes);
    let running = Promise.resolve();
    await database.store.transaction(async (tx) => {
      const [previous] = await tx.lockMany([{ type: 'Patient', id: 'p5' }]);
      running = runReindex(eyes);
      await tx.write([
        { ...firstVersion(patient(5, 'green'), eyes), versionId: 2, previous: previous!, op: 'U' },
      ]);
    });
    await running;

    expect(await total(eyes, 'eye-colour=green')).toBe(1);
    expect(await total(eyes, 'eye-colour=blue')).toBe(COUNT - 1);
  });

  it('is made anew on demand, for one type.', async () => {
    await database.db.query({ text: 'delete from idx_text' });
    await database.db.query({ text: 'update resource set ihash = null' });

    expect(await planReindex(old, ['Patient'])).toEqual(['Patient']);
    await runReindex(old);

    const [row] = await database.db.query<{ count: number }>({
      text: 'select count(*)::int as count from resource where ihash is null',
    });
    expect(row?.count).toBe(0);
  });
});
