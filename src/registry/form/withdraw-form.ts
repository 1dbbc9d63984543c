/**
 * A form that is filled by capture is withdrawn: by the server when its source is taken back, by a coordinator with a reason. What
 * it said stays in its versions; it counts no more, and its facts are gone.
 * https://hl7.org/fhir/R4/questionnaireresponse-definitions.html#QuestionnaireResponse.status
 */
import type { Principal } from '../../access/principal.ts';
import { error, type Issue } from '../../fhir/outcome.ts';
import type { Extension, JsonObject } from '../../fhir/types.ts';
import type { EpisodeRow } from '../../repository/rules.ts';
import type { PlannedForm } from '../schedule/plan.ts';
import { withState } from '../capture/capture-state.ts';
import { CHANGE_REASON } from './lock.ts';

export const WITHDRAWN = 'entered-in-error';

export const isWithdrawal = (response: JsonObject | undefined): boolean => response?.['status'] === WITHDRAWN;

interface Written {
  readonly principal: Principal;
  readonly planned: PlannedForm | undefined;
  readonly response: JsonObject;
  /** Status before this write; undefined for a new response. */
  readonly before: unknown;
  /** Another response that the Task has. */
  readonly existing: string | undefined;
  readonly at: string;
}

/** Why people may not write this response to a form that is filled by capture alone, if they may not. */
export function captureRefusal(written: Written): Issue | undefined {
  const { principal, planned, response, at } = written;
  if (planned?.capture === undefined) {
    return undefined;
  }
  if (isWithdrawal(response)) {
    return withdrawalRefusal(written);
  }
  return planned.capture !== 'complete' || principal.kind === 'system'
    ? undefined
    : error(
        'business-rule',
        'The register fills this form with what the EHR sends; nobody fills it by hand. A local coordinator (LC) can withdraw it.',
        `${at}.questionnaire`,
        'captured-only',
      );
}

function withdrawalRefusal({ principal, response, before, existing, at }: Written): Issue | undefined {
  if (principal.kind !== 'system' && (principal.kind !== 'staff' || principal.role !== 'LC')) {
    return error(
      'forbidden',
      'A local coordinator (LC) can withdraw the form.',
      `${at}.status`,
      'form-locked',
    );
  }
  if (before === undefined || before === WITHDRAWN || existing !== undefined) {
    return error(
      'business-rule',
      'What is withdrawn is the form that is stored, once: there is none here to withdraw.',
      `${at}.status`,
      'form-status',
    );
  }
  return reasonOf(response) === ''
    ? error(
        'required',
        `A withdrawal gives its reason in the extension ${CHANGE_REASON}.`,
        `${at}.extension`,
        'change-reason',
      )
    : undefined;
}

/** The stored form as a withdrawn one: who withdraws it says why, and changes no answer. */
export function asWithdrawn(stored: JsonObject, response: JsonObject): JsonObject {
  const extensions = (stored['extension'] ?? []) as readonly JsonObject[];
  return {
    ...stored,
    extension: [
      ...extensions.filter(({ url }) => url !== CHANGE_REASON),
      { url: CHANGE_REASON, valueString: reasonOf(response) },
    ],
    status: WITHDRAWN,
  };
}

export function reasonOf({ extension }: JsonObject): string {
  const extensions = (extension ?? []) as unknown as readonly Extension[];
  return extensions.find(({ url }) => url === CHANGE_REASON)?.valueString?.trim() ?? '';
}

/** The Task of a form that has been withdrawn: it waits for nothing. */
export const withdrawnTask = (task: EpisodeRow, reason: string, now: Date): EpisodeRow => ({
  ...task,
  resource: {
    ...withState({ ...task.resource, status: 'cancelled' }, 'withdrawn', reason),
    lastModified: now.toISOString(),
  },
});
