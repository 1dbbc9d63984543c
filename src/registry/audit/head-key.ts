/**
 * The key that heads of the audit trail are signed with: ES256, in the server's key store (table `signing_key`), made once
 * by whichever process needs it first and never renewed, so that every head that was ever published can be checked.
 */
import { CompactSign, compactVerify, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';
import type { Queryable } from '../../storage/db.ts';

/** Signs what is published, and knows its own signature. */
export interface HeadKey {
  sign(claims: object): Promise<string>;
  /** The claims; undefined when the text is not signed by this key. */
  read(jws: string): Promise<unknown>;
}

const ALG = 'ES256';
const KID = 'audit-head-1';

/** The server's key; processes that start together end up with the same one. */
export async function loadHeadKey(db: Queryable): Promise<HeadKey> {
  return keyOf((await readKey(db)) ?? (await createKey(db)));
}

function keyOf(jwk: JWK): HeadKey {
  const { d: _private, ...rest } = jwk;
  return {
    async sign(claims) {
      return new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
        .setProtectedHeader({ alg: ALG, kid: KID })
        .sign(await importJWK(jwk, ALG));
    },
    async read(jws) {
      try {
        const { payload } = await compactVerify(jws, await importJWK(rest, ALG));
        return JSON.parse(new TextDecoder().decode(payload)) as unknown;
      } catch {
        return undefined;
      }
    },
  };
}

async function createKey(db: Queryable): Promise<JWK> {
  const { privateKey } = await generateKeyPair(ALG, { extractable: true });
  const jwk = { ...(await exportJWK(privateKey)), kid: KID, alg: ALG, use: 'sig' };
  await db.query({
    text: `insert into signing_key (kid, use, private_jwk)
      values ($1, 'auditHead', $2::jsonb)
      on conflict (kid) do nothing`,
    values: [KID, JSON.stringify(jwk)],
  });
  return (await readKey(db)) ?? jwk;
}

async function readKey(db: Queryable): Promise<JWK | undefined> {
  const [row] = await db.query<{ jwk: JWK }>({
    text: 'select private_jwk as jwk from signing_key where kid = $1',
    values: [KID],
  });
  return row?.jwk;
}
