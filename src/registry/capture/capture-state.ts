/**
 * How it stands with a form that is filled by capture, as its Task says it to the department's work list and to the sender:
 * businessStatus by code, statusReason in words. https://hl7.org/fhir/R4/task-definitions.html#Task.businessStatus
 */
import type { CodeableConcept, JsonObject } from '../../fhir/types.ts';

export const CAPTURE_STATE = 'https://ryggrad.no/fhir/CodeSystem/capture-state';

export type CaptureState = 'incomplete' | 'to-verify' | 'source-changed' | 'withdrawn';

const DISPLAY: Readonly<Record<CaptureState, string>> = {
  incomplete: 'Venter på data',
  'to-verify': 'Venter på kontroll',
  'source-changed': 'Kilden er endret',
  withdrawn: 'Trukket tilbake',
};

/** Code of how it stands; undefined for a form that nothing is to be said of. */
export function captureState({ businessStatus }: JsonObject): CaptureState | undefined {
  const { coding = [] } = (businessStatus ?? {}) as CodeableConcept;
  return coding.find(({ system }) => system === CAPTURE_STATE)?.code as CaptureState | undefined;
}

/** Why the server has withdrawn a form. */
export const NO_SOURCE = 'Kilden er slettet eller merket som feil.';

/** Has the server withdrawn it for want of its source? If the source was none the less right, it is filled anew. */
export const isWithoutSource = (task: JsonObject): boolean =>
  captureState(task) === 'withdrawn' &&
  (task['statusReason'] as CodeableConcept | undefined)?.text === NO_SOURCE;

const MOST = 1000;

/** The Task saying how it stands, and why. */
export function withState(task: JsonObject, state: CaptureState, reason?: string): JsonObject {
  return {
    ...withoutState(task),
    businessStatus: { coding: [{ system: CAPTURE_STATE, code: state, display: DISPLAY[state] }] },
    ...(reason !== undefined && { statusReason: { text: reason.slice(0, MOST) } }),
  };
}

/** The Task of which nothing is to be said any more; what others have said of it stays. */
export function withoutState(task: JsonObject): JsonObject {
  if (captureState(task) === undefined) {
    return task;
  }
  const { businessStatus: _businessStatus, statusReason: _statusReason, ...rest } = task;
  return rest;
}

/** Does the Task say the same? */
export const saysSame = (one: JsonObject, other: JsonObject): boolean =>
  one['status'] === other['status'] &&
  ['businessStatus', 'statusReason'].every(
    (name) => JSON.stringify(one[name]) === JSON.stringify(other[name]),
  );
