/**
 * Many reads of one moment: a repeatable-read transaction on a connection of its own, so that hours of copying take none
 * from the pool.
 */
import pg from 'pg';
import { copyLines, type CopyChunk } from './copy.ts';
import { type Db, explained } from './db.ts';
import type { Sql } from './store.ts';
import { READER } from './stream.ts';

export interface Snapshot {
  query<T extends object>(sql: Sql): Promise<readonly T[]>;
  /** Lines of the statement's first column, which must be JSON on one line; see copy.ts. */
  copy(sql: Sql): AsyncIterable<CopyChunk>;
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
    return await work({
      query: async <R extends object>({ text, values }: Sql) =>
        (await explained(client.query<R>(text, [...values]))).rows,
      copy: (sql) => copyLines(client, sql),
    });
  } finally {
    await client.end(); // rolls back, and cuts a copy short
  }
}
