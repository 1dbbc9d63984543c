/**
 * What may be done to a form as it stands: open it, save it, lock it, correct it after locking.
 * Every register's forms follow it.
 */
import { isImport, type Principal } from '../../access/principal.ts';
import { error, type Issue } from '../../fhir/outcome.ts';
import type { JsonObject } from '../../fhir/types.ts';
import type { ReceivedState } from '../sending/next-step.ts';

export const CHANGE_REASON = 'https://ryggrad.no/fhir/StructureDefinition/change-reason';

/** QuestionnaireResponse.status that are locked [ferdigstilt]. */
export const isLocked = (status: unknown): boolean => status === 'completed' || status === 'amended';

/** Status of the Task when its form is finished by another road. */
interface FormSituation {
  readonly principal: Principal;
  /** Status of the form's Task, if the pathway has one. */
  readonly task: unknown;
  readonly episode: unknown;
  /** The days on which the form can be answered are over (Task.restriction). */
  readonly isOver: boolean;
  /** The patient has sent it in, where staff import it. */
  readonly received?: ReceivedState | undefined;
  /** The person's consent to the pathway was given and has been withdrawn. */
  readonly isWithdrawn: boolean;
  /** Status before this write; undefined for a new response. */
  readonly before: unknown;
  readonly response: JsonObject;
  /** Another response that the Task has already. */
  readonly existing: string | undefined;
  readonly at: string;
}

export const notOfPathway = (at: string): Issue =>
  error('business-rule', 'This form is not part of the pathway.', `${at}.questionnaire`, 'form-of-pathway');

/** Why this write of a response is not allowed, if it is not. */
export function refusal(situation: FormSituation): Issue | undefined {
  const { task, before, existing, at } = situation;
  const refuse = (text: string, rule: string, element = 'status'): Issue =>
    error('business-rule', text, `${at}.${element}`, rule);
  if (task === undefined) {
    return notOfPathway(at);
  }
  if (before === undefined && existing !== undefined) {
    return refuse(
      `The form has a response already: ${existing}. Update that one.`,
      'form-started',
      'questionnaire',
    );
  }
  if (situation.isWithdrawn) {
    return refuse(
      'The person has withdrawn the consent: nothing more is registered in this pathway.',
      'consent-withdrawn',
    );
  }
  if (isLocked(before)) {
    return refuseCorrection(situation);
  }
  if (situation.episode === 'cancelled' || situation.episode === 'entered-in-error') {
    return refuse('The pathway is closed; its forms take no new answers.', 'pathway-locked');
  }
  if (task === 'draft' || task === 'cancelled') {
    return refuse('The form is not open at this point of the pathway.', 'form-not-open', 'questionnaire');
  }
  if (task === 'completed') {
    return refuse('The form is locked without an answer; the reason is in Task.statusReason.', 'form-closed');
  }
  if (situation.received === 'submitted') {
    return refuse(
      'The patient has sent in the form. Import it or discard it before it is changed.',
      'form-submitted',
    );
  }
  if (situation.received === 'imported' && situation.principal.kind === 'patient') {
    return refuse('The form is taken over by staff.', 'form-imported');
  }
  if (situation.isOver) {
    return refuse('The days on which this form can be filled in are over.', 'form-days-over');
  }
  const { status } = situation.response;
  if (status === 'amended' && isImport(situation.principal)) {
    return lacksReason(situation); // it was corrected where it comes from
  }
  if (status !== 'in-progress' && status !== 'completed') {
    return refuse('A form is saved as in-progress (draft) or completed (locked).', 'form-status');
  }
  return undefined;
}

/** A locked form changes only by a coordinator's correction with a reason. */
function refuseCorrection(situation: FormSituation): Issue | undefined {
  const { principal, response, at } = situation;
  const mayCorrect = principal.kind === 'system' || (principal.kind === 'staff' && principal.role === 'LC');
  if (!mayCorrect) {
    return error(
      'forbidden',
      'The form is locked. A local coordinator (LC) can correct it.',
      `${at}.status`,
      'form-locked',
    );
  }
  if (response['status'] !== 'amended') {
    return error(
      'business-rule',
      'A correction of a locked form has the status amended.',
      `${at}.status`,
      'form-locked',
    );
  }
  return lacksReason(situation);
}

function lacksReason({ response, at }: FormSituation): Issue | undefined {
  const extensions = (response['extension'] ?? []) as readonly { url?: string; valueString?: string }[];
  const reason = extensions.find(({ url }) => url === CHANGE_REASON)?.valueString ?? '';
  return reason.trim() === ''
    ? error(
        'required',
        `A correction gives its reason in the extension ${CHANGE_REASON}.`,
        `${at}.extension`,
        'change-reason',
      )
    : undefined;
}
