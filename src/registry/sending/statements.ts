/**
 * What people state about a form that the patient answers, by an update of its Task: that it is to be sent now, that sending stops,
 * that it is closed without an answer, that what was sent in is imported or discarded, or discarded no more. The same updates by the server are what falls due. https://hl7.org/fhir/R4/task.html
 */
import type { CodeableConcept, Extension, JsonObject } from '../../fhir/types.ts';
import { extensionOf } from '../../sdc/extensions.ts';
import { CONTACT_METHODS, type ContactMethod } from './channel.ts';
import type { ReceivedState, SendingState } from './next-step.ts';

export const FORM_STATE = 'https://ryggrad.no/fhir/CodeSystem/patient-form-state';
const METHOD = 'https://ryggrad.no/fhir/CodeSystem/contact-method';
const METHOD_INPUT = { coding: [{ system: METHOD }], text: 'contact-method' };

export type Statement =
  | { readonly kind: 'order'; readonly method: ContactMethod }
  | { readonly kind: 'remind' }
  | { readonly kind: 'import' }
  | { readonly kind: 'discard'; readonly reason: CodeableConcept | undefined }
  | { readonly kind: 'restore' }
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
    case 'import':
      return { ...task, businessStatus: businessStatus('imported') };
    case 'discard':
      return { ...task, businessStatus: businessStatus('discarded'), ...reasonIn(statement.reason) };
    case 'restore':
      return { ...task, businessStatus: businessStatus('submitted') };
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
  const [was, is] = [codeOf(before), codeOf(after)];
  if (is !== was && (is === 'imported' || is === 'discarded')) {
    return is === 'imported' ? { kind: 'import' } : { kind: 'discard', reason };
  }
  if (is === 'submitted' && receivedOf(before) === undefined) {
    return { kind: 'restore' };
  }
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

/** A state, or what is stated and is none: of a form that is discarded nothing is left to have one. */
type BusinessCode = SendingState | 'discarded';

/** Code of Task.businessStatus; undefined for a form that is not sent. */
export function stateCode(task: JsonObject): SendingState | undefined {
  const code = codeOf(task);
  return code === 'discarded' ? undefined : code;
}

function codeOf(task: JsonObject): BusinessCode | undefined {
  const codings = ((task['businessStatus'] as CodeableConcept | undefined) ?? {}).coding ?? [];
  return codings.find(({ system }) => system === FORM_STATE)?.code as BusinessCode | undefined;
}

/** Somebody has said why it is not to be sent; a death says it by itself, and is not kept here. */
export const isStopped = (task: JsonObject): boolean =>
  stateCode(task) === 'stopped' && task['statusReason'] !== undefined;

/** Sent in by the patient and not locked yet: it waits for staff, or they have imported it. */
export function receivedOf(task: JsonObject): ReceivedState | undefined {
  const state = task['status'] === 'in-progress' ? stateCode(task) : undefined;
  return state === 'submitted' || state === 'imported' ? state : undefined;
}

/** On the Task: what was discarded, when and why, as long as nobody has begun the form anew (docs/adr/0026). */
export const DISCARDED = 'https://ryggrad.no/fhir/StructureDefinition/discarded-answers';

export interface Discarded {
  /** Id of the response: it is deleted, and no reference to it would hold. */
  readonly response: string;
  readonly at: Date;
  readonly reason: CodeableConcept | undefined;
}

/** What was discarded last of the Task's answers, while it can be brought back. */
export function discardedOf(task: JsonObject): Discarded | undefined {
  const extension = extensionOf(task as Extended, DISCARDED);
  const response = extensionOf(extension, 'response')?.valueId;
  const at = extensionOf(extension, 'at')?.valueInstant;
  return response === undefined || at === undefined
    ? undefined
    : { response, at: new Date(at), reason: extensionOf(extension, 'reason')?.valueCodeableConcept };
}

type Extended = { readonly extension?: readonly Extension[] };

/** The Task with it. */
export const withDiscarded = (task: JsonObject, { response, at, reason }: Discarded): JsonObject => ({
  ...withoutDiscarded(task),
  extension: [
    ...extensionsBut(task),
    {
      url: DISCARDED,
      extension: [
        { url: 'response', valueId: response },
        { url: 'at', valueInstant: at.toISOString() },
        ...(reason === undefined ? [] : [{ url: 'reason', valueCodeableConcept: reason }]),
      ],
    },
  ] as unknown as JsonObject[],
});

/** Without it: it is brought back, or somebody has begun to answer anew. */
export function withoutDiscarded(task: JsonObject): JsonObject {
  const { extension: _extension, ...rest } = task;
  const others = extensionsBut(task);
  return others.length === 0 ? rest : { ...rest, extension: others as unknown as JsonObject[] };
}

const extensionsBut = ({ extension = [] }: Extended | JsonObject): readonly Extension[] =>
  (extension as readonly Extension[]).filter(({ url }) => url !== DISCARDED);

const DISPLAY: Readonly<Record<BusinessCode, string>> = {
  'not-ready': 'Kan ikke sendes ennå',
  'no-content': 'Mangler innholdspakke',
  available: 'Kan sendes',
  ordered: 'Bestilt',
  sent: 'Sendt',
  reminded: 'Påminnet',
  'not-reachable': 'Kunne ikke sendes',
  stopped: 'Utsending stoppet',
  submitted: 'Klar til import',
  imported: 'Importert',
  discarded: 'Forkastet',
};

export const businessStatus = (state: BusinessCode): JsonObject => ({
  coding: [{ system: FORM_STATE, code: state, display: DISPLAY[state] }],
});
