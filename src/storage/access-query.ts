/**
 * A statement and for whom it asks in one go: the settings are bound and executed before it and ahead of the same Sync, so
 * that both are one transaction, whoever else uses the connection:
 * https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-PIPELINING
 */
import pg from 'pg';
import { type RowAccess, SET_ACCESS, settingsOf } from './row-access.ts';

/** What the driver's query is made of; its types leave it out. */
interface Connection {
  bind(message: object): void;
  execute(message: object): void;
}

interface DriverQuery extends pg.Submittable {
  prepare(connection: Connection): void;
  handleDataRow(message: object): void;
  handleCommandComplete(message: object, connection: Connection): void;
}

const DriverQuery = pg.Query as unknown as new (
  config: pg.QueryConfig & { readonly queryMode: 'extended' },
) => DriverQuery;

/** Needs a connection that has prepared `SET_ACCESS`. */
class AccessQuery extends DriverQuery {
  private readonly access: RowAccess;
  private isSet = false;

  constructor(statement: pg.QueryConfig, access: RowAccess) {
    super({ ...statement, queryMode: 'extended' });
    this.access = access;
  }

  override prepare(connection: Connection): void {
    connection.bind({ portal: '', statement: SET_ACCESS.name, values: settingsOf(this.access), valueMapper });
    connection.execute({ portal: '', rows: 0 });
    super.prepare(connection);
  }

  /** The settings' own row is nobody's. */
  override handleDataRow(message: object): void {
    if (this.isSet) {
      super.handleDataRow(message);
    }
  }

  override handleCommandComplete(message: object, connection: Connection): void {
    if (this.isSet) {
      super.handleCommandComplete(message, connection);
    }
    this.isSet = true;
  }
}

/** Run a statement for somebody, as a transaction of its own or as a part of the one under way; undefined = as it is. */
export function ask<T extends object>(
  client: pg.Pool | pg.ClientBase,
  statement: pg.QueryConfig,
  access: RowAccess | undefined,
): Promise<pg.QueryResult<T & pg.QueryResultRow>> {
  if (access === undefined) {
    return client.query<T & pg.QueryResultRow>(statement);
  }
  const send = client.query.bind(client) as unknown as (query: AccessQuery, done: Done<T>) => unknown;
  return new Promise((resolve, reject) => {
    send(new AccessQuery(statement, access), (error, result) => {
      if (error) {
        reject(error);
      } else {
        resolve(result);
      }
    });
  });
}

type Done<T> = (error: Error | null | undefined, result: pg.QueryResult<T & pg.QueryResultRow>) => void;

const valueMapper = (value: string): string => value;

/** Prepare the settings' statement on a connection that was just opened; what fails is met again by its first user. */
export function prepareAccess(client: pg.ClientBase): void {
  client.query({ ...SET_ACCESS, values: ['', '', '', '', ''] }).catch(() => undefined);
}
