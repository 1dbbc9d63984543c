/**
 * Sending: handshake, heartbeat, events in order. One sender at a time for a subscription, held by a lease that ends by
 * itself when the server dies; what was not acknowledged is sent again with the same event numbers (OB-02).
 */
import { randomUUID } from 'node:crypto';
import { decide } from '../../access/decide.ts';
import type { Principal } from '../../access/principal.ts';
import { auditRead, type Caller } from '../../repository/audit.ts';
import type { Repository } from '../../repository/repository.ts';
import type { SearchService } from '../../repository/search.ts';
import type { Db } from '../../storage/db.ts';
import { backoff, MAX_FAILING_MS, MAX_FAILURES } from './backoff.ts';
import { type Delivered, type RestHook, SIGNATURE_HEADER, signatureOf } from './channel.ts';
import { wake } from './consumer.ts';
import { type Definition, readDefinition, typesOf } from './definition.ts';
import { notificationBundle, type NotificationType } from './notification.ts';
import { type Payload, payloadOf } from './payload.ts';
import { holdLease, recordFailure, recordSuccess, releaseLease } from './send-state.ts';
import { setStatus } from './set-status.ts';
import { numberEvents, pendingEvents, readStates, settleEvents, type SubscriptionState } from './state.ts';
import type { FindSubscriber } from './subscriber.ts';
import type { Topics } from './topic.ts';

export interface DeliverDeps {
  readonly db: Db;
  readonly repository: Repository;
  readonly search: SearchService;
  readonly topics: Topics;
  readonly restHook: RestHook;
  readonly findSubscriber: FindSubscriber;
  /** In [0, 1): the jitter of repeated attempts. */
  readonly random: () => number;
}

const LEASE_MS = 60_000;
const BATCHES = 10;

interface Sending {
  readonly deps: DeliverDeps;
  readonly state: SubscriptionState;
  readonly definition: Definition;
  readonly caller: Caller;
}

/** Send what there is to send for one subscription. Failures of the receiver are recorded, not thrown. */
export async function deliver(deps: DeliverDeps, id: string): Promise<void> {
  const now = deps.repository.deps.clock.now();
  if (!(await holdLease(deps.db, id, now, LEASE_MS))) {
    return;
  }
  try {
    const [state] = await readStates(deps.db, [id]);
    if (state !== undefined) {
      await deliverState(deps, state, now);
    }
  } finally {
    await releaseLease(deps.db, id);
  }
}

async function deliverState(deps: DeliverDeps, state: SubscriptionState, now: Date): Promise<void> {
  const isWaiting = state.nextAttempt !== null && state.nextAttempt > now.toISOString();
  if (state.status === 'off' || isWaiting) {
    return;
  }
  const { definition } = readDefinition(state.subscription, deps.topics);
  if (definition === undefined) {
    return stop(deps, state, 'What it asks for is not offered any more.', 'dead');
  }
  if (definition.end !== undefined && Date.parse(definition.end) <= now.getTime()) {
    return stop(deps, state, undefined, 'dead');
  }
  const principal = await deps.findSubscriber(state.subject, state.scopes);
  if (principal === undefined || !mayBeTold(principal, definition)) {
    return stop(deps, state, 'The subscriber has no access to what it asks for any more.', 'withheld');
  }
  const caller = { principal, requestId: randomUUID(), interaction: 'subscription-notification' };
  const sending = { deps, state, definition, caller };
  return state.status === 'requested' ? shakeHands(sending) : sendEvents(sending);
}

/** Some of the types that it is about may still be searched. */
const mayBeTold = (principal: Principal, definition: Definition): boolean =>
  typesOf(definition).some((type) => decide(principal, 'search', type).effect === 'permit');

async function stop(
  deps: DeliverDeps,
  state: SubscriptionState,
  reason: string | undefined,
  events: 'dead' | 'withheld',
): Promise<void> {
  await settleEvents(deps.db, state.id, 'all pending', events, deps.repository.deps.clock.now());
  await setStatus(deps.repository, state, 'off', reason);
}

/** The first message; a receiver that does not take it has not asked for the others. */
async function shakeHands(sending: Sending): Promise<void> {
  const { deps, state } = sending;
  const sent = await send(sending, 'handshake', state.lastNumber, NOTHING);
  if (!sent.isSent) {
    return setStatus(deps.repository, state, 'error', `The handshake failed: ${sent.reason}.`);
  }
  await recordSuccess(deps.db, state.id, deps.repository.deps.clock.now());
  await setStatus(deps.repository, state, 'active', undefined);
  await wake(deps.db, [state.id]);
}

async function sendEvents(sending: Sending): Promise<void> {
  const { deps, state, definition } = sending;
  for (let batch = 0; batch < BATCHES; batch++) {
    const pending = await pendingEvents(deps.db, state.id, definition.maxCount);
    if (pending.length === 0) {
      return batch === 0 ? sendHeartbeat(sending) : undefined;
    }
    const payload = await payloadOf(deps, sending.caller, definition, pending);
    if (!(await sendPayload(sending, payload))) {
      return;
    }
    await holdLease(deps.db, state.id, deps.repository.deps.clock.now(), LEASE_MS, 'mine');
  }
  await wake(deps.db, [state.id]);
}

/** Send one batch; false when it did not arrive. */
async function sendPayload(sending: Sending, payload: Payload): Promise<boolean> {
  const { deps, state } = sending;
  const { clock } = deps.repository.deps;
  if (payload.withheld.length > 0) {
    await settleEvents(deps.db, state.id, payload.withheld, 'withheld', clock.now());
  }
  if (payload.told.length === 0) {
    return true;
  }
  const numbered = await withNumbers(sending, payload);
  const seqs = numbered.told.map(({ event }) => event.seq);
  await auditDelivery(sending, numbered);
  const highest = Math.max(...numbered.told.map(({ event }) => event.number));
  const sent = await send(sending, 'event-notification', highest, numbered);
  if (!sent.isSent) {
    await onFailure(sending, sent.reason);
    return false;
  }
  await settleEvents(deps.db, state.id, seqs, 'sent', clock.now());
  await recordSuccess(deps.db, state.id, clock.now());
  if (state.status === 'error') {
    await setStatus(deps.repository, state, 'active', undefined);
  }
  return true;
}

interface Numbered {
  readonly told: readonly {
    readonly event: Payload['told'][number]['event'] & { readonly number: number };
    readonly text?: string;
  }[];
  readonly included: Payload['included'];
  readonly entities: Payload['entities'];
  readonly patients: Payload['patients'];
}

const NOTHING: Numbered = { told: [], included: [], entities: [], patients: [] };

/** An event has its number from the first attempt on. */
async function withNumbers({ deps, state }: Sending, payload: Payload): Promise<Numbered> {
  const fresh = payload.told.filter(({ event }) => event.number === null).map(({ event }) => event.seq);
  const numbers =
    fresh.length === 0 ? new Map<string, number>() : await numberEvents(deps.db, state.id, fresh);
  const told = payload.told.map(({ event, ...rest }) => ({
    ...rest,
    event: { ...event, number: event.number ?? numbers.get(event.seq) ?? 0 },
  }));
  return { ...payload, told };
}

/** Ids and contents that leave are in the audit trail before they do (AU-01). */
async function auditDelivery(
  { deps, state, definition, caller }: Sending,
  { entities, patients }: Numbered,
): Promise<void> {
  if (definition.content !== 'empty') {
    const subscription = { type: 'Subscription', id: state.id, versionId: String(state.versionId) };
    await auditRead(deps.repository.deps, caller, {
      status: 200,
      entities: [subscription, ...entities],
      patients,
    });
  }
}

async function sendHeartbeat(sending: Sending): Promise<void> {
  const { deps, state, definition } = sending;
  const now = deps.repository.deps.clock.now();
  if (!isHeartbeatDue(state, definition, now)) {
    return;
  }
  const sent = await send(sending, 'heartbeat', state.lastNumber, NOTHING);
  if (!sent.isSent) {
    return onFailure(sending, sent.reason);
  }
  await recordSuccess(deps.db, state.id, now);
  if (state.status === 'error') {
    await setStatus(deps.repository, state, 'active', undefined);
  }
}

/** Nothing has been sent for as long as the subscriber wants to wait. */
export function isHeartbeatDue(
  { lastSent }: SubscriptionState,
  { heartbeatSeconds }: Definition,
  now: Date,
): boolean {
  return (
    heartbeatSeconds !== undefined &&
    (lastSent === null || now.getTime() - Date.parse(lastSent) >= heartbeatSeconds * 1000)
  );
}

const ERROR_AFTER = 3;

/** Wait, and try again; say so after a few times; give up after long. */
async function onFailure({ deps, state }: Sending, reason: string): Promise<void> {
  const now = deps.repository.deps.clock.now();
  const [before] = await readStates(deps.db, [state.id]);
  const failures = (before?.failures ?? 0) + 1;
  const since = before?.failingSince ?? now.toISOString();
  if (failures >= MAX_FAILURES || now.getTime() - Date.parse(since) >= MAX_FAILING_MS) {
    return stop(deps, state, `Given up after ${failures} attempts: ${reason}.`, 'dead');
  }
  const wait = backoff(failures, deps.random());
  await recordFailure(deps.db, state.id, { failures, since, next: new Date(now.getTime() + wait), wait });
  if (failures >= ERROR_AFTER && before?.status === 'active') {
    await setStatus(deps.repository, before, 'error', `Notifications do not arrive: ${reason}.`);
  }
}

function send(
  { deps, state, definition }: Sending,
  type: NotificationType,
  events: number,
  { told, included }: Pick<Numbered, 'told' | 'included'>,
): Promise<Delivered> {
  const { clock, fhirBase } = deps.repository.deps;
  const now = clock.now();
  const body = notificationBundle({
    status: { fhirBase, id: state.id, topic: definition.topic, status: state.status, type, events },
    content: definition.content,
    told,
    included,
    uuid: randomUUID(),
    now,
  });
  return deps.restHook.send({
    url: definition.endpoint,
    timeoutSeconds: definition.timeoutSeconds,
    body,
    headers: {
      ...state.headers,
      'Content-Type': 'application/fhir+json; charset=utf-8',
      ...(state.secret !== null && { [SIGNATURE_HEADER]: signatureOf(state.secret, body, now) }),
    },
  });
}
