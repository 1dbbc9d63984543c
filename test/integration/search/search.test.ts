/** Searches against PostgreSQL: https://hl7.org/fhir/R4/search.html */
import type { Resource } from '../../../src/fhir/types.ts';
import { findIds } from '../../../src/search/search.ts';
import { EVERYTHING } from '../../../src/storage/row-access.ts';
import { parameters } from '../../unit/search/definitions.ts';
import { createSearchDatabase, NOW } from './search-database.ts';
import type { SearchDatabase } from './search-database.ts';

const FNR = 'urn:oid:2.16.578.1.12.4.1.4.1';
const ICD10 = 'urn:oid:2.16.578.1.12.4.1.1.7110';
const LOINC = 'http://loinc.org';
const FORM = 'https://ryggrad.no/fhir/Questionnaire/smerte';

const person = (id: string, family: string, given: string, extra: object = {}) =>
  ({ resourceType: 'Patient', id, name: [{ family, given: [given] }], ...extra }) as Resource & {
    id: string;
  };

const measured = (id: string, patient: string, code: string, when: string | undefined, extra: object = {}) =>
  ({
    resourceType: 'Observation',
    id,
    status: 'final',
    subject: { reference: `Patient/${patient}` },
    code: { coding: [{ system: LOINC, code }] },
    ...(when !== undefined && { effectiveDateTime: when }),
    ...extra,
  }) as Resource & { id: string };

const mmHg = (value: number) => ({
  value,
  unit: 'mmHg',
  system: 'http://unitsofmeasure.org',
  code: 'mm[Hg]',
});

describe('Search', () => {
  let db: SearchDatabase;

  beforeAll(async () => {
    db = await createSearchDatabase();
    await db.create([
      person('ane', 'Sørbråten', 'Ane', {
        meta: {
          profile: ['http://profile|2'],
          tag: [{ system: 'http://tag', code: 'demo' }],
          source: 'urn:ehr:1',
        },
        identifier: [{ system: FNR, value: '15838510156' }],
        birthDate: '1985-03-15',
        gender: 'female',
        managingOrganization: { reference: 'Organization/ward' },
      }),
      person('per', 'Næss', 'Per', { birthDate: '1970', gender: 'male', active: true }),
      person('kari', 'Sorensen', 'Kari', { identifier: [{ value: '15838510156' }] }),
      { resourceType: 'Organization', id: 'ward', name: 'Smerteklinikken' },
      {
        resourceType: 'Organization',
        id: 'clinic',
        name: 'Klinikk',
        partOf: { reference: 'Organization/ward' },
      },
      { resourceType: 'Questionnaire', id: 'smerte', status: 'active', url: FORM, version: '1.0.0' },
      {
        resourceType: 'QuestionnaireResponse',
        id: 'answer-1',
        status: 'completed',
        questionnaire: `${FORM}|1.0.0`,
        subject: { reference: 'Patient/ane' },
        authored: '2024-03-01T10:00:00+01:00',
      },
      {
        resourceType: 'QuestionnaireResponse',
        id: 'answer-2',
        status: 'in-progress',
        questionnaire: `${FORM}|2.0.0`,
        subject: { reference: 'Patient/per' },
        authored: '2024-04-01T10:00:00+02:00',
      },
      measured('pressure', 'ane', '85354-9', '2024-03-01', {
        component: [
          { code: { coding: [{ system: LOINC, code: '8480-6' }] }, valueQuantity: mmHg(120) },
          { code: { coding: [{ system: LOINC, code: '8462-4' }] }, valueQuantity: mmHg(80) },
        ],
      }),
      measured('pulse-1', 'ane', '8867-4', '2024-03-02', { valueQuantity: { value: 72, unit: '/min' } }),
      measured('pulse-2', 'ane', '8867-4', '2024-03-04', { valueQuantity: { value: 5.4, unit: '/min' } }),
      measured('pulse-3', 'per', '8867-4', '2024-03-03', { status: 'amended' }),
      measured('undated', 'per', '8867-4', undefined, { valueString: 'Åpenbart høy' }),
      {
        resourceType: 'Condition',
        id: 'angina',
        subject: { reference: 'Patient/ane' },
        code: { coding: [{ system: ICD10, code: 'I20.0' }] },
        recordedDate: '2024-01-10',
      },
      {
        resourceType: 'Task',
        id: 'task',
        status: 'ready',
        intent: 'order',
        for: { reference: 'Patient/ane' },
        owner: { identifier: { system: 'urn:oid:2.16.578.1.12.4.1.4.101', value: '983971636' } },
        authoredOn: '2024-05-01',
        meta: { lastUpdated: '2024-05-01T10:00:00.500Z' },
        instantiatesUri: 'http://protocol',
      },
      {
        resourceType: 'Provenance',
        id: 'who',
        recorded: '2024-03-02T12:00:00Z',
        target: [{ reference: 'Observation/pulse-1/_history/1' }, { reference: 'Patient/ane' }],
        agent: [{ who: { reference: 'https://ehr.example/fhir/Practitioner/7' } }],
      },
      {
        resourceType: 'RiskAssessment',
        id: 'risk',
        status: 'final',
        subject: { reference: 'Group/all' },
        prediction: [{ probabilityDecimal: 0.25 }],
      },
    ] as (Resource & { id: string })[]);
  });

  afterAll(async () => {
    await db[Symbol.asyncDispose]();
  });

  it.each([
    ['Patient', `identifier=${FNR}|15838510156`, ['ane']],
    ['Patient', 'identifier=15838510156', ['ane', 'kari']],
    ['Patient', 'identifier=|15838510156', ['kari']],
    ['Patient', `identifier=${FNR}|`, ['ane']],
    ['Patient', 'identifier=http://other|15838510156', []],
    ['Patient', 'gender:not=female', ['kari', 'per']],
    ['Patient', 'gender=female,male', ['ane', 'per']],
    ['Patient', 'active=true', ['per']],
    ['Patient', 'active:missing=true', ['ane', 'kari']],
    ['Patient', 'birthdate:missing=true', ['kari']],
    ['Patient', 'birthdate:missing=false', ['ane', 'per']],
    ['Patient', 'organization:missing=false', ['ane']],
    ['Patient', 'organization=Organization/ward', ['ane']],
    ['Patient', 'organization=ward', ['ane']],
    ['Patient', '_profile=http://profile', ['ane']],
    ['Patient', '_profile=http://profile|2', ['ane']],
    ['Patient', '_profile=http://profile|1', []],
    ['Patient', '_tag=http://tag|demo', ['ane']],
    ['Patient', '_source=urn:ehr:1', ['ane']],
    ['Patient', '_id=ane,per', ['ane', 'per']],
    ['Patient', '_id=nobody', []],
    ['Patient', 'family=SØRB', ['ane']],
    ['Patient', 'family=SØRB', ['ane']],
    ['Patient', 'family=sørbraaten', []],
    ['Patient', 'family=sor', ['kari']],
    ['Patient', 'family=næss', ['per']],
    ['Patient', 'family=Næ', ['per']],
    ['Patient', 'family:exact=Næss', ['per']],
    ['Patient', 'family:exact=naess', []],
    ['Patient', 'family:contains=åten', ['ane']],
    ['Patient', 'name=ane', ['ane']],
    ['Patient', 'family=sor&given=kari', ['kari']],
    ['Observation', 'subject=Patient/ane', ['pressure', 'pulse-1', 'pulse-2']],
    ['Observation', 'patient=ane', ['pressure', 'pulse-1', 'pulse-2']],
    ['Observation', 'subject=ane', ['pressure', 'pulse-1', 'pulse-2']],
    ['Observation', 'subject:Patient=ane&code=8867-4', ['pulse-1', 'pulse-2']],
    ['Observation', 'subject=https://register.example/fhir/Patient/ane&code=85354-9', ['pressure']],
    ['Observation', `code=${LOINC}|8867-4&status=amended`, ['pulse-3']],
    ['Observation', 'status:not=final', ['pulse-3']],
    ['Observation', 'code:not=8867-4', ['pressure']],
    ['Observation', 'value-quantity=5.4', ['pulse-2']],
    ['Observation', 'value-quantity=5', ['pulse-2']],
    ['Observation', 'value-quantity=5.40', ['pulse-2']],
    ['Observation', 'value-quantity=5.5', []],
    ['Observation', 'value-quantity=gt5.4', ['pulse-1']],
    ['Observation', 'value-quantity=ge5.4', ['pulse-1', 'pulse-2']],
    ['Observation', 'value-quantity=5.4||/min', ['pulse-2']],
    ['Observation', 'value-quantity=5.4||kg', []],
    ['Observation', 'component-value-quantity=120|http://unitsofmeasure.org|mm[Hg]', ['pressure']],
    ['Observation', 'component-code-value-quantity=8480-6$gt100', ['pressure']],
    ['Observation', `component-code-value-quantity=${LOINC}|8480-6$gt100||mmHg`, ['pressure']],
    ['Observation', 'component-code-value-quantity=8462-4$gt100', []],
    ['Observation', 'code-value-quantity=8867-4$lt60', ['pulse-2']],
    ['Observation', 'value-string=ÅPENBART', ['undated']],
    ['Condition', 'code=I20.0', ['angina']],
    ['Condition', 'code=I200', ['angina']],
    ['Condition', `code=${ICD10}|I200`, ['angina']],
    ['Condition', `code=${ICD10}|I20.0`, ['angina']],
    ['QuestionnaireResponse', `questionnaire=${FORM}`, ['answer-1', 'answer-2']],
    ['QuestionnaireResponse', `questionnaire=${FORM}|2.0.0`, ['answer-2']],
    ['Questionnaire', `url=${FORM}&version=1.0.0`, ['smerte']],
    ['Task', 'owner:identifier=urn:oid:2.16.578.1.12.4.1.4.101|983971636', ['task']],
    ['Task', 'owner:missing=true', []],
    ['Task', 'status=http://hl7.org/fhir/task-status|ready', ['task']],
    ['Observation', 'subject:Patient.identifier=15838510156', ['pressure', 'pulse-1', 'pulse-2']],
    ['Observation', 'patient.family=Næss', ['pulse-3', 'undated']],
    ['Observation', 'subject.family=Nobody', []],
    ['Organization', 'partof.name=smerte', ['clinic']],
    ['Patient', '_has:Observation:subject:status=amended', ['per']],
    ['Patient', '_has:Condition:patient:code=I20.0', ['ane']],
    ['Organization', '_has:Organization:partof:name=klinikk', ['ward']],
    ['Organization', '_has:Patient:organization:gender=female', ['ward']],
    ['Observation', '_has:Provenance:target:recorded=2024-03', ['pulse-1']],
    ['Provenance', 'target=Observation/pulse-1', ['who']],
    ['Provenance', 'patient=ane', ['who']],
    ['Provenance', 'agent=https://ehr.example/fhir/Practitioner/7', ['who']],
    ['RiskAssessment', 'subject=Group/all', ['risk']],
    ['RiskAssessment', 'subject=all', ['risk']],
    ['RiskAssessment', 'patient:missing=true', ['risk']],
    ['RiskAssessment', 'probability=0.25', ['risk']],
    ['RiskAssessment', 'probability=gt0.25', []],
    ['Task', '_lastUpdated=2024-05-01T10:00:00.500Z', ['task']],
    ['Task', '_lastUpdated=2024-05-01T10:00:00Z', ['task']],
    ['Task', '_lastUpdated=ne2024-05', []],
    ['Task', '_lastUpdated=lt2024-05-01T10:00:00Z', []],
    ['Task', '_lastUpdated=le2024-05-01T10:00:00Z', ['task']],
    ['Task', '_lastUpdated=gt2024-05-01T10:00:00Z', []],
    ['Task', '_lastUpdated=sa2024-05-01T09:59:59Z', ['task']],
    ['Task', '_lastUpdated=eb2024-05-01T10:00:01Z', ['task']],
    ['Task', '_lastUpdated=ap2024-05-02', ['task']],
    ['Patient', '_lastUpdated=ge2024-01-01', ['ane', 'kari', 'per']],
    ['Patient', '_lastUpdated=gt2024-01-01', []],
  ])('%s?%s finds %j.', async (type, query, expected) => {
    expect([...(await db.ids(type, query))].sort()).toEqual(expected);
  });

  it.each([
    ['Observation', 'code=8867-4&_sort=date', ['pulse-1', 'pulse-3', 'pulse-2', 'undated']],
    ['Observation', 'code=8867-4&_sort=-date', ['undated', 'pulse-2', 'pulse-3', 'pulse-1']],
    ['Observation', 'code=8867-4&_sort=status,-date', ['pulse-3', 'undated', 'pulse-2', 'pulse-1']],
    ['Observation', 'subject=Patient/ane', ['pulse-2', 'pulse-1', 'pressure']],
    ['Patient', '_sort=family', ['per', 'kari', 'ane']],
    ['Patient', '_sort=-family', ['ane', 'kari', 'per']],
    ['Patient', '_sort=_id', ['ane', 'kari', 'per']],
    ['Patient', '_sort=birthdate', ['per', 'ane', 'kari']],
    ['Observation', '_sort=value-quantity&value-quantity:missing=false', ['pulse-2', 'pulse-1']],
    ['Patient', '', ['kari', 'per', 'ane']],
  ])('%s?%s comes in the order %j.', async (type, query, expected) => {
    expect(await db.ids(type, query)).toEqual(expected);
  });

  it.each(['_sort=family', '_sort=-birthdate,family', '_sort=birthdate', '', '_sort=-birthdate'])(
    'pages through Patient?%s one by one, each once.',
    async (sort) => {
      const whole = await db.ids('Patient', sort);
      const paged: string[] = [];
      let cursor: string | undefined = '';

      while (cursor !== undefined) {
        const page = await db.search(
          'Patient',
          `${sort}&_count=1${cursor === '' ? '' : `&_cursor=${cursor}`}`,
        );
        paged.push(...page.rows.map(({ id }) => id));
        cursor = page.nextCursor;
      }

      expect(paged).toEqual(whole);
    },
  );

  it('refuses a cursor of another order.', async () => {
    const { nextCursor } = await db.search('Patient', '_count=1&_sort=family');

    await expect(db.search('Patient', `_count=1&_sort=birthdate&_cursor=${nextCursor!}`)).rejects.toThrow(
      /_cursor/,
    );
    await expect(db.search('Patient', '_count=1&_cursor=abc')).rejects.toThrow(/_cursor/);
  });

  it('includes what matches refer to, each once and not what matched itself.', async () => {
    const { included } = await db.search('Observation', 'code=8867-4&_include=Observation:subject');

    expect(included.map(({ id }) => id).sort()).toEqual(['ane', 'per']);
  });

  it('includes the exact version of a questionnaire.', async () => {
    const found = await db.search(
      'QuestionnaireResponse',
      'questionnaire=https://ryggrad.no/fhir/Questionnaire/smerte&_include=QuestionnaireResponse:questionnaire',
    );

    expect(found.included.map(({ id }) => id)).toEqual(['smerte']);
    expect(
      (await db.search('QuestionnaireResponse', '_id=answer-2&_include=QuestionnaireResponse:questionnaire'))
        .included,
    ).toEqual([]);
  });

  it('includes only the target type asked for.', async () => {
    const { included } = await db.search('Observation', 'code=8867-4&_include=Observation:subject:Group');

    expect(included).toEqual([]);
  });

  it('includes what refers to the matches, of several types in one go.', async () => {
    const { included } = await db.search(
      'Patient',
      '_id=ane&_revinclude=Observation:subject&_revinclude=Condition:patient&_include=Patient:organization',
    );

    expect(included.map(({ type, id }) => `${type}/${id}`).sort()).toEqual([
      'Condition/angina',
      'Observation/pressure',
      'Observation/pulse-1',
      'Observation/pulse-2',
      'Organization/ward',
    ]);
  });

  it('includes answers by their questionnaire.', async () => {
    const { included } = await db.search('Questionnaire', '_revinclude=QuestionnaireResponse:questionnaire');

    expect(included.map(({ id }) => id).sort()).toEqual(['answer-1', 'answer-2']);
  });

  it('counts only when asked, or when the page shows it anyway.', async () => {
    const totals = await Promise.all(
      ['_count=1', '_count=1&_total=accurate', '_count=5', '_summary=count', '_count=0'].map(
        async (query) => (await db.search('Patient', query)).total,
      ),
    );

    expect(totals).toEqual([undefined, 3, 3, 3, 3]);
    expect((await db.search('Patient', '_count=1&_total=estimate')).total).toBe(3);
  });

  it('searches several types at the system level.', async () => {
    const { rows } = await db.search(undefined, '_type=Patient,Condition&_id=ane,angina');

    expect(rows.map(({ type }) => type).sort()).toEqual(['Condition', 'Patient']);
    expect((await db.search(undefined, '_summary=count')).total).toBe(17);
  });

  it('hides what the caller may not see from matches, includes, chains and _has alike.', async () => {
    const filter = { text: `(r.id <> $1 and r.id <> $1)`, values: ['ane'] };

    const matches = await db.search('Patient', '_total=accurate&_count=1', filter);
    const { included } = await db.search('Observation', 'code=8867-4&_include=Observation:subject', filter);
    const chained = await db.search('Observation', 'subject:Patient.family=sørbråten', filter);
    const reverse = await db.search('Organization', '_has:Patient:organization:gender=female', filter);

    expect(matches.total).toBe(2);
    expect(included.map(({ id }) => id)).toEqual(['per']);
    expect([chained.rows, reverse.rows]).toEqual([[], []]);
  });
});

describe('A condition of a write', () => {
  it('is answered with at most two ids, and refuses what it does not understand.', async () => {
    await using db = await createSearchDatabase();
    await db.create(['p1', 'p2', 'p3'].map((id) => person(id, 'Hansen', id)));
    const deps = { parameters, filter: undefined, now: NOW };
    const find = (query: string) => findIds(db.database.store.as(EVERYTHING), deps, 'Patient', query);

    expect(await find('given=p2')).toEqual(['p2']);
    expect(await find('given=p4')).toEqual([]);
    expect(await find('family=hansen')).toHaveLength(2);
    await expect(find('famly=hansen')).rejects.toThrow(/famly/);
  });
});

describe('A search that is too broad', () => {
  it('is refused with advice instead of answered in part.', async () => {
    await using db = await createSearchDatabase();
    const members = Array.from({ length: 5001 }, (_, n) => ({
      resourceType: 'PractitionerRole',
      id: `r${n}`,
      active: true,
      organization: { reference: 'Organization/o' },
      practitioner: { reference: `Practitioner/d${n}` },
    })) as (Resource & { id: string })[];
    await db.create([{ resourceType: 'Organization', id: 'o', name: 'Stor' }, ...members]);

    await expect(
      db.search('Organization', '_revinclude=PractitionerRole:organization'),
    ).rejects.toMatchObject({ status: 400, issues: [{ code: 'too-costly' }] });
    expect(await db.ids('Organization', '_has:PractitionerRole:organization:active=true')).toEqual(['o']);
  });
});

describe('Paging', () => {
  it('neither doubles nor skips what stays, while others write.', async () => {
    await using db = await createSearchDatabase();
    const ids = Array.from({ length: 30 }, (_, n) => `p${String(n).padStart(2, '0')}`);
    await db.create(ids.map((id) => person(id, 'Hansen', id)));
    const seen: string[] = [];
    let cursor: string | undefined = '';

    for (let page = 0; cursor !== undefined; page++) {
      const { rows, nextCursor } = await db.search(
        'Patient',
        `family=hansen&_count=7${cursor === '' ? '' : `&_cursor=${cursor}`}`,
      );
      seen.push(...rows.map(({ id }) => id));
      cursor = nextCursor;
      await db.create([person(`new-${page}`, 'Hansen', 'Ny')]);
      await db.change('Patient', 'p00', person('p00', 'Hansen', `Endret ${page}`));
    }

    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.filter((id) => id.startsWith('p')).sort()).toEqual(ids);
  });

  it('does not show what was deleted.', async () => {
    await using db = await createSearchDatabase();
    await db.create([person('p1', 'Hansen', 'Ola'), person('p2', 'Hansen', 'Kari')]);

    await db.change('Patient', 'p1', null);

    expect(await db.ids('Patient', 'family=hansen')).toEqual(['p2']);
    expect(await db.ids('Patient', '')).toEqual(['p2']);
  });
});
