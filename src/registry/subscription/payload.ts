/**
 * What a batch of events may tell its subscriber at the moment of sending: rows that it may see now, with the contents that
 * it may read now. A version that has been replaced meanwhile is sent as the resource is today.
 */
import { accessOf, rowFilter } from '../../access/filter.ts';
import type { AuditedEntity } from '../../access/audited.ts';
import { typeCode, typeName } from '../../fhir/resource-types.ts';
import { decide } from '../../access/decide.ts';
import type { Caller } from '../../repository/audit.ts';
import type { Repository } from '../../repository/repository.ts';
import { shifted } from '../../repository/rows.ts';
import type { SearchService } from '../../repository/search.ts';
import type { Db } from '../../storage/db.ts';
import type { Definition } from './definition.ts';
import type { SubscriptionEvent } from './state.ts';

export interface Payload {
  readonly told: readonly { readonly event: SubscriptionEvent; readonly text?: string }[];
  readonly included: readonly { readonly type: string; readonly id: string; readonly text: string }[];
  /** Numbers in the outbox of events that the subscriber may not know of any more. */
  readonly withheld: readonly string[];
  readonly entities: readonly AuditedEntity[];
  readonly patients: readonly string[];
}

export interface PayloadDeps {
  readonly db: Pick<Db, 'as'>;
  readonly repository: Repository;
  readonly search: SearchService;
}

/** Judge and fill the events of one notification: one statement, and one search for each type that brings others along. */
export async function payloadOf(
  deps: PayloadDeps,
  caller: Caller,
  definition: Definition,
  events: readonly SubscriptionEvent[],
): Promise<Payload> {
  const rows = await visibleRows(deps.db, caller, events);
  const told = events.filter((event) => rows.has(keyOf(event)) && mayRead(caller, event, definition));
  const isFull = definition.content === 'full-resource';
  const contents = isFull
    ? await deps.repository.forReaders(
        caller,
        told.map((event) => rows.get(keyOf(event))?.content ?? ''),
      )
    : [];
  return {
    told: told.map((event, at) => {
      const text = contents[at] ?? '';
      return text === '' ? { event } : { event, text };
    }),
    included: isFull ? await includedWith(deps, caller, definition, told) : [],
    withheld: events.filter((event) => !told.includes(event)).map(({ seq }) => seq),
    entities: told.map(({ type, id, versionId }) => ({ type, id, versionId: String(versionId) })),
    patients: [...new Set(told.flatMap((event) => rows.get(keyOf(event))?.patient ?? []))],
  };
}

const keyOf = ({ type, id }: { readonly type: string; readonly id: string }): string => `${type}/${id}`;

/** Contents are given only to those who may read, not just find. */
const mayRead = ({ principal }: Caller, { type }: SubscriptionEvent, { content }: Definition): boolean =>
  decide(principal, 'search', type).effect === 'permit' &&
  (content !== 'full-resource' || decide(principal, 'read', type).effect === 'permit');

interface VisibleRow {
  readonly type: number;
  readonly id: string;
  readonly patient: string | null;
  readonly content: string | null;
}

async function visibleRows(
  db: Pick<Db, 'as'>,
  { principal }: Caller,
  events: readonly SubscriptionEvent[],
): Promise<ReadonlyMap<string, VisibleRow>> {
  const filter = shifted(rowFilter(principal), 2);
  const keys = [...new Map(events.map((event) => [keyOf(event), event])).values()];
  const rows = await db.as(accessOf(principal)).query<VisibleRow>({
    text: `select r.type, r.id, r.patient, r.content
      from unnest($1::smallint[], $2::text[]) k (type, id)
      join resource r on r.type = k.type and r.id = k.id
      where ${filter.text}`,
    values: [keys.map(({ type }) => typeCode(type) ?? 0), keys.map(({ id }) => id), ...filter.values],
  });
  return new Map(rows.map((row) => [`${typeName(row.type)}/${row.id}`, row]));
}

/** The topic's shape: resources that the events' resources refer to, found by an ordinary search of the subscriber's. */
async function includedWith(
  { search }: PayloadDeps,
  caller: Caller,
  { includes }: Definition,
  told: readonly SubscriptionEvent[],
): Promise<Payload['included']> {
  const found: Payload['included'][number][] = [];
  for (const shape of includes) {
    const ids = [...new Set(told.filter(({ type }) => type === shape.type).map(({ id }) => id))];
    if (ids.length > 0 && shape.includes.length > 0) {
      const query = new URLSearchParams([
        ['_id', ids.join(',')],
        ['_count', String(ids.length)],
        ...shape.includes.map((include) => ['_include', include]),
      ]);
      const { included } = await search.search(caller, shape.type, query, { lenient: false });
      found.push(...included.map(({ type, id, content }) => ({ type, id, text: content })));
    }
  }
  return [...new Map(found.map((each) => [keyOf(each), each])).values()];
}
