/**
 * The other half of the access matrix: caller × row × way to change it (OWASP API1 and API5, CO-04). Each attempt either is
 * one that the oracle below allows, or is refused with a 4xx; and at the end every row has exactly the versions that the
 * allowed attempts made. The oracle shares no code with src/access.
 */
import type { Principal } from '../../src/access/principal.ts';
import type { JsonObject, JsonValue } from '../../src/fhir/types.ts';
import { createPostgresStore } from '../../src/storage/postgres-store.ts';
import { type RepositoryUnderTest, startRepository } from '../support/repository.ts';
import {
  CALLERS,
  type Fixture,
  LIVE,
  maySee,
  resourceOf,
  ROWS,
  storeFixture,
} from '../integration/repository/visibility-fixture.ts';
import { answerTo, depsOf } from './fhir-requests.ts';
import { withoutFilter } from './without-filter.ts';

const nameOf = ({ type, id }: Fixture): string => `${type}/${id}`;

let attempts = 0;
/** The row with a mark that no attempt before has left. */
const changed = (row: Fixture): JsonObject => ({
  ...resourceOf(row),
  language: attempts++ % 2 === 0 ? 'nb' : 'nn',
  extension: [{ url: 'urn:attempt', valueInteger: attempts }],
});
const patchOf = (): string =>
  Buffer.from(
    JSON.stringify([
      { op: 'add', path: '/extension', value: [{ url: 'urn:attempt', valueInteger: attempts++ }] },
    ]),
  ).toString('base64');

/** Entries of a batch: a change of the row, in each form that R4 has. */
const WAYS: Readonly<Record<string, (row: Fixture) => JsonValue>> = {
  update: (row) => ({ request: { method: 'PUT', url: nameOf(row) }, resource: changed(row) }),
  'update of version 1': (row) => ({
    request: { method: 'PUT', url: nameOf(row), ifMatch: 'W/"1"' },
    resource: changed(row),
  }),
  'conditional update': (row) => ({
    request: { method: 'PUT', url: `${row.type}?_id=${row.id}` },
    resource: changed(row),
  }),
  patch: (row) => ({
    request: { method: 'PATCH', url: nameOf(row) },
    resource: { resourceType: 'Binary', contentType: 'application/json-patch+json', data: patchOf() },
  }),
  'conditional patch': (row) => ({
    request: { method: 'PATCH', url: `${row.type}?_id=${row.id}` },
    resource: { resourceType: 'Binary', contentType: 'application/json-patch+json', data: patchOf() },
  }),
  'create in its place': (row) => ({
    request: { method: 'POST', url: row.type, ifNoneExist: `_id=${row.id}` },
    resource: changed(row),
  }),
  delete: (row) => ({ request: { method: 'DELETE', url: nameOf(row) } }),
  'conditional delete': (row) => ({ request: { method: 'DELETE', url: `${row.type}?_id=${row.id}` } }),
};

/**
 * The rule in the register's words. An EHR changes what it has sent itself; a department's people change its own forms, and
 * the comment of its own tasks, and its coordinator deletes a pathway; nobody else changes anything, and nobody what all share.
 */
function mayChange(principal: Principal, row: Fixture, how: string): boolean {
  if (row.unit === undefined || !maySee(principal, row)) {
    return false;
  }
  const isOwn =
    (principal.kind === 'ehr' || principal.kind === 'staff') && principal.units.includes(row.unit);
  const isForm = row.type === 'QuestionnaireResponse' && !how.includes('delete');
  if (principal.kind === 'ehr') {
    return isOwn && (row.register === undefined || isForm);
  }
  const isTask = row.type === 'Task' && !how.includes('delete');
  const isPathway = row.type === 'EpisodeOfCare' && how.includes('delete');
  const isLocal = principal.kind === 'staff' && principal.role !== 'SC';
  return isLocal && isOwn && (isForm || isTask || (isPathway && principal.role === 'LC'));
}

interface Attempt {
  readonly label: string;
  readonly status: number;
  readonly allowed: boolean;
  readonly row: Fixture;
}

/** Everybody tries everything. */
async function attemptAll(sut: RepositoryUnderTest): Promise<readonly Attempt[]> {
  const deps = depsOf(sut);
  const made: Attempt[] = [];
  for (const [who, principal] of Object.entries(CALLERS)) {
    for (const [how, entryOf] of Object.entries(WAYS)) {
      for (const row of LIVE) {
        const answer = JSON.parse(await answerTo(deps, principal, entryOf(row))) as {
          readonly entry: readonly [{ readonly response: { readonly status: string } }];
        };
        made.push({
          label: `${who}: ${how} of ${nameOf(row)}`,
          status: Number.parseInt(answer.entry[0].response.status, 10),
          allowed: mayChange(principal, row, how),
          row,
        });
      }
    }
  }
  return made;
}

const versions = async (sut: RepositoryUnderTest): Promise<ReadonlyMap<string, number>> => {
  const rows = await sut.database.db.query<{ id: string; ver: number }>({
    text: 'select id, ver from resource where id = any ($1)',
    values: [ROWS.map(({ id }) => id)],
  });
  return new Map(rows.map(({ id, ver }) => [id, ver]));
};

describe('The access matrix of writes', () => {
  it.each([
    ['with all that guards it', false],
    ['with row-level security and the rules of writing alone, the filter switched off (RL-03)', true],
  ])(
    'changes what the caller may change, and nothing else: %s.',
    async (_what, isMutant) => {
      const sut = await startRepository([], ({ app, store, identifiers }) =>
        isMutant ? createPostgresStore(withoutFilter(app), identifiers) : store,
      );
      await storeFixture(sut);
      const before = await versions(sut);

      const made = await attemptAll(sut);

      const after = await versions(sut);
      const done = made.filter(({ status }) => status < 300);
      const touched = new Set(done.filter(({ allowed }) => allowed).map(({ row }) => row.id));
      expect(made).toHaveLength(2912);
      expect(made.filter(({ status }) => status >= 500).map(({ label }) => label)).toEqual([]);
      expect(
        done.filter(({ allowed, label }) => !allowed && !isRepetition(label)).map(({ label }) => label),
      ).toEqual([]);
      expect([...after].filter(([id, version]) => version !== before.get(id) && !touched.has(id))).toEqual(
        [],
      );
      expect(done.filter(({ allowed }) => allowed).length).toBeGreaterThan(40);
      await sut[Symbol.asyncDispose]();
    },
    300_000,
  );
});

/** Answers 2xx without a change: what is there is told, what is gone stays gone. */
const isRepetition = (label: string): boolean =>
  label.includes('create in its place') || label.includes('conditional delete');
