/** `_include`, `_revinclude`, compartments and what all types have: https://hl7.org/fhir/R4/search.html#include */
import type { Resource } from '../../../src/fhir/types.ts';
import { MAX_ROUNDS } from '../../../src/search/include.ts';
import { createSearchDatabase } from './search-database.ts';
import type { SearchDatabase } from './search-database.ts';

type Stored = Resource & { readonly id: string };
const ref = (reference: string) => ({ reference });

const DEPTH = MAX_ROUNDS + 3;

const store = [
  ...Array.from({ length: DEPTH }, (_, n) => ({
    resourceType: 'Organization',
    id: `o${n}`,
    name: `O${n}`,
    ...(n + 1 < DEPTH && { partOf: ref(`Organization/o${n + 1}`) }),
  })),
  {
    resourceType: 'Patient',
    id: 'p',
    managingOrganization: ref('Organization/o0'),
    meta: { tag: [{ system: 'http://t', code: 'x' }] },
  },
  { resourceType: 'Patient', id: 'linked', link: [{ other: ref('Patient/p'), type: 'seealso' }] },
  { resourceType: 'Patient', id: 'stranger' },
  { resourceType: 'Practitioner', id: 'd' },
  { resourceType: 'RelatedPerson', id: 'mother', patient: ref('Patient/p') },
  {
    resourceType: 'Device',
    id: 'pump',
    meta: { source: 'urn:ehr:1', security: [{ code: 'R' }], profile: ['http://pump|1'] },
  },
  {
    resourceType: 'Encounter',
    id: 'e',
    status: 'finished',
    class: { code: 'IMP' },
    subject: ref('Patient/p'),
    participant: [{ individual: ref('Practitioner/d') }],
  },
  {
    resourceType: 'Observation',
    id: 'm1',
    status: 'final',
    code: { text: 'x', coding: [{ system: 'http://loinc.org', code: '1' }] },
    subject: ref('Patient/p'),
    encounter: ref('Encounter/e'),
    performer: [ref('Practitioner/d')],
    device: ref('Device/pump'),
    effectiveDateTime: '2024-01-02',
  },
  {
    resourceType: 'Observation',
    id: 'm2',
    status: 'final',
    code: { text: 'y' },
    subject: ref('Patient/stranger'),
    performer: [ref('Patient/p'), ref('RelatedPerson/mother')],
    effectiveDateTime: '2024-01-01',
    hasMember: [ref('Observation/m1')],
  },
  {
    resourceType: 'Observation',
    id: 'm3',
    status: 'final',
    code: { text: 'z' },
    subject: ref('Patient/stranger'),
  },
  {
    resourceType: 'Provenance',
    id: 'v',
    recorded: '2024-01-01T00:00:00Z',
    target: [ref('Observation/m1')],
    agent: [{ who: ref('Practitioner/d') }],
  },
] as unknown as readonly Stored[];

describe('What an answer brings along', () => {
  let db: SearchDatabase;

  beforeAll(async () => {
    db = await createSearchDatabase();
    await db.create(store);
  });

  afterAll(async () => {
    await db[Symbol.asyncDispose]();
  });

  const along = async (type: string, query: string): Promise<readonly string[]> =>
    (await db.search(type, query)).included.map(({ type: found, id }) => `${found}/${id}`).sort();

  it.each([
    ['Observation', '_id=m1&_include=Observation:subject', ['Patient/p']],
    [
      'Observation',
      '_id=m1&_include=Observation:subject&_include=Observation:encounter',
      ['Encounter/e', 'Patient/p'],
    ],
    ['Observation', '_id=m1&_include=*', ['Device/pump', 'Encounter/e', 'Patient/p', 'Practitioner/d']],
    [
      'Observation',
      '_id=m1&_include=Observation:*',
      ['Device/pump', 'Encounter/e', 'Patient/p', 'Practitioner/d'],
    ],
    ['Observation', '_id=m2&_include=Observation:performer:RelatedPerson', ['RelatedPerson/mother']],
    ['Observation', '_id=m1&_revinclude=*', ['Observation/m2', 'Provenance/v']],
    ['Patient', '_id=p&_revinclude=Observation:*', ['Observation/m1', 'Observation/m2']],
    ['Patient', '_id=p&_revinclude=Observation:subject', ['Observation/m1']],
    [
      'Patient',
      '_id=p&_revinclude=Observation:subject&_revinclude:iterate=Provenance:target',
      ['Observation/m1', 'Provenance/v'],
    ],
    ['Patient', '_id=p&_include=Patient:organization', ['Organization/o0']],
    [
      'Observation',
      '_id=m1&_include=Observation:subject&_include:iterate=Patient:organization',
      ['Organization/o0', 'Patient/p'],
    ],
    [
      'Observation',
      '_id=m2&_include:iterate=Observation:has-member&_include:iterate=Observation:encounter',
      ['Encounter/e', 'Observation/m1'],
    ],
  ])('%s?%s.', async (type, query, expected) => {
    expect(await along(type, query)).toEqual(expected);
  });

  it('has nothing twice, and none of the matches.', async () => {
    expect(
      await along('Observation', '_include=Observation:has-member&_include=Observation:subject&_include=*'),
    ).toEqual([
      'Device/pump',
      'Encounter/e',
      'Patient/p',
      'Patient/stranger',
      'Practitioner/d',
      'RelatedPerson/mother',
    ]);
  });

  it('ends after some rounds, and says so.', async () => {
    const query = '_id=p&_include=Patient:organization&_include:iterate=Organization:partof';

    const { included, warnings } = await db.search('Patient', query);

    expect(included.map(({ id }) => id)).toEqual(Array.from({ length: MAX_ROUNDS + 1 }, (_, n) => `o${n}`));
    expect(warnings).toMatchObject([{ severity: 'warning', code: 'too-costly' }]);
  });

  it('says nothing when the rounds came to an end by themselves.', async () => {
    const { warnings } = await db.search('Observation', '_id=m1&_include:iterate=Observation:subject');

    expect(warnings).toEqual([]);
  });

  const inside = async (
    type: string,
    id: string,
    member: string | undefined,
    query = '',
  ): Promise<readonly string[]> =>
    (await db.searchIn({ type, id }, member, query)).rows.map((row) => `${row.type}/${row.id}`).sort();

  it.each([
    ['Patient', 'p', 'Observation', '', ['Observation/m1', 'Observation/m2']],
    ['Patient', 'p', 'Observation', 'code=1', ['Observation/m1']],
    ['Patient', 'p', 'Patient', '', ['Patient/linked', 'Patient/p']],
    [
      'Patient',
      'p',
      undefined,
      '',
      [
        'Encounter/e',
        'Observation/m1',
        'Observation/m2',
        'Patient/linked',
        'Patient/p',
        'RelatedPerson/mother',
      ],
    ],
    ['Patient', 'p', undefined, '_type=Encounter,Observation&_id=e,m1,m3', ['Encounter/e', 'Observation/m1']],
    ['Patient', 'nobody', undefined, '', []],
    ['Encounter', 'e', undefined, '', ['Encounter/e', 'Observation/m1']],
    ['Practitioner', 'd', undefined, '', ['Encounter/e', 'Observation/m1', 'Practitioner/d', 'Provenance/v']],
    ['RelatedPerson', 'mother', undefined, '', ['Observation/m2', 'RelatedPerson/mother']],
    ['Device', 'pump', undefined, '', ['Device/pump', 'Observation/m1']],
  ])('%s/%s/%s?%s holds what belongs to it.', async (type, id, member, query, expected) => {
    expect(await inside(type, id, member, query)).toEqual(expected);
  });

  it('shows a compartment newest first, in pages.', async () => {
    const first = await db.searchIn({ type: 'Patient', id: 'p' }, 'Observation', '_count=1');
    const second = await db.searchIn(
      { type: 'Patient', id: 'p' },
      'Observation',
      `_count=1&_cursor=${first.nextCursor ?? ''}`,
    );

    expect([first, second].map(({ rows }) => rows[0]?.id)).toEqual(['m1', 'm2']);
  });

  it.each([
    ['_id=p', ['Patient/p']],
    ['_tag=http://t|x', ['Patient/p']],
    ['_source=urn:ehr:1', ['Device/pump']],
    ['_security=R', ['Device/pump']],
    ['_profile=http://pump', ['Device/pump']],
    ['_type=Patient&_lastUpdated=ge2024-01-01', ['Patient/linked', 'Patient/p', 'Patient/stranger']],
    ['_lastUpdated=gt2030', []],
    [
      '_type=Patient,Encounter&_sort=-_id',
      ['Encounter/e', 'Patient/linked', 'Patient/p', 'Patient/stranger'],
    ],
  ])('all types are searched by what all have: %s.', async (query, expected) => {
    const { rows } = await db.search(undefined, query);

    expect(rows.map((row) => `${row.type}/${row.id}`).sort()).toEqual(expected);
  });
});
