/** A link that was sent before its form got a new version lets the patient in to the version that the Task has now. */
import type { Task } from '../../../../src/fhir/types.ts';
import { patientPrincipal } from '../../../../src/smart/patient-access/standing.ts';

const FORM = 'https://ryggrad.no/fhir/Questionnaire/fot-patient';
const access = {
  id: 'a',
  kind: 'link',
  task: 't',
  patient: 'p',
  episode: 'e',
  questionnaire: `${FORM}|1.0.0`,
  register: 'fot',
  unit: 'u',
  expiresAt: new Date('2027-01-01'),
} as const;

const taskOf = (version: string, more: object = {}): Task =>
  ({
    resourceType: 'Task',
    status: 'ready',
    intent: 'order',
    input: [
      {
        type: { coding: [{ system: 'http://hl7.org/fhir/uv/sdc/CodeSystem/temp', code: 'questionnaire' }] },
        valueCanonical: `${FORM}|${version}`,
      },
    ],
    ...more,
  }) as unknown as Task;

const principalOf = (task: Task) =>
  patientPrincipal(access, { task, patient: { resourceType: 'Patient' } }, 'session');

describe('A patient with a link from before a new version', () => {
  it('answers the version that the Task was moved to.', () => {
    expect(principalOf(taskOf('1.1.0')).questionnaire).toBe(`${FORM}|1.1.0`);
  });

  it('goes on with a draft in the version that it was begun in.', () => {
    const output = [{ type: { text: 'r' }, valueReference: { reference: 'QuestionnaireResponse/r' } }];

    expect(principalOf(taskOf('1.0.0', { status: 'in-progress', output }))).toMatchObject({
      questionnaire: `${FORM}|1.0.0`,
      response: 'r',
    });
  });
});
