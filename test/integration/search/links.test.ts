/** Searches over several resources, against an oracle that walks the resources in memory. */
import type { Resource } from '../../../src/fhir/types.ts';
import { FEW, MAX_LINKS } from '../../../src/search/link.ts';
import { EVERYTHING } from '../../../src/storage/row-access.ts';
import { createSearchDatabase } from './search-database.ts';
import type { SearchDatabase } from './search-database.ts';

type Stored = Resource & { readonly id: string };

const LOINC = 'http://loinc.org';
const FORM = 'https://ryggrad.no/fhir/Questionnaire/smerte';
const ref = (reference: string) => ({ reference });

/** More than `FEW` on the far side of a link, so that both ways of answering are taken. */
const MANY = FEW + 40;

const isFemale = (n: number): boolean => n % 4 !== 0;
const organizationOf = (n: number): string => `o${n % 7}`;
const codeOf = (n: number): string => (n % 5 === 0 ? 'seldom' : 'often');
const doctorOf = (n: number): string => `d${n % 3}`;
const PATIENTS = Array.from({ length: MANY * 2 }, (_, n) => n);

const store: readonly Stored[] = [
  ...Array.from({ length: 7 }, (_, n) => ({
    resourceType: 'Organization',
    id: `o${n}`,
    name: `Klinikk ${n}`,
    ...(n > 0 && { partOf: ref(`Organization/o${n - 1}`) }),
  })),
  ...Array.from({ length: 3 }, (_, n) => ({
    resourceType: 'Practitioner',
    id: `d${n}`,
    name: [{ family: `Lege${n}` }],
  })),
  ...PATIENTS.flatMap((n) => [
    {
      resourceType: 'Patient',
      id: `p${n}`,
      gender: isFemale(n) ? 'female' : 'male',
      name: [{ family: n < 3 ? 'Qvist' : 'Hansen' }],
      managingOrganization: ref(`Organization/${organizationOf(n)}`),
    },
    {
      resourceType: 'Observation',
      id: `m${n}`,
      status: 'final',
      subject: ref(`Patient/p${n}`),
      code: { coding: [{ system: LOINC, code: codeOf(n) }] },
      performer: [ref(`Practitioner/${doctorOf(n)}`)],
    },
  ]),
  {
    resourceType: 'Provenance',
    id: 'v1',
    recorded: '2024-01-01T00:00:00Z',
    target: [ref('Observation/m1')],
    agent: [{ who: ref('Practitioner/d2') }],
  },
  { resourceType: 'List', id: 'chosen', entry: [{ item: ref('Patient/p1') }, { item: ref('Patient/p8') }] },
  {
    resourceType: 'Questionnaire',
    id: 'q1',
    url: FORM,
    version: '1.0.0',
    title: 'Gammelt skjema',
    status: 'retired',
  },
  {
    resourceType: 'Questionnaire',
    id: 'q2',
    url: FORM,
    version: '2.0.0',
    title: 'Nytt skjema',
    status: 'active',
  },
  { resourceType: 'QuestionnaireResponse', id: 'r1', status: 'completed', questionnaire: `${FORM}|1.0.0` },
  { resourceType: 'QuestionnaireResponse', id: 'r2', status: 'completed', questionnaire: `${FORM}|2.0.0` },
  { resourceType: 'QuestionnaireResponse', id: 'r3', status: 'completed', questionnaire: FORM },
] as unknown as readonly Stored[];

const patients = (test: (n: number) => boolean): readonly string[] =>
  PATIENTS.filter(test)
    .map((n) => `p${n}`)
    .sort();
const measurements = (test: (n: number) => boolean): readonly string[] =>
  PATIENTS.filter(test)
    .map((n) => `m${n}`)
    .sort();

describe('A search over several resources', () => {
  let db: SearchDatabase;

  beforeAll(async () => {
    db = await createSearchDatabase();
    for (let at = 0; at < store.length; at += 500) {
      await db.create(store.slice(at, at + 500));
    }
    await db.database.db.query({ text: 'analyze' });
  });

  afterAll(async () => {
    await db[Symbol.asyncDispose]();
  });

  /** All pages, as a client reads them. */
  const all = async (type: string, query: string): Promise<readonly string[]> => {
    const ids: string[] = [];
    let cursor = '';
    do {
      const next = cursor === '' ? '' : `&_cursor=${cursor}`;
      const { rows, nextCursor } = await db.search(type, `${query}&_count=900${next}`);
      ids.push(...rows.map(({ id }) => id));
      cursor = nextCursor ?? '';
    } while (cursor !== '');
    return ids.sort();
  };

  it.each([
    ['Observation', 'subject:Patient.name=qvist', measurements((n) => n < 3)],
    ['Observation', 'subject:Patient.gender=female', measurements(isFemale)],
    ['Observation', 'subject.gender=male', measurements((n) => !isFemale(n))],
    [
      'Observation',
      `subject:Patient.gender=female&code=${LOINC}|seldom`,
      measurements((n) => isFemale(n) && codeOf(n) === 'seldom'),
    ],
    [
      'Observation',
      'subject:Patient.organization.name=Klinikk 3',
      measurements((n) => organizationOf(n) === 'o3'),
    ],
    [
      'Observation',
      'patient.organization.partof:Organization.name=Klinikk 0',
      measurements((n) => organizationOf(n) === 'o1'),
    ],
    ['Observation', 'performer:Practitioner.name=lege1', measurements((n) => doctorOf(n) === 'd1')],
    ['Patient', `_has:Observation:patient:code=${LOINC}|seldom`, patients((n) => codeOf(n) === 'seldom')],
    ['Patient', `_has:Observation:patient:code=${LOINC}|often`, patients((n) => codeOf(n) === 'often')],
    ['Patient', `_has:Observation:patient:code=${LOINC}|none`, []],
    [
      'Patient',
      '_has:Observation:patient:performer:Practitioner.name=lege2',
      patients((n) => doctorOf(n) === 'd2'),
    ],
    ['Patient', '_has:Observation:patient:_has:Provenance:target:agent=Practitioner/d2', ['p1']],
    ['Practitioner', `_has:Observation:performer:code=${LOINC}|often`, ['d0', 'd1', 'd2']],
    ['Practitioner', '_has:Observation:performer:subject:Patient.name=qvist', ['d0', 'd1', 'd2']],
    ['Practitioner', '_has:Observation:performer:_has:Provenance:target:recorded=2024', ['d1']],
    [
      'Organization',
      '_has:Patient:organization:_has:Observation:patient:code=seldom',
      ['o0', 'o1', 'o2', 'o3', 'o4', 'o5', 'o6'],
    ],
    ['Patient', '_list=chosen', ['p1', 'p8']],
    ['Patient', '_list=none', []],
    ['QuestionnaireResponse', 'questionnaire.title=nytt', ['r2', 'r3']],
    ['QuestionnaireResponse', 'questionnaire:Questionnaire.title=gammelt', ['r1', 'r3']],
    [
      'Observation',
      '_filter=subject.gender eq female and code eq seldom',
      measurements((n) => isFemale(n) && codeOf(n) === 'seldom'),
    ],
    [
      'Observation',
      '_filter=not(subject:Patient.gender eq female) and not(code eq seldom)',
      measurements((n) => !isFemale(n) && codeOf(n) !== 'seldom'),
    ],
    ['Observation', '_filter=subject:Patient[name eq qvist].organization.name eq "Klinikk 1"', ['m1']],
    ['Patient', '_filter=name ew "st" or name ew "nothing"', ['p0', 'p1', 'p2']],
    ['Patient', '_filter=name ne "Hansen"', ['p0', 'p1', 'p2']],
    [
      'Patient',
      '_filter=organization re Organization/o3 and gender eq male',
      patients((n) => !isFemale(n) && organizationOf(n) === 'o3'),
    ],
  ])('%s?%s finds every match.', async (type, query, expected) => {
    expect(await all(type, query)).toEqual(expected);
  });

  it('counts matches of a semi-join exactly.', async () => {
    const { total } = await db.search('Observation', 'subject:Patient.gender=female&_summary=count');

    expect(total).toBe(measurements(isFemale).length);
  });

  it('hides what the caller may not see on the far side, however many are there.', async () => {
    const filter = { text: 'r.id <> all($1)', values: [['p1', 'm2', 'd0']] };

    const chained = await db.search('Observation', 'subject:Patient.gender=female&_summary=count', filter);
    const few = await db.search('Observation', 'subject:Patient.name=qvist', filter);
    const reverse = await db.search('Patient', '_has:Observation:patient:code=often&_summary=count', filter);
    const listed = await db.search('Patient', '_list=chosen', filter);

    expect(chained.total).toBe(measurements((n) => isFemale(n) && n !== 1 && n !== 2).length);
    expect(few.rows.map(({ id }) => id)).toEqual(['m0']);
    expect(reverse.total).toBe(patients((n) => codeOf(n) === 'often' && n !== 1 && n !== 2).length);
    expect(listed.rows.map(({ id }) => id)).toEqual(['p8']);
  });

  it('is refused when it follows more links than a question needs.', async () => {
    const query = Array.from({ length: MAX_LINKS + 1 }, () => 'patient.gender=female').join('&');

    await expect(db.search('Observation', query)).rejects.toMatchObject({
      status: 400,
      issues: [{ code: 'too-costly' }],
    });
  });

  it('takes a fixed number of statements, whatever it finds.', async () => {
    const session = db.database.store.as(EVERYTHING);
    const asked: string[] = [];
    const counting = {
      ...session,
      query: (sql: Parameters<typeof session.query>[0]) => (asked.push(sql.text), session.query(sql)),
    };

    for (const [query, statements] of [
      ['subject:Patient.name=qvist', 2],
      ['subject:Patient.gender=female', 2],
      ['subject:Patient.organization.name=Klinikk', 3],
      ['code=often&_count=500&_include=*', 2],
      ['code=often&_count=500&_include=*&_revinclude=*', 3],
      ['code=often&performer=Practitioner/d1', 2],
    ] as const) {
      asked.length = 0;
      await db.searchWith(counting as typeof session, 'Observation', query);
      expect([query, asked.length]).toEqual([query, statements]);
    }
  });
});
