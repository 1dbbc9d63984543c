/**
 * A way in as it stands now: the form must still wait for its answers. A withdrawal cancels the form's Task and a due date ends
 * it, so both close every link and every session at once (PA-05).
 */
import type { PatientPrincipal } from '../../access/principal.ts';
import { parseJson } from '../../fhir/json.ts';
import { idOfReference } from '../../fhir/reference.ts';
import type { Patient, Task } from '../../fhir/types.ts';
import { questionnaireOf, responseOf } from '../../registry/schedule/tasks.ts';
import { receivedOf } from '../../registry/sending/statements.ts';
import { EVERYTHING } from '../../storage/row-access.ts';
import type { ResourceStore } from '../../storage/store.ts';
import type { JsonObject } from '../../fhir/types.ts';
import type { PatientAccessRow } from './accesses.ts';

export interface Standing {
  readonly task: Task;
  readonly patient: Patient;
}

const WAITING: ReadonlySet<unknown> = new Set(['ready', 'in-progress']);

/** Task.status of a form that can be answered. */
export const isWaiting = (status: unknown): boolean => WAITING.has(status);

/** The form's Task and the person, while the form waits; undefined once it does not. */
export async function standingOf(
  store: ResourceStore,
  { task: taskId, patient: patientId }: Pick<PatientAccessRow, 'task' | 'patient'>,
  now: Date,
): Promise<Standing | undefined> {
  const rows = await store.as(EVERYTHING).readMany([
    { type: 'Task', id: taskId },
    { type: 'Patient', id: patientId },
  ]);
  const resources = rows.flatMap(({ content }) =>
    content === null ? [] : [parseJson(content) as JsonObject],
  );
  const task = resources.find(({ resourceType }) => resourceType === 'Task') as unknown as Task | undefined;
  const patient = resources.find(({ resourceType }) => resourceType === 'Patient') as unknown as
    Patient | undefined;
  return task === undefined || patient === undefined || !waits(task, now) ? undefined : { task, patient };
}

/** Open, not sent in, and not past its due date. */
export function waits(task: Task, now: Date): boolean {
  const end = task.restriction?.period?.end;
  return (
    isWaiting(task.status) &&
    receivedOf(task as unknown as JsonObject) === undefined &&
    (end === undefined || Date.parse(end) > now.getTime())
  );
}

/** Who the session acts as: the person of the form, with that form alone (PA-03), in the version that the Task has now. */
export function patientPrincipal(
  access: PatientAccessRow,
  { task }: Standing,
  session: string,
): PatientPrincipal {
  const { id, patient, episode, register, unit } = access;
  const response = idOfReference(
    { reference: responseOf(task as unknown as JsonObject) ?? '' },
    'QuestionnaireResponse',
  );
  return {
    kind: 'patient',
    subject: `patient-access:${id}`,
    name: 'Pasient',
    scopes: ['patient/QuestionnaireResponse.cru'],
    token: session,
    patient,
    episode,
    task: access.task,
    questionnaire: questionnaireOf(task as unknown as JsonObject) ?? access.questionnaire,
    register,
    units: [unit],
    ...(response !== undefined && { response }),
  };
}

/** The first name, as the page greets. */
export const firstNameOf = ({ name }: Patient): string | undefined => name?.[0]?.given?.[0];
