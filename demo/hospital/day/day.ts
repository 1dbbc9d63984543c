/**
 * A hospital day: every message that the hospital's systems send, when, and what must become of it. The same seed gives the same
 * day.
 */
import type { RecordEvent } from '../courses/course.ts';
import { eventsOfPerson } from '../courses/events.ts';
import { keyOf, patientOf } from '../fhir/parts.ts';
import { SENDERS, type SenderId } from '../organisation.ts';
import { dice, type Dice } from '../random.ts';
import { messageOf, type MessageKind, type Sent, singleOf, transactionOf, uuidOf } from './message.ts';
import { FAULTS, type Mess, MESS_RATES, REFUSED_WITH, SPELLINGS, spelt, withFault } from './mess.ts';

export interface Expectation {
  /**
   * `stored`; `repeated`: answered as the first time, nothing changes; `late`: stored as far as nothing newer is known;
   * `refused`: nothing is stored, the answer says why.
   */
  readonly becomes: 'stored' | 'repeated' | 'late' | 'refused';
  /** HTTP statuses of the answer, of which it has one. */
  readonly status: readonly number[];
}

export interface HospitalMessage extends Sent {
  readonly sender: SenderId;
  /** When it is sent, ISO instant. */
  readonly at: string;
  /** When what it tells was written in the record. */
  readonly recorded: string;
  /** Bundle.identifier and Idempotency-Key; repeated messages have that of the first. */
  readonly id: string;
  readonly kind: MessageKind;
  /** Which course it belongs to, and what it tells, in words. */
  readonly course: string;
  readonly about: string;
  readonly mess: readonly Mess[];
  readonly expectation: Expectation;
  /** What it states, by `Type|system|value` of the sender's own ids; null: taken out of the record. */
  readonly states: Readonly<Record<string, RecordEvent['resources'][number] | null>>;
}

export interface DayOptions {
  /** `YYYY-MM-DD`. */
  readonly day?: string;
  /** Of a hundred messages; those not named as in MESS_RATES. */
  readonly rates?: Readonly<Partial<Record<Mess, number>>>;
  /** Number of the first person. */
  readonly firstPerson?: number;
  /** Of a hundred Bundles: those sent as messages ($process-message) and not as transactions. */
  readonly asMessage?: number;
}

/** A day without any mess. */
export const CLEAN: Readonly<Record<Mess, number>> = Object.fromEntries(
  Object.keys(MESS_RATES).map((mess) => [mess, 0]),
) as Record<Mess, number>;

/** Of a hundred corrections and removals: those sent as one resource. */
const SINGLES = 50;

/** Of a hundred Bundles: those sent as messages, if nothing else is asked. */
const AS_MESSAGE = 15;

export const USUAL_DAY = '2026-11-20';

interface Settings {
  readonly seed: number;
  readonly day: string;
  readonly rates: Readonly<Record<Mess, number>>;
  readonly asMessage: number;
}

/** The messages of a day, as many as asked for, in the order they are sent. */
export function dayOf(seed: number, count: number, options: DayOptions = {}): readonly HospitalMessage[] {
  const settings: Settings = {
    seed,
    day: options.day ?? USUAL_DAY,
    rates: { ...MESS_RATES, ...options.rates },
    asMessage: options.asMessage ?? AS_MESSAGE,
  };
  const messages: HospitalMessage[] = [];
  for (let person = options.firstPerson ?? 1; messages.length < count; person++) {
    messages.push(...bySending(messagesOfPerson(settings, person)).slice(0, count - messages.length));
  }
  return bySending(messages);
}

const bySending = (messages: readonly HospitalMessage[]): readonly HospitalMessage[] =>
  [...messages].sort((a, b) => compare(a.at, b.at) || compare(a.id, b.id));

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

function messagesOfPerson(settings: Settings, person: number): readonly HospitalMessage[] {
  const events = eventsOfPerson(settings.seed, person, settings.day);
  const first = events.map((event, index) => firstMessage(settings, event, index));
  const late = inOtherOrder(settings, first, events);
  return late.flatMap((message, index) => withTrouble(settings, message, index));
}

/** The message of an event as its system sends it, spelt as that system spells that day. */
function firstMessage(
  { seed, rates, asMessage }: Settings,
  event: RecordEvent,
  index: number,
): HospitalMessage {
  const draw = dice(seed, 'message', event.course, index);
  const input = { event, id: uuidOf(`${seed} ${event.course} ${index}`), recorded: event.at };
  const kind = kindOf(draw, event, asMessage);
  const sent = sentAs[kind](input);
  const spellings = sent.body === undefined ? [] : SPELLINGS.filter((one) => draw.chance(rates[one] / 100));
  const body = spellings.reduce((text, one) => (text === undefined ? text : spelt(text, one)), sent.body);
  return {
    ...sent,
    ...(body !== undefined && { body }),
    sender: event.sender,
    at: event.at,
    recorded: event.at,
    id: input.id,
    kind,
    course: event.course,
    about: event.about,
    mess: spellings.filter((one) => spelt(sent.body ?? '', one) !== sent.body),
    expectation: { becomes: 'stored', status: STORED },
    states: kind === 'single' ? stated({ ...event, resources: event.resources.slice(-1) }) : stated(event),
  };
}

const STORED = [200, 201, 204];

/** What changes one thing may come by itself; a number that was found is a transaction, which can say whose it is. */
function kindOf(draw: Dice, { about, resources }: RecordEvent, asMessage: number): MessageKind {
  const isChange = /rettet|feilført|slettet|histologi/.test(about);
  const isSingle = draw.chance(SINGLES / 100);
  const isMessage = draw.chance(asMessage / 100);
  if (isChange && isSingle) {
    return 'single';
  }
  return isMessage && !isChange && !isFoundNumber(resources) ? 'message' : 'transaction';
}

const isFoundNumber = (resources: RecordEvent['resources']): boolean =>
  patientOf(resources)?.identifier?.some(({ use }) => use === 'old') === true;

const sentAs: Readonly<Record<MessageKind, (input: Parameters<typeof transactionOf>[0]) => Sent>> = {
  transaction: (input) => ({ method: 'POST', path: '', body: JSON.stringify(transactionOf(input)) }),
  message: (input) => ({ method: 'POST', path: '$process-message', body: JSON.stringify(messageOf(input)) }),
  single: singleOf,
};

function stated({ sender, resources, removed = [] }: RecordEvent): HospitalMessage['states'] {
  const { idSystem } = SENDERS[sender];
  const name = (key: string): string => key.replace('/', `|${idSystem}|`);
  return {
    ...Object.fromEntries(
      resources
        .filter(({ resourceType }) => resourceType !== 'Patient')
        .map((one) => [name(keyOf(one)), one]),
    ),
    ...Object.fromEntries(removed.map((key) => [name(key), null])),
  };
}

/** Two Bundles of a course that follow on each other change places on the way; not the first, nor where a number is found. */
function inOtherOrder(
  { seed, rates }: Settings,
  messages: readonly HospitalMessage[],
  events: readonly RecordEvent[],
): readonly HospitalMessage[] {
  const result = [...messages];
  const isFirst = ({ course }: HospitalMessage, index: number): boolean =>
    messages.findIndex((one) => one.course === course) === index;
  for (let index = 2; index < result.length; index++) {
    const [before, after] = [result[index - 1], result[index]] as [HospitalMessage, HospitalMessage];
    const isDrawn = dice(seed, 'order', after.course, index).chance(rates.late / 100);
    // a resource by itself does not say when it was written, so that nobody could tell that it is late
    const isTold = before.kind !== 'single' && after.kind !== 'single';
    const isPair = before.course === after.course && !isFirst(before, index - 1);
    if (isDrawn && isTold && isPair && !isFoundNumber(events[index]?.resources ?? [])) {
      result[index] = { ...after, at: before.at };
      result[index - 1] = {
        ...before,
        at: after.at,
        mess: [...before.mess, 'late'],
        expectation: { ...before.expectation, becomes: 'late' },
      };
      index += 1; // each changes places once
    }
  }
  return result;
}

/** A message that comes twice, or that is wrong at first and is sent again as it should be. */
function withTrouble(
  { seed, rates }: Settings,
  message: HospitalMessage,
  index: number,
): readonly HospitalMessage[] {
  const draw = dice(seed, 'trouble', message.course, index);
  // of what comes late, what is known better is not even looked at: a fault in it may be seen or not
  const isLate = message.expectation.becomes === 'late';
  const fault = isLate ? undefined : FAULTS.find((one) => draw.chance(rates[one] / 100));
  const body =
    fault === undefined || message.body === undefined ? undefined : withFault(message.body, fault, draw);
  if (fault !== undefined && body !== undefined) {
    const id = uuidOf(`${message.id} ${fault}`);
    const wrong: HospitalMessage = {
      ...message,
      id,
      body: body.replaceAll(message.id, id),
      mess: [...message.mess, fault],
      expectation: { becomes: 'refused', status: [REFUSED_WITH[fault]] },
      states: {},
    };
    return [wrong, { ...message, at: later(message.at, 2) }];
  }
  if (draw.chance(rates.repeated / 100)) {
    return [
      message,
      {
        ...message,
        at: later(message.at, draw.pick([1, 3, 45])),
        mess: [...message.mess, 'repeated'],
        expectation: { becomes: 'repeated', status: STORED },
      },
    ];
  }
  return [message];
}

const later = (at: string, minutes: number): string =>
  new Date(Date.parse(at) + minutes * 60_000).toISOString().replace('.000Z', 'Z');

/** The same day as it would have been in good order: nothing wrong, nothing twice, in the order in which it was written. */
export const inGoodOrder = (messages: readonly HospitalMessage[]): readonly HospitalMessage[] =>
  messages
    .filter(({ expectation: { becomes } }) => becomes === 'stored' || becomes === 'late')
    .map((message) => ({ ...message, at: message.recorded }))
    .sort((a, b) => compare(a.recorded, b.recorded) || compare(a.id, b.id));

/** What the register must know when the day is over: by `Type|system|value` the last word on each; null: nothing. */
export const stateAfter = (messages: readonly HospitalMessage[]): HospitalMessage['states'] =>
  Object.assign({}, ...inGoodOrder(messages).map(({ states }) => states)) as HospitalMessage['states'];
