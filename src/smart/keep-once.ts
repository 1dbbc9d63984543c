/**
 * Something that the server remembers until a browser is back from elsewhere, in table `oidc` with an end date. The browser
 * holds a random key, the table its hash, so that reading the table does not open anything.
 */
import { hash, randomBytes } from 'node:crypto';
import type { SqlClient } from './ports.ts';

export interface KeptOnce<T> {
  /** Keep it; returns the key for the browser. */
  put(payload: T): Promise<string>;
  /** What was kept under the key, once: a second call gives nothing. */
  take(key: string): Promise<T | undefined>;
}

export function keepOnce<T extends object>(db: SqlClient, model: string, seconds: number): KeptOnce<T> {
  return {
    async put(payload) {
      const key = randomBytes(32).toString('base64url');
      await db.query(
        `insert into oidc (model, id, payload, expires_at)
         values ($1, $2, $3::jsonb, now() + make_interval(secs => $4))`,
        [model, rowId(key), JSON.stringify(payload), seconds],
      );
      return key;
    },
    async take(key) {
      const { rows } = await db.query(
        `delete from oidc
          where model = $1
            and id = $2
            and expires_at > now()
         returning payload`,
        [model, rowId(key)],
      );
      return rows[0]?.payload as T | undefined;
    },
  };
}

const rowId = (key: string): string => hash('sha256', key, 'base64url');
