/**
 * The tables beside the Subscription resources: whose a subscription is, how sending goes, and the events it is told of.
 */
import { typeCode, typeName } from '../../fhir/resource-types.ts';
import type { Subscription } from '../../fhir/types.ts';
import { parseJson } from '../../fhir/json.ts';
import type { Queryable } from '../../storage/db.ts';

export type Status = 'requested' | 'active' | 'error' | 'off';

export interface SubscriptionState {
  readonly id: string;
  readonly subject: string;
  readonly scopes: readonly string[];
  readonly secret: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly status: Status;
  readonly error: string | null;
  readonly lastNumber: number;
  readonly failures: number;
  readonly failingSince: string | null;
  readonly nextAttempt: string | null;
  readonly lastSent: string | null;
  /** The resource as stored, and its version. */
  readonly subscription: Subscription;
  readonly versionId: number;
}

export interface SubscriptionEvent {
  readonly seq: string;
  /** Null until it is first sent. */
  readonly number: number | null;
  readonly type: string;
  readonly id: string;
  readonly versionId: number;
  readonly op: 'C' | 'U' | 'D' | 'M';
  readonly at: string;
}

interface StateRecord {
  readonly id: string;
  readonly subject: string;
  readonly scopes: readonly string[];
  readonly secret: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly status: Status;
  readonly error: string | null;
  readonly last_number: string;
  readonly failures: number;
  readonly failing_since: string | null;
  readonly next_attempt: string | null;
  readonly last_sent: string | null;
  readonly content: string;
  readonly ver: number;
}

const COLUMNS = `s.id, s.subject, s.scopes, s.secret, s.headers, s.status, s.error, s.last_number, s.failures,
  s.failing_since, s.next_attempt, s.last_sent`;
const SUBSCRIPTION = typeCode('Subscription') ?? 0;
const WITH_RESOURCE = `join resource r on r.type = ${SUBSCRIPTION} and r.id = s.id and r.content is not null`;

const toState = (record: StateRecord): SubscriptionState => ({
  id: record.id,
  subject: record.subject,
  scopes: record.scopes,
  secret: record.secret,
  headers: record.headers,
  status: record.status,
  error: record.error,
  lastNumber: Number(record.last_number),
  failures: record.failures,
  failingSince: record.failing_since,
  nextAttempt: record.next_attempt,
  lastSent: record.last_sent,
  subscription: parseJson(record.content) as unknown as Subscription,
  versionId: record.ver,
});

/** Subscriptions that are told of events: active ones, and those whose receiver fails just now. */
export async function listening(db: Queryable): Promise<readonly SubscriptionState[]> {
  const records = await db.query<StateRecord>({
    text: `select ${COLUMNS}, r.content, r.ver
      from subscription_state s
      ${WITH_RESOURCE}
      where s.status in ('active', 'error')
      order by s.id`,
  });
  return records.map(toState);
}

/** States by id; unknown ids are left out. Undefined ids: all. */
export async function readStates(
  db: Queryable,
  ids: readonly string[] | undefined,
): Promise<readonly SubscriptionState[]> {
  const records = await db.query<StateRecord>({
    text: `select ${COLUMNS}, r.content, r.ver
      from subscription_state s
      ${WITH_RESOURCE}
      where $1::text[] is null or s.id = any ($1)
      order by s.id`,
    values: [ids ?? null],
  });
  return records.map(toState);
}

/** Enter a subscription, or change it; what is undefined stays. */
export async function saveState(
  db: Queryable,
  state: Pick<SubscriptionState, 'id' | 'subject' | 'scopes' | 'status'> & {
    readonly secret: string | undefined;
    readonly headers: Readonly<Record<string, string>>;
  },
): Promise<void> {
  const { id, subject, scopes, secret, headers, status } = state;
  await db.query({
    text: `insert into subscription_state (id, subject, scopes, secret, headers, status)
      values ($1, $2, $3, $4, $5, $6)
      on conflict (id) do update
        set subject = excluded.subject, scopes = excluded.scopes, headers = excluded.headers, status = excluded.status,
            secret = coalesce(excluded.secret, subscription_state.secret), failures = 0, failing_since = null,
            next_attempt = null, error = null`,
    values: [id, subject, scopes, secret ?? null, JSON.stringify(headers), status],
  });
}

/** A deleted subscription leaves nothing to send. */
export async function removeState(db: Queryable, id: string): Promise<void> {
  await db.query({ text: 'delete from subscription_event where subscription = $1', values: [id] });
  await db.query({ text: 'delete from subscription_state where id = $1', values: [id] });
}

/** Events to be told of; an event that is there already stays as it is. Answers the subscriptions that have new ones. */
export async function addEvents(
  db: Queryable,
  events: readonly (Omit<SubscriptionEvent, 'number'> & { readonly subscription: string })[],
): Promise<readonly string[]> {
  const rows = await db.query<{ subscription: string }>({
    text: `with added as (
        insert into subscription_event (subscription, seq, type, id, ver, op, at, state)
        select *, 'pending'
        from unnest($1::text[], $2::bigint[], $3::smallint[], $4::text[], $5::int[], $6::text[], $7::timestamptz[])
        on conflict do nothing
        returning subscription
      )
      select distinct subscription from added`,
    values: [
      events.map(({ subscription }) => subscription),
      events.map(({ seq }) => seq),
      events.map(({ type }) => typeCode(type) ?? 0),
      events.map(({ id }) => id),
      events.map(({ versionId }) => versionId),
      events.map(({ op }) => op),
      events.map(({ at }) => at),
    ],
  });
  return rows.map(({ subscription }) => subscription);
}

interface EventRecord {
  readonly seq: string;
  readonly number: string | null;
  readonly type: number;
  readonly id: string;
  readonly ver: number;
  readonly op: SubscriptionEvent['op'];
  readonly at: string;
}

const toEvent = ({ number, type, ver, ...rest }: EventRecord): SubscriptionEvent => ({
  ...rest,
  number: number === null ? null : Number(number),
  type: typeName(type),
  versionId: ver,
});

/** The next events to send, in order. */
export async function pendingEvents(
  db: Queryable,
  subscription: string,
  count: number,
): Promise<readonly SubscriptionEvent[]> {
  const records = await db.query<EventRecord>({
    text: `select seq, number, type, id, ver, op, at
      from subscription_event
      where subscription = $1 and state = 'pending'
      order by seq
      limit $2`,
    values: [subscription, count],
  });
  return records.map(toEvent);
}

/** Events that have been numbered, also those that never arrived. */
export async function numberedEvents(
  db: Queryable,
  subscription: string,
  { since, until, count }: { readonly since: number; readonly until: number; readonly count: number },
): Promise<readonly SubscriptionEvent[]> {
  const records = await db.query<EventRecord>({
    text: `select seq, number, type, id, ver, op, at
      from subscription_event
      where subscription = $1 and number between $2 and $3 and state <> 'withheld'
      order by number
      limit $4`,
    values: [subscription, since, until, count],
  });
  return records.map(toEvent);
}

/** Number events in their order after the last number; answers them with their numbers, the same at every attempt. */
export async function numberEvents(
  db: Queryable,
  subscription: string,
  seqs: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const rows = await db.query<{ seq: string; number: string }>({
    text: `with state as (
        update subscription_state set last_number = last_number + cardinality($2::bigint[])
        where id = $1
        returning last_number - cardinality($2::bigint[]) as before
      )
      update subscription_event e
      set number = state.before + n.place
      from state, unnest($2::bigint[]) with ordinality n (seq, place)
      where e.subscription = $1 and e.seq = n.seq
      returning e.seq, e.number`,
    values: [subscription, seqs],
  });
  return new Map(rows.map(({ seq, number }) => [seq, Number(number)]));
}

/** Events that are sent, given up, or withheld from a subscriber who may not know. */
export async function settleEvents(
  db: Queryable,
  subscription: string,
  seqs: readonly string[] | 'all pending',
  state: 'sent' | 'dead' | 'withheld',
  now: Date,
): Promise<void> {
  await db.query({
    text: `update subscription_event
      set state = $3, settled = $4
      where subscription = $1 and state = 'pending' and ($2::bigint[] is null or seq = any ($2))`,
    values: [subscription, seqs === 'all pending' ? null : seqs, state, now],
  });
}
