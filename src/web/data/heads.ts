/**
 * Persons, consents and forms as the pages show them.
 */
import type { Consent, Patient, Task } from '../../fhir/types.ts';
import { parseCanonical } from '../../fhir/canonical.ts';
import { NATIONAL_SYSTEMS } from '../../fhir/identifiers.ts';
import type { JsonObject } from '../../fhir/types.ts';
import { captureState } from '../../registry/capture/capture-state.ts';
import { PASIENT_ID } from '../../registry/person/register-identifiers.ts';
import { plannedName } from '../../registry/schedule/planned-form.ts';
import { questionnaireOf } from '../../registry/schedule/tasks.ts';
import { receivedOf } from '../../registry/sending/statements.ts';
import type { RegisterTexts } from '../../content/register.ts';
import type { ConsentState, FormCell, FormStatus, PatientHead } from '../view-models.ts';
import type { PathwayData } from './pathways.ts';

const MISSING_CONSENT = 'https://ryggrad.no/fhir/StructureDefinition/missing-consent-type';

export function patientHead(patient: Patient | undefined): PatientHead {
  const national = patient?.identifier?.find(
    ({ system, use }) => NATIONAL_SYSTEMS.includes(system ?? '') && use !== 'old',
  )?.value;
  const number = patient?.identifier?.find(({ system }) => system === PASIENT_ID)?.value;
  const name = nameOf(patient);
  return {
    id: patient?.id ?? '',
    ...(name !== '' && { name }),
    ...(national !== undefined && { nationalId: national }),
    ...(number !== undefined && { patientNumber: number }),
    ...(patient?.birthDate !== undefined && { birthDate: patient.birthDate }),
    ...(patient?.deceasedDateTime !== undefined && { deceased: patient.deceasedDateTime }),
  };
}

function nameOf(patient: Patient | undefined): string {
  const name = patient?.name?.find(({ use }) => use === 'official') ?? patient?.name?.[0];
  return name?.text ?? [...(name?.given ?? []), name?.family].filter((part) => part !== undefined).join(' ');
}

/** Consent as the lists show it; the note says why it is missing. */
export function consentHead(consent: Consent | undefined): { consent: ConsentState; consentNote?: string } {
  if (consent?.provision?.type === 'permit') {
    return { consent: 'yes' };
  }
  if (consent?.provision?.type !== 'deny') {
    return { consent: 'unknown' };
  }
  const type = consent.extension?.find(({ url }) => url === MISSING_CONSENT);
  const note = type?.valueCodeableConcept?.coding?.[0]?.display ?? type?.valueCoding?.display;
  return note === undefined ? { consent: 'no' } : { consent: 'no', consentNote: note };
}

const STATUS: Readonly<Record<string, FormStatus>> = {
  draft: 'not-open',
  ready: 'new',
  'in-progress': 'in-progress',
  completed: 'completed',
  cancelled: 'not-applicable',
};

/** The forms of a pathway in the schedule's order. */
export function formCells(
  { tasks, responses }: Pick<PathwayData, 'tasks' | 'responses'>,
  texts: RegisterTexts | undefined,
): readonly FormCell[] {
  return tasks.map((task) => {
    const isSubmitted = receivedOf(task as unknown as JsonObject) === 'submitted';
    const status = isSubmitted ? 'submitted' : (STATUS[task.status ?? ''] ?? 'not-open');
    const response = responses.find(
      ({ id }) => task.output?.[0]?.valueReference?.reference === `QuestionnaireResponse/${id ?? ''}`,
    );
    const toConfirm = status === 'in-progress' && response !== undefined ? countSuggested(response) : 0;
    const waitsFor = captureState(task as unknown as JsonObject) && task.statusReason?.text;
    return {
      ...namesOfTask(task, texts),
      status,
      ...(waitsFor !== undefined && { waitsFor }),
      ...(status !== 'not-open' && task.id !== undefined && { taskId: task.id }),
      ...(toConfirm > 0 && { toConfirm }),
      ...((task.note?.length ?? 0) > 0 && { hasComment: true }),
    };
  });
}

/** Of a form that is filled again and again the title says which of them it is. */
function namesOfTask(task: Task, texts: RegisterTexts | undefined): { short: string; title: string } {
  const names = formNames(task, texts);
  return task.focus === undefined || task.description === undefined
    ? names
    : { ...names, title: `${names.title}, ${task.description}` };
}

/** Short name and title of a Task's form, from the register's texts. */
export const formNames = (task: Task, texts: RegisterTexts | undefined): { short: string; title: string } =>
  namesOfForm(
    questionnaireOf(task as unknown as JsonObject) ?? '',
    task.code?.text,
    texts,
    plannedName(task as unknown as JsonObject),
  );

/** The same by the form's canonical; the title where the register has no text for it. `planned`: one of several times it is asked for. */
export function namesOfForm(
  canonical: string,
  title: string | undefined,
  texts: RegisterTexts | undefined,
  planned?: string,
): { short: string; title: string } {
  const id = parseCanonical(canonical).url.split('/').at(-1) ?? '';
  const known = texts?.forms ?? {};
  return known[`${id}@${planned ?? ''}`] ?? known[id] ?? { short: title ?? id, title: title ?? id };
}

function countSuggested(response: unknown): number {
  return (JSON.stringify(response).match(/"url":"adopted","valueCode":"suggested"/g) ?? []).length;
}
