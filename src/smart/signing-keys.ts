/**
 * Our own keys, table `signing_key`: made once by whichever process starts first, kept for good.
 * ES256 signs access tokens (63 µs to verify, ES384 takes five times that), RS256 id_tokens, ES384 our assertions as a
 * client of an EHR; the cookie secret signs the authorisation server's cookies.
 */
import { randomBytes } from 'node:crypto';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import type { SqlClient } from './ports.ts';

export interface SigningKeys {
  readonly accessToken: JWK;
  readonly idToken: JWK;
  readonly ehrClient: JWK;
  readonly cookieSecret: string;
}

type Purpose = keyof SigningKeys;

/** Row of each key; a second key of a kind would get the next number. The row's name is the key's `kid`. */
const KID: Readonly<Record<Purpose, string>> = {
  accessToken: 'access-token-1',
  idToken: 'id-token-1',
  ehrClient: 'ehr-client-1',
  cookieSecret: 'cookie-1',
};

const MAKE: Readonly<Record<Purpose, (kid: string) => Promise<JWK>>> = {
  accessToken: (kid) => makeKey('ES256', kid),
  idToken: (kid) => makeKey('RS256', kid),
  ehrClient: (kid) => makeKey('ES384', kid),
  cookieSecret: (kid) => Promise.resolve({ kty: 'oct', kid, k: randomBytes(32).toString('base64url') }),
};

/** Read the keys, and make those that are missing. Processes that start together end up with the same ones. */
export async function loadSigningKeys(db: SqlClient): Promise<SigningKeys> {
  const [accessToken, idToken, ehrClient, cookie] = await Promise.all([
    loadKey(db, 'accessToken'),
    loadKey(db, 'idToken'),
    loadKey(db, 'ehrClient'),
    loadKey(db, 'cookieSecret'),
  ]);
  return { accessToken, idToken, ehrClient, cookieSecret: cookie.k as string };
}

/** The public half, as it is published. */
export function publicJwk({ kty, crv, x, y, n, e, kid, alg, use }: JWK): JWK {
  return Object.fromEntries(
    Object.entries({ kty, crv, x, y, n, e, kid, alg, use }).filter(([, value]) => value !== undefined),
  ) as JWK;
}

async function loadKey(db: SqlClient, purpose: Purpose): Promise<JWK> {
  return (await readKey(db, purpose)) ?? (await createKey(db, purpose));
}

async function createKey(db: SqlClient, purpose: Purpose): Promise<JWK> {
  const kid = KID[purpose];
  const jwk = await MAKE[purpose](kid);
  await db.query(
    `insert into signing_key (kid, use, private_jwk)
     values ($1, $2, $3::jsonb)
     on conflict (kid) do nothing`,
    [kid, purpose, JSON.stringify(jwk)],
  );
  // another process may have been first: its key counts
  return (await readKey(db, purpose)) ?? jwk;
}

async function readKey(db: SqlClient, purpose: Purpose): Promise<JWK | undefined> {
  const { rows } = await db.query('select private_jwk from signing_key where kid = $1', [KID[purpose]]);
  return rows[0]?.private_jwk as JWK | undefined;
}

/** A new private key as JWK. */
export async function makeKey(alg: 'ES256' | 'ES384' | 'RS256' | 'RS384', kid: string): Promise<JWK> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true, modulusLength: 3072 });
  return { ...(await exportJWK(privateKey)), kid, alg, use: 'sig' };
}
