/**
 * The access matrix (OWASP API1, CO-04): caller × row × way to ask. What each answer holds is compared with an oracle that
 * shares no code with src/access (visibility-fixture.ts). A second run has the access filter switched off: row-level
 * security alone must let no foreign row through (RL-03). Writes are in write-matrix.test.ts.
 */
import type { Principal } from '../../src/access/principal.ts';
import { FhirError } from '../../src/fhir/outcome.ts';
import type { FhirResponse } from '../../src/interactions/exchange.ts';
import { everythingRoutes } from '../../src/operations/everything.ts';
import { metaRoutes } from '../../src/operations/meta.ts';
import { createPostgresStore } from '../../src/storage/postgres-store.ts';
import { as, ehrOf, type RepositoryUnderTest, startRepository } from '../support/repository.ts';
import {
  CALLERS,
  type Fixture,
  LIVE,
  maySee,
  resourceOf,
  ROWS,
  storeFixture,
} from '../integration/repository/visibility-fixture.ts';
import { answerTo, depsOf, requestOf } from './fhir-requests.ts';
import { withoutFilter, withoutStreamFilter } from './without-filter.ts';

/** Callers whose scopes are narrower than their place; the oracle for them is the place's, cut by type and letter. */
const NARROW: Readonly<Record<string, Principal>> = {
  'the EHR of hospital A, with persons to read alone': {
    ...ehrOf('A', 'a1', 'a2'),
    scopes: ['system/Patient.r'],
  },
  'the EHR of hospital A, with no scope': { ...ehrOf('A', 'a1', 'a2'), scopes: [] },
};

type Names = ReadonlySet<string>;
const nameOf = ({ type, id }: { readonly type: string; readonly id: string }): string => `${type}/${id}`;
const has = (principal: Principal, type: string, letter: 'r' | 's'): boolean =>
  principal.scopes.some((scope) => new RegExp(`^\\w+/(\\*|${type})\\.\\w*${letter}`).test(scope));

/** One way to ask for a row, and which rows its answer may hold, given what the caller may see. */
interface Way {
  readonly method?: 'GET' | 'POST';
  readonly url: (row: Fixture) => string | undefined;
  readonly letter: 'r' | 's';
  /** Rows that the answer holds exactly; undefined = the row itself, when it is seen and not deleted. */
  readonly holds?: (row: Fixture, seen: (row: Fixture) => boolean) => readonly Fixture[];
  /** Earlier versions are not given to analytics. */
  readonly isEarlier?: true;
}

const about = (row: Fixture): readonly Fixture[] =>
  LIVE.filter(({ patient }) => patient !== undefined && patient === row.patient);
const personOf = (row: Fixture): Fixture | undefined =>
  LIVE.find(({ type, id }) => type === 'Patient' && id === row.patient);
const linked = new Set(['Observation', 'QuestionnaireResponse']);
const alone = (row: Fixture, seen: (row: Fixture) => boolean): readonly Fixture[] =>
  row.deleted !== true && seen(row) ? [row] : [];

const WAYS: Readonly<Record<string, Way>> = {
  read: { letter: 'r', url: nameOf },
  vread: {
    letter: 'r',
    url: (row) => `${nameOf(row)}/_history/1`,
    isEarlier: true,
    holds: (row, seen) => (seen(row) ? [row] : []),
  },
  'history of one': {
    letter: 'r',
    url: (row) => `${nameOf(row)}/_history`,
    isEarlier: true,
    holds: (row, seen) => (seen(row) ? [row] : []),
  },
  'history of the type': {
    letter: 's',
    url: ({ type }) => `${type}/_history?_count=200`,
    isEarlier: true,
    holds: ({ type }, seen) => ROWS.filter((row) => row.type === type && seen(row)),
  },
  'search by id': { letter: 's', url: ({ type, id }) => `${type}?_id=${id}`, holds: alone },
  'search of all': {
    letter: 's',
    url: ({ type }) => `${type}?_count=200&_sort=-_lastUpdated`,
    holds: ({ type }, seen) => LIVE.filter((row) => row.type === type && seen(row)),
  },
  'search by absence': {
    letter: 's',
    url: ({ type }) => `${type}?_id:not=nobody&_count=200`,
    holds: ({ type }, seen) => LIVE.filter((row) => row.type === type && seen(row)),
  },
  compartment: {
    letter: 's',
    url: ({ type, patient }) =>
      linked.has(type) ? `Patient/${patient ?? 'none'}/${type}?_count=200` : undefined,
    holds: (row, seen) => about(row).filter((other) => other.type === row.type && seen(other)),
  },
  chain: {
    letter: 's',
    url: ({ type, patient }) =>
      linked.has(type) && patient !== undefined
        ? `${type}?subject:Patient._id=${patient}&_count=200`
        : undefined,
    holds: (row, seen) => {
      const person = personOf(row);
      return person !== undefined && seen(person)
        ? about(row).filter((other) => other.type === row.type && seen(other))
        : [];
    },
  },
  _has: {
    letter: 's',
    url: ({ type, id, patient }) =>
      linked.has(type) && patient !== undefined ? `Patient?_has:${type}:subject:_id=${id}` : undefined,
    holds: (row, seen) => {
      const person = personOf(row);
      return row.deleted !== true && seen(row) && person !== undefined && seen(person) ? [person] : [];
    },
  },
  _include: {
    letter: 's',
    url: ({ type, id }) => (linked.has(type) ? `${type}?_id=${id}&_include=${type}:subject` : undefined),
    holds: (row, seen) => {
      const person = personOf(row);
      return [
        ...alone(row, seen),
        ...(alone(row, seen).length > 0 && person !== undefined && seen(person) ? [person] : []),
      ];
    },
  },
  _revinclude: {
    letter: 's',
    url: ({ type, id }) =>
      type === 'Patient'
        ? `Patient?_id=${id}&_revinclude=Observation:subject&_revinclude=QuestionnaireResponse:subject`
        : undefined,
    holds: (row, seen) =>
      alone(row, seen).flatMap((person) => [
        person,
        ...LIVE.filter((other) => linked.has(other.type) && other.patient === person.id && seen(other)),
      ]),
  },
  $everything: {
    letter: 'r',
    url: ({ type, id }) => (type === 'Patient' ? `Patient/${id}/$everything` : undefined),
  },
  '$meta of the type': { letter: 's', url: ({ type }) => `${type}/$meta`, holds: () => [] },
};

/** Names of the resources in a Bundle or of the resource itself; a deletion in a history counts by its address. */
function namesIn(text: string): Names {
  const resources = [...text.matchAll(/"resourceType":"(\w+)","id":"([^"]+)"/g)].map(
    ([, type, id]) => `${type ?? ''}/${id ?? ''}`,
  );
  const urls = [...text.matchAll(/"url":"(\w+\/[\w.-]+)"/g)].map(([, url]) => url ?? '');
  return new Set([...resources, ...urls].filter((name) => ROWS.some((row) => nameOf(row) === name)));
}

interface Harness {
  readonly sut: RepositoryUnderTest;
  ask(principal: Principal, url: string): Promise<Names>;
}

async function harness(sut: RepositoryUnderTest): Promise<Harness> {
  const deps = depsOf(sut);
  const operation = async (principal: Principal, url: string): Promise<FhirResponse> => {
    const [type = '', id = '', name = ''] = url.includes('$everything')
      ? url.split('/')
      : [url.split('/')[0] ?? '', '', '$meta'];
    const route = [...everythingRoutes(), ...metaRoutes()].find(
      ({ method, path }) =>
        method === 'get' &&
        (name === '$meta' ? path === '/:type/$meta' : path === '/Patient/:id/$everything'),
    );
    return route === undefined
      ? { status: 404, headers: {} }
      : await route.run(deps, requestOf(principal, { type, id }));
  };
  return {
    sut,
    async ask(principal, url) {
      try {
        if (!url.includes('$')) {
          return namesIn(await answerTo(deps, principal, { request: { method: 'GET', url } }));
        }
        const { body = '' } = await operation(principal, url);
        return namesIn(typeof body === 'string' ? body : JSON.stringify(body));
      } catch (error) {
        if (error instanceof FhirError && error.status < 500) {
          return new Set();
        }
        throw error;
      }
    },
  };
}

interface Cell {
  readonly label: string;
  readonly principal: Principal;
  readonly row: Fixture;
  readonly way: Way;
  readonly url: string;
}

const CELLS: readonly Cell[] = Object.entries({ ...CALLERS, ...NARROW }).flatMap(([who, principal]) =>
  Object.entries(WAYS).flatMap(([how, way]) =>
    ROWS.flatMap((row) => {
      const url = way.url(row);
      return url === undefined
        ? []
        : [{ label: `${who}: ${how} of ${nameOf(row)}`, principal, row, way, url }];
    }),
  ),
);

/** What an answer must hold; undefined = only that nothing foreign is in it. */
function expected({ principal, row, way }: Cell): readonly string[] | undefined {
  const seen = (other: Fixture): boolean => maySee(principal, other);
  if (
    way.url(row)?.includes('$everything') === true ||
    way.url(row)?.includes(':') === true ||
    way.url(row)?.includes('include') === true
  ) {
    // types beyond the asked one need scopes of their own: the whole place is compared, narrow callers for foreign rows only
    if (Object.values(NARROW).includes(principal)) {
      return undefined;
    }
  }
  if (way.isEarlier === true && principal.kind === 'analytics') {
    return [];
  }
  if (!has(principal, row.type, way.letter)) {
    return [];
  }
  if (
    way.holds === undefined &&
    row.type === 'Patient' &&
    way.letter === 'r' &&
    way.url(row) !== nameOf(row)
  ) {
    return undefined;
  }
  return [...new Set((way.holds ?? alone)(row, seen).map(nameOf))].toSorted();
}

const foreign = ({ principal }: Cell, names: Names): readonly string[] =>
  [...names].filter((name) => !ROWS.some((row) => nameOf(row) === name && maySee(principal, row)));

describe('The access matrix', () => {
  let under: Harness;
  beforeAll(async () => {
    under = await harness(await startRepository());
    await storeFixture(under.sut);
  }, 180_000);
  afterAll(() => under.sut[Symbol.asyncDispose]());

  it('holds in every cell: each answer is what the oracle says (CO-04).', async () => {
    expect(CELLS).toHaveLength(4590);
    const wrong: string[] = [];
    for (const cell of CELLS) {
      const names = await under.ask(cell.principal, cell.url);
      const right = expected(cell);
      if (
        foreign(cell, names).length > 0 ||
        (right !== undefined && [...names].toSorted().join() !== right.join())
      ) {
        wrong.push(`${cell.label}: ${[...names].join(' ')} instead of ${right?.join(' ') ?? 'own rows'}`);
      }
    }

    expect(wrong).toEqual([]);
  }, 600_000);
});

describe('The access matrix without the filter', () => {
  let under: Harness;
  let owner: Harness;
  beforeAll(async () => {
    const sut = await startRepository([], ({ app, identifiers }) =>
      withoutStreamFilter(createPostgresStore(withoutFilter(app), identifiers)),
    );
    under = await harness(sut);
    await storeFixture(sut);
    owner = under;
  }, 180_000);
  afterAll(() => owner.sut[Symbol.asyncDispose]());

  it('shows no foreign row in any cell: row-level security stands alone (RL-03).', async () => {
    const wrong: string[] = [];
    for (const cell of CELLS) {
      const names = foreign(cell, await under.ask(cell.principal, cell.url));
      if (names.length > 0) {
        wrong.push(`${cell.label}: ${names.join(' ')}`);
      }
    }

    expect(wrong).toEqual([]);
  }, 600_000);

  it('counts no foreign row either.', async () => {
    for (const principal of Object.values(CALLERS)) {
      const own = LIVE.filter((row) => row.type === 'Observation' && maySee(principal, row)).length;
      const { total } = await under.sut.search.search(
        as(principal, 'search-type'),
        'Observation',
        new URLSearchParams('_summary=count'),
        { lenient: false },
      );
      expect(total).toBe(own);
    }
  }, 120_000);

  it('is a real mutant: without row-level security, it shows everything.', async () => {
    const sut = await startRepository([], ({ db, identifiers }) =>
      createPostgresStore(withoutFilter(db), identifiers),
    );
    await sut.seed([resourceOf({ type: 'Observation', id: 'o2' })], { unit: 'B' });
    const stranger = await harness(sut);

    expect([...(await stranger.ask(CALLERS['an EHR that has sent nothing']!, 'Observation?_id=o2'))]).toEqual(
      ['Observation/o2'],
    );
    await sut[Symbol.asyncDispose]();
  }, 120_000);
});
