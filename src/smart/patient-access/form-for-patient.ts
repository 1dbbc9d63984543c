/** The form that staff let a patient answer: it is theirs to see, patients answer it, and it waits. */
import type { StaffPrincipal } from '../../access/principal.ts';
import { FhirError, error } from '../../fhir/outcome.ts';
import { parseJson } from '../../fhir/json.ts';
import { idOfReference } from '../../fhir/reference.ts';
import type { JsonObject, Patient, Task } from '../../fhir/types.ts';
import type { Clock } from '../../fhir/id.ts';
import type { FormLibrary } from '../../registry/form/library.ts';
import { isForPatients } from '../../registry/form/patient-answers.ts';
import type { HasContent } from '../../registry/sending/form-facts.ts';
import type { SendingState } from '../../registry/sending/next-step.ts';
import { stateCode } from '../../registry/sending/statements.ts';
import { questionnaireOf } from '../../registry/schedule/tasks.ts';
import { type Caller, closeVisit } from '../../repository/audit.ts';
import type { Repository } from '../../repository/repository.ts';
import { Visit } from '../../repository/visit.ts';
import type { PatientAccessRow } from './accesses.ts';
import { waits } from './standing.ts';

export type FormForPatient = (staff: StaffPrincipal, taskId: string) => Promise<FoundForm>;

export interface FoundForm {
  readonly access: Omit<PatientAccessRow, 'id' | 'kind' | 'expiresAt'>;
  readonly patient: Patient;
  /** How sending of the form stands. */
  readonly state: SendingState | undefined;
}

export interface FormForPatientDeps {
  readonly repository: Repository;
  readonly forms: FormLibrary;
  readonly hasContent: HasContent;
  readonly clock: Clock;
  readonly newRequestId: () => string;
}

export function formForPatient({
  repository,
  forms,
  hasContent,
  clock,
  newRequestId,
}: FormForPatientDeps): FormForPatient {
  const find = async (principal: StaffPrincipal, taskId: string, caller: Caller): Promise<FoundForm> => {
    const read = async (type: string, id: string): Promise<JsonObject> =>
      parseJson((await repository.read(caller, { type, id })).content) as JsonObject;
    const task = (await read('Task', taskId)) as unknown as Task;
    const questionnaire = questionnaireOf(task as unknown as JsonObject) ?? '';
    if (principal.role === 'SC' || !isForPatients(forms, questionnaire) || !waits(task, clock.now())) {
      throw refused('Skjemaet venter ikke på svar fra pasienten.');
    }
    if (!hasContent(questionnaire, clock.now())) {
      throw refused('Ordlyden i skjemaet er lisensiert, og innholdspakken med den er ikke installert.');
    }
    const patientId = idOfReference(task.for, 'Patient') ?? '';
    const patient = (await read('Patient', patientId)) as unknown as Patient;
    if (patient.birthDate === undefined) {
      throw refused('Pasienten er registrert uten fødselsdato, og kan ikke bekrefte hvem det er.');
    }
    return {
      access: {
        task: taskId,
        patient: patientId,
        episode: idOfReference(task.basedOn?.[0], 'EpisodeOfCare') ?? '',
        questionnaire,
        register: principal.register,
        unit: idOfReference(task.owner, 'Organization') ?? '',
      },
      patient,
      state: stateCode(task as unknown as JsonObject),
    };
  };
  return async (principal, taskId) => {
    const asking = { principal, requestId: newRequestId(), visit: new Visit() };
    try {
      return await find(principal, taskId, { ...asking, interaction: 'invite-patient' });
    } finally {
      await closeVisit(repository.deps, asking);
    }
  };
}

const refused = (text: string): FhirError =>
  new FhirError(422, error('business-rule', text, 'Task', 'patient-form'));
