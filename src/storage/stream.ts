/**
 * Contents of any number of rows at flat memory, all of one moment: a cursor in a repeatable-read transaction.
 */
import { type Db, explained } from './db.ts';
import { settingsText } from './row-access.ts';
import type { Sql } from './store.ts';

const BATCH = 500;

/** Name of sessions that only read, for those who wait for writers (`pg_stat_activity`). */
export const READER = 'ryggrad reader';

/** Statements of a long export may take long, and its reader may be slow. */
const BEGIN = `begin isolation level repeatable read read only;
set local application_name = '${READER}';
set local statement_timeout = '15min';
set local idle_in_transaction_session_timeout = '15min'`;

const beginAs = ({ access }: Db): string =>
  access === undefined ? BEGIN : `${BEGIN};\n${settingsText(access)}`;

/** The first column of the statement's rows. The next batch is asked for while this one is used. */
export async function* streamContents(db: Db, sql: Sql): AsyncIterable<string> {
  const client = await explained(db.pool.connect());
  const fetch = async (): Promise<readonly unknown[][]> => {
    const statement = { text: `fetch ${BATCH} from contents`, rowMode: 'array' as const };
    const { rows } = await explained(client.query<unknown[]>(statement));
    return rows;
  };
  let broken: Error | undefined;
  try {
    await explained(client.query(beginAs(db)));
    await explained(client.query(`declare contents no scroll cursor for ${sql.text}`, [...sql.values]));
    let next = fetch();
    for (let rows = await next; rows.length > 0; rows = await next) {
      next = fetch();
      next.catch(() => undefined); // reported when it is awaited, which a reader that stops never does
      for (const [content] of rows) {
        yield content as string;
      }
    }
  } finally {
    await client.query('rollback').catch((error: unknown) => {
      broken = error as Error;
    });
    client.release(broken);
  }
}
