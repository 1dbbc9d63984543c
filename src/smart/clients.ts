/**
 * Registered OAuth clients, table `oauth_client`: who a token speaks for and what it may ask for.
 */
import type { JWK } from 'jose';
import { RESEARCH } from '../access/principal.ts';
import type { SqlClient } from './ports.ts';

/** Our own member of the provider's client metadata: the scopes that the client may be granted. */
export const POLICY_METADATA = 'ryggrad_scopes';
/**
 * The minute that a client's keys were last read from their address. The library keeps keys with the client, and goes on using
 * those that are there, also when the client has taken one away; with another minute it is another client to it (BS-03).
 */
export const KEYS_MINUTE_METADATA = 'ryggrad_keys_minute';

export interface OAuthClient {
  readonly id: string;
  readonly name: string;
  /** `app`: a third party's app that people give access to; the others act for themselves. */
  readonly kind: 'ehr' | 'analytics' | 'staff' | 'app';
  /** SMART v2 scopes that it may be granted; of an app also `offline_access`. */
  readonly scopes: readonly string[];
  /** Organization ids that it speaks for; a `staff` client without any acts nationally, as SC, else as LC of them. */
  readonly units: readonly string[];
  readonly registers: readonly string[];
  /** Public keys, or the https URL of them; exactly one of the two. */
  readonly jwks: { readonly keys: readonly JWK[] } | undefined;
  readonly jwksUri: string | undefined;
  /** Where an app is sent back to, exactly; their origins may call the API from a browser. */
  readonly redirectUris?: readonly string[];
  /** In a browser or on a phone: an app that keeps no key and has none registered. */
  readonly isPublic?: boolean;
  /** Its tokens must be bound to a key (RFC 9449). */
  readonly requiresDpop?: boolean;
  /** It must push its authorisation requests (RFC 9126). */
  readonly requiresPar?: boolean;
  /** Of `analytics`: what it reads is for research. */
  readonly purpose?: typeof RESEARCH;
}

const COLUMNS =
  'client_id, name, kind, scopes, units, registers, jwks, jwks_uri, redirect_uris, is_public, requires_dpop, requires_par, purpose';

/** The client with that id, or undefined. */
export async function findClient(db: SqlClient, id: string): Promise<OAuthClient | undefined> {
  const { rows } = await db.query(
    `select ${COLUMNS}
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
    `insert into oauth_client (${COLUMNS})
     values ($1, $2, $3, $4, $5, $6, $7::jsonb, $8, $9, $10, $11, $12, $13)
     on conflict (client_id) do update
        set name = excluded.name, kind = excluded.kind, scopes = excluded.scopes, units = excluded.units,
            registers = excluded.registers, jwks = excluded.jwks, jwks_uri = excluded.jwks_uri,
            redirect_uris = excluded.redirect_uris, is_public = excluded.is_public,
            requires_dpop = excluded.requires_dpop, requires_par = excluded.requires_par,
            purpose = excluded.purpose`,
    [
      client.id,
      client.name,
      client.kind,
      client.scopes,
      client.units,
      client.registers,
      client.jwks === undefined ? null : JSON.stringify(client.jwks),
      client.jwksUri ?? null,
      client.redirectUris ?? [],
      client.isPublic ?? false,
      client.requiresDpop ?? false,
      client.requiresPar ?? false,
      client.purpose ?? null,
    ],
  );
}

/** Every client, by its id. */
export async function listClients(db: SqlClient): Promise<readonly OAuthClient[]> {
  const { rows } = await db.query(`select ${COLUMNS} from oauth_client order by client_id`);
  return rows.map(toClient);
}

/** Take a client's registration away; its tokens end within a minute. False when there is none of that id. */
export async function removeClient(db: SqlClient, id: string): Promise<boolean> {
  const { rowCount } = await db.query('delete from oauth_client where client_id = $1', [id]);
  return rowCount === 1;
}

/** Origins whose pages may call us, by client: those that apps are sent back to. */
export async function clientOrigins(db: SqlClient): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const { rows } = await db.query("select client_id, redirect_uris from oauth_client where kind = 'app'");
  return new Map(rows.map((row) => [row.client_id as string, originsOf(row.redirect_uris as string[])]));
}

/** The web origins of addresses; an app of a phone, with a scheme of its own, has none. */
export const originsOf = (addresses: readonly string[]): ReadonlySet<string> =>
  new Set(addresses.map((address) => new URL(address).origin).filter((origin) => /^https?:/.test(origin)));

/** The client as `oidc-provider` wants it at this moment. Its own `scope` member is not used: it knows static scopes only. */
export function toMetadata(client: OAuthClient, now: Date): Record<string, unknown> {
  return {
    client_id: client.id,
    client_name: client.name,
    ...(client.kind === 'app' ? appMetadata(client) : systemMetadata),
    dpop_bound_access_tokens: client.requiresDpop === true,
    [POLICY_METADATA]: client.scopes,
    ...(client.jwksUri !== undefined && {
      jwks_uri: client.jwksUri,
      [KEYS_MINUTE_METADATA]: Math.floor(now.getTime() / 60_000),
    }),
    ...(client.jwks !== undefined && { jwks: client.jwks }),
  };
}

const systemMetadata = {
  token_endpoint_auth_method: 'private_key_jwt',
  grant_types: ['client_credentials'],
  response_types: [],
  redirect_uris: [],
};

const appMetadata = ({ isPublic, redirectUris = [], requiresPar }: OAuthClient) => ({
  token_endpoint_auth_method: isPublic === true ? 'none' : 'private_key_jwt',
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  redirect_uris: redirectUris,
  application_type: redirectUris.some((address) => !/^https?:/.test(address)) ? 'native' : 'web',
  id_token_signed_response_alg: 'RS256',
  require_pushed_authorization_requests: requiresPar === true,
});

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
    redirectUris: row.redirect_uris as string[],
    isPublic: row.is_public as boolean,
    requiresDpop: row.requires_dpop as boolean,
    requiresPar: row.requires_par as boolean,
    ...(row.purpose === RESEARCH && { purpose: RESEARCH }),
  };
}
