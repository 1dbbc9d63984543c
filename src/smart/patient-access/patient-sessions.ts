/** Sessions of patients, in table `session`: half an hour, however much they are used, and never renewed (PA-03). */
import { hash, randomBytes } from 'node:crypto';
import type { Clock } from '../../fhir/id.ts';
import type { SqlClient } from '../ports.ts';

const SESSION_MINUTES = 30;

export interface PatientSession {
  /** Hash of the token: names the session in the audit trail. */
  readonly id: string;
  /** PatientAccessRow.id */
  readonly access: string;
  readonly endsAt: Date;
}

export interface PatientSessions {
  /** Open one; returns the token for the cookie. */
  open(access: string): Promise<string>;
  read(token: string): Promise<PatientSession | undefined>;
  end(token: string): Promise<void>;
}

export function patientSessions(db: SqlClient, clock: Clock): PatientSessions {
  return {
    async open(access) {
      const token = randomBytes(32).toString('base64url');
      const endsAt = new Date(clock.now().getTime() + SESSION_MINUTES * 60_000);
      await db.query(
        `insert into session (id_hash, kind, payload, expires_at) values ($1, 'patient', $2::jsonb, $3)`,
        [idOf(token), JSON.stringify({ access }), endsAt],
      );
      return token;
    },
    async read(token) {
      const id = idOf(token);
      const { rows } = await db.query(
        `select payload ->> 'access' as access, expires_at
           from session
          where id_hash = $1
            and kind = 'patient'
            and expires_at > $2`,
        [id, clock.now()],
      );
      const [row] = rows;
      return row && { id, access: row.access as string, endsAt: new Date(row.expires_at as string) };
    },
    async end(token) {
      await db.query(`delete from session where id_hash = $1 and kind = 'patient'`, [idOf(token)]);
    },
  };
}

const idOf = (token: string): string => hash('sha256', token, 'base64url');
