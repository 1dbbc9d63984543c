/** Pages while others write: https://hl7.org/fhir/R4/search.html#paging */
import fc from 'fast-check';
import type { Resource } from '../../../src/fhir/types.ts';
import { EVERYTHING } from '../../../src/storage/row-access.ts';
import { createSearchDatabase } from './search-database.ts';
import type { SearchDatabase } from './search-database.ts';

type Stored = Resource & { readonly id: string };

/** Few values, so that ties and missing ones are common. */
const patient = (id: string, seed: number): Stored =>
  ({
    resourceType: 'Patient',
    id,
    active: true,
    ...(seed % 5 !== 0 && { birthDate: `19${50 + (seed % 4)}-01-01` }),
    ...(seed % 3 !== 0 && { gender: ['male', 'female', 'other'][seed % 3] }),
    ...(seed % 7 !== 0 && { name: [{ family: ['Berg', 'Dahl', 'Lie'][seed % 3], given: [`G${seed % 2}`] }] }),
    identifier: [{ system: 'http://ids', value: `v${seed % 6}` }],
    ...(seed % 4 !== 0 && { managingOrganization: { reference: `Organization/o${seed % 3}` } }),
  }) as Stored;

const ORDERS = [
  '',
  'active=true',
  '_sort=family',
  '_sort=-family,given',
  '_sort=birthdate,-_lastUpdated',
  '_sort=-birthdate,gender',
  '_sort=gender',
  '_sort=-gender,identifier',
  '_sort=organization,-family',
  '_sort=-identifier',
  'active=true&_sort=birthdate',
  '_sort=-_id',
];

type Change = { readonly kind: 'insert' | 'update' | 'delete'; readonly n: number; readonly seed: number };
const change: fc.Arbitrary<Change> = fc.record({
  kind: fc.constantFrom('insert', 'update', 'delete'),
  n: fc.nat(19),
  seed: fc.nat(60),
});

describe('Paging in any order', () => {
  let db: SearchDatabase;
  let run = 0;

  beforeAll(async () => {
    db = await createSearchDatabase();
  });

  afterAll(async () => {
    await db[Symbol.asyncDispose]();
  });

  /** Every page to the last, with the changes made between them. */
  const walk = async (
    query: string,
    prefix: string,
    changes: readonly Change[],
  ): Promise<readonly string[]> => {
    const seen: string[] = [];
    const rest = [...changes];
    let cursor: string | undefined = '';
    for (let page = 0; cursor !== undefined; page++) {
      const next: string = cursor === '' ? '' : `&_cursor=${encodeURIComponent(cursor)}`;
      const { rows, nextCursor } = await db.search('Patient', `${query}&_count=4${next}`);
      seen.push(...rows.map(({ id }) => id));
      cursor = page > 40 ? undefined : nextCursor;
      for (const { kind, n, seed } of rest.splice(0, 2)) {
        await make(kind, `${prefix}${n}`, `${prefix}new-${page}-${n}-${seed}`, seed);
      }
    }
    return seen.filter((id) => id.startsWith(prefix));
  };

  const make = async (kind: Change['kind'], id: string, newId: string, seed: number): Promise<void> => {
    const known = await db.database.store.as(EVERYTHING).read({
      type: 'Patient',
      id: kind === 'insert' ? newId : id,
    });
    if (kind === 'insert') {
      await (known === undefined ? db.create([patient(newId, seed)]) : Promise.resolve());
    } else if (known?.content != null) {
      await db.change('Patient', id, kind === 'delete' ? null : patient(id, seed));
    }
  };

  it('shows everything that stayed as it was exactly once, and nothing twice that changed place by no sort value.', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...ORDERS),
        fc.array(fc.nat(60), { minLength: 20, maxLength: 20 }),
        fc.array(change, { maxLength: 12 }),
        async (order, seeds, changes) => {
          const prefix = `r${run++}x`;
          await db.create(seeds.map((seed, n) => patient(`${prefix}${n}`, seed)));
          const touched = new Set(
            changes.filter(({ kind }) => kind !== 'insert').map(({ n }) => `${prefix}${n}`),
          );

          const seen = await walk(order, prefix, changes);

          const unchanged = seeds.map((_, n) => `${prefix}${n}`).filter((id) => !touched.has(id));
          for (const id of unchanged) {
            expect([order, id, seen.filter((found) => found === id).length]).toEqual([order, id, 1]);
          }
          await cleanUp(prefix);
        },
      ),
      { numRuns: 40 },
    );
  }, 120_000);

  const cleanUp = async (prefix: string): Promise<void> => {
    const { rows } = await db.search('Patient', '_count=1000');
    for (const { id } of rows.filter(({ id }) => id.startsWith(prefix))) {
      await db.change('Patient', id, null);
    }
  };
});

describe('The order of an answer', () => {
  it.each([
    ['_sort=gender,_id', ['b', 'c', 'a', 'd']],
    ['_sort=-gender,-_id', ['d', 'a', 'c', 'b']],
    ['_sort=identifier', ['d', 'b', 'a', 'c']],
    ['_sort=organization,_id', ['c', 'a', 'b', 'd']],
    ['_sort=-birthdate,_id', ['c', 'd', 'a', 'b']],
    ['_sort=phone,_id', ['a', 'b', 'c', 'd']],
    ['_sort=_tag,_id', ['b', 'a', 'c', 'd']],
    ['_sort=_profile,_id', ['b', 'a', 'c', 'd']],
  ])('follows %s.', async (query, ids) => {
    await using db = await createSearchDatabase();
    const row = (id: string, extra: object): Stored => ({ resourceType: 'Patient', id, ...extra }) as Stored;
    await db.create([
      row('a', {
        gender: 'male',
        birthDate: '1970',
        identifier: [{ value: '3' }],
        managingOrganization: { reference: 'Organization/p' },
        telecom: [
          { system: 'email', value: '1@x.example' },
          { system: 'phone', value: '10' },
        ],
      }),
      row('b', {
        gender: 'female',
        birthDate: '1960',
        identifier: [{ value: '2' }],
        managingOrganization: { reference: 'Organization/q' },
        telecom: [{ system: 'phone', value: '20' }],
        meta: { tag: [{ system: 'http://t', code: 'x' }], profile: ['http://p'] },
      }),
      row('c', {
        gender: 'female',
        identifier: [{ value: '4' }],
        managingOrganization: { reference: 'Organization/o' },
      }),
      row('d', { birthDate: '1980', identifier: [{ value: '1' }, { value: '9' }] }),
    ]);

    expect(await db.ids('Patient', query)).toEqual(ids);
  });
});

describe('How many there are', () => {
  it.each([
    ['_count=2', undefined, 2],
    ['_count=2&_total=none', undefined, 2],
    ['_count=2&_total=accurate', 5, 2],
    ['_count=2&_total=estimate', 5, 2],
    ['_summary=count', 5, 0],
    ['_count=0', 5, 0],
    ['_count=9', 5, 5],
  ])('with %s: %s in all, %s here.', async (query, total, here) => {
    await using db = await createSearchDatabase();
    await db.create(Array.from({ length: 5 }, (_, n) => patient(`p${n}`, n)));

    const found = await db.search('Patient', query);

    expect([found.total, found.rows.length]).toEqual([total, here]);
  });
});
