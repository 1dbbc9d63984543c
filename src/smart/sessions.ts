/**
 * Sessions of people, table `session`: a random 256-bit token in the browser, its hash here (ASVS 5.0 chapter 7).
 * Ends after 30 minutes without a request, after 10 hours in any case, at logout, and when the account is closed.
 */
import { hash, randomBytes } from 'node:crypto';
import type { Clock } from '../fhir/id.ts';
import { findAccount, type Account } from './accounts.ts';
import type { SqlClient } from './ports.ts';

const IDLE_MINUTES = 30;
const ABSOLUTE_HOURS = 10;
/** A session in use is written at most this often. */
const TOUCH_MS = 60_000;

/** What a session is about. */
export interface SessionFacts {
  /** Account.username */
  readonly account: string;
  /** PractitionerRole id of the chosen role. */
  readonly practitionerRole?: string | undefined;
  /** Key of the launch context that the session carries. */
  readonly launch?: string | undefined;
  /** Registry Patient that a launch session is limited to, once known. */
  readonly patient?: string | undefined;
  /** Ids of the PractitionerRoles that the EHR's user has by the mapping: one of them is chosen. */
  readonly mappedRoles?: readonly string[] | undefined;
  /** When the person last showed who they are, as an instant. */
  readonly authenticated?: string | undefined;
  /** What was shown beside the password. */
  readonly factor?: ShownFactor | undefined;
  /** The browser in its own words, for the person's list of sessions. */
  readonly agent?: string | undefined;
}

/** `issuer`: an external issuer has vouched for the person, at the level that it is configured to. */
export type ShownFactor = 'none' | 'sms' | 'totp' | 'passkey' | 'recovery' | 'issuer';

/** A session as its owner sees it in a list. */
export interface ListedSession {
  readonly id: string;
  readonly kind: SessionKind;
  readonly started: string;
  readonly lastUsed: string;
  readonly agent: string | undefined;
}

/** `launch`: opened by an EHR for one patient, not by a password. */
export type SessionKind = 'staff' | 'launch';

export interface StoredSession extends Omit<SessionFacts, 'account'> {
  /** Hash of the token: names the session in the audit trail. */
  readonly id: string;
  readonly kind: SessionKind;
  readonly account: Account;
}

export interface Sessions {
  /** Open a session; returns the token for the cookie. */
  open(kind: SessionKind, facts: SessionFacts): Promise<string>;
  /** The live session of a token, or undefined. */
  read(token: string): Promise<StoredSession | undefined>;
  /** Add facts under a new token (a change of privilege); the old token is dead. Undefined when there was no session. */
  rotate(token: string, facts: Partial<SessionFacts>): Promise<string | undefined>;
  /** Limit a launch session to a patient of the registry; once set it stays. */
  bindPatient(token: string, patient: string): Promise<void>;
  end(token: string): Promise<void>;
  /** The live sessions of an account, newest first. */
  list(username: string): Promise<readonly ListedSession[]>;
  /** End one session of an account by its id; false when it has none such. */
  endOne(username: string, id: string): Promise<boolean>;
  /** End every session of an account, and every login under way; but one session, where its id is given. */
  endAll(username: string, options?: { readonly except?: string; readonly on?: SqlClient }): Promise<void>;
  /** Delete what has ended. For a job. */
  sweep(): Promise<void>;
}

/** Instants in the payload: `endsAt` is the absolute end; `expires_at` of the row the earlier of that and idleness. */
interface Payload extends SessionFacts {
  readonly endsAt: string;
}

export function sessions(db: SqlClient, clock: Clock): Sessions {
  const expiry = (endsAt: string): Date =>
    new Date(Math.min(clock.now().getTime() + IDLE_MINUTES * 60_000, Date.parse(endsAt)));

  /** Push the idle end forward, once a minute at most. */
  const touch = async (id: string, endsAt: string, expiresAt: number): Promise<void> => {
    const next = expiry(endsAt);
    if (next.getTime() - expiresAt > TOUCH_MS) {
      await db.query('update session set expires_at = $2 where id_hash = $1', [id, next]);
    }
  };

  return {
    async open(kind, facts) {
      const token = newToken();
      const endsAt = new Date(clock.now().getTime() + ABSOLUTE_HOURS * 3_600_000).toISOString();
      await db.query(
        'insert into session (id_hash, kind, payload, expires_at) values ($1, $2, $3::jsonb, $4)',
        [idOf(token), kind, JSON.stringify({ ...facts, endsAt } satisfies Payload), expiry(endsAt)],
      );
      return token;
    },
    async read(token) {
      const id = idOf(token);
      const { rows } = await db.query(
        `select kind, payload, extract(epoch from expires_at)::float8 * 1000 as expires_ms
           from session
          where id_hash = $1
            and kind in ('staff', 'launch')
            and expires_at > $2`,
        [id, clock.now()],
      );
      const [row] = rows;
      if (row === undefined) {
        return undefined;
      }
      const { endsAt, account: username, ...facts } = row.payload as Payload;
      const account = await findAccount(db, username);
      if (account === undefined) {
        return undefined;
      }
      await touch(id, endsAt, row.expires_ms as number);
      return { ...facts, id, kind: row.kind as SessionKind, account };
    },
    async rotate(token, facts) {
      const next = newToken();
      const { rowCount } = await db.query(
        `update session
            set id_hash = $2, payload = payload || $3::jsonb
          where id_hash = $1
            and expires_at > $4`,
        [idOf(token), idOf(next), JSON.stringify(facts), clock.now()],
      );
      return rowCount === 1 ? next : undefined;
    },
    async bindPatient(token, patient) {
      await db.query(
        `update session
            set payload = payload || $2::jsonb
          where id_hash = $1
            and payload ->> 'patient' is null`,
        [idOf(token), JSON.stringify({ patient })],
      );
    },
    async end(token) {
      await db.query('delete from session where id_hash = $1', [idOf(token)]);
    },
    async list(username) {
      const { rows } = await db.query(
        `select id_hash, kind, payload, expires_at
           from session
          where payload ->> 'account' = $1
            and kind in ('staff', 'launch')
            and expires_at > $2
          order by payload ->> 'endsAt' desc`,
        [username, clock.now()],
      );
      return rows.map((row) => toListed(row.id_hash as string, row));
    },
    async endOne(username, id) {
      const { rowCount } = await db.query(
        `delete from session where payload ->> 'account' = $1 and id_hash = $2`,
        [username, id],
      );
      return rowCount === 1;
    },
    async endAll(username, { except, on = db } = {}) {
      await on.query(`delete from session where payload ->> 'account' = $1 and id_hash is distinct from $2`, [
        username,
        except ?? null,
      ]);
    },
    async sweep() {
      await db.query('delete from session where expires_at <= $1', [clock.now()]);
    },
  };
}

function toListed(id: string, row: Readonly<Record<string, unknown>>): ListedSession {
  const { endsAt, agent } = row.payload as Payload;
  const instant = (value: unknown, minusMs: number): string =>
    new Date(new Date(value as string).getTime() - minusMs).toISOString();
  return {
    id,
    kind: row.kind as SessionKind,
    started: instant(endsAt, ABSOLUTE_HOURS * 3_600_000),
    lastUsed: instant(row.expires_at, IDLE_MINUTES * 60_000),
    agent,
  };
}

const newToken = (): string => randomBytes(32).toString('base64url');
const idOf = (token: string): string => hash('sha256', token, 'base64url');
