import { populate } from '../../../src/sdc/populate.ts';
import {
  coded,
  context,
  form,
  formOf,
  group,
  question,
  response,
  row,
  values,
  withRows,
} from './fixtures/smertetilsyn.ts';
import type { Form } from '../../../src/sdc/form-types.ts';
import type { Populated } from '../../../src/sdc/populate.ts';
import type {
  MedicationStatement,
  Patient,
  QuestionnaireResponse,
  Resource,
} from '../../../src/fhir/types.ts';

const patient: Patient = { resourceType: 'Patient', id: 'p1', birthDate: '1957-03-02' };

const drug = (id: string, code: string, value?: number): MedicationStatement => ({
  resourceType: 'MedicationStatement',
  id,
  status: 'active',
  subject: { reference: 'Patient/p1' },
  effectiveDateTime: '2026-10-29',
  medicationCodeableConcept: {
    coding: [{ system: 'https://ryggrad.no/fhir/CodeSystem/opioid', code, display: code }],
  },
  ...(value !== undefined && { dosage: [{ doseAndRate: [{ doseQuantity: { value, unit: 'mg' } }] }] }),
});

async function fill(
  drugs: readonly Resource[],
  draft?: QuestionnaireResponse,
  to: Form = form,
): Promise<Populated & { queries: string[] }> {
  const queries: string[] = [];
  const fetch = (query: string): Promise<readonly Resource[]> => {
    queries.push(query);
    return Promise.resolve(drugs);
  };
  const result = await populate(to, {
    now: context.now,
    launch: { patient },
    fetch,
    ...(draft && { response: draft }),
  });
  return { ...result, queries };
}

const sourcesOf = (answer: unknown): unknown => (answer as { extension: unknown }).extension;

describe('Population', () => {
  it('starts a response to the exact version for the person.', async () => {
    const { response: made, queries } = await fill([]);

    expect(made).toMatchObject({
      questionnaire: form.canonical,
      status: 'in-progress',
      subject: { reference: 'Patient/p1' },
      authored: '2026-10-30T10:00:00.000Z',
    });
    expect(values(made)).toEqual({ 'grunnlag/fodt': ['1957-03-02'] });
    expect(queries).toEqual(['MedicationStatement?patient=p1&status=active']);
  });

  it('makes one row per resource, each with its own source, and calculates.', async () => {
    const draft = response([question('analgetika', coded('analgetika', 'opioid'))]);

    const {
      response: made,
      filled,
      sources,
    } = await fill([drug('m1', 'oksykodon-po', 40), drug('m2', 'morfin-po', 20)], draft);

    expect(values(made)).toMatchObject({
      'opioider/rad[0]/legemiddel': ['oksykodon-po'],
      'opioider/rad[0]/dose': [40],
      'opioider/rad[0]/ome': [60],
      'opioider/rad[1]/legemiddel': ['morfin-po'],
      'opioider/rad[1]/dose': [20],
      'opioider/ome-total': [80],
    });
    expect(filled).toBe(4);
    expect(sources.map(({ path, reference }) => `${path} ${reference}`)).toEqual([
      'grunnlag/fodt Patient/p1',
      'opioider/rad[0]/legemiddel MedicationStatement/m1',
      'opioider/rad[0]/dose MedicationStatement/m1',
      'opioider/rad[1]/legemiddel MedicationStatement/m2',
      'opioider/rad[1]/dose MedicationStatement/m2',
    ]);
    expect(sourcesOf(made.item![2]!.item![1]!.item![1]!.answer![0])).toEqual([
      {
        url: 'https://ryggrad.no/fhir/StructureDefinition/answer-source',
        extension: [
          { url: 'resource', valueReference: { reference: 'MedicationStatement/m2', display: 'morfin-po' } },
          { url: 'recorded', valueDateTime: '2026-10-29' },
          { url: 'adopted', valueCode: 'suggested' },
        ],
      },
    ]);
  });

  it('drops a code that is no option, and keeps the rest of the row.', async () => {
    const { response: made } = await fill(
      [drug('m1', 'ukjent', 5)],
      response([question('analgetika', coded('analgetika', 'opioid'))]),
    );

    expect(values(made)['opioider/rad[0]/legemiddel']).toBeUndefined();
    expect(values(made)['opioider/rad[0]/dose']).toEqual([5]);
  });

  it('never overwrites an answer, and leaves rows alone that are there.', async () => {
    const draft = withRows(row('morfin-po'));

    const { response: made } = await fill([drug('m1', 'oksykodon-po', 40)], draft);

    expect(values(made)['opioider/rad[0]/legemiddel']).toEqual(['morfin-po']);
    expect(values(made)['opioider/rad[0]/dose']).toBeUndefined();
    expect(values(made)['opioider/rad[1]/legemiddel']).toBeUndefined();
  });

  it('does not ask for half a query.', async () => {
    const queries: string[] = [];

    await populate(form, {
      now: context.now,
      launch: {},
      fetch: (query) => (queries.push(query), Promise.resolve([])),
    });

    expect(queries).toEqual([]);
  });

  it('names the one of several resources that an answer came from.', async () => {
    const weights = [60, 82].map((value, index) => ({
      resourceType: 'Observation',
      id: `o${index}`,
      code: { text: 'Vekt' },
      valueQuantity: { value, unit: 'kg', system: 'http://unitsofmeasure.org', code: 'kg' },
    })) as unknown as Resource[];
    const weightForm = formOf(
      [
        {
          linkId: 'vekt',
          type: 'decimal',
          text: 'Vekt',
          extension: [
            {
              url: 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-initialExpression',
              valueExpression: { language: 'text/fhirpath', expression: '%vekter.value.value.last()' },
            },
          ],
        },
        { linkId: 'lege', type: 'boolean', text: 'Lege', initial: [{ valueBoolean: true }] },
      ],
      {
        extension: [
          {
            url: 'http://hl7.org/fhir/StructureDefinition/variable',
            valueExpression: {
              name: 'vekter',
              language: 'application/x-fhir-query',
              expression: 'Observation?code=29463-7',
            },
          },
        ],
      },
    );

    const { response: made, sources, filled } = await fill(weights, undefined, weightForm);

    expect(values(made)).toEqual({ vekt: [82], lege: [true] });
    expect(sources).toEqual([{ reference: 'Observation/o1', display: 'Vekt', path: 'vekt', linkId: 'vekt' }]);
    expect(filled).toBe(1);
  });

  it('ties each row to its own resource where the rows come from lists of several types.', async () => {
    const query = (name: string, type: string) => ({
      url: 'http://hl7.org/fhir/StructureDefinition/variable',
      valueExpression: { name, language: 'application/x-fhir-query' as const, expression: `${type}?code=x` },
    });
    const rowForm = formOf(
      [
        {
          linkId: 'funn',
          type: 'group',
          text: 'Funn',
          repeats: true,
          extension: [
            {
              url: 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-itemPopulationContext',
              valueExpression: {
                name: 'en',
                language: 'text/fhirpath',
                expression: '%diagnoser | %inngrep',
              },
            },
          ],
          item: [
            {
              linkId: 'navn',
              type: 'string',
              text: 'Navn',
              extension: [
                {
                  url: 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-initialExpression',
                  valueExpression: { language: 'text/fhirpath', expression: '%en.code.text' },
                },
              ],
            },
          ],
        },
      ],
      { extension: [query('diagnoser', 'Condition'), query('inngrep', 'Procedure')] },
    );
    const known = [
      { resourceType: 'Condition', id: 'c1', code: { text: 'Prolaps' } },
      { resourceType: 'Condition', id: 'c2', code: { text: 'Isjias' } },
      { resourceType: 'Procedure', id: 'p1', code: { text: 'Operasjon' } },
    ] as unknown as Resource[];

    const { sources } = await populate(rowForm, {
      now: context.now,
      launch: {},
      fetch: (asked) =>
        Promise.resolve(known.filter(({ resourceType }) => asked.startsWith(`${resourceType}?`))),
    });

    expect(sources.map(({ path, reference }) => `${path} ${reference}`)).toEqual([
      'funn[0]/navn Condition/c1',
      'funn[1]/navn Condition/c2',
      'funn[2]/navn Procedure/p1',
    ]);
  });

  it('keeps empty groups out of the response.', async () => {
    const { response: made } = await fill([], response([group('opioider')]));

    expect(made.item!.map(({ linkId }) => linkId)).toEqual(['grunnlag', 'opioider']);
  });
});
