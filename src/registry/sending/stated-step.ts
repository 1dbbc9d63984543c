/**
 * May what is stated about a patient's form be done, as the form stands (rules 25 to 28)? And the Task that it leads to.
 */
import { error, type Issue } from '../../fhir/outcome.ts';
import type { CodeableConcept, JsonObject } from '../../fhir/types.ts';
import type { Pending } from '../../repository/operation.ts';
import type { WriteScope } from '../../repository/rules.ts';
import type { Schedule } from '../schedule/plan.ts';
import type { PatientForm } from './form-facts.ts';
import type { SendingState } from './next-step.ts';
import { isUnanswered } from './next-step.ts';
import { withoutAnswers } from './receive-step.ts';
import { businessStatus, discardedOf, type Statement, stateCode } from './statements.ts';

/** Codes in a value set of reasons; undefined when it is not there. */
export type ReasonsOf = (
  valueSet: string,
) => readonly { readonly system: string; readonly code: string }[] | undefined;

interface Asked {
  readonly scope: Pick<WriteScope, 'principal' | 'now'>;
  readonly statement: Statement;
  /** Undefined when no patient answers the form. */
  readonly form: PatientForm | undefined;
  /** All forms that the patient answers in the pathway. */
  readonly forms: readonly PatientForm[];
  readonly schedule: Schedule;
  readonly reasonsOf: ReasonsOf;
}

/** Why it may not, if it may not. */
export function refusalOf(asked: Asked, entry: Pending): Issue | undefined {
  const { scope, statement, form } = asked;
  const refuse = (problem: Problem): Issue => refusedAs(problem, entry);
  if (form === undefined) {
    return notForPatients(entry);
  }
  if (statement.kind === 'import' || statement.kind === 'discard' || statement.kind === 'restore') {
    const problem = receiveProblem(asked, form);
    return problem === undefined ? undefined : refuse(problem);
  }
  if (scope.principal.kind === 'system') {
    return undefined;
  }
  if (scope.principal.kind !== 'staff' || statement.kind === 'remind') {
    return refuse('not-stated-here');
  }
  const problem = PROBLEM[statement.kind](asked, form);
  return problem === undefined ? undefined : refuse(problem);
}

/** Reasons for which answers are discarded, in every register. */
export const DISCARD_REASONS = 'https://ryggrad.no/fhir/ValueSet/discard-reason|1.0.0';

/** People of the department import or discard what was sent in, once; a coordinator takes a discard back. */
function receiveProblem(
  { scope: { principal }, statement, reasonsOf }: Asked,
  form: PatientForm,
): Problem | undefined {
  if (principal.kind !== 'staff') {
    return 'not-stated-here';
  }
  if (statement.kind === 'restore') {
    return principal.role === 'LC' ? restoreProblem(form) : 'restore-role';
  }
  if (form.facts.received !== 'submitted') {
    return 'form-not-submitted';
  }
  return statement.kind === 'import' || hasReason(statement, DISCARD_REASONS, reasonsOf)
    ? undefined
    : 'reason-of-list';
}

/** Why what was discarded cannot come back, as far as the Task knows: whoever has got a new code is known elsewhere. */
export function restoreProblem({ task, facts }: PatientForm): Problem | undefined {
  const discarded = discardedOf(task.resource);
  if (discarded === undefined || task.resource['status'] !== 'ready') {
    return 'form-not-discarded';
  }
  const { sending, reminder } = facts;
  return [sending, reminder].some((order) => order !== undefined && order.at > discarded.at)
    ? 'form-sent-anew'
    : undefined;
}

/** As an issue of the write. */
export const refusedAs = (problem: Problem, { operation }: Pending): Issue =>
  error('business-rule', TEXTS[problem], operation.at ?? 'Task', problem);

/** Nothing is sent of it, and nothing is stated about it. */
export const notForPatients = (entry: Pending): Issue => refusedAs('not-for-patients', entry);

const PROBLEM: Readonly<
  Record<'order' | 'stop' | 'close', (asked: Asked, form: PatientForm) => Problem | undefined>
> = {
  order: ({ scope }, form) => orderProblem(form, scope.now),
  stop: ({ statement, schedule, reasonsOf }, { facts, state }) => {
    if (!isUnanswered(facts.status)) {
      return 'form-ended';
    }
    if (facts.received !== undefined) {
      return 'form-received';
    }
    if (state === 'stopped') {
      return 'form-stopped';
    }
    return hasReason(statement, schedule.reasons?.stop, reasonsOf) ? undefined : 'reason-of-list';
  },
  close: ({ statement, schedule, reasonsOf, forms }, { facts }) => {
    if (!isUnanswered(facts.status)) {
      return 'form-ended';
    }
    if (forms.some(isStarted)) {
      return 'form-started';
    }
    return hasReason(statement, schedule.reasons?.close, reasonsOf) ? undefined : 'reason-of-list';
  },
};

const BY_STATE: Readonly<Partial<Record<SendingState, Problem>>> = {
  'not-ready': 'form-not-ready',
  'no-content': 'content-pack',
  ordered: 'form-sent',
  sent: 'form-sent',
  reminded: 'form-sent',
  stopped: 'form-stopped',
};

/** Why a form cannot be ordered by hand now, if it cannot. */
export function orderProblem({ facts, state }: PatientForm, now: Date): Problem | undefined {
  if (!isUnanswered(facts.status)) {
    return 'form-ended';
  }
  if (facts.status === 'in-progress') {
    return 'form-started';
  }
  if (facts.lacksContent && state === 'not-reachable') {
    return 'content-pack';
  }
  return BY_STATE[state] ?? (facts.opens !== undefined && facts.opens > now ? 'form-too-early' : undefined);
}

/** Has anybody begun to answer it, or answered? One that is closed without an answer has not. */
export const isStarted = ({ task: { resource } }: PatientForm): boolean =>
  resource['status'] === 'in-progress' ||
  (resource['status'] === 'completed' &&
    resource['output'] !== undefined &&
    resource['statusReason'] === undefined);

function hasReason(statement: Statement, valueSet: string | undefined, reasonsOf: ReasonsOf): boolean {
  const reason: CodeableConcept | undefined = 'reason' in statement ? statement.reason : undefined;
  const allowed = valueSet === undefined ? [] : (reasonsOf(valueSet) ?? []);
  return (reason?.coding ?? []).some(({ system, code }) =>
    allowed.some((one) => one.system === system && one.code === code),
  );
}

/** The Task after it: as it was before, with what was stated and the comment that came along. */
export function carriedOut(
  before: JsonObject,
  statement: Statement,
  sent: JsonObject,
  now: Date,
): JsonObject {
  const { note: _note, ...rest } = before;
  const kept = {
    ...rest,
    ...(sent['note'] !== undefined && { note: sent['note'] }),
    lastModified: now.toISOString(),
  };
  const reason = 'reason' in statement ? (statement.reason as unknown as JsonObject | undefined) : undefined;
  const because = reason === undefined ? {} : { statusReason: reason };
  switch (statement.kind) {
    case 'order':
      return { ...kept, businessStatus: businessStatus('ordered') };
    case 'remind':
      return { ...kept, businessStatus: businessStatus('reminded') };
    case 'import':
      return { ...kept, businessStatus: businessStatus('imported') };
    case 'discard':
      return withoutAnswers(kept, statement.reason, now);
    case 'restore':
      return kept; // with its answers: receive-step.ts
    case 'stop':
      return { ...kept, ...because, businessStatus: businessStatus('stopped') };
    case 'close':
      return { ...kept, ...because, status: 'completed', ...endedAt(kept, now) };
  }
}

function endedAt(task: JsonObject, now: Date): JsonObject {
  const period = (task['executionPeriod'] ?? {}) as JsonObject;
  return stateCode(task) === undefined ? {} : { executionPeriod: { ...period, end: now.toISOString() } };
}

export type Problem = keyof typeof TEXTS;

const TEXTS = {
  'not-for-patients': 'Only forms that patients answer are sent, stopped and closed.',
  'not-stated-here':
    'What falls due by itself is the server’s to do; people of the department order, stop and close forms.',
  'form-not-submitted':
    'There is nothing to import or discard: the patient has not sent in the form, or it is imported already.',
  'form-not-discarded':
    'There is nothing to bring back: nothing was discarded of the form, it has been begun anew, or it is not open any more.',
  'form-sent-anew': 'The form has been given to the patient anew since it was discarded.',
  'restore-role': 'A local coordinator (LC) brings back what was discarded.',
  'form-received': 'The patient has sent in the form: there is no sending left to stop.',
  'form-ended': 'The form is answered or locked: it is not sent again.',
  'form-started':
    'A form has been begun. What has been begun is completed, and not sent, or closed with the others.',
  'form-stopped': 'Sending of the form is stopped: it is not sent.',
  'form-sent': 'The form has been sent already.',
  'form-not-ready':
    'The form cannot be sent yet: what the register wants before it, such as consent, is missing.',
  'form-too-early': 'The day from which the form is sent has not come.',
  'content-pack': 'The wording of the form is licensed, and no content pack with it is installed.',
  'reason-of-list': 'A reason from the register’s list is needed in Task.statusReason.',
} as const;
