/**
 * Subscriptions at work: the consumer of the outbox, the sender, the minute's round, and what an operator may do.
 */
import type { Db, Queryable } from '../../storage/db.ts';
import { deliver, type DeliverDeps, isHeartbeatDue } from './deliver.ts';
import { wake } from './consumer.ts';
import { readDefinition } from './definition.ts';
import { setStatus } from './set-status.ts';
import { readStates, type SubscriptionState } from './state.ts';

/** One subscription as an operator sees it. */
export interface Listed {
  readonly state: SubscriptionState;
  readonly pending: number;
  readonly dead: number;
}

export interface Subscriptions {
  /** Job: send what there is for one subscription. */
  deliver(id: string): Promise<void>;
  /** Job, every minute: take up what a crash has left, heartbeats, ends; forget what was settled long ago. */
  sweep(): Promise<void>;
  list(): Promise<readonly Listed[]>;
  /** Send again what was given up, after a new handshake. Answers how many events; undefined for an unknown id. */
  replay(id: string): Promise<number | undefined>;
}

const KEPT_MS = 30 * 24 * 60 * 60 * 1000;

export function createSubscriptions(deps: DeliverDeps): Subscriptions {
  const { db, repository } = deps;
  return {
    deliver: (id) => deliver(deps, id),
    async sweep() {
      const now = repository.deps.clock.now();
      const waiting = await withPending(db);
      const states = await readStates(db, undefined);
      const due: string[] = [];
      for (const state of states.filter(({ status }) => status !== 'off')) {
        if (await isDue(deps, state, waiting.has(state.id), now)) {
          due.push(state.id);
        }
      }
      await wake(db, due);
      await forget(db, new Date(now.getTime() - KEPT_MS));
    },
    list: () => list(db),
    async replay(id) {
      const [state] = await readStates(db, [id]);
      if (state === undefined) {
        return undefined;
      }
      const rows = await db.query({
        text: `update subscription_event set state = 'pending', settled = null
          where subscription = $1 and state = 'dead'
          returning 1`,
        values: [id],
      });
      await db.query({
        text: `update subscription_state set failures = 0, failing_since = null, next_attempt = null where id = $1`,
        values: [id],
      });
      await setStatus(repository, state, 'requested', undefined);
      await wake(db, [id]);
      return rows.length;
    },
  };
}

async function isDue(
  { topics, findSubscriber }: DeliverDeps,
  state: SubscriptionState,
  hasEvents: boolean,
  now: Date,
): Promise<boolean> {
  if (state.nextAttempt !== null && state.nextAttempt > now.toISOString()) {
    return false;
  }
  const isAlone = state.status === 'error' && state.failures === 0;
  if (state.status === 'requested' || (hasEvents && !isAlone)) {
    return true;
  }
  const { definition } = readDefinition(state.subscription, topics);
  return (
    definition === undefined ||
    isHeartbeatDue(state, definition, now) ||
    (definition.end !== undefined && Date.parse(definition.end) <= now.getTime()) ||
    (await findSubscriber(state.subject, state.scopes)) === undefined
  );
}

async function withPending(db: Queryable): Promise<ReadonlySet<string>> {
  const rows = await db.query<{ subscription: string }>({
    text: `select distinct subscription from subscription_event where state = 'pending'`,
  });
  return new Set(rows.map(({ subscription }) => subscription));
}

async function forget(db: Queryable, before: Date): Promise<void> {
  await db.query({ text: 'delete from subscription_event where settled < $1', values: [before] });
}

async function list(db: Db): Promise<readonly Listed[]> {
  const states = await readStates(db, undefined);
  const counts = await db.query<{ subscription: string; pending: number; dead: number }>({
    text: `select subscription, count(*) filter (where state = 'pending')::int as pending,
        count(*) filter (where state = 'dead')::int as dead
      from subscription_event
      group by subscription`,
  });
  const byId = new Map(counts.map((count) => [count.subscription, count]));
  return states.map((state) => ({
    state,
    pending: byId.get(state.id)?.pending ?? 0,
    dead: byId.get(state.id)?.dead ?? 0,
  }));
}
