/**
 * Events → what each subscription is to be told of. A batch costs each subscription at most one statement for each of its
 * searches and one for its rights; the same search of several subscriptions is asked once.
 */
import { decide } from '../../access/decide.ts';
import { accessOf, rowFilter } from '../../access/filter.ts';
import type { Principal } from '../../access/principal.ts';
import type { Clock } from '../../fhir/id.ts';
import { parseJson } from '../../fhir/json.ts';
import { typeCode, typeName } from '../../fhir/resource-types.ts';
import type { JsonObject } from '../../fhir/types.ts';
import { visibleSql } from '../../repository/rows.ts';
import type { ParameterTable } from '../../search/parameters.ts';
import type { Queryable, Transaction } from '../../storage/db.ts';
import type { OutboxConsumer, OutboxEvent } from '../../storage/outbox.ts';
import type { IndexEntry, Sql, StoreSession } from '../../storage/store.ts';
import { type Definition, readDefinition, typesOf } from './definition.ts';
import { type IndexedVersions, indexVersions, matching, parseCriteria, type Version } from './match.ts';
import { addEvents, listening } from './state.ts';
import type { FindSubscriber } from './subscriber.ts';
import type { Interaction, Topics, Trigger } from './topic.ts';

export interface ConsumerDeps {
  readonly session: StoreSession;
  readonly topics: Topics;
  readonly parameters: ParameterTable;
  readonly indexer: (resource: JsonObject) => IndexEntry;
  readonly findSubscriber: FindSubscriber;
  readonly baseUrl: string;
  readonly clock: Clock;
}

export const CONSUMER = 'subscriptions';
export const NOTIFY = 'notify';

/** The outbox's consumer for subscriptions. */
export const subscriptionConsumer = (deps: ConsumerDeps): OutboxConsumer => ({
  name: CONSUMER,
  types: [],
  async consume(tx, events) {
    const batch = new Batch(deps, tx, events);
    const told = [];
    for (const state of await listening(tx)) {
      const { definition } = readDefinition(state.subscription, deps.topics);
      const principal = await deps.findSubscriber(state.subject, state.scopes);
      if (definition !== undefined && principal !== undefined) {
        const found = await batch.eventsFor(definition, principal);
        told.push(...found.map((event) => ({ ...event, subscription: state.id })));
      }
    }
    if (told.length > 0) {
      await wake(tx, await addEvents(tx, told));
    }
  },
});

/** One job for each subscription, replacing one that waits already. */
export async function wake(tx: Queryable, subscriptions: readonly string[]): Promise<void> {
  if (subscriptions.length > 0) {
    await tx.query({
      text: `select graphile_worker.add_job($1, json_build_object('id', s), job_key => $1 || ':' || s)
        from unnest($2::text[]) s`,
      values: [NOTIFY, subscriptions],
    });
  }
}

type Side = 'previous' | 'current';

const INTERACTION: Readonly<Record<OutboxEvent['op'], Interaction>> = {
  C: 'create',
  U: 'update',
  D: 'delete',
  M: 'create', // for readers of the national store, this is when it came to be
};

/** The events of one page, with the versions before and after, indexed when a search first asks for their type. */
class Batch {
  private readonly deps: ConsumerDeps;
  private readonly tx: Transaction;
  private readonly events: readonly OutboxEvent[];
  private contents: ReadonlyMap<string, VersionRecord> | undefined;
  private readonly indexed = new Map<string, IndexedVersions>();
  private readonly answers = new Map<string, ReadonlySet<string>>();

  constructor(deps: ConsumerDeps, tx: Transaction, events: readonly OutboxEvent[]) {
    this.deps = deps;
    this.tx = tx;
    this.events = events;
  }

  /** Events that the subscription asks for and its subscriber may know of, each version once. */
  async eventsFor(definition: Definition, principal: Principal): Promise<readonly OutboxEvent[]> {
    const types = typesOf(definition).filter((type) => decide(principal, 'search', type).effect === 'permit');
    const candidates = this.events.filter(({ type }) => types.includes(type));
    if (candidates.length === 0) {
      return [];
    }
    const visible = await this.visible(candidates, principal);
    const found = new Map<string, OutboxEvent>();
    for (const event of candidates) {
      const key = `${event.type}/${event.id}/${event.versionId}`;
      const isAsked =
        visible.has(`${event.type}/${event.id}`) &&
        !found.has(key) &&
        (await this.isAskedFor(event, definition, principal));
      if (isAsked) {
        found.set(key, event);
      }
    }
    return [...found.values()];
  }

  private async visible(events: readonly OutboxEvent[], principal: Principal): Promise<ReadonlySet<string>> {
    const rows = await this.tx
      .as(accessOf(principal))
      .query<{ type: number; id: string }>(visibleSql(distinct(events), rowFilter(principal)));
    return new Set(rows.map(({ type, id }) => `${typeName(type)}/${id}`));
  }

  /** No statement but for the first event of a type and search: the answers are for the whole batch. */
  private async isAskedFor(
    event: OutboxEvent,
    definition: Definition,
    principal: Principal,
  ): Promise<boolean> {
    const filters = definition.filters.filter(({ type }) => type === event.type);
    const side: Side = event.op === 'D' ? 'previous' : 'current';
    for (const { query } of filters) {
      if (!(await this.matches(event, side, query))) {
        return false;
      }
    }
    if (
      event.op === 'M' &&
      event.national &&
      definition.eventTriggers.some(({ type }) => type === event.type)
    ) {
      return true;
    }
    if (event.op === 'M' && !(event.national && readsNationalStore(principal))) {
      return false;
    }
    for (const trigger of definition.triggers) {
      const fits = trigger.type === event.type && trigger.interactions.includes(INTERACTION[event.op]);
      if (fits && (await this.isTriggered(event, trigger))) {
        return true;
      }
    }
    return false;
  }

  /** https://hl7.org/fhir/R5/subscriptiontopic-definitions.html#SubscriptionTopic.resourceTrigger.queryCriteria */
  private async isTriggered(event: OutboxEvent, trigger: Trigger): Promise<boolean> {
    const { previous, current, onCreate, onDelete, requireBoth = false } = trigger;
    const isNew = event.op === 'C' || event.op === 'M';
    const before = async (query: string): Promise<boolean> =>
      isNew ? onCreate === 'test-passes' : this.matches(event, 'previous', query);
    const after = async (query: string): Promise<boolean> =>
      event.op === 'D' ? onDelete === 'test-passes' : this.matches(event, 'current', query);
    if (previous === undefined || current === undefined) {
      return (
        (previous === undefined || (await before(previous))) &&
        (current === undefined || (await after(current)))
      );
    }
    return requireBoth
      ? (await after(current)) && (await before(previous))
      : (await after(current)) || (await before(previous));
  }

  private async matches(event: OutboxEvent, side: Side, query: string): Promise<boolean> {
    const name = `${event.type}?${query}`;
    let answer = this.answers.get(name);
    if (answer === undefined) {
      const { parameters, baseUrl } = this.deps;
      const tree = parseCriteria(event.type, query, parameters, baseUrl);
      const versions = await this.versionsOf(event.type);
      const deps = { ...this.deps, now: this.deps.clock.now() };
      answer = await matching(deps, versions, tree);
      this.answers.set(name, answer);
    }
    return answer.has(versionKey(event, side));
  }

  private async versionsOf(type: string): Promise<IndexedVersions> {
    this.contents ??= await readVersions(this.tx, this.events);
    const contents = this.contents;
    let versions = this.indexed.get(type);
    if (versions === undefined) {
      const found = [...contents.values()].flatMap((record) => toVersion(record, type));
      versions = indexVersions(type, found, this.deps.indexer);
      this.indexed.set(type, versions);
    }
    return versions;
  }
}

const readsNationalStore = (principal: Principal): boolean =>
  principal.kind === 'analytics' || (principal.kind === 'staff' && principal.role === 'SC');

const versionKey = ({ type, id, versionId }: OutboxEvent, side: Side): string =>
  `${type}/${id}/${side === 'current' ? versionId : versionId - 1}`;

const distinct = (events: readonly OutboxEvent[]): readonly OutboxEvent[] => [
  ...new Map(events.map((event) => [`${event.type}/${event.id}`, event])).values(),
];

interface VersionRecord {
  readonly type: number;
  readonly id: string;
  readonly ver: number;
  readonly lu: string;
  readonly content: string | null;
}

/** The versions that the events are of and those before them, wherever they lie: one statement. */
async function readVersions(
  tx: Queryable,
  events: readonly OutboxEvent[],
): Promise<ReadonlyMap<string, VersionRecord>> {
  const statement: Sql = {
    text: `with k as (
        select distinct type, id, ver - back as ver
        from unnest($1::smallint[], $2::text[], $3::int[]) e (type, id, ver)
        cross join (values (0), (1)) b (back)
      )
      select r.type, r.id, r.ver, r.lu, r.content
      from k join resource r on r.type = k.type and r.id = k.id and r.ver = k.ver
      union all
      select h.type, h.id, h.ver, h.lu, h.content
      from k join history h on h.type = k.type and h.id = k.id and h.ver = k.ver`,
    values: [
      events.map(({ type }) => typeCode(type) ?? 0),
      events.map(({ id }) => id),
      events.map(({ versionId }) => versionId),
    ],
  };
  const records = await tx.query<VersionRecord>(statement);
  return new Map(records.map((record) => [`${typeName(record.type)}/${record.id}/${record.ver}`, record]));
}

const toVersion = (record: VersionRecord, type: string): readonly Version[] =>
  record.content === null || typeName(record.type) !== type
    ? []
    : [
        {
          key: `${type}/${record.id}/${record.ver}`,
          type,
          id: record.id,
          lastUpdated: record.lu,
          resource: parseJson(record.content) as JsonObject,
        },
      ];
