/** How each form that the patient answers stands, read out of a pathway's resources. */
import { compilePath, PathError } from '../../fhir/path.ts';
import type { JsonObject } from '../../fhir/types.ts';
import type { EpisodeRow } from '../../repository/rules.ts';
import { heldConsent } from '../consent/held-consent.ts';
import type { PlannedForm, Schedule } from '../schedule/plan.ts';
import type { Sending } from '../schedule/sending.ts';
import { isTaskOf, type PathwayState, questionnaireOf } from '../schedule/tasks.ts';
import { orderOf } from './messages.ts';
import { type SendingFacts, type SendingState, sendingState } from './next-step.ts';
import { daysLater, startOfDay } from './norwegian-time.ts';
import { isStopped, receivedOf } from './statements.ts';

/** A form that patients answer, in one pathway. */
export interface PatientForm {
  readonly form: PlannedForm & { readonly sending: Sending };
  readonly task: EpisodeRow;
  readonly facts: SendingFacts;
  readonly state: SendingState;
}

/** Is the form's wording here, on this day? */
export type HasContent = (questionnaire: string, now: Date) => boolean;

export interface PathwayRows {
  readonly schedule: Schedule;
  readonly episode: JsonObject;
  readonly patient: JsonObject | undefined;
  readonly rows: readonly EpisodeRow[];
  /** Consents of the person's other pathways, where one is for the whole register. */
  readonly otherConsents: readonly JsonObject[];
}

export const isSent = (form: PlannedForm): form is PatientForm['form'] => form.sending !== undefined;

/** In the order of the schedule. */
export function patientForms(
  { schedule, episode, patient, rows, otherConsents }: PathwayRows,
  hasContent: HasContent,
  now: Date,
): readonly PatientForm[] {
  const responses = rows
    .filter(({ type }) => type === 'QuestionnaireResponse')
    .map(({ resource }) => resource);
  const own = rows.filter(({ type }) => type === 'Consent').map(({ resource }) => resource);
  const consent = heldConsent(own, otherConsents);
  const pathway: PathwayState = { episode, patient, responses, consent };
  const alone = schedule.forms.filter(isSent).flatMap((form) => {
    const task = rows.find(({ type, resource }) => type === 'Task' && isTaskOf(form, schedule, resource));
    if (task === undefined) {
      return [];
    }
    const wording = questionnaireOf(task.resource) ?? form.questionnaire;
    const facts = factsOf(form, task, pathway, rows, !hasContent(wording, now));
    return [{ form, task, facts, state: sendingState(facts) }];
  });
  return alone.map((one) => {
    const companion = alone.find(({ form }) => form.id === one.form.sending.after?.form);
    return companion === undefined
      ? one
      : { ...one, facts: { ...one.facts, companion: { ...companion.facts, state: companion.state } } };
  });
}

function factsOf(
  { sending }: PatientForm['form'],
  { id, resource }: EpisodeRow,
  pathway: PathwayState,
  rows: readonly EpisodeRow[],
  lacksContent: boolean,
): SendingFacts {
  const opens = dayFrom(sending.opens, pathway);
  const closes = dayFrom(sending.closes, pathway);
  return {
    status: resource['status'],
    isReady: sending.conditions.every((condition) => evaluate(condition, pathway)[0] === true),
    isStopped: isStopped(resource) || isDead(pathway.patient),
    lacksContent,
    received: receivedOf(resource),
    opens: opens === undefined ? undefined : startOfDay(opens),
    closes: closes === undefined ? undefined : startOfDay(daysLater(closes, 1)),
    sending: orderOf(rows, id, 'send'),
    reminder: orderOf(rows, id, 'remind'),
    companion: undefined,
  };
}

/** Dead by the population registry. */
export const isDead = (patient: JsonObject | undefined): boolean =>
  patient?.['deceasedDateTime'] !== undefined || patient?.['deceasedBoolean'] === true;

function dayFrom(expression: string | undefined, pathway: PathwayState): string | undefined {
  const [value] = expression === undefined ? [] : evaluate(expression, pathway);
  const text = value == null ? '' : String(value as string);
  return /^\d{4}-\d{2}-\d{2}/.test(text) ? text.slice(0, 10) : undefined;
}

/** What cannot be evaluated over these answers says nothing: a form is not sent for it. */
function evaluate(
  expression: string,
  { episode, patient, responses, consent }: PathwayState,
): readonly unknown[] {
  try {
    return compilePath(expression)(episode, {
      responses: [...responses],
      patient,
      consent: consent === undefined ? [] : [consent],
    });
  } catch (cause) {
    if (cause instanceof PathError) {
      return [];
    }
    throw cause;
  }
}
