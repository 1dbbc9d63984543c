/** An independent maker of DPoP proofs (RFC 9449), with jose alone. */
import { createHash, randomUUID } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT, type JWK } from 'jose';

export interface ProofKey {
  readonly privateKey: CryptoKey;
  readonly publicJwk: JWK;
  readonly jkt: string;
  readonly alg: string;
}

export interface ProofChanges {
  readonly header?: Record<string, unknown>;
  readonly claims?: Record<string, unknown>;
}

export async function proofKey(alg = 'ES256'): Promise<ProofKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const publicJwk = await exportJWK(publicKey);
  return { privateKey, publicJwk, jkt: await calculateJwkThumbprint(publicJwk), alg };
}

/** A correct proof, except for the changes; a member set to undefined is left out. `token` when it goes to a resource. */
export function proofFor(
  { privateKey, publicJwk, alg }: ProofKey,
  { method, url, token, now = new Date() }: { method: string; url: string; token?: string; now?: Date },
  { header = {}, claims = {} }: ProofChanges = {},
): Promise<string> {
  const ath = token === undefined ? undefined : createHash('sha256').update(token).digest('base64url');
  const iat = Math.floor(now.getTime() / 1000);
  return new SignJWT(clean({ jti: randomUUID(), htm: method, htu: url, iat, ath, ...claims }))
    .setProtectedHeader({ alg, typ: 'dpop+jwt', jwk: publicJwk, ...header })
    .sign(privateKey);
}

const clean = (members: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
