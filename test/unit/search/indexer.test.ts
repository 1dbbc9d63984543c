/** https://hl7.org/fhir/R4/search.html */
import { hash32, hash64 } from '../../../src/fhir/id.ts';
import type { Observation, Patient, QuestionnaireResponse, Resource, Task } from '../../../src/fhir/types.ts';
import { createIndexer } from '../../../src/search/indexer.ts';
import { parameters } from './definitions.ts';

const ICD10 = 'urn:oid:2.16.578.1.12.4.1.1.7110';
const index = createIndexer(parameters, { baseUrl: 'https://register.example/fhir' });

const rowsOf = (resource: Resource, code: string) => {
  const { tokens, dates, texts, numbers } = index(resource);
  const param = hash32(code);
  return {
    tokens: tokens.filter((row) => row.param === param).map(({ h, hv }) => ({ h, hv })),
    dates: dates.filter((row) => row.param === param).map(({ lo, hi }) => ({ lo, hi })),
    texts: texts.filter((row) => row.param === param).map(({ val, exact }) => ({ val, exact })),
    numbers: numbers.filter((row) => row.param === param).map(({ lo, hi, unit }) => ({ lo, hi, unit })),
  };
};

const token = (h: string, hv: string | null) => ({ h: hash64(h), hv: hv === null ? null : hash64(hv) });

const patient: Patient = {
  resourceType: 'Patient',
  id: 'p1',
  meta: { tag: [{ system: 'http://tag', code: 'test' }], profile: ['http://profile|2'], source: 'urn:ehr' },
  identifier: [{ system: 'urn:oid:2.16.578.1.12.4.1.4.1', value: '15838510156' }],
  active: true,
  name: [{ family: 'Sørbråten-Næss', given: ['Åse Marie'] }],
  telecom: [{ system: 'phone', value: '22 00 00 00' }],
  birthDate: '1959-12',
  managingOrganization: { reference: 'https://register.example/fhir/Organization/o1' },
  generalPractitioner: [{ reference: 'https://other.example/fhir/Practitioner/9' }],
};

describe('The indexer', () => {
  it('indexes an identifier by system and value, by value, and by system.', () => {
    expect(rowsOf(patient, 'identifier').tokens).toEqual([
      token('urn:oid:2.16.578.1.12.4.1.4.1|15838510156', '15838510156'),
      token('urn:oid:2.16.578.1.12.4.1.4.1|', null),
    ]);
  });

  it('indexes booleans, phone numbers and tags as tokens.', () => {
    expect(rowsOf(patient, 'active').tokens).toEqual([token('|true', 'true')]);
    expect(rowsOf(patient, 'phone').tokens).toEqual([token('|22 00 00 00', '22 00 00 00')]);
    expect(rowsOf(patient, '_tag').tokens[0]).toEqual(token('http://tag|test', 'test'));
  });

  it('indexes a profile with and without its version, and the source.', () => {
    expect(rowsOf(patient, '_profile').tokens).toEqual([
      token('http://profile', null),
      token('http://profile|2', null),
    ]);
    expect(rowsOf(patient, '_source').tokens).toEqual([token('urn:ehr', null)]);
  });

  it('indexes names without case, accents and punctuation, with Norwegian letters in the order of the alphabet.', () => {
    expect(rowsOf(patient, 'family').texts).toEqual([{ val: 'sørbrÿten næss', exact: 'Sørbråten-Næss' }]);
    expect(rowsOf(patient, 'name').texts.map(({ val }) => val)).toEqual(['sørbrÿten næss', 'ÿse marie']);
  });

  it('indexes the texts beside a code, an identifier with its type, and a uri as a text.', () => {
    const typed: Patient = {
      ...patient,
      identifier: [
        {
          type: {
            coding: [{ system: 'http://types', code: 'MR', display: 'Journal' }],
            text: 'Journalnummer',
          },
          system: 'http://ids',
          value: '7',
        },
      ],
    };

    expect(rowsOf(typed, 'identifier:of-type').tokens).toEqual([token('http://types|MR|7', null)]);
    expect(rowsOf(typed, 'identifier:text').texts).toEqual([
      { val: 'journalnummer', exact: 'Journalnummer' },
    ]);
    expect(rowsOf(typed, '_profile:canonical').texts).toEqual([{ val: 'http://profile|2', exact: '' }]);
  });

  it('puts a Patient into its own compartment, its organisation and birth date into columns.', () => {
    expect(index(patient).hot).toEqual({
      patient: 'p1',
      org: 'o1',
      canon: null,
      status: null,
      dLo: '1959-11-30T23:00:00.000Z',
      dHi: '1959-12-31T23:00:00.000Z',
    });
  });

  it('writes no row for what a column answers.', () => {
    expect(rowsOf(patient, 'organization').tokens).toEqual([]);
    expect(rowsOf(patient, 'birthdate').dates).toEqual([]);
    expect(rowsOf(patient, '_id').tokens).toEqual([]);
  });

  it('keeps a foreign reference as it is.', () => {
    expect(rowsOf(patient, 'general-practitioner').tokens).toEqual([
      token('https://other.example/fhir/Practitioner/9', null),
    ]);
  });

  it('indexes ICD-10 codes without their dot.', () => {
    const condition = (code: string): Resource => ({
      resourceType: 'Condition',
      subject: { reference: 'Patient/p1' },
      code: { coding: [{ system: ICD10, code }] },
    });

    expect(rowsOf(condition('I20.0'), 'code')).toEqual(rowsOf(condition('I200'), 'code'));
    expect(rowsOf(condition('I20.0'), 'code').tokens[0]).toEqual(token(`${ICD10}|I200`, 'icd-10:I200'));
  });

  it('indexes a literal reference by type and id, by id, and a logical one by identifier.', () => {
    const task: Task = {
      resourceType: 'Task',
      status: 'ready',
      intent: 'order',
      for: { reference: 'Patient/p1/_history/3' },
      basedOn: [{ reference: 'EpisodeOfCare/e1' }],
      owner: { identifier: { system: 'urn:oid:2.16.578.1.12.4.1.4.101', value: '983971636' } },
    };

    expect(index(task).hot.patient).toBe('p1');
    expect(rowsOf(task, 'patient').tokens).toEqual([token('Patient/p1/_history/3', null)]);
    expect(rowsOf(task, 'based-on').tokens).toEqual([token('EpisodeOfCare/e1', 'e1')]);
    expect(rowsOf(task, 'owner:identifier').tokens[0]).toEqual(
      token('urn:oid:2.16.578.1.12.4.1.4.101|983971636', '983971636'),
    );
    expect(rowsOf(task, 'status').tokens).toEqual([token('|ready', 'ready')]);
  });

  it('indexes a subject that is no patient as a reference.', () => {
    const task: Task = {
      resourceType: 'Task',
      status: 'ready',
      intent: 'order',
      for: { reference: 'Group/g1' },
    };

    expect(index(task).hot.patient).toBeNull();
    expect(rowsOf(task, 'subject').tokens).toEqual([token('Group/g1', 'g1')]);
  });

  it('puts the questionnaire without its version into a column and keeps the exact canonical as a token.', () => {
    const response: QuestionnaireResponse = {
      resourceType: 'QuestionnaireResponse',
      status: 'completed',
      questionnaire: 'https://ryggrad.no/fhir/Questionnaire/x|1.0.0',
      authored: '2024-03-01T10:00:00+01:00',
    };

    expect(index(response).hot).toMatchObject({
      canon: 'https://ryggrad.no/fhir/Questionnaire/x',
      status: 'completed',
      dLo: '2024-03-01T09:00:00.000Z',
    });
    expect(rowsOf(response, 'questionnaire').tokens).toEqual([
      token('https://ryggrad.no/fhir/Questionnaire/x|1.0.0', null),
    ]);
  });

  const pressure: Observation = {
    resourceType: 'Observation',
    status: 'final',
    code: { coding: [{ system: 'http://loinc.org', code: '85354-9' }] },
    component: [
      {
        code: { coding: [{ system: 'http://loinc.org', code: '8480-6' }] },
        valueQuantity: { value: 120, unit: 'mmHg', system: 'http://unitsofmeasure.org', code: 'mm[Hg]' },
      },
    ],
  };

  it('indexes a quantity without unit, in the canonical unit, and by the name of its unit.', () => {
    expect(rowsOf(pressure, 'component-value-quantity').numbers).toEqual([
      { lo: 120, hi: 120, unit: null },
      { lo: 15998640, hi: 15998640, unit: hash64('ucum:-1,-2,1,0,0,0,0;0') },
      { lo: 120, hi: 120, unit: hash64('|mmHg') },
    ]);
  });

  it('indexes the parts of one component together.', () => {
    const { numbers } = rowsOf(pressure, 'component-code-value-quantity');

    expect(numbers).toContainEqual({
      lo: 15998640,
      hi: 15998640,
      unit: hash64('http://loinc.org|8480-6$ucum:-1,-2,1,0,0,0,0;0'),
    });
    expect(numbers).toContainEqual({ lo: 120, hi: 120, unit: hash64('*|8480-6$') });
  });

  it('indexes a quantity with a comparator as a half-line.', () => {
    const crp: Observation = {
      resourceType: 'Observation',
      status: 'final',
      code: { text: 'CRP' },
      valueQuantity: { value: 5, comparator: '<' },
    };

    expect(rowsOf(crp, 'value-quantity').numbers).toEqual([{ lo: -Number.MAX_VALUE, hi: 5, unit: null }]);
  });

  it('ignores values of the wrong shape.', () => {
    const broken = {
      resourceType: 'Observation',
      status: 7,
      code: 'text',
      subject: 'Patient/1',
      effectiveDateTime: 'soon',
      valueQuantity: { value: '5' },
    } as unknown as Observation;

    expect(index(broken).hot).toEqual({
      patient: null,
      org: null,
      canon: null,
      status: null,
      dLo: null,
      dHi: null,
    });
    expect(index(broken).numbers).toEqual([]);
  });

  it('does not touch the resource and gives the same rows every time.', () => {
    const before = JSON.stringify(pressure);

    const [first, second] = [index(pressure), index(pressure)];

    expect(first).toEqual(second);
    expect(JSON.stringify(pressure)).toBe(before);
  });
});
