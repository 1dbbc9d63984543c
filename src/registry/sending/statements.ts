/**
 * What people state about a form that the patient answers, by an update of its Task: that it is to be sent now, that sending stops,
 * that it is closed without an answer. The same updates by the server are what falls due. https://hl7.org/fhir/R4/task.html
 */
import type { CodeableConcept, JsonObject } from '../../fhir/types.ts';
import { CONTACT_METHODS, type ContactMethod } from './channel.ts';
import type { SendingState } from './next-step.ts';

export const FORM_STATE = 'https://ryggrad.no/fhir/CodeSystem/patient-form-state';
const METHOD = 'https://ryggrad.no/fhir/CodeSystem/contact-method';
const METHOD_INPUT = { coding: [{ system: METHOD }], text: 'contact-method' };

export type Statement =
  | { readonly kind: 'order'; readonly method: ContactMethod }
  | { readonly kind: 'remind' }
  | { readonly kind: 'stop'; readonly reason: CodeableConcept | undefined }
  | { readonly kind: 'close'; readonly reason: CodeableConcept | undefined };

/** The Task as somebody states it. */
export function stating(task: JsonObject, statement: Statement): JsonObject {
  switch (statement.kind) {
    case 'order':
      return {
        ...task,
        input: [
          ...((task['input'] ?? []) as readonly JsonObject[]),
          { type: METHOD_INPUT, valueCode: statement.method },
        ],
      };
    case 'remind':
      return { ...task, businessStatus: businessStatus('reminded') };
    case 'stop':
      return { ...task, businessStatus: businessStatus('stopped'), ...reasonIn(statement.reason) };
    case 'close':
      return { ...task, status: 'completed', ...reasonIn(statement.reason) };
  }
}

const reasonIn = (reason: CodeableConcept | undefined): JsonObject =>
  reason === undefined ? {} : { statusReason: reason as unknown as JsonObject };

/** What an update of a Task states, if it states anything. */
export function statementOf(before: JsonObject, after: JsonObject): Statement | undefined {
  const method = orderedMethod(after);
  if (method !== undefined) {
    return { kind: 'order', method };
  }
  const reason = after['statusReason'] as CodeableConcept | undefined;
  if (after['status'] === 'completed' && before['status'] !== 'completed') {
    return { kind: 'close', reason };
  }
  const [was, is] = [stateCode(before), stateCode(after)];
  if (is === 'stopped' && (was !== 'stopped' || !isStopped(before))) {
    return { kind: 'stop', reason };
  }
  return is === 'reminded' && was !== 'reminded' ? { kind: 'remind' } : undefined;
}

function orderedMethod(task: JsonObject): ContactMethod | undefined {
  const inputs = (task['input'] ?? []) as readonly {
    readonly type?: { readonly coding?: readonly { readonly system?: string }[] };
    readonly valueCode?: string;
  }[];
  const code = inputs.find(({ type }) => type?.coding?.some(({ system }) => system === METHOD))?.valueCode;
  return CONTACT_METHODS.find((method) => method === code);
}

/** Code of Task.businessStatus; undefined for a form that is not sent. */
export function stateCode(task: JsonObject): SendingState | undefined {
  const codings = ((task['businessStatus'] as CodeableConcept | undefined) ?? {}).coding ?? [];
  return codings.find(({ system }) => system === FORM_STATE)?.code as SendingState | undefined;
}

/** Somebody has said why it is not to be sent; a death says it by itself, and is not kept here. */
export const isStopped = (task: JsonObject): boolean =>
  stateCode(task) === 'stopped' && task['statusReason'] !== undefined;

const DISPLAY: Readonly<Record<SendingState, string>> = {
  'not-ready': 'Kan ikke sendes ennå',
  'no-content': 'Mangler innholdspakke',
  available: 'Kan sendes',
  ordered: 'Bestilt',
  sent: 'Sendt',
  reminded: 'Påminnet',
  'not-reachable': 'Kunne ikke sendes',
  stopped: 'Utsending stoppet',
};

export const businessStatus = (state: SendingState): JsonObject => ({
  coding: [{ system: FORM_STATE, code: state, display: DISPLAY[state] }],
});
