/** https://hl7.org/fhir/uv/sdc/populate.html, https://hl7.org/fhir/R4/resource-operation-validate.html */
import type { Registered } from '../../../demo/walk/push.ts';
import type { OperationOutcome, QuestionnaireResponse } from '../../../src/fhir/types.ts';
import type { HttpClient } from '../../support/http-client.ts';
import { startWalkServer, to, type WalkServer } from '../walk/walk-server.ts';

describe('An operation', () => {
  let server: WalkServer;
  let coordinator: HttpClient;
  let ehr: HttpClient;
  let person: Registered;

  beforeAll(async () => {
    server = await startWalkServer();
    coordinator = await server.app.client('staff');
    ehr = await server.app.client('ehr');
    person = await server.person();
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
  });

  const rulesOf = (body: unknown): readonly (string | undefined)[] =>
    ((body as OperationOutcome).issue ?? []).map(({ details }) => details?.coding?.[0]?.code);
  const stored = async (): Promise<number> => {
    const [row] = await server.app.database.db.query<{ n: number }>({
      text: 'select (select count(*) from resource)::int + (select count(*) from history)::int as n',
    });
    return row?.n ?? 0;
  };

  describe('that fills a form', () => {
    const context = (reference: string) => ({
      resourceType: 'Parameters',
      parameter: [
        {
          name: 'context',
          part: [
            { name: 'name', valueString: 'task' },
            { name: 'content', valueReference: { reference } },
          ],
        },
      ],
    });

    it('answers the response of a Task, filled and not stored.', async () => {
      const before = await stored();

      const byTask = await coordinator.get(`fhir/Task/${person.tasks['to'] ?? ''}/$populate`);
      const byContext = await coordinator.post(
        'fhir/Questionnaire/$populate',
        context(`Task/${person.tasks['to'] ?? ''}`),
      );

      const response = byTask.body as QuestionnaireResponse;
      expect([byTask.status, byContext.status]).toEqual([200, 200]);
      expect(response).toMatchObject({
        resourceType: 'QuestionnaireResponse',
        status: 'in-progress',
        subject: { reference: `Patient/${person.patient}` },
      });
      expect(response.questionnaire).toMatch(/smertereg-to\|/);
      expect(byContext.body).toMatchObject({
        resourceType: 'Parameters',
        parameter: [{ name: 'response', resource: { questionnaire: response.questionnaire } }],
      });
      expect(await stored()).toBe(before);
    });

    it('answers what is stored once the form is begun.', async () => {
      const begun = await server.person();
      const saved = await server.save(begun, 'to', to.consenting);

      const opened = await coordinator.get(`fhir/Task/${begun.tasks['to'] ?? ''}/$populate`);

      expect(opened.body).toMatchObject({ id: saved.body.id });
    });

    it.each([
      ['no context', { resourceType: 'Parameters' }],
      ['a context of another type', context('Patient/1')],
    ])('is refused with %s, and says what to send.', async (_what, parameters) => {
      const refused = await coordinator.post('fhir/Questionnaire/$populate', parameters);

      expect(refused.status).toBe(400);
      expect(rulesOf(refused.body)).toEqual(['populate-context']);
    });

    it('knows no Task of others, and none that never was.', async () => {
      const unknown = await coordinator.post('fhir/Questionnaire/$populate', context('Task/never-was'));
      const hidden = await server.analytics.request(`Task/${person.tasks['to'] ?? ''}/$populate`);

      expect([unknown.status, hidden.status]).toEqual([404, 404]);
    });
  });

  describe('that validates', () => {
    const PROFILE = 'https://ryggrad.no/fhir/StructureDefinition/ryggrad-patient';
    const patient = { resourceType: 'Patient', gender: 'unknwon' };

    it('tells every fault with its place, and stores nothing.', async () => {
      const before = await stored();

      const answer = await ehr.post('fhir/Patient/$validate', { ...patient, birthDate: 'i fjor' });

      expect(answer.status).toBe(200);
      expect((answer.body as OperationOutcome).issue.flatMap(({ expression }) => expression)).toEqual(
        expect.arrayContaining(['Patient.gender', 'Patient.birthDate']),
      );
      expect(await stored()).toBe(before);
    });

    it('says when there is nothing to tell.', async () => {
      const answer = await ehr.post('fhir/Patient/$validate', {
        resourceType: 'Patient',
        text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">Kvinne</div>' },
        gender: 'female',
      });

      expect(answer.body).toMatchObject({ issue: [{ severity: 'information', code: 'informational' }] });
    });

    it('checks the profile that is asked for, in Parameters or in the address.', async () => {
      const resource = { resourceType: 'Patient', gender: 'female' };
      const answers = [
        await ehr.post(`fhir/Patient/$validate?profile=${encodeURIComponent(PROFILE)}`, resource),
        await ehr.post('fhir/Patient/$validate', {
          resourceType: 'Parameters',
          parameter: [
            { name: 'resource', resource },
            { name: 'profile', valueUri: PROFILE },
          ],
        }),
        await ehr.post('fhir/Patient/$validate', {
          resourceType: 'Parameters',
          parameter: [
            { name: 'resource', resource },
            { name: 'profile', valueCanonical: PROFILE },
          ],
        }),
      ];

      for (const { status, body } of answers) {
        expect(status).toBe(200);
        expect((body as OperationOutcome).issue.some(({ severity }) => severity === 'error')).toBe(true);
      }
    });

    it.each([
      ['no resource', { resourceType: 'Parameters' }],
      ['another type', { resourceType: 'Observation' }],
    ])('is refused with %s.', async (_what, body) => {
      expect((await ehr.post('fhir/Patient/$validate', body)).status).toBe(400);
    });
  });
});
