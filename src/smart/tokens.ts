/**
 * Access tokens at the resource server (SM-16): https://www.rfc-editor.org/rfc/rfc9068
 */
import { hash } from 'node:crypto';
import { createLocalJWKSet, jwtVerify, type JWK } from 'jose';
import type { Clock } from '../fhir/id.ts';

/** What we read from a token that has passed every check. */
export interface AccessToken {
  readonly jti: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  /** Seconds since 1970. */
  readonly exp: number;
}

export interface TokenVerifierOptions {
  readonly issuer: string;
  readonly audience: string;
  readonly publicKeys: readonly JWK[];
  readonly clock: Clock;
}

export type VerifyToken = (token: string) => Promise<AccessToken | undefined>;

const CACHE_SECONDS = 60;
const CACHE_ENTRIES = 10_000;

interface Cached {
  readonly token: AccessToken;
  readonly until: number;
}

/**
 * A verifier: signature, `typ`, `iss`, `aud`, `exp`, `nbf`; undefined for a token that fails any of them. A good one is
 * remembered by its hash for at most a minute, never beyond its end.
 */
export function tokenVerifier({ issuer, audience, publicKeys, clock }: TokenVerifierOptions): VerifyToken {
  const keys = createLocalJWKSet({ keys: [...publicKeys] });
  const cache = new Map<string, Cached>();

  return async (token) => {
    const now = clock.now().getTime() / 1000;
    const key = hash('sha256', token, 'base64url');
    const cached = cache.get(key);
    if (cached !== undefined && cached.until > now) {
      return cached.token;
    }
    cache.delete(key);
    const verified = await verify(token);
    if (verified !== undefined) {
      makeRoom(cache, now);
      cache.set(key, { token: verified, until: Math.min(verified.exp, now + CACHE_SECONDS) });
    }
    return verified;
  };

  async function verify(token: string): Promise<AccessToken | undefined> {
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer,
        audience,
        typ: 'at+jwt',
        algorithms: ['ES256'],
        requiredClaims: ['exp', 'jti', 'client_id'],
        currentDate: clock.now(),
      });
      return {
        jti: payload.jti as string,
        clientId: String(payload.client_id),
        scopes: typeof payload.scope === 'string' ? payload.scope.split(' ') : [],
        exp: payload.exp as number,
      };
    } catch {
      return undefined;
    }
  }
}

/** Expired entries first, then the oldest. */
function makeRoom(cache: Map<string, Cached>, now: number): void {
  if (cache.size < CACHE_ENTRIES) {
    return;
  }
  for (const [key, { until }] of cache) {
    if (until <= now) {
      cache.delete(key);
    }
  }
  const [oldest] = cache.keys();
  if (cache.size >= CACHE_ENTRIES && oldest !== undefined) {
    cache.delete(oldest);
  }
}
