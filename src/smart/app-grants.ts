/**
 * What people have given apps, table `app_grant`: one row for each consent. A token of an app is worth nothing without its
 * row, so that withdrawing takes effect at the next request.
 */
import type { SqlClient } from './ports.ts';

export interface AppGrant {
  readonly id: string;
  /** Account.username of the person who gave it. */
  readonly account: string;
  readonly clientId: string;
  /** PractitionerRole id that the person acted in. */
  readonly practitionerRole: string;
  /** Patient id that was chosen with it. */
  readonly patient: string | undefined;
  /** All scopes that were given, also `openid` and the like. */
  readonly scopes: readonly string[];
}

/** A grant as its giver sees it. */
export interface ListedGrant extends AppGrant {
  readonly clientName: string;
  readonly created: Date;
  readonly lastUsed: Date;
  readonly expiresAt: Date;
}

const COLUMNS = 'g.id, g.account, g.client_id, g.practitioner_role, g.patient, g.scopes';

export async function saveGrant(db: SqlClient, grant: AppGrant, expiresAt: Date): Promise<void> {
  await db.query(
    `insert into app_grant (id, account, client_id, practitioner_role, patient, scopes, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [
      grant.id,
      grant.account,
      grant.clientId,
      grant.practitionerRole,
      grant.patient ?? null,
      grant.scopes,
      expiresAt,
    ],
  );
}

/** The grant, while it stands. */
export async function findGrant(db: SqlClient, id: string): Promise<AppGrant | undefined> {
  const { rows } = await db.query(
    `select ${COLUMNS}
       from app_grant g
      where g.id = $1
        and g.expires_at > now()`,
    [id],
  );
  return rows[0] === undefined ? undefined : toGrant(rows[0]);
}

/** What a person has given and not withdrawn, the newest first. */
export async function grantsOf(db: SqlClient, account: string): Promise<readonly ListedGrant[]> {
  const { rows } = await db.query(
    `select ${COLUMNS}, c.name, g.created, g.last_used, g.expires_at
       from app_grant g
       join oauth_client c on c.client_id = g.client_id
      where g.account = $1
        and g.expires_at > now()
      order by g.created desc`,
    [account],
  );
  return rows.map((row) => ({
    ...toGrant(row),
    clientName: row.name as string,
    created: new Date(row.created as string),
    lastUsed: new Date(row.last_used as string),
    expiresAt: new Date(row.expires_at as string),
  }));
}

/** End a grant with everything that was issued on it: codes, refresh tokens, access tokens. */
export async function revokeGrant(db: SqlClient, id: string): Promise<void> {
  await db.query(
    `with gone as (delete from app_grant where id = $1),
          rest as (delete from oidc where grant_id = $1 or (model = 'Grant' and id = $1))
     update issued_token
        set revoked_at = now()
      where grant_id = $1
        and revoked_at is null`,
    [id],
  );
}

/** End a person's own grant. False when there is none of that id. */
export async function withdrawGrant(db: SqlClient, account: string, id: string): Promise<boolean> {
  const { rows } = await db.query('select 1 from app_grant where id = $1 and account = $2', [id, account]);
  if (rows.length === 0) {
    return false;
  }
  await revokeGrant(db, id);
  return true;
}

/** End everything that a person has given to any app: for a closed account, and for «log out everywhere». */
export async function revokeAllOf(db: SqlClient, account: string): Promise<void> {
  const { rows } = await db.query('select id from app_grant where account = $1', [account]);
  for (const { id } of rows) {
    await revokeGrant(db, id as string);
  }
}

const toGrant = (row: Readonly<Record<string, unknown>>): AppGrant => ({
  id: row.id as string,
  account: row.account as string,
  clientId: row.client_id as string,
  practitionerRole: row.practitioner_role as string,
  patient: (row.patient ?? undefined) as string | undefined,
  scopes: row.scopes as string[],
});
