/**
 * The `ResourceStore` port on PostgreSQL: current rows, versions and history of resources.
 */
import { hash64 } from '../fhir/id.ts';
import { typeCode } from '../fhir/resource-types.ts';
import type { Db, Queryable } from './db.ts';
import {
  historyStatement,
  historyVersionStatement,
  toHistoryRow,
  type HistoryRecord,
} from './history-sql.ts';
import { ROW_COLUMNS, toRow, type RowRecord } from './row.ts';
import { createRowNumbers, type RowNumbers } from './row-numbers.ts';
import type { ResourceStore, Row, StoreSession, StoreTransaction, TypeAndId } from './store.ts';
import { streamContents } from './stream.ts';
import { writeVersions } from './write-sql.ts';

/** The store over a migrated database. One per process: it hands out row numbers. */
export function createPostgresStore(db: Db): ResourceStore {
  const numbers = createRowNumbers();
  return {
    session: session(db),
    transaction: (work) => db.tx((client) => work(transaction(client, numbers))),
    stream: (sql) => streamContents(db, sql),
  };
}

function session(client: Queryable): StoreSession {
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
  };
}

function transaction(client: Queryable, numbers: RowNumbers): StoreTransaction {
  return {
    ...session(client),
    lockMany: (keys) => lockMany(client, keys),
    async lockText(text) {
      await client.query({ text: 'select pg_advisory_xact_lock($1)', values: [hash64(text)] });
    },
    findUnique: (type, keys) => findUnique(client, type, keys),
    write: (writes) => writeVersions(client, numbers, writes),
    relabel: (episode, national, at) => relabel(client, episode, national, at),
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

const BY_KEYS = `select ${ROW_COLUMNS}
  from unnest($1::smallint[], $2::text[]) k (type, id)
  join resource r on r.type = k.type and r.id = k.id`;

async function readMany(client: Queryable, keys: readonly TypeAndId[]): Promise<readonly Row[]> {
  const values = columns(keys);
  if (values[0].length === 0) {
    return [];
  }
  const records = await client.query<RowRecord>({ name: 'read_many', text: BY_KEYS, values });
  return records.map(toRow);
}

async function lockMany(client: Queryable, keys: readonly TypeAndId[]): Promise<readonly Row[]> {
  const values = columns(keys);
  if (values[0].length === 0) {
    return [];
  }
  const text = `${BY_KEYS} order by r.type, r.id for update of r`;
  const records = await client.query<RowRecord>({ name: 'lock_many', text, values });
  return records.map(toRow);
}

/** Keys as two parallel arrays, each key once; types that R4 does not have cannot be stored, so they are left out. */
function columns(keys: readonly TypeAndId[]): readonly [readonly number[], readonly string[]] {
  const unique = new Map(keys.map(({ type, id }) => [`${type}/${id}`, { code: typeCode(type), id }]));
  const known = [...unique.values()].filter((key) => key.code !== undefined);
  return [known.map(({ code }) => code as number), known.map(({ id }) => id)];
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
async function relabel(client: Queryable, episode: string, national: boolean, at: Date): Promise<number> {
  const rows = await client.query<{ count: number }>({
    text: `with moved as (
             update resource
             set natl = $2, moved = $5
             where episode = $1
               and natl <> $2
               and not ($2 and (type = $3 or (type = $4 and status is not distinct from 'in-progress')))
             returning 1
           )
           select count(*)::int as count from moved`,
    values: [episode, national, typeCode('Task'), typeCode('QuestionnaireResponse'), at],
  });
  return rows[0]?.count ?? 0;
}
