/**
 * Checks of a client assertion that the library leaves to its user (BS-01, BS-03):
 * https://hl7.org/fhir/smart-app-launch/STU2.2/client-confidential-asymmetric.html
 */
import { errors, type Client, type KoaContextWithOIDC } from 'oidc-provider';
import { isCompactJws } from './compact-jws.ts';

const MAX_LIFETIME_SECONDS = 300;
/** Clocks of client and server may differ this much. */
export const CLOCK_TOLERANCE_SECONDS = 5;
const TYPES = new Set(['JWT', 'client-authentication+jwt']);

interface PublicKey {
  readonly kid?: string;
  readonly kty?: string;
}

/**
 * Throws `invalid_client` when a signed and unexpired assertion still breaks a SMART rule. The detail reaches the
 * security log alone; the caller learns only that authentication failed (BS-04).
 */
export function checkClientAssertion(
  ctx: KoaContextWithOIDC,
  claims: Readonly<Record<string, unknown>>,
  header: Readonly<Record<string, unknown>>,
  client: Client,
): void {
  const isCompact = isCompactJws(String(ctx.oidc.params?.client_assertion));
  const failure = isCompact
    ? findFailure(claims, header, client)
    : 'the assertion is not in its compact form';
  if (failure !== undefined) {
    throw new errors.InvalidClientAuth(failure);
  }
}

function findFailure(
  claims: Readonly<Record<string, unknown>>,
  header: Readonly<Record<string, unknown>>,
  client: Client,
): string | undefined {
  const now = Math.floor(Date.now() / 1000);
  if (typeof header.kid !== 'string' || header.kid === '') {
    return 'kid missing from the assertion header';
  }
  if (typeof header.typ !== 'string' || !TYPES.has(header.typ)) {
    return 'typ of the assertion is not JWT';
  }
  if (Array.isArray(claims.aud) && claims.aud.length !== 1) {
    return 'the assertion is meant for several servers';
  }
  if (header.jku !== undefined && header.jku !== client.jwksUri) {
    return 'jku differs from the registered jwks_uri';
  }
  if (matchingKeys(client, header.kid, String(header.alg)) !== 1) {
    return 'not exactly one registered key has this kid and type';
  }
  if (typeof claims.exp !== 'number' || claims.exp > now + MAX_LIFETIME_SECONDS + CLOCK_TOLERANCE_SECONDS) {
    return 'exp is more than 300 seconds ahead';
  }
  if (typeof claims.jti !== 'string' || claims.jti.includes('\0')) {
    return 'jti is no text';
  }
  return claims.sub === claims.iss ? undefined : 'sub differs from iss';
}

function matchingKeys(client: Client, kid: string, alg: string): number {
  const kty = alg.startsWith('RS') ? 'RSA' : 'EC';
  const keys = [...(client as unknown as { asymmetricKeyStore: Iterable<PublicKey> }).asymmetricKeyStore];
  return keys.filter((key) => key.kid === kid && key.kty === kty).length;
}
