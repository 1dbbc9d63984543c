/**
 * We as a SMART app of an EHR: authorisation request and code exchange as a confidential client, by `private_key_jwt` or a secret.
 * https://hl7.org/fhir/smart-app-launch/STU2.2/app-launch.html
 */
import { importJWK, type JWK } from 'jose';
import * as client from 'openid-client';
import { guardedFetch } from '../adapters/guarded-fetch.ts';
import { type Ehr, scopesOf } from './ehr.ts';
import { type EhrGrant, type TokenResponse, toGrant } from './ehr-grant.ts';
import { LaunchFailure } from './launch-failure.ts';
import type { PendingLaunch } from './launch-store.ts';

const TIMEOUT_SECONDS = 10;
const ask = guardedFetch({
  reach: 'configured',
  timeoutMs: TIMEOUT_SECONDS * 1000,
  maxBytes: 256 * 1024,
});

/** What an authorisation request remembers until the browser is back. */
export type Asked = Pick<PendingLaunch, 'fhirBase' | 'state' | 'nonce' | 'codeVerifier'>;

export interface EhrClient {
  /**
   * Where to send the browser, and what to remember. `launch` absent: standalone (AP-03). Throws LaunchFailure when the EHR's
   * metadata cannot be had or used.
   */
  authorize(ehr: Ehr, launch: string | undefined): Promise<{ readonly url: URL; readonly asked: Asked }>;
  /** Exchange the code in the callback's address; throws LaunchFailure when anything is not as expected. */
  exchange(ehr: Ehr, asked: Asked, callback: URL): Promise<EhrGrant>;
  /** A new access token for the refresh token of a grant. Throws LaunchFailure. */
  refresh(ehr: Ehr, refreshToken: string): Promise<EhrGrant>;
}

/** A client for all EHRs of the settings; `privateKey` gives the key that is in use. */
export function ehrClient(redirectUri: string, privateKey: () => JWK): EhrClient {
  return {
    async authorize(ehr, launch) {
      const config = await configure(ehr, privateKey());
      const asked: Asked = {
        fhirBase: ehr.fhirBase,
        state: client.randomState(),
        nonce: client.randomNonce(),
        codeVerifier: client.randomPKCECodeVerifier(),
      };
      const url = client.buildAuthorizationUrl(config, {
        redirect_uri: redirectUri,
        scope: scopesOf(ehr, launch === undefined ? 'launch/patient' : 'launch').join(' '),
        state: asked.state,
        nonce: asked.nonce,
        aud: ehr.fhirBase,
        code_challenge: await client.calculatePKCECodeChallenge(asked.codeVerifier),
        code_challenge_method: 'S256',
        ...(launch !== undefined && { launch }),
      });
      return { url, asked };
    },

    async exchange(ehr, asked, callback) {
      const checks: client.AuthorizationCodeGrantChecks = {
        expectedState: asked.state,
        pkceCodeVerifier: asked.codeVerifier,
      };
      const config = await configure(ehr, privateKey());
      config[client.customFetch] = async (url, options) => {
        const response = await ask(url, options as RequestInit);
        // an EHR that did not grant `openid` sends no id_token; one that is sent must carry our nonce
        if (url === config.serverMetadata().token_endpoint && (await hasIdToken(response))) {
          checks.expectedNonce = asked.nonce;
        }
        return response;
      };
      return granted(ehr, () => client.authorizationCodeGrant(config, callback, checks));
    },

    async refresh(ehr, refreshToken) {
      const config = await configure(ehr, privateKey());
      config[client.customFetch] = (url, options) => ask(url, options as RequestInit);
      return granted(ehr, () => client.refreshTokenGrant(config, refreshToken));
    },
  };
}

async function granted(ehr: Ehr, request: () => Promise<TokenResponse>): Promise<EhrGrant> {
  try {
    return toGrant(await request(), new Date());
  } catch (cause) {
    throw failureOf(ehr, cause);
  }
}

/** Why there is no token: what the EHR's authorisation server answered to the browser or to us, or that nobody answered. */
function failureOf(ehr: Ehr, cause: unknown): LaunchFailure {
  const reason = reasonOf(cause);
  if (cause instanceof client.AuthorizationResponseError) {
    return new LaunchFailure(ANSWERS[cause.error] ?? 'request-refused', ehr, reason, { cause });
  }
  if (cause instanceof client.ResponseBodyError || cause instanceof client.WWWAuthenticateChallengeError) {
    return new LaunchFailure('token-refused', ehr, reason, { cause });
  }
  const { code, status } = innermost(cause);
  if (status !== undefined) {
    return new LaunchFailure(status >= 500 ? 'ehr-down' : 'token-refused', ehr, reason, { cause });
  }
  // the library names what it has checked; what is not named is the connection's
  const isChecked = typeof code === 'string' && code.startsWith('OAUTH_') && code !== 'OAUTH_TIMEOUT';
  return new LaunchFailure(isChecked ? 'not-confirmed' : 'ehr-down', ehr, reason, { cause });
}

/** https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1 */
const ANSWERS: Readonly<Record<string, 'denied' | 'scope-denied' | 'ehr-down'>> = {
  access_denied: 'denied',
  invalid_scope: 'scope-denied',
  temporarily_unavailable: 'ehr-down',
  server_error: 'ehr-down',
};

function innermost(cause: unknown): { readonly code: unknown; readonly status: number | undefined } {
  const { code, cause: inner } = cause as { readonly code?: unknown; readonly cause?: unknown };
  return { code, status: inner instanceof Response ? inner.status : undefined };
}

/** Name and code of the failed check; never the message, which may quote a token. */
export function reasonOf(cause: unknown): string {
  const { name, code, error } = cause as { name?: string; code?: string; error?: string };
  return [name, code, error].filter((part) => typeof part === 'string').join(' ');
}

async function hasIdToken(response: Response): Promise<boolean> {
  try {
    return ((await response.clone().json()) as { id_token?: unknown }).id_token !== undefined;
  } catch {
    return false;
  }
}

/** Read the EHR's smart-configuration and set up a client for it. */
async function configure(ehr: Ehr, privateKey: JWK): Promise<client.Configuration> {
  const metadata = await discover(ehr);
  const config = new client.Configuration(
    metadata,
    ehr.clientId,
    { id_token_signed_response_alg: 'RS256' },
    await authenticationOf(ehr, metadata, privateKey),
  );
  config.timeout = TIMEOUT_SECONDS;
  if (ehr.transport === 'http') {
    allowHttp(config);
  }
  if (metadata.jwks_uri !== undefined) {
    client.enableNonRepudiationChecks(config);
  }
  return config;
}

async function authenticationOf(
  { authentication }: Ehr,
  metadata: client.ServerMetadata,
  privateKey: JWK,
): Promise<client.ClientAuth> {
  if (authentication.method === 'client_secret') {
    return client.ClientSecretBasic(authentication.secret);
  }
  const key = await importJWK(privateKey, 'ES384');
  return client.PrivateKeyJwt(
    { key: key as CryptoKey, kid: privateKey.kid as string },
    {
      // SMART wants the token endpoint as audience, where OAuth 2.1 has the issuer
      [client.modifyAssertion]: (header, payload) => {
        header.typ = 'JWT';
        payload.aud = metadata.token_endpoint as string;
      },
    },
  );
}

async function discover(ehr: Ehr): Promise<client.ServerMetadata> {
  const { fhirBase, transport } = ehr;
  const url = new URL(`${fhirBase}/.well-known/smart-configuration`);
  if (url.protocol !== 'https:' && transport !== 'http') {
    throw new LaunchFailure('ehr-broken', ehr, 'the base of the EHR must use https');
  }
  const response = await ask(url, { headers: { accept: 'application/json' } }).catch((cause: unknown) => {
    throw new LaunchFailure('ehr-unreachable', ehr, reasonOf(cause), { cause });
  });
  if (response.status >= 500) {
    throw new LaunchFailure('ehr-unreachable', ehr, `smart-configuration: ${response.status}`);
  }
  const document = (await response.json().catch(() => undefined)) as
    Partial<client.ServerMetadata> | null | undefined;
  if (
    !response.ok ||
    !isEndpoint(ehr, document?.authorization_endpoint) ||
    !isEndpoint(ehr, document?.token_endpoint)
  ) {
    throw new LaunchFailure('ehr-broken', ehr, 'the smart-configuration cannot be used');
  }
  return { ...document, issuer: document?.issuer ?? fhirBase };
}

const isEndpoint = ({ transport }: Ehr, value: unknown): value is string =>
  typeof value === 'string' &&
  (transport === 'http' ? /^https?:$/ : /^https:$/).test(URL.parse(value)?.protocol ?? '');

// marked as deprecated by its author so that nobody overlooks it; only for an EHR on this machine
const allowHttp = client.allowInsecureRequests;
