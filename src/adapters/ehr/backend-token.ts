/**
 * Our access token at an EHR, by `client_credentials` and `private_key_jwt`, kept until it is nearly over:
 * https://hl7.org/fhir/smart-app-launch/STU2.2/backend-services.html#obtain-access-token
 */
import { importJWK, type JWK, SignJWT } from 'jose';
import type { Clock } from '../../fhir/id.ts';
import type { Fetch } from '../guarded-fetch.ts';
import { EhrAway, type PullConnection, requireThere } from './connection.ts';

export interface BackendToken {
  /** Throws EhrAway. */
  current(): Promise<string>;
  /** It was not taken: the next one is a new one. */
  drop(): void;
}

export interface BackendTokenDeps {
  readonly ask: Fetch;
  readonly clock: Clock;
  /** The key that the server publishes. */
  readonly ownKey: () => JWK;
  /** Asked before each request. */
  readonly pace: () => Promise<void>;
}

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const ASSERTION_SECONDS = 240;
/** A token is not used in its last seconds. */
const MARGIN_MS = 15_000;
/** https://www.rfc-editor.org/rfc/rfc6749#section-5.1 leaves the lifetime open; short is safe. */
const USUAL_SECONDS = 300;

export function backendToken(connection: PullConnection, deps: BackendTokenDeps): BackendToken {
  let kept: { readonly value: string; readonly until: number } | undefined;
  return {
    async current() {
      if (kept === undefined || kept.until - MARGIN_MS <= deps.clock.now().getTime()) {
        kept = await request(connection, deps);
      }
      return kept.value;
    },
    drop() {
      kept = undefined;
    },
  };
}

async function request(
  connection: PullConnection,
  deps: BackendTokenDeps,
): Promise<{ readonly value: string; readonly until: number }> {
  const { clock, ownKey } = deps;
  const endpoint = await tokenEndpoint(connection, deps);
  const key = connection.key ?? ownKey();
  const algorithm = key.kty === 'RSA' ? 'RS384' : 'ES384';
  const assertion = await new SignJWT({})
    .setProtectedHeader({ alg: algorithm, typ: 'JWT', ...(key.kid !== undefined && { kid: key.kid }) })
    .setIssuer(connection.clientId)
    .setSubject(connection.clientId)
    .setAudience(endpoint)
    .setIssuedAt()
    .setExpirationTime(`${ASSERTION_SECONDS}s`)
    .setJti(crypto.randomUUID())
    .sign(await importJWK(key, algorithm));
  const response = await asked(deps, endpoint, {
    method: 'POST',
    headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      scope: connection.scopes.join(' '),
      client_assertion_type: ASSERTION_TYPE,
      client_assertion: assertion,
    }).toString(),
  });
  const answer = await jsonOf(response);
  if (!response.ok || typeof answer['access_token'] !== 'string') {
    throw new EhrAway('token-refused');
  }
  const seconds = typeof answer['expires_in'] === 'number' ? answer['expires_in'] : USUAL_SECONDS;
  return { value: answer['access_token'], until: clock.now().getTime() + seconds * 1000 };
}

async function tokenEndpoint(
  { fhirBase, transport }: PullConnection,
  deps: BackendTokenDeps,
): Promise<string> {
  const response = await asked(deps, `${fhirBase}/.well-known/smart-configuration`, {
    headers: { accept: 'application/json' },
  });
  const { token_endpoint: endpoint } = await jsonOf(response);
  const protocol = typeof endpoint === 'string' ? URL.parse(endpoint)?.protocol : undefined;
  if (!response.ok || !(protocol === 'https:' || (transport === 'http' && protocol === 'http:'))) {
    throw new EhrAway('settings-unusable');
  }
  return endpoint as string;
}

async function asked(
  { ask, clock, pace }: BackendTokenDeps,
  url: string,
  init: RequestInit,
): Promise<Response> {
  await pace();
  const response = await ask(url, init).catch(() => {
    throw new EhrAway('no-answer');
  });
  requireThere(response, clock.now());
  return response;
}

async function jsonOf(response: Response): Promise<Readonly<Record<string, unknown>>> {
  const value: unknown = await response.json().catch(() => undefined);
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
