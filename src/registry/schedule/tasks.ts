/**
 * Tasks of a pathway: one per form, open when the schedule's conditions hold. https://hl7.org/fhir/R4/task.html
 */
import { compilePath } from '../../fhir/path.ts';
import type { JsonObject } from '../../fhir/types.ts';
import type { EpisodeRow } from '../../repository/rules.ts';
import type { PlannedForm, Schedule } from './plan.ts';
import { isOfForm, nameToCarry, namingForm, plannedName } from './planned-form.ts';

export type TaskStatus = 'draft' | 'ready' | 'in-progress' | 'completed' | 'cancelled';

const QUESTIONNAIRE_INPUT = { system: 'http://hl7.org/fhir/uv/sdc/CodeSystem/temp', code: 'questionnaire' };

/** What conditions are evaluated over. */
export interface PathwayState {
  readonly episode: JsonObject;
  readonly patient: JsonObject | undefined;
  /** QuestionnaireResponses of the pathway. */
  readonly responses: readonly JsonObject[];
  /** The consent that holds for the pathway, for conditions on sending. */
  readonly consent?: JsonObject | undefined;
}

/** Is the form open to be filled, as the pathway stands? */
export function isOpen({ conditions }: PlannedForm, { episode, patient, responses }: PathwayState): boolean {
  return conditions.every(
    (condition) => compilePath(condition)(episode, { responses: [...responses], patient })[0] === true,
  );
}

/** A new Task for a form of a pathway. */
export function newTask(
  id: string,
  form: PlannedForm,
  schedule: Schedule,
  state: PathwayState,
  authoredOn: string,
): JsonObject {
  const { episode } = state;
  const task = {
    resourceType: 'Task',
    id,
    basedOn: [{ reference: `EpisodeOfCare/${String(episode['id'])}` }],
    instantiatesCanonical: schedule.canonical,
    status: isOpen(form, state) ? 'ready' : 'draft',
    intent: 'order',
    code: { text: form.title },
    for: episode['patient'] ?? null,
    authoredOn,
    lastModified: authoredOn,
    owner: episode['managingOrganization'] ?? null,
    input: [{ type: { coding: [QUESTIONNAIRE_INPUT] }, valueCanonical: form.questionnaire }],
  };
  return namingForm(task, nameToCarry(form, schedule));
}

/** Questionnaire canonical|version of a Task. */
export const questionnaireOf = (task: JsonObject): string | undefined =>
  inputsOf(task).find(isQuestionnaire)?.valueCanonical;

interface TaskInput {
  readonly type?: { readonly coding?: readonly { readonly code?: string }[] };
  readonly valueCanonical?: string;
}

const inputsOf = (task: JsonObject): readonly TaskInput[] => (task['input'] ?? []) as readonly TaskInput[];

const isQuestionnaire = ({ type }: TaskInput): boolean =>
  type?.coding?.some(({ code }) => code === QUESTIONNAIRE_INPUT.code) === true;

/** Is the Task one of this form of the plan? */
export const isTaskOf = (form: PlannedForm, schedule: Pick<Schedule, 'forms'>, task: JsonObject): boolean =>
  isOfForm(form, schedule, questionnaireOf(task), plannedName(task));

/** The plan's form that a Task is of. */
export const formOfTask = (schedule: Pick<Schedule, 'forms'>, task: JsonObject): PlannedForm | undefined =>
  schedule.forms.find((form) => isTaskOf(form, schedule, task));

/** The Task with its form in another version: what is read in from elsewhere was filled in then. */
export const withQuestionnaire = (task: JsonObject, canonical: string): JsonObject => ({
  ...task,
  input: inputsOf(task).map((input) =>
    isQuestionnaire(input) ? { ...input, valueCanonical: canonical } : input,
  ) as unknown as JsonObject[],
});

/** Are the days on which the form can be answered over? */
export function isOver(task: JsonObject, now: Date): boolean {
  const { period } = (task['restriction'] ?? {}) as { readonly period?: { readonly end?: string } };
  return period?.end !== undefined && Date.parse(period.end) < now.getTime();
}

/** Reference of the response a Task has produced. */
export function responseOf(task: JsonObject): string | undefined {
  const outputs = (task['output'] ?? []) as readonly { valueReference?: { reference?: string } }[];
  return outputs[0]?.valueReference?.reference;
}

/** The Task after a form was saved or completed. */
export function withResponse(task: JsonObject, response: string, status: TaskStatus, now: Date): JsonObject {
  const output = [{ type: { text: 'QuestionnaireResponse' }, valueReference: { reference: response } }];
  return { ...task, status, output, lastModified: now.toISOString() };
}

/** Tasks whose form has become open or closed; started and finished ones stay as they are. */
export function retimed(
  tasks: readonly EpisodeRow[],
  schedule: Schedule,
  state: PathwayState,
  now: Date,
): readonly EpisodeRow[] {
  return tasks.flatMap((task) => {
    const form = formOfTask(schedule, task.resource);
    const status = task.resource['status'];
    if (form === undefined || (status !== 'draft' && status !== 'ready')) {
      return [];
    }
    const next: TaskStatus = isOpen(form, state) ? 'ready' : 'draft';
    return next === status
      ? []
      : [{ ...task, resource: { ...task.resource, status: next, lastModified: now.toISOString() } }];
  });
}
