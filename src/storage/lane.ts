/**
 * One connection for the short look-ups of many requests: what is asked in one turn of the event loop leaves in one packet
 * and is answered in one, where each request on a connection of its own would cost a system call either way and wake
 * another database process. Only statements that take well under a millisecond belong here: they wait for each other.
 */
import type { Writable } from 'node:stream';
import pg from 'pg';
import { ask, prepareAccess } from './access-query.ts';
import type { RowAccess } from './row-access.ts';

/** The driver's connection with the stream beneath it, which its types leave out. */
type Connection = pg.Client & {
  readonly connection: { readonly stream: Writable };
};

export interface Lane extends AsyncDisposable {
  /** Rows of one statement, asked for `access`. Throws the driver's or the database's own error. */
  query<T extends object>(statement: pg.QueryConfig, access: RowAccess | undefined): Promise<readonly T[]>;
}

/**
 * A lane over a connection that is opened when first needed, and again after it was lost; what was under way then fails.
 * `open` makes a client with `pipeline: true`, so that statements do not wait for the answers before them.
 */
export function createLane(open: () => pg.Client): Lane {
  let current: Promise<pg.Client> | undefined;

  const forget = (): void => {
    current = undefined;
  };

  const connect = async (): Promise<pg.Client> => {
    const client = open();
    client.on('error', forget);
    client.on('end', forget);
    try {
      await client.connect();
      prepareAccess(client);
      // look-ups by key have one good plan; guessing dearer for all partitions, the database would make it anew each time
      client.query('set plan_cache_mode = force_generic_plan').catch(() => undefined);
    } catch (error) {
      forget();
      throw error;
    }
    return client;
  };

  return {
    async query<T extends object>(
      statement: pg.QueryConfig,
      access: RowAccess | undefined,
    ): Promise<readonly T[]> {
      current ??= connect();
      const client = await current;
      sendTogether(client);
      try {
        return (await ask<T>(client, statement, access)).rows;
      } catch (error) {
        if (isLost(error)) {
          forget();
        }
        throw error;
      }
    },
    async [Symbol.asyncDispose]() {
      const client = await current?.catch(() => undefined);
      current = undefined;
      await client?.end();
    },
  };
}

/** The connection is going or gone (SQLSTATE 57P01 to 57P03, or no word from the database at all). */
const isLost = (error: unknown): boolean =>
  !(error instanceof pg.DatabaseError) || error.code?.startsWith('57P') === true;

/** Hold back what is sent to the database until everything that is ready in this turn is written; then one packet goes. */
export function sendTogether(client: pg.ClientBase): void {
  const { stream } = (client as Connection).connection;
  if (stream.writableCorked === 0) {
    stream.cork();
    setImmediate(() => {
      stream.uncork();
    });
  }
}
