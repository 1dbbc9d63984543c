/**
 * Access tokens that are out, table `issued_token`. The tokens themselves are signed and need no look-up; the rows are for
 * revocation, introspection, and for ending all of a person or a client.
 */
import type { Clock } from '../fhir/id.ts';
import type { SqlClient } from './ports.ts';

export interface IssuedToken {
  readonly jti: string;
  readonly clientId: string;
  /** Account.username; undefined when the client acts for itself. */
  readonly account: string | undefined;
  readonly grantId: string | undefined;
  readonly scope: string;
  /** What stood beside the token in the answer: `patient`, `fhirUser`. */
  readonly answer: Readonly<Record<string, unknown>>;
  /** Seconds since 1970. */
  readonly exp: number;
}

/** Note a token, before it is handed out. False when the grant that it stands on is gone. */
export async function recordToken(db: SqlClient, token: IssuedToken): Promise<boolean> {
  const { rowCount } = await db.query(
    `with g as (select id from app_grant where id = $4 for share)
     insert into issued_token (jti, client_id, account, grant_id, scope, answer, expires_at)
     select $1, $2, $3, $4, $5, $6::jsonb, to_timestamp($7)
      where $4::text is null or exists (select 1 from g)`,
    [
      token.jti,
      token.clientId,
      token.account ?? null,
      token.grantId ?? null,
      token.scope,
      JSON.stringify(token.answer),
      token.exp,
    ],
  );
  if (rowCount === 1 && token.grantId !== undefined) {
    await db.query('update app_grant set last_used = now() where id = $1', [token.grantId]);
  }
  return rowCount === 1;
}

/** The token, while it lives and is not revoked. */
export async function findToken(db: SqlClient, jti: string): Promise<IssuedToken | undefined> {
  const { rows } = await db.query(
    `select jti, client_id, account, grant_id, scope, answer, extract(epoch from expires_at)::float8 as exp
       from issued_token
      where jti = $1
        and revoked_at is null
        and expires_at > now()`,
    [jti],
  );
  const [row] = rows;
  return row === undefined
    ? undefined
    : {
        jti: row.jti as string,
        clientId: row.client_id as string,
        account: (row.account ?? undefined) as string | undefined,
        grantId: (row.grant_id ?? undefined) as string | undefined,
        scope: row.scope as string,
        answer: row.answer as Record<string, unknown>,
        exp: Math.floor(row.exp as number),
      };
}

/** Revoke a client's own token; another's is left alone. */
export async function revokeToken(db: SqlClient, jti: string, clientId: string): Promise<void> {
  await db.query(
    `update issued_token
        set revoked_at = now()
      where jti = $1
        and client_id = $2
        and revoked_at is null`,
    [jti, clientId],
  );
}

/** Access tokens that must not be accepted any more. */
export interface DenyList {
  has(jti: string): Promise<boolean>;
  /** Read again at the next question: for the process that has revoked something itself. */
  forget(): void;
}

/** How long a revocation by another process may go unseen. */
const SEEN_WITHIN_MS = 1000;

/** The deny-list, read at most once a second whatever the load. A list that cannot be read lets nobody in: it throws. */
export function denyList(db: SqlClient, clock: Clock): DenyList {
  let denied: Promise<ReadonlySet<string>> | undefined;
  let readAt = 0;

  const read = async (): Promise<ReadonlySet<string>> => {
    const { rows } = await db.query(
      'select jti from issued_token where revoked_at is not null and expires_at > now()',
    );
    return new Set(rows.map(({ jti }) => jti as string));
  };
  return {
    async has(jti) {
      const now = clock.now().getTime();
      if (denied === undefined || Math.abs(now - readAt) > SEEN_WITHIN_MS) {
        readAt = now;
        denied = read();
        denied.catch(() => (denied = undefined));
      }
      return (await denied).has(jti);
    },
    forget() {
      denied = undefined;
    },
  };
}

/** Delete what has ended by itself. For a job. */
export async function sweepTokens(db: SqlClient): Promise<void> {
  await db.query('delete from issued_token where expires_at <= now()');
  await db.query('delete from app_grant where expires_at <= now()');
  await db.query('delete from used_proof where expires_at <= now()');
}
