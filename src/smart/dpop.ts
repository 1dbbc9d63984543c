/**
 * Proof of possession at the resource server: https://www.rfc-editor.org/rfc/rfc9449 section 4.3
 * The same check for our own tokens and for those of an external issuer: both bind a token to a key by `cnf.jkt`.
 */
import { hash } from 'node:crypto';
import { calculateJwkThumbprint, decodeProtectedHeader, importJWK, jwtVerify, type JWK } from 'jose';
import type { Clock } from '../fhir/id.ts';
import { isCompactJws } from './compact-jws.ts';
import type { SqlClient } from './ports.ts';

/** Asymmetric algorithms that a proof may be signed with. */
export const PROOF_ALGORITHMS = ['ES256', 'ES384', 'ES512', 'PS256', 'PS384', 'RS256', 'RS384'] as const;

/** A request with a token that is bound to a key. */
export interface ProvenRequest {
  readonly method: string;
  /** Absolute address as the client wrote it; query and fragment do not count. */
  readonly url: string;
  /** The header `DPoP`, exactly as received. */
  readonly proof: string | readonly string[] | undefined;
  readonly accessToken: string;
  /** `cnf.jkt` of the access token. */
  readonly jkt: string;
}

/** Proofs that were used, shared by all processes. */
export interface UsedProofs {
  /** True for the first who brings this key before it expires, false for everyone after. One atomic step. */
  claim(key: string, expiresAt: Date): Promise<boolean>;
}

/** Undefined when the proof is good; else which check failed, for the security log. */
export type CheckProof = (request: ProvenRequest) => Promise<string | undefined>;

export interface ProofCheckOptions {
  readonly used: UsedProofs;
  readonly clock: Clock;
  /** How old a proof may be. */
  readonly maxAgeSeconds?: number;
}

const MAX_AGE_SECONDS = 60;
/** A client's clock may run this much ahead. */
const AHEAD_SECONDS = 10;
const MAX_PROOF_CHARS = 4096;

/** Build the check. */
export function proofCheck({ used, clock, maxAgeSeconds = MAX_AGE_SECONDS }: ProofCheckOptions): CheckProof {
  return async (request) => {
    const { proof } = request;
    if (typeof proof !== 'string' || proof.length > MAX_PROOF_CHARS) {
      return 'not exactly one DPoP header';
    }
    const signed = await readProof(proof);
    if (signed === undefined) {
      return 'the proof is not signed by the key in it';
    }
    const now = clock.now().getTime() / 1000;
    const failure = mismatch(signed, request) ?? wrongTime(signed.claims, now, maxAgeSeconds);
    if (failure !== undefined) {
      return failure;
    }
    const { iat, jti } = signed.claims as { readonly iat: number; readonly jti: string };
    const key = hash('sha256', `${signed.jkt}\n${jti}`, 'base64url');
    const isFirst = await used.claim(key, new Date((iat + maxAgeSeconds + AHEAD_SECONDS) * 1000));
    return isFirst ? undefined : 'the proof was used before';
  };
}

interface SignedProof {
  readonly jkt: string;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** The claims, when the signature is right for the public key that the proof itself carries. */
async function readProof(proof: string): Promise<SignedProof | undefined> {
  if (!isCompactJws(proof)) {
    return undefined;
  }
  try {
    const { jwk, alg } = decodeProtectedHeader(proof) as { readonly jwk?: JWK; readonly alg?: string };
    if (jwk === undefined || alg === undefined || 'd' in jwk || jwk.kty === 'oct') {
      return undefined;
    }
    const key = await importJWK(jwk, alg);
    const { payload } = await jwtVerify(proof, key, {
      typ: 'dpop+jwt',
      algorithms: [...PROOF_ALGORITHMS],
      // time is checked apart: a proof ends by its `iat`, whatever else it says
      currentDate: new Date((decodeIat(proof) ?? 0) * 1000),
    });
    return { jkt: await calculateJwkThumbprint(jwk, 'sha256'), claims: payload };
  } catch {
    return undefined;
  }
}

function decodeIat(proof: string): number | undefined {
  const [, payload = ''] = proof.split('.');
  const { iat } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { iat?: unknown };
  return typeof iat === 'number' ? iat : undefined;
}

function mismatch({ jkt, claims }: SignedProof, request: ProvenRequest): string | undefined {
  if (jkt !== request.jkt) {
    return 'the proof is by another key than the token is bound to';
  }
  if (claims.htm !== request.method) {
    return 'the proof is for another method';
  }
  if (addressOf(claims.htu) === undefined || addressOf(claims.htu) !== addressOf(request.url)) {
    return 'the proof is for another address';
  }
  if (claims.ath !== hash('sha256', request.accessToken, 'base64url')) {
    return 'the proof is for another token';
  }
  return typeof claims.jti === 'string' && claims.jti !== '' ? undefined : 'the proof has no jti';
}

function wrongTime(
  { iat }: Readonly<Record<string, unknown>>,
  now: number,
  maxAge: number,
): string | undefined {
  const isInTime = typeof iat === 'number' && iat <= now + AHEAD_SECONDS && iat >= now - maxAge;
  return isInTime ? undefined : 'the proof is too old, or from the future';
}

/** Without query and fragment, as RFC 9449 compares; undefined for what is no address. */
function addressOf(url: unknown): string | undefined {
  const parsed = typeof url === 'string' ? URL.parse(url) : null;
  return parsed === null ? undefined : `${parsed.origin}${parsed.pathname}`;
}

/** Used proofs in table `used_proof`: whoever inserts the row first has used it. */
export function usedProofs(db: SqlClient): UsedProofs {
  return {
    async claim(key, expiresAt) {
      const { rowCount } = await db.query(
        `insert into used_proof (key, expires_at)
         values ($1, $2)
         on conflict (key) do nothing`,
        [key, expiresAt],
      );
      return rowCount === 1;
    },
  };
}
