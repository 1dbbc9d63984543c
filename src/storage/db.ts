/**
 * The connection to PostgreSQL: a pool, one way to run a statement, one way to run a transaction.
 */
import pg from 'pg';
import { StorageError, type StorageErrorCode, errorCode } from './errors.ts';
import { ask, prepareAccess } from './access-query.ts';
import { createLane, type Lane, sendTogether } from './lane.ts';
import type { RowAccess } from './row-access.ts';

/** A statement. `name` makes it a prepared statement, for the few texts that run all the time. */
export interface Statement {
  readonly text: string;
  readonly values?: readonly unknown[];
  readonly name?: string;
}

/** Something that runs statements: the pool, or a transaction. */
export interface Queryable {
  /** Rows of one statement. Throws a StorageError when the database is gone, the database's own error otherwise. */
  query<T extends object>(statement: Statement): Promise<readonly T[]>;
}

/** A transaction under way, asking for somebody. */
export interface Asking extends Queryable {
  /**
   * Send a statement whose answer nobody needs before the commit: the two travel together. Its failure is the failure of
   * the transaction; `then` is told its rows.
   */
  send<T extends object>(statement: Statement, then?: (rows: readonly T[]) => void): void;
}

/** A transaction under way. */
export interface Transaction extends Asking {
  /** The same transaction asking for somebody else. Only where it has an access to come back to. */
  as(access: RowAccess): Asking;
}

export interface Db extends Queryable, AsyncDisposable {
  /** For libraries that bring their own statements (the job queue). */
  readonly pool: pg.Pool;
  /** For prepared look-ups by key that take well under a millisecond: they share one connection (lane.ts). */
  readonly lane: Queryable;
  /** For whom its statements ask; undefined = nobody, who sees and changes no row of a person. */
  readonly access: RowAccess | undefined;
  /** The same connections, asking for somebody. The one way to rows that belong to somebody (RL-02). */
  as(access: RowAccess): Db;
  /**
   * Run `work` in a READ COMMITTED transaction. Retried when the database asks for it (serialisation failure,
   * deadlock), so `work` must be repeatable. Rolled back when `work` throws. Resolves only after the commit.
   */
  tx<T>(work: (client: Transaction) => Promise<T>, options?: TxOptions): Promise<T>;
}

export interface TxOptions {
  /** SQL after `begin`, e.g. `isolation level repeatable read read only`. */
  readonly mode?: string;
  /** First statement of the transaction, e.g. a longer time-out. */
  readonly setup?: string;
}

export interface DbOptions {
  /** Shown in pg_stat_activity. */
  readonly applicationName?: string;
  readonly poolSize?: number;
  /** 0 leaves it to the server (needed behind PgBouncer, which refuses it as a start-up parameter). */
  readonly statementTimeoutMs?: number;
  /** Wait before attempt n of a transaction, in ms. */
  readonly backoff?: (attempt: number) => number;
}

const ATTEMPTS = 6;
const jitter = (attempt: number): number => Math.random() * 10 * 2 ** attempt;

/** Make the pool. Connections are opened when first needed. */
export function createDb(connection: pg.ClientConfig, options: DbOptions = {}): Db {
  const client = {
    ...connection,
    application_name: options.applicationName ?? 'ryggrad',
    statement_timeout: options.statementTimeoutMs ?? 10_000,
    connectionTimeoutMillis: 10_000,
    types: { getTypeParser },
    pipeline: true,
  } as pg.ClientConfig;
  const pool = new pg.Pool({ ...client, max: options.poolSize ?? 16, idleTimeoutMillis: 60_000 });
  const lane = createLane(() => new pg.Client(client));
  // a cut connection is reported by the next statement that needs it; as an event alone it must not end the process
  pool.on('error', () => undefined);
  pool.on('connect', (client) => {
    client.on('error', () => undefined);
    prepareAccess(client);
  });
  return asking({ pool, lane, backoff: options.backoff ?? jitter }, undefined);
}

interface Connections {
  readonly pool: pg.Pool;
  readonly lane: Lane;
  readonly backoff: (attempt: number) => number;
}

function asking(connections: Connections, access: RowAccess | undefined): Db {
  const { pool, lane, backoff } = connections;
  return {
    pool,
    access,
    lane: {
      query: <T extends object>(statement: Statement) =>
        explained(lane.query<T>(statement as pg.QueryConfig, access)),
    },
    query: (statement) => run(pool, statement, access),
    tx: (work, options = {}) => retrying(() => transaction(pool, work, options, access), backoff),
    as: (other) => asking(connections, other),
    async [Symbol.asyncDispose]() {
      await lane[Symbol.asyncDispose]();
      await pool.end();
    },
  };
}

async function run<T extends object>(
  client: pg.Pool | pg.PoolClient,
  statement: Statement,
  access: RowAccess | undefined,
): Promise<readonly T[]> {
  return (await explained(ask<T>(client, statement as pg.QueryConfig, access))).rows;
}

/** The driver's failures as ours; those of the caller's own work pass by. */
export async function explained<T>(running: Promise<T>): Promise<T> {
  try {
    return await running;
  } catch (error) {
    throw fromDatabase(error);
  }
}

async function retrying<T>(attempt: () => Promise<T>, backoff: (attempt: number) => number): Promise<T> {
  for (let count = 1; ; count++) {
    try {
      return await attempt();
    } catch (error) {
      if (count === ATTEMPTS || !isRetryable(error)) {
        throw error;
      }
    }
    await new Promise((resolve) => setTimeout(resolve, backoff(count)));
  }
}

const isRetryable = (error: unknown): boolean => ['40001', '40P01'].includes(errorCode(error) ?? '');

async function transaction<T>(
  pool: pg.Pool,
  work: (client: Transaction) => Promise<T>,
  { mode = 'isolation level read committed', setup }: TxOptions,
  access: RowAccess | undefined,
): Promise<T> {
  const client = await explained(pool.connect());
  const sent: Promise<unknown>[] = [];
  const later = (running: Promise<unknown>): void => {
    running.catch(() => undefined); // it is awaited with all others
    sent.push(running);
  };
  let inForce: RowAccess | undefined; // the settings last until they are set again
  const askingAs = (wanted: RowAccess | undefined): Asking => {
    const query = <R extends object>(statement: Statement): Promise<readonly R[]> => {
      sendTogether(client);
      const isChanged = wanted !== inForce;
      inForce = wanted;
      return run(client, statement, isChanged ? wanted : undefined);
    };
    return {
      query,
      send: <R extends object>(statement: Statement, then?: (rows: readonly R[]) => void) => {
        later(query<R>(statement).then(then));
      },
    };
  };
  let broken: Error | undefined;
  try {
    sendTogether(client);
    later(explained(client.query(`begin ${mode}${setup === undefined ? '' : `; ${setup}`}`)));
    const result = await work({
      ...askingAs(access),
      as(other) {
        if (access === undefined) {
          throw new Error('A transaction that asks for nobody cannot come back from asking for somebody.');
        }
        return askingAs(other);
      },
    });
    await Promise.all([...sent, commit(client)]);
    return result;
  } catch (error) {
    await client.query('rollback').catch((failure: unknown) => {
      broken = failure as Error;
    });
    throw (await firstFailure(sent)) ?? error;
  } finally {
    client.release(broken);
  }
}

/** What a statement failed of that was sent ahead: the ones after it only say that the transaction is over. */
async function firstFailure(sent: readonly Promise<unknown>[]): Promise<unknown> {
  const results = await Promise.allSettled(sent);
  return results.find((result) => result.status === 'rejected')?.reason;
}

/** PostgreSQL answers a commit after a failed statement with "ROLLBACK" and no error: nothing was stored then. */
async function commit(client: pg.PoolClient): Promise<void> {
  const { command } = await explained(client.query('commit'));
  if (command !== 'COMMIT') {
    throw new Error('The transaction was rolled back: a statement in it failed, and its error was caught.');
  }
}

const BY_STATE: readonly (readonly [RegExp, StorageErrorCode, string])[] = [
  [/^57014$/, 'too-slow', 'The database needed too long for this request. Narrow it, or try again later.'],
  [/^(53100|53400)$/, 'no-space', 'The database has no room left on its disk.'],
  [
    /^(08|57P|53|ECONN|ENOENT|EPIPE|ETIMEDOUT|ENOTFOUND|EAI)/,
    'unavailable',
    'The database is not available just now.',
  ],
];
const LOST =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/;

function fromDatabase(error: unknown): unknown {
  const state = errorCode(error) ?? (LOST.test(String((error as Error | undefined)?.message)) ? '08006' : '');
  const known = BY_STATE.find(([pattern]) => pattern.test(state));
  return known === undefined ? error : new StorageError(known[1], known[2], { cause: error });
}

const TIMESTAMPTZ = 1184;
const UTC_TEXT = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d+))?\+00$/;

/** Times come out as ISO instants with milliseconds; `bigint` stays text (the driver's default). */
function getTypeParser(oid: number, format?: 'text' | 'binary'): unknown {
  return oid === TIMESTAMPTZ && format !== 'binary'
    ? isoInstant
    : pg.types.getTypeParser(oid, format as 'text');
}

/** PostgreSQL's text of an instant → `2026-01-31T12:00:00.000Z`; infinity and years beyond 9999 stay as they are. */
export function isoInstant(text: string): string {
  const utc = UTC_TEXT.exec(text);
  if (utc !== null) {
    return `${utc[1] as string}T${utc[2] as string}.${(utc[3] ?? '').padEnd(3, '0')}Z`;
  }
  const time = Date.parse(text.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00'));
  return Number.isNaN(time) ? text : new Date(time).toISOString();
}
