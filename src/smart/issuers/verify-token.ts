/**
 * An external issuer's access token at our API: https://www.rfc-editor.org/rfc/rfc9068, and HelseID's page
 * "Validating access tokens". The proof of possession is checked apart (dpop.ts).
 */
import { decodeProtectedHeader, errors, jwtVerify } from 'jose';
import type { Clock } from '../../fhir/id.ts';
import { isCompactJws } from '../compact-jws.ts';
import type { Claims, Issuer, IssuerApi } from './issuer.ts';
import type { IssuerMetadata } from './metadata.ts';

/** A token that is not taken; the message is for the audit trail alone. */
export class TokenRefused extends Error {
  override readonly name = 'TokenRefused';
}

const LEEWAY_SECONDS = 5;
const TYPES = new Set(['at+jwt', 'application/at+jwt', 'jwt']);

/** The claims of a token that has passed every check. Throws TokenRefused. */
export async function verifyIssuerToken(
  token: string,
  { issuer: { issuer }, api, metadata, clock }: TokenCheck,
): Promise<Claims> {
  if (!isCompactJws(token)) {
    throw new TokenRefused('the token is not in its compact form');
  }
  const { payload } = await jwtVerify(token, metadata.key, {
    issuer,
    audience: api.audience,
    algorithms: [...api.algorithms],
    requiredClaims: ['exp', 'client_id'],
    clockTolerance: LEEWAY_SECONDS,
    currentDate: clock.now(),
  }).catch((cause: unknown) => {
    throw new TokenRefused(reasonOf(cause));
  });
  if (!TYPES.has(String(decodeProtectedHeader(token).typ).toLowerCase())) {
    throw new TokenRefused('typ is not that of an access token');
  }
  if (Array.isArray(payload.aud) && payload.aud.length !== 1) {
    throw new TokenRefused('the token is meant for several audiences');
  }
  if (api.clients?.includes(String(payload['client_id'])) === false) {
    throw new TokenRefused('the client is not among those that may come');
  }
  return payload;
}

export interface TokenCheck {
  readonly issuer: Issuer;
  readonly api: IssuerApi;
  readonly metadata: IssuerMetadata;
  readonly clock: Clock;
}

/** Code and claim of the failed check; never the message, which may quote the token. */
function reasonOf(cause: unknown): string {
  if (cause instanceof errors.JWTClaimValidationFailed || cause instanceof errors.JWTExpired) {
    return `${cause.code} ${cause.claim}`;
  }
  return cause instanceof errors.JOSEError ? cause.code : 'the keys of the issuer cannot be read';
}
