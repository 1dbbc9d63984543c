/** https://hl7.org/fhir/R4/resource-operation-validate.html */
import type { JsonObject, OperationOutcome } from '../../../src/fhir/types.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import type { HttpAnswer, HttpClient } from '../../support/http-client.ts';

const TEXT = { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">Kvinne</div>' };

describe('The operation $validate', () => {
  let server: TestApp;
  let ehr: HttpClient;
  let patient: string;

  beforeAll(async () => {
    server = await startTestApp();
    ehr = await server.client('ehr');
    const { body } = await ehr.post('fhir/Patient', {
      resourceType: 'Patient',
      text: TEXT,
      gender: 'female',
    });
    patient = String((body as JsonObject)['id']);
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
  });

  const rulesIn = ({ body }: HttpAnswer): readonly string[] =>
    ((body as OperationOutcome).issue ?? []).flatMap(
      ({ severity, details }) => `${severity ?? ''} ${details?.coding?.[0]?.code ?? ''}`,
    );
  const asked = (resource: JsonObject | undefined, mode: string, profile?: string) => ({
    resourceType: 'Parameters',
    parameter: [
      { name: 'mode', valueCode: mode },
      ...(resource === undefined ? [] : [{ name: 'resource', resource }]),
      ...(profile === undefined ? [] : [{ name: 'profile', valueUri: profile }]),
    ],
  });

  it('validates what is stored when an instance is named and nothing is sent.', async () => {
    const answers = [
      await ehr.get(`fhir/Patient/${patient}/$validate`),
      await ehr.post(`fhir/Patient/${patient}/$validate`, asked(undefined, 'profile')),
    ];

    for (const { status, body } of answers) {
      expect(status).toBe(200);
      expect(body).toMatchObject({ issue: [{ severity: 'information', code: 'informational' }] });
    }
  });

  it('knows no instance that never was.', async () => {
    expect((await ehr.get('fhir/Patient/never-was/$validate')).status).toBe(404);
  });

  it('asks of an update that the id is that of the address.', async () => {
    const resource = { resourceType: 'Patient', text: TEXT };
    const path = `fhir/Patient/${patient}/$validate`;

    expect(rulesIn(await ehr.post(path, asked({ ...resource, id: 'another' }, 'update')))).toEqual([
      'error id-mismatch',
    ]);
    expect(rulesIn(await ehr.post(path, asked(resource, 'update')))).toEqual(['error id-mismatch']);
    expect(rulesIn(await ehr.post(path, asked({ ...resource, id: patient }, 'update')))).toEqual([
      'information ',
    ]);
  });

  it('tells before a create which references lead to nothing.', async () => {
    const observation = (reference: string): JsonObject => ({
      resourceType: 'Observation',
      text: TEXT,
      status: 'final',
      code: { text: 'Vekt' },
      subject: { reference },
      effectiveDateTime: '2024-05-17',
      performer: [{ display: 'Sykepleier' }],
    });
    const there = await ehr.post(
      'fhir/Observation/$validate',
      asked(observation(`Patient/${patient}`), 'create'),
    );
    const nowhere = await ehr.post(
      'fhir/Observation/$validate',
      asked(observation('Patient/never-was'), 'create'),
    );

    expect(rulesIn(there)).toEqual(['information ']);
    expect(rulesIn(nowhere)).toEqual(['error dangling-reference']);
  });

  it('tells before a delete what refers to the resource.', async () => {
    const location = await ehr.post('fhir/Location', { resourceType: 'Location', name: 'Poliklinikk' });
    const id = String((location.body as JsonObject)['id']);
    const path = `fhir/Location/${id}/$validate`;
    const free = await ehr.post(path, asked(undefined, 'delete'));
    await ehr.post('fhir/Location', {
      resourceType: 'Location',
      name: 'Rom 4',
      partOf: { reference: `Location/${id}` },
    });
    const used = await ehr.post(path, asked(undefined, 'delete'));

    expect(rulesIn(free)).toEqual(['information ']);
    expect(rulesIn(used)).toEqual(['warning referenced']);
  });

  it.each([
    ['a mode that is none', 'fhir/Patient/$validate', asked({ resourceType: 'Patient' }, 'replace')],
    ['the deletion of nothing', 'fhir/Patient/$validate', asked(undefined, 'delete')],
    ['no resource', 'fhir/Patient/$validate', asked(undefined, 'create')],
  ])('refuses %s.', async (_what, path, body) => {
    const { status, body: outcome } = await ehr.post(path, body);

    expect(status).toBe(400);
    expect(outcome).toMatchObject({ resourceType: 'OperationOutcome' });
  });

  it('holds a response against the questionnaire that it contains.', async () => {
    const response = (valueString: string): JsonObject => ({
      resourceType: 'QuestionnaireResponse',
      text: TEXT,
      contained: [
        {
          resourceType: 'Questionnaire',
          id: 'form',
          status: 'active',
          item: [{ linkId: 'smoker', text: 'Røyker du?', type: 'boolean', required: true }],
        },
      ],
      questionnaire: '#form',
      status: 'completed',
      item: [{ linkId: 'smoker', answer: [{ valueString }] }],
    });
    const answer = await ehr.post('fhir/QuestionnaireResponse/$validate', response('nei'));

    expect(rulesIn(answer)).toContain('error answer-type');
  });

  it('says which form it does not know.', async () => {
    const answer = await ehr.post('fhir/QuestionnaireResponse/$validate', {
      resourceType: 'QuestionnaireResponse',
      questionnaire: 'http://example.org/Questionnaire/none',
      status: 'in-progress',
    });

    expect(rulesIn(answer)).toContain('warning unknown-questionnaire');
  });
});
