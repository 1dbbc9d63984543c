/**
 * What is to be done next with a form that patients answer, and when (registers.md section 5, rules 23 to 28). Pure: it knows the
 * plan, what has happened and the time, and does nothing.
 */
import type { Delay, Sending } from '../schedule/sending.ts';
import { later, nextAt } from './norwegian-time.ts';

/** How sending stands, as Task.businessStatus says it. */
export type SendingState =
  | 'not-ready'
  | 'no-content'
  | 'available'
  | 'ordered'
  | 'sent'
  | 'reminded'
  | 'not-reachable'
  | 'stopped'
  | ReceivedState;

/** The patient has sent it in: it waits for staff, or they have taken it over (docs/adr/0026). */
export type ReceivedState = 'submitted' | 'imported';

/** A sending or a reminder that has been ordered. */
export interface Order {
  readonly at: Date;
  /** When a channel took it; undefined as long as none has. */
  readonly delivered: Date | undefined;
  /** No channel reaches the person. */
  readonly hasFailed: boolean;
}

/** What is known of a form. */
export interface SendingFacts {
  /** Task.status. */
  readonly status: unknown;
  /** What the plan wants before it is sent is there, and the person lives. */
  readonly isReady: boolean;
  /** Somebody has stopped it, or the person is dead. */
  readonly isStopped: boolean;
  /** Its wording is licensed, and no pack with it is installed. */
  readonly lacksContent: boolean;
  /** The patient has sent it in, where staff import it. */
  readonly received?: ReceivedState | undefined;
  /** First instant at which it may be sent. */
  readonly opens: Date | undefined;
  /** First instant after the days on which its paper can be typed. */
  readonly closes: Date | undefined;
  readonly sending: Order | undefined;
  readonly reminder: Order | undefined;
  /** The form that it goes out together with. */
  readonly companion:
    (Pick<SendingFacts, 'status' | 'sending'> & { readonly state: SendingState }) | undefined;
}

export interface NextStep {
  /** `check`: look again whether it can be sent. */
  readonly step: 'send' | 'check' | 'remind' | 'lock';
  readonly at: Date;
  /** However long it has been waiting, not before this. */
  readonly notBefore: Date;
}

/** Task.status of a form that has neither been answered nor given up. */
export const isUnanswered = (status: unknown): boolean =>
  status === 'draft' || status === 'ready' || status === 'in-progress';

/** Everything but the time decides where it stands. */
export function sendingState(facts: Omit<SendingFacts, 'companion'>): SendingState {
  const { isStopped, isReady, status, sending, reminder, received } = facts;
  if (received !== undefined) {
    return received;
  }
  if (isStopped) {
    return 'stopped';
  }
  if (!isReady || status === 'draft') {
    return 'not-ready';
  }
  if (sending === undefined) {
    return facts.lacksContent ? 'no-content' : 'available';
  }
  if (sending.hasFailed) {
    return 'not-reachable';
  }
  if (sending.delivered === undefined) {
    return 'ordered';
  }
  return reminder === undefined ? 'sent' : 'reminded';
}

/**
 * The next thing to do, which may be due already; undefined when there is none until something changes. `since`: from when on
 * it has been known that the form may be sent; it leaves at the first time of day that is not before that.
 */
export function nextStep(plan: Sending, facts: SendingFacts, since: Date): NextStep | undefined {
  if (!isUnanswered(facts.status)) {
    return undefined;
  }
  return BY_STATE[sendingState(facts)](plan, facts, since);
}

type Next = (plan: Sending, facts: SendingFacts, since: Date) => NextStep | undefined;

/** A form that is not sent, or not any more: its paper's last day, or its own clock where it has left already. */
const waitForEnd: Next = (plan, facts, since) => {
  const lock = lockAt(plan, facts);
  return lock === undefined ? waitForPaper(plan, facts, since) : at('lock', lock);
};

const waitForPaper: Next = (_plan, { closes }) => closes && at('lock', closes);

const afterSending: Next = (plan, facts) => {
  const { sending, reminder } = facts;
  const remind = plan.steps.find(({ code }) => code === 'remind');
  const lock = lockAt(plan, facts);
  if (remind === undefined || reminder !== undefined || sending?.delivered === undefined) {
    return lock && at('lock', lock);
  }
  return at('remind', later(sending.delivered, remind.after));
};

const LONG_AGO = new Date(0);

const send: Next = (plan, facts, since) => {
  const { timeOfDay } = plan;
  if (timeOfDay === undefined || facts.status !== 'ready') {
    return waitForPaper(plan, facts, since); // somebody types the paper, or the form is sent by hand alone
  }
  const { opens = LONG_AGO } = facts;
  const first = facts.opens === undefined ? LONG_AGO : nextAt(timeOfDay, facts.opens);
  const slot = nextAt(timeOfDay, latest(opens, since));
  const { after } = plan;
  const { companion } = facts;
  if (after === undefined || companion === undefined) {
    return { step: 'send', at: slot, notBefore: first };
  }
  return behind(slot, first, companion, after.delay);
};

/** A companion that goes out on the same evening goes first, and this form a little later. */
function behind(
  slot: Date,
  first: Date,
  { state, status, sending }: NonNullable<SendingFacts['companion']>,
  delay: Delay,
): NextStep {
  if (sending?.delivered !== undefined || sending?.hasFailed === false) {
    const soonest = later(sending.delivered ?? sending.at, delay);
    return { step: 'send', at: latest(slot, soonest), notBefore: latest(first, soonest) };
  }
  const waits = state === 'available' && status === 'ready';
  return { step: 'send', at: waits ? later(slot, delay) : slot, notBefore: first };
}

const check: Next = (plan, facts, since) =>
  plan.timeOfDay === undefined || facts.status !== 'ready'
    ? waitForPaper(plan, facts, since)
    : at('check', nextAt(plan.timeOfDay, new Date(since.getTime() + 1)));

const nothing: Next = () => undefined;

const BY_STATE: Readonly<Record<SendingState, Next>> = {
  'not-ready': nothing,
  'no-content': check,
  available: send,
  ordered: nothing,
  sent: afterSending,
  reminded: afterSending,
  'not-reachable': waitForPaper,
  stopped: waitForEnd,
  submitted: nothing,
  imported: nothing,
};

/**
 * When a form that has been sent is locked: so long after the sending, and as long after the reminder as the plan has between
 * the two, however late that one was.
 */
export function lockAt(
  plan: Sending,
  { sending, reminder }: Pick<SendingFacts, 'sending' | 'reminder'>,
): Date | undefined {
  const lock = plan.steps.find(({ code }) => code === 'lock');
  if (lock === undefined || sending?.delivered === undefined) {
    return undefined;
  }
  const bySending = later(sending.delivered, lock.after);
  const remind = plan.steps.find(({ code }) => code === 'remind');
  if (remind === undefined || reminder === undefined) {
    return bySending;
  }
  const between = {
    days: lock.after.days - remind.after.days,
    milliseconds: lock.after.milliseconds - remind.after.milliseconds,
  };
  return latest(bySending, later(reminder.delivered ?? reminder.at, between));
}

const at = (step: NextStep['step'], when: Date): NextStep => ({ step, at: when, notBefore: when });

const latest = (a: Date, b: Date): Date => (a > b ? a : b);
