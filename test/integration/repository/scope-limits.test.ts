/** An app's scopes of one patient (SM-13), and scopes that never widen (SC-06). */
import fc from 'fast-check';
import { decide } from '../../../src/access/decide.ts';
import { rowFilter } from '../../../src/access/filter.ts';
import type { EhrPrincipal, Principal, StaffPrincipal } from '../../../src/access/principal.ts';
import { withLimits } from '../../../src/access/scope-limits.ts';
import { loadR4 } from '../../../src/content/r4.ts';
import { typeName } from '../../../src/fhir/resource-types.ts';
import { createParameters } from '../../../src/search/parameters.ts';
import { fromSql, join, raw, sql, toSql } from '../../../src/search/sql.ts';
import { EVERYTHING } from '../../../src/storage/row-access.ts';
import {
  as,
  FHIR_BASE,
  refusalOf,
  type RepositoryUnderTest,
  startRepository,
} from '../../support/repository.ts';

let sut: RepositoryUnderTest;
const parameters = createParameters([...loadR4().searchParameters.all()]);
const context = { parameters, now: new Date('2026-11-20T08:00:00Z'), baseUrl: FHIR_BASE };
const app = (scopes: readonly string[], scopePatient = 'p1'): StaffPrincipal =>
  withLimits(
    {
      kind: 'staff',
      subject: 'user:ane',
      name: 'Ane',
      scopes,
      role: 'LC',
      register: 'pain',
      units: ['hospital'],
      app: 'app',
      scopePatient,
    },
    context,
  );
const system = (scopes: readonly string[]): EhrPrincipal =>
  withLimits({ kind: 'ehr', subject: 'client:ehr', name: 'Journal', scopes, units: ['hospital'] }, context);

const observation = (id: string, patient: string, code: string) => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  category: [{ coding: [{ code }] }],
  code: { text: 'x' },
  subject: { reference: `Patient/${patient}` },
});

beforeAll(async () => {
  sut = await startRepository();
  await sut.seed(
    [
      { resourceType: 'Patient', id: 'p1' },
      { resourceType: 'Patient', id: 'p2' },
      observation('o1', 'p1', 'laboratory'),
      observation('o1v', 'p1', 'vital-signs'),
      observation('o2', 'p2', 'laboratory'),
    ],
    { unit: 'hospital', register: 'pain' },
  );
  await sut.seed([{ resourceType: 'Practitioner', id: 'kari' }]);
});
afterAll(() => sut[Symbol.asyncDispose]());

const found = async (principal: StaffPrincipal, type: string): Promise<readonly string[]> => {
  const { matches } = await sut.search.search(as(principal, 'search-type'), type, new URLSearchParams(), {
    lenient: false,
  });
  return matches.map(({ id }) => id).toSorted();
};

describe('An app with scopes of one patient', () => {
  it('sees that patient’s rows alone, and what is about nobody.', async () => {
    const principal = app(['patient/*.rs']);

    expect(await found(principal, 'Observation')).toEqual(['o1', 'o1v']);
    expect(await found(principal, 'Patient')).toEqual(['p1']);
    expect(await found(principal, 'Practitioner')).toEqual(['kari']);
    expect(
      await refusalOf(sut.repository.read(as(principal, 'read'), { type: 'Observation', id: 'o2' })),
    ).toMatch(/^404/);
  });

  it('sees by user/ scopes what the person sees, and by patient/ scopes the patient’s.', async () => {
    const principal = app(['patient/Observation.rs', 'user/Patient.rs']);

    expect(await found(principal, 'Observation')).toEqual(['o1', 'o1v']);
    expect(await found(principal, 'Patient')).toEqual(['p1', 'p2']);
  });

  it('has both limits where a patient/ scope has a query.', async () => {
    expect(await found(app(['patient/Observation.rs?category=laboratory']), 'Observation')).toEqual(['o1']);
  });

  it('writes nothing about another patient.', async () => {
    const principal = app(['patient/EpisodeOfCare.c']);
    const create = (patient: string) =>
      sut.repository.commit(as(principal, 'create'), [
        {
          kind: 'create',
          type: 'EpisodeOfCare',
          resource: {
            resourceType: 'EpisodeOfCare',
            status: 'active',
            patient: { reference: `Patient/${patient}` },
          },
        },
      ]);

    expect(await refusalOf(create('p2'))).not.toBe('no refusal');
    expect(await create('p1')).toMatchObject([{ effect: 'created' }]);
  });

  it('reads nothing at all without limits: scopes that nobody holds it to are worth nothing.', async () => {
    const { limits: _limits, ...bare } = app(['patient/*.rs']);

    expect(decide(bare, 'search', 'Observation')).toMatchObject({ effect: 'deny', reason: 'scope' });
  });

  it('never reaches the audit trail by such a scope.', () => {
    expect(decide(app(['patient/*.rs']), 'search', 'AuditEvent')).toMatchObject({ effect: 'deny' });
  });
});

describe('More scopes', () => {
  const TYPES = ['Observation', 'Patient', 'Practitioner'];
  const scope = fc
    .record({
      level: fc.constantFrom('patient', 'user', 'system'),
      type: fc.constantFrom('*', ...TYPES),
      letters: fc.subarray(['c', 'r', 'u', 'd', 's'], { minLength: 1 }),
      query: fc.constantFrom(
        '',
        '',
        '?_id=o1',
        '?_id=o2,p2',
        '?category=laboratory',
        '?category=vital-signs&status=final',
      ),
    })
    .map(({ level, type, letters, query }) => `${level}/${type}.${letters.join('')}${query}`);
  const LETTER = {
    create: 'c',
    read: 'r',
    vread: 'r',
    update: 'u',
    delete: 'd',
    search: 's',
    history: 'r',
    'history-type': 's',
  } as const;
  const INTERACTIONS = Object.keys(LETTER) as (keyof typeof LETTER)[];

  /** Everything that the principal may do, by interaction and row. */
  async function access(principal: Principal): Promise<ReadonlySet<string>> {
    const reached = new Set<string>();
    const letters = ['c', 'r', 'u', 'd', 's', 'any'] as const;
    const parts = letters.map((letter) => {
      const filter = rowFilter(principal, letter);
      return sql`select ${letter} as letter, r.type, r.id from resource r
        where r.id = any('{p1,p2,o1,o1v,o2,kari}') and ${filter === undefined ? raw('true') : fromSql(filter)}`;
    });
    const rows = await sut.database.app
      .as(EVERYTHING)
      .query<{ letter: string; type: number; id: string }>(toSql(join(parts, ' union all ')));
    for (const { letter, type, id } of rows) {
      if (letter === 'any') {
        reached.add(`refer to ${typeName(type)}/${id}`);
      }
      INTERACTIONS.filter((interaction) => LETTER[interaction] === letter)
        .filter((interaction) => decide(principal, interaction, typeName(type)).effect === 'permit')
        .forEach((interaction) => reached.add(`${interaction} ${typeName(type)}/${id}`));
    }
    return reached;
  }

  it.each<[string, (scopes: readonly string[]) => Principal]>([
    ['an app with a patient', app],
    ['a system', system],
  ])(
    'never give %s less, and fewer never give more: A ⊆ B → access(A) ⊆ access(B), row by row (SC-06).',
    async (_who, make) => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(scope, { maxLength: 3 }),
          fc.array(scope, { maxLength: 3 }),
          async (few, more) => {
            const small = await access(make(few));
            const large = await access(make([...few, ...more]));
            expect([...small].filter((right) => !large.has(right))).toEqual([]);
          },
        ),
        { numRuns: 60 },
      );
    },
    120_000,
  );
});
