/**
 * Access tokens at the resource server (SM-16): https://www.rfc-editor.org/rfc/rfc9068
 */
import { hash } from 'node:crypto';
import { createLocalJWKSet, jwtVerify } from 'jose';
import type { Clock } from '../fhir/id.ts';
import { isCompactJws } from './compact-jws.ts';
import { type KeyRing, publicJwk, type SigningKeys } from './signing-keys.ts';

/** What we read from a token that has passed every check. */
export interface AccessToken {
  readonly jti: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  /** Who it speaks for: the client itself, or the account that has given it access. */
  readonly subject: string;
  /** The person's grant that it stands on. */
  readonly grant: string | undefined;
  /** Thumbprint of the key that it is bound to. */
  readonly jkt: string | undefined;
  /** Seconds since 1970. */
  readonly exp: number;
}

export interface TokenVerifierOptions {
  readonly issuer: string;
  readonly audience: string;
  /** The keys that sign or have signed, as they are now. */
  readonly keys: Pick<KeyRing, 'current'>;
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
export function tokenVerifier({ issuer, audience, keys: ring, clock }: TokenVerifierOptions): VerifyToken {
  let known: SigningKeys | undefined;
  let keys = createLocalJWKSet({ keys: [] });
  const cache = new Map<string, Cached>();
  const currentKeys = (): typeof keys => {
    const now = ring.current();
    if (now !== known) {
      known = now;
      keys = createLocalJWKSet({ keys: now.accessTokens.map(publicJwk) });
      cache.clear(); // what a key has signed that is gone
    }
    return keys;
  };

  return async (token) => {
    const now = clock.now().getTime() / 1000;
    const jwks = currentKeys();
    const key = hash('sha256', token, 'base64url');
    const cached = cache.get(key);
    if (cached !== undefined && cached.until > now) {
      return cached.token;
    }
    cache.delete(key);
    const verified = await verify(token, jwks);
    if (verified !== undefined) {
      makeRoom(cache, now);
      cache.set(key, { token: verified, until: Math.min(verified.exp, now + CACHE_SECONDS) });
    }
    return verified;
  };

  async function verify(token: string, jwks: typeof keys): Promise<AccessToken | undefined> {
    if (!isCompactJws(token)) {
      return undefined;
    }
    try {
      const { payload } = await jwtVerify(token, jwks, {
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
        subject: String(payload.sub),
        grant: typeof payload.grant === 'string' ? payload.grant : undefined,
        jkt: (payload.cnf as { readonly jkt?: string } | undefined)?.jkt,
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
