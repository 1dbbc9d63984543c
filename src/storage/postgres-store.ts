/**
 * The `ResourceStore` port on PostgreSQL: current rows, versions and history of resources.
 */
import { hash64 } from '../fhir/id.ts';
import { typeCode } from '../fhir/resource-types.ts';
import type { Db, Queryable, Transaction } from './db.ts';
import type { DirectIdentifiers } from './direct-identifiers.ts';
import {
  historyStatement,
  historyVersionStatement,
  toHistoryRow,
  type HistoryRecord,
} from './history-sql.ts';
import { ROW_COLUMNS, toRow, type RowRecord } from './row.ts';
import { EVERYTHING } from './row-access.ts';
import { createRowNumbers, type RowNumbers } from './row-numbers.ts';
import type { ResourceStore, Row, StoreSession, StoreTransaction, TypeAndId } from './store.ts';
import { streamContents } from './stream.ts';
import { takenKey, writeVersions } from './write-sql.ts';

/** The store over a migrated database. One per process: it hands out row numbers. */
export function createPostgresStore(db: Db, identifiers: DirectIdentifiers): ResourceStore {
  const numbers = createRowNumbers();
  const listeners: (() => void)[] = [];
  return {
    session: session(db, identifiers, db.lane),
    as(access) {
      const asking = db.as(access);
      return {
        ...session(asking, identifiers, asking.lane),
        stream: (sql) => streamContents(asking, sql),
      };
    },
    async transaction(work) {
      let events = 0;
      const attempt = (client: Transaction): ReturnType<typeof work> => {
        events = 0;
        return work(transaction(client, identifiers, numbers, (count) => (events += count)));
      };
      const result = await db
        .as(EVERYTHING)
        .tx(attempt)
        .catch((error: unknown) => {
          throw takenKey(error);
        });
      if (events > 0) {
        listeners.forEach((listener) => listener());
      }
      return result;
    },
    reveal: (contents) => identifiers.reveal(contents),
    onEvents: (listener) => void listeners.push(listener),
  };
}

function session(client: Queryable, identifiers: DirectIdentifiers, lane: Queryable = client): StoreSession {
  return {
    read: (key) => read(client, key),
    readMany: (keys) => readMany(client, keys),
    async readVersion(key, versionId) {
      const [record] = await client.query<HistoryRecord>(historyVersionStatement(key, versionId));
      return record && toHistoryRow(record);
    },
    async history(query) {
      const records = await client.query<HistoryRecord>(historyStatement(query));
      return records.map(toHistoryRow);
    },
    query: (sql) => client.query(sql),
    lookUp: (sql) => lane.query(sql),
    findDirect: (values) => identifiers.find(values),
  };
}

function transaction(
  client: Transaction,
  identifiers: DirectIdentifiers,
  numbers: RowNumbers,
  onEvents: (count: number) => void,
): StoreTransaction {
  return {
    ...session(client, identifiers),
    lockMany: (keys) => lockMany(client, keys),
    async lockText(text) {
      await client.query({ text: 'select pg_advisory_xact_lock($1)', values: [hash64(text)] });
    },
    findUnique: (type, keys) => findUnique(client, type, keys),
    as: (access) => session(client.as(access), identifiers),
    write: (writes, scope) =>
      writeVersions(
        scope === undefined ? client : client.as({ ...EVERYTHING, ...scope }),
        numbers,
        writes,
        onEvents,
      ),
    findDirect: (values) => identifiers.find(values, client),
    keepDirect: (values) => identifiers.keep(client, values),
    reveal: (contents) => identifiers.reveal(contents, client),
    send: (sql) => {
      client.send(sql);
    },
    async relabel(episodes, national, at) {
      const { count, events } = await relabel(client, episodes, national, at);
      onEvents(events);
      return count;
    },
    async enqueue(task, payload, { jobKey = null, queue = null, runAt = null } = {}) {
      await client.query({
        name: 'enqueue',
        text: `select graphile_worker.add_job($1, $2::json, queue_name => $3, run_at => $4, job_key => $5)`,
        values: [task, JSON.stringify(payload), queue, runAt, jobKey],
      });
    },
  };
}

async function read(client: Queryable, { type, id }: TypeAndId): Promise<Row | undefined> {
  const code = typeCode(type);
  if (code === undefined) {
    return undefined;
  }
  const [record] = await client.query<RowRecord>({
    name: 'read',
    text: `select ${ROW_COLUMNS} from resource r where r.type = $1 and r.id = $2`,
    values: [code, id],
  });
  return record && toRow(record);
}

/**
 * One index look-up for each key, also by a plan made when the table was small. Keys come as JSON: of an array the database
 * would guess a length, find a plan for that length cheaper, and plan the statement anew each time.
 */
const byKeys = (lock: '' | 'for update'): string => `select ${ROW_COLUMNS}
  from json_to_recordset($1) k (type smallint, id text)
  cross join lateral (
    select * from resource r where r.type = k.type and r.id = k.id offset 0 ${lock}
  ) r`;

const READ_MANY = byKeys('');
const LOCK_MANY = byKeys('for update');

const readMany = (client: Queryable, keys: readonly TypeAndId[]): Promise<readonly Row[]> =>
  rowsByKeys(client, keys, { name: 'read_many', text: READ_MANY });

const lockMany = (client: Queryable, keys: readonly TypeAndId[]): Promise<readonly Row[]> =>
  rowsByKeys(client, keys, { name: 'lock_many', text: LOCK_MANY });

/** Each key once and in a fixed order, in which the rows are locked; types that R4 does not have cannot be stored. */
async function rowsByKeys(
  client: Queryable,
  keys: readonly TypeAndId[],
  statement: { readonly name: string; readonly text: string },
): Promise<readonly Row[]> {
  const unique = new Map(keys.map(({ type, id }) => [`${type}/${id}`, { type: typeCode(type), id }]));
  const known = [...unique]
    .filter(([, { type }]) => type !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, key]) => key);
  if (known.length === 0) {
    return [];
  }
  const records = await client.query<RowRecord>({ ...statement, values: [JSON.stringify(known)] });
  return records.map(toRow);
}

async function findUnique(
  client: Queryable,
  type: string,
  keys: readonly string[],
): Promise<ReadonlyMap<string, TypeAndId>> {
  if (keys.length === 0) {
    return new Map();
  }
  const rows = await client.query<{ h: string; id: string }>({
    name: 'find_unique',
    text: `select k.h, r.id
           from identifier_key k
           join resource r on r.cmp = k.cmp and r.type = k.type and r.rid = k.rid
           where k.type = $1 and k.h = any($2::bigint[])`,
    values: [typeCode(type), keys],
  });
  return new Map(rows.map(({ h, id }) => [h, { type, id }]));
}

/** Drafts and work to do stay with the department: only what is finished reaches the national store. */
/** The department's own: who fills what, and what was sent to the patient about it. */
const LOCAL_TYPES = ['Task', 'CommunicationRequest', 'Communication'].map((type) => typeCode(type) ?? 0);

async function relabel(
  client: Queryable,
  episodes: readonly string[],
  national: boolean,
  at: Date,
): Promise<{ readonly count: number; readonly events: number }> {
  const [row] = await client.query<{ count: number; events: number }>({
    text: `with moved as (
             update resource
             set natl = $2, moved = $5
             where episode = any ($1)
               and natl <> $2
               and not ($2 and (type = any($3) or (type = $4 and status is not distinct from 'in-progress')))
             returning type, id, ver, reg, unit, natl, patient, episode
           ),
           listed as (update pathway_list set natl = $2 where episode = any ($1) and natl <> $2),
           event as (
             insert into outbox (type, id, ver, op, reg, unit, natl, patient, episode, at)
             select type, id, ver, 'M', reg, unit, natl, patient, episode, $5
             from moved
             where type = any (array(select type from outbox_watch))
             returning 1
           )
           select (select count(*)::int from moved) as count, (select count(*)::int from event) as events`,
    values: [episodes, national, LOCAL_TYPES, typeCode('QuestionnaireResponse'), at],
  });
  return row ?? { count: 0, events: 0 };
}
