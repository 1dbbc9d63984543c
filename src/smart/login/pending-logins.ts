/**
 * Logins between the password and the second factor, in table `session` with kind `pending`: ten minutes, and the password
 * has been right. The browser holds a random key only, here is its hash.
 */
import { hash, randomBytes } from 'node:crypto';
import type { Clock } from '../../fhir/id.ts';
import type { SqlClient } from '../ports.ts';

export const PENDING_MINUTES = 10;

export interface PendingLogin {
  /** Account.username */
  readonly account: string;
  /** `step-up`: somebody who is at work shows again who they are. */
  readonly purpose: 'login' | 'step-up';
  /** Where to go afterwards. */
  readonly next?: string | undefined;
}

export interface StoredPending extends PendingLogin {
  /** Hash of the key. */
  readonly id: string;
}

export interface PendingLogins {
  open(pending: PendingLogin): Promise<string>;
  read(key: string): Promise<StoredPending | undefined>;
  /** The pending login, once: two right answers at the same time open one session. */
  close(key: string): Promise<StoredPending | undefined>;
}

export function pendingLogins(db: SqlClient, clock: Clock): PendingLogins {
  return {
    async open(pending) {
      const key = randomBytes(32).toString('base64url');
      await db.query(
        `insert into session (id_hash, kind, payload, expires_at) values ($1, 'pending', $2::jsonb, $3)`,
        [idOf(key), JSON.stringify(pending), new Date(clock.now().getTime() + PENDING_MINUTES * 60_000)],
      );
      return key;
    },
    async read(key) {
      const { rows } = await db.query(
        `select id_hash, payload from session where id_hash = $1 and kind = 'pending' and expires_at > $2`,
        [idOf(key), clock.now()],
      );
      return toPending(rows[0]);
    },
    async close(key) {
      const { rows } = await db.query(
        `delete from session where id_hash = $1 and kind = 'pending' and expires_at > $2 returning id_hash, payload`,
        [idOf(key), clock.now()],
      );
      return toPending(rows[0]);
    },
  };
}

const toPending = (row: Readonly<Record<string, unknown>> | undefined): StoredPending | undefined =>
  row === undefined ? undefined : { ...(row.payload as PendingLogin), id: row.id_hash as string };

const idOf = (key: string): string => hash('sha256', key, 'base64url');
