/** An independent backend-services client: assertions made with jose, requests with fetch. */
import { randomUUID } from 'node:crypto';
import { importJWK, SignJWT, type JWK, type JWTHeaderParameters } from 'jose';

export const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

export interface AssertionChanges {
  readonly header?: Record<string, unknown>;
  readonly claims?: Record<string, unknown>;
  readonly key?: JWK;
}

/** A correct assertion, except for the changes; a member set to undefined is left out. */
export async function assertion(
  url: string,
  clientId: string,
  jwk: JWK,
  changes: AssertionChanges = {},
): Promise<string> {
  const key = changes.key ?? jwk;
  const header = clean({ alg: key.alg, kid: jwk.kid, typ: 'JWT', ...changes.header });
  const now = Math.floor(Date.now() / 1000);
  const claims = clean({
    iss: clientId,
    sub: clientId,
    aud: `${url}/auth/token`,
    exp: now + 240,
    jti: randomUUID(),
    ...changes.claims,
  });
  return new SignJWT(claims)
    .setProtectedHeader(header as unknown as JWTHeaderParameters)
    .sign(await importJWK(key, key.alg));
}

export interface TokenAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
}

/** POST to the token endpoint; a field set to undefined is left out. */
export async function postToken(
  url: string,
  fields: Record<string, string | undefined>,
): Promise<TokenAnswer> {
  const response = await fetch(`${url}/auth/token`, {
    method: 'POST',
    body: new URLSearchParams(
      clean({ grant_type: 'client_credentials', client_assertion_type: ASSERTION_TYPE, ...fields }),
    ),
  });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  };
}

/** A token in one call. */
export async function requestToken(
  url: string,
  clientId: string,
  jwk: JWK,
  scope?: string,
  changes?: AssertionChanges,
): Promise<TokenAnswer> {
  return postToken(url, { client_assertion: await assertion(url, clientId, jwk, changes), scope });
}

function clean<T>(members: Record<string, T | undefined>): Record<string, T> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Record<
    string,
    T
  >;
}
