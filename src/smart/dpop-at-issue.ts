/**
 * A proof of possession at the token endpoint is good for one token: https://www.rfc-editor.org/rfc/rfc9449 section 5
 * The library has checked the proof by the time a token is made; that it is used once is checked here, in one step.
 */
import { hash } from 'node:crypto';
import { decodeJwt } from 'jose';
import { errors, type KoaContextWithOIDC } from 'oidc-provider';
import type { UsedProofs } from './dpop.ts';

/** Longer than the library takes a proof for, on either side of now. */
const KEPT_SECONDS = 900;

/** Throws `invalid_dpop_proof` when the request's proof has brought a token before. */
export async function claimProof(ctx: KoaContextWithOIDC, used: UsedProofs): Promise<void> {
  const proof = ctx.get('DPoP');
  if (proof === '') {
    return;
  }
  const { jti = '' } = decodeJwt(proof);
  const key = hash('sha256', `${ctx.oidc.client?.clientId ?? ''}\ntoken\n${jti}`, 'base64url');
  if (!(await used.claim(key, new Date(Date.now() + KEPT_SECONDS * 1000)))) {
    throw new errors.InvalidDpopProof('the proof was used before');
  }
}
