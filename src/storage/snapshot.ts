/**
 * Many reads of one moment: a repeatable-read transaction on a connection of its own, so that hours of copying take none
 * from the pool.
 */
import pg from 'pg';
import { copyLines, type CopyChunk } from './copy.ts';
import { type Db, explained } from './db.ts';
import { type RowAccess, settingsText } from './row-access.ts';
import type { Sql } from './store.ts';
import { READER } from './stream.ts';

export interface Snapshot {
  query<T extends object>(sql: Sql): Promise<readonly T[]>;
  /** Lines of the statement's first column, which must be JSON on one line; see copy.ts. */
  copy(sql: Sql): AsyncIterable<CopyChunk>;
  /** The same moment as somebody sees it. One statement at a time. */
  as(access: RowAccess): Snapshot;
}

/** A copy lasts as long as its reader needs. */
const BEGIN = `begin isolation level repeatable read read only;
set local statement_timeout = '12h';
set local idle_in_transaction_session_timeout = '15min'`;

/** Run `work` on a snapshot; its reads are those of the moment of its first one. */
export async function inSnapshot<T>(db: Db, work: (snapshot: Snapshot) => Promise<T>): Promise<T> {
  const { options } = db.pool;
  const client = new pg.Client({
    ...options,
    ...(options.password !== undefined && { password: options.password }), // not enumerable
    application_name: READER,
    pipeline: false,
  } as pg.ClientConfig);
  // the statement under way reports a cut connection; as an event alone it must not end the process
  client.on('error', () => undefined);
  await explained(client.connect());
  try {
    await explained(client.query(BEGIN));
    return await work(asking(client, db.access));
  } finally {
    await client.end(); // rolls back, and cuts a copy short
  }
}

/** The settings are sent before each statement: it takes long in any case. */
function asking(client: pg.Client, access: RowAccess | undefined): Snapshot {
  const set = async (): Promise<void> => {
    if (access !== undefined) {
      await explained(client.query(settingsText(access)));
    }
  };
  return {
    async query<R extends object>({ text, values }: Sql) {
      await set();
      return (await explained(client.query<R & pg.QueryResultRow>(text, [...values]))).rows;
    },
    async *copy(sql) {
      await set();
      yield* copyLines(client, sql);
    },
    as: (other) => asking(client, other),
  };
}
