/** A transaction of the store as the connection that the tables of accounts are written with. */
import type { StoreTransaction } from '../storage/store.ts';
import type { SqlClient } from './ports.ts';

/** `rowCount` counts the rows that come back: statements that need it say `returning`. */
export const sqlOf = (tx: StoreTransaction): SqlClient => ({
  async query(text, values = []) {
    const rows = await tx.query<Record<string, unknown>>({ text, values });
    return { rows, rowCount: rows.length };
  },
});
