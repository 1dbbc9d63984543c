/**
 * Registered OAuth clients, table `oauth_client`: who a token speaks for and what it may ask for.
 */
import type { JWK } from 'jose';
import type { SqlClient } from './ports.ts';

/** Our own member of the provider's client metadata: the scopes that the client may be granted. */
export const POLICY_METADATA = 'ryggrad_scopes';

export interface OAuthClient {
  readonly id: string;
  readonly name: string;
  readonly kind: 'ehr' | 'analytics' | 'staff';
  /** SMART v2 scopes that it may be granted. */
  readonly scopes: readonly string[];
  /** Organization ids that it speaks for; a `staff` client without any acts nationally, as SC, else as LC of them. */
  readonly units: readonly string[];
  readonly registers: readonly string[];
  /** Public keys, or the https URL of them; exactly one of the two. */
  readonly jwks: { readonly keys: readonly JWK[] } | undefined;
  readonly jwksUri: string | undefined;
}

/** The client with that id, or undefined. */
export async function findClient(db: SqlClient, id: string): Promise<OAuthClient | undefined> {
  const { rows } = await db.query(
    `select client_id, name, kind, scopes, units, registers, jwks, jwks_uri
       from oauth_client
      where client_id = $1`,
    [id],
  );
  const [row] = rows;
  return row === undefined ? undefined : toClient(row);
}

/** Register a client, or replace what is registered under its id. */
export async function saveClient(db: SqlClient, client: OAuthClient): Promise<void> {
  await db.query(
    `insert into oauth_client (client_id, name, kind, scopes, units, registers, jwks, jwks_uri)
     values ($1, $2, $3, $4, $5, $6, $7::jsonb, $8)
     on conflict (client_id) do update
        set name = excluded.name, kind = excluded.kind, scopes = excluded.scopes, units = excluded.units,
            registers = excluded.registers, jwks = excluded.jwks, jwks_uri = excluded.jwks_uri`,
    [
      client.id,
      client.name,
      client.kind,
      client.scopes,
      client.units,
      client.registers,
      client.jwks === undefined ? null : JSON.stringify(client.jwks),
      client.jwksUri ?? null,
    ],
  );
}

/** Take a client's registration away; its tokens end within a minute. */
export async function removeClient(db: SqlClient, id: string): Promise<void> {
  await db.query('delete from oauth_client where client_id = $1', [id]);
}

/** The client as `oidc-provider` wants it. Its own `scope` member is not used: it knows static scopes only. */
export function toMetadata(client: OAuthClient): Record<string, unknown> {
  return {
    client_id: client.id,
    client_name: client.name,
    token_endpoint_auth_method: 'private_key_jwt',
    grant_types: ['client_credentials'],
    response_types: [],
    redirect_uris: [],
    [POLICY_METADATA]: client.scopes,
    ...(client.jwksUri === undefined ? { jwks: client.jwks } : { jwks_uri: client.jwksUri }),
  };
}

function toClient(row: Readonly<Record<string, unknown>>): OAuthClient {
  return {
    id: row.client_id as string,
    name: row.name as string,
    kind: row.kind as OAuthClient['kind'],
    scopes: row.scopes as string[],
    units: row.units as string[],
    registers: row.registers as string[],
    jwks: (row.jwks ?? undefined) as OAuthClient['jwks'],
    jwksUri: (row.jwks_uri ?? undefined) as string | undefined,
  };
}
