/** An independent app: authorisation code with PKCE by hand, cookies and redirects as a browser keeps and follows them. */
import { createHash, randomBytes } from 'node:crypto';
import type { OAuthClient } from '../../../src/smart/clients.ts';
import type { TokenAnswer } from './client-assertions.ts';
import { proofFor, type ProofKey } from './dpop-proofs.ts';
import type { SmartServer } from './smart-server.ts';

export const CALLBACK = 'http://127.0.0.1:9/callback';
export const APP = 'app-1';
export const SCOPE = 'openid fhirUser launch/patient patient/Observation.rs user/Practitioner.rs';

/** Register a public app; the registration can be told otherwise. */
export const registerApp = (server: SmartServer, changes: Partial<OAuthClient> = {}): Promise<void> =>
  server.register({
    id: APP,
    kind: 'app',
    name: 'Kurveappen',
    scopes: ['patient/*.rs', 'user/*.rs', 'offline_access'],
    units: [],
    registers: [],
    jwks: undefined,
    jwksUri: undefined,
    redirectUris: [CALLBACK],
    isPublic: true,
    ...changes,
  });

/** Somebody to log in. */
export async function addPerson(server: SmartServer, username = 'lu-ane'): Promise<void> {
  await server.database.db.pool.query(
    `insert into account (username, password_hash, name, practitioner_role_ids)
     values ($1, 'none', 'Ane Lund', '{role-lu}')`,
    [username],
  );
}

export type Fields = Record<string, string | undefined>;

export interface Authorized {
  /** Where the browser ended: the app's callback, or a page of the server. */
  readonly url: URL;
  readonly status: number;
  readonly verifier: string;
}

/** Ask at the authorisation endpoint and follow the browser to its end. A field set to undefined is left out. */
export async function authorize(
  { url }: SmartServer,
  changes: Fields = {},
  method: 'GET' | 'POST' = 'GET',
): Promise<Authorized> {
  const verifier = randomBytes(32).toString('base64url');
  const fields = clean({
    response_type: 'code',
    client_id: APP,
    redirect_uri: CALLBACK,
    scope: SCOPE,
    state: 'a state',
    aud: `${url}/fhir`,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...changes,
  });
  const first =
    method === 'GET'
      ? await fetch(`${url}/auth/auth?${new URLSearchParams(fields)}`, { redirect: 'manual' })
      : await fetch(`${url}/auth/auth`, { method, body: new URLSearchParams(fields), redirect: 'manual' });
  return { ...(await follow(first)), verifier };
}

/** Redirects, with cookies by name and path, until the browser leaves the server or stands still. */
async function follow(first: Response): Promise<{ url: URL; status: number }> {
  const cookies = new Map<string, string>();
  let response = first;
  let here = new URL(first.url);
  for (let steps = 0; steps < 10; steps++) {
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    const location = response.headers.get('location');
    if (location === null) {
      return { url: here, status: response.status };
    }
    here = new URL(location, here);
    if (here.href.startsWith(CALLBACK)) {
      return { url: here, status: response.status };
    }
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    response = await fetch(here, { redirect: 'manual', headers: { cookie } });
  }
  throw new Error(`The browser was sent in a circle, to ${here.href}`);
}

export async function post(
  server: SmartServer,
  path: string,
  fields: Fields,
  headers: Record<string, string> = {},
): Promise<TokenAnswer> {
  const response = await fetch(`${server.url}${path}`, {
    method: 'POST',
    body: new URLSearchParams(clean(fields)),
    headers,
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
  };
}

/** Code → token. */
export async function exchange(
  server: SmartServer,
  { url, verifier }: Pick<Authorized, 'url' | 'verifier'>,
  changes: Fields = {},
  key?: ProofKey,
): Promise<TokenAnswer> {
  const endpoint = `${server.url}/auth/token`;
  const proof = key === undefined ? {} : { DPoP: await proofFor(key, { method: 'POST', url: endpoint }) };
  return post(
    server,
    '/auth/token',
    {
      grant_type: 'authorization_code',
      code: url.searchParams.get('code') ?? '',
      redirect_uri: CALLBACK,
      client_id: APP,
      code_verifier: verifier,
      ...changes,
    },
    proof,
  );
}

/** A token in one call, with everything beside it. */
export async function launchApp(
  server: SmartServer,
  changes: Fields = {},
  key?: ProofKey,
): Promise<TokenAnswer> {
  return exchange(server, await authorize(server, changes), {}, key);
}

export const refresh = (server: SmartServer, token: unknown, changes: Fields = {}): Promise<TokenAnswer> =>
  post(server, '/auth/token', {
    grant_type: 'refresh_token',
    refresh_token: String(token),
    client_id: APP,
    ...changes,
  });

/** Who the resource server takes the bearer for; `undefined` = 401. */
export async function whoIs(
  server: SmartServer,
  token: unknown,
  headers: Record<string, string> = { authorization: `Bearer ${String(token)}` },
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const response = await fetch(`${server.url}/whoami`, { headers });
  const body = (await response.json()) as Record<string, unknown>;
  return response.status === 401 ? undefined : body;
}

const clean = (fields: Fields): Record<string, string> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Record<
    string,
    string
  >;
