/**
 * We as a client of an external issuer: pushed authorisation request, PKCE, `private_key_jwt`, DPoP, `iss` in the answer.
 * https://openid.net/specs/fapi-security-profile-2_0-final.html, https://www.rfc-editor.org/rfc/rfc9207
 */
import { importJWK } from 'jose';
import * as client from 'openid-client';
import { guardedFetch } from '../../adapters/guarded-fetch.ts';
import type { Claims, Issuer, IssuerLogin } from './issuer.ts';
import type { IssuerMetadata } from './metadata.ts';

/** What must come back unchanged from the issuer, kept on the server. */
export interface PendingLogin {
  /** Issuer.id */
  readonly issuer: string;
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
  /** Path to go to afterwards. */
  readonly next?: string | undefined;
}

export interface LoginClient {
  /** Where to send the browser, and what to remember until it is back. */
  begin(): Promise<{ readonly url: URL; readonly pending: Omit<PendingLogin, 'next'> }>;
  /** The person's claims. Throws when state, `iss`, nonce, signature or proof are not as expected. */
  finish(pending: PendingLogin, callback: URL): Promise<Claims>;
}

const TIMEOUT_SECONDS = 10;
const ASSERTION_SECONDS = 30;
const ask = guardedFetch({
  reach: 'configured',
  timeoutMs: TIMEOUT_SECONDS * 1000,
  maxBytes: 256 * 1024,
});

export function loginClient(
  issuer: Issuer,
  login: IssuerLogin,
  metadata: IssuerMetadata,
  redirectUri: string,
): LoginClient {
  const configuration = configurationOf(issuer, login, metadata);
  return {
    async begin() {
      const config = await configuration();
      const pending = {
        issuer: issuer.id,
        state: client.randomState(),
        nonce: client.randomNonce(),
        codeVerifier: client.randomPKCECodeVerifier(),
      };
      const request = {
        redirect_uri: redirectUri,
        scope: login.scopes.join(' '),
        state: pending.state,
        nonce: pending.nonce,
        code_challenge: await client.calculatePKCECodeChallenge(pending.codeVerifier),
        code_challenge_method: 'S256',
        ...(login.acr !== undefined && { acr_values: login.acr }),
      };
      const isPushed = config.serverMetadata().pushed_authorization_request_endpoint !== undefined;
      const url = isPushed
        ? await client.buildAuthorizationUrlWithPAR(config, request)
        : client.buildAuthorizationUrl(config, request);
      return { url, pending };
    },
    async finish(pending, callback) {
      const config = await configuration();
      const tokens = await client.authorizationCodeGrant(
        config,
        callback,
        {
          expectedState: pending.state,
          expectedNonce: pending.nonce,
          pkceCodeVerifier: pending.codeVerifier,
          idTokenExpected: true,
        },
        undefined,
        login.proof === 'required' ? { DPoP: await proofKey(config) } : {},
      );
      // the access token is for nobody here: it is dropped with this return
      return tokens.claims() ?? {};
    },
  };
}

/** A key for one exchange: the token that is bound to it is never used. */
async function proofKey(config: client.Configuration): Promise<client.DPoPHandle> {
  return client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256'));
}

/** The client for the metadata as they are kept just now. */
function configurationOf(
  issuer: Issuer,
  login: IssuerLogin,
  metadata: IssuerMetadata,
): () => Promise<client.Configuration> {
  let made: { readonly of: client.ServerMetadata; readonly config: client.Configuration } | undefined;
  return async () => {
    const server = await metadata.read();
    if (made?.of !== server) {
      made = { of: server, config: await configure(issuer, login, server) };
    }
    return made.config;
  };
}

async function configure(
  { issuer }: Issuer,
  { clientId, key }: IssuerLogin,
  server: client.ServerMetadata,
): Promise<client.Configuration> {
  const { alg = key.kty === 'RSA' ? 'PS256' : 'ES256', kid } = key;
  const privateKey = (await importJWK(key, alg)) as CryptoKey;
  const authentication = client.PrivateKeyJwt(
    { key: privateKey, ...(kid !== undefined && { kid }) },
    {
      [client.modifyAssertion]: (header, payload) => {
        header['typ'] = 'client-authentication+jwt';
        payload['aud'] = issuer;
        payload['exp'] = Number(payload['iat']) + ASSERTION_SECONDS;
      },
    },
  );
  const config = new client.Configuration(server, clientId, {}, authentication);
  config.timeout = TIMEOUT_SECONDS;
  config[client.customFetch] = (url, options) => ask(url, options as RequestInit);
  client.enableNonRepudiationChecks(config);
  if (issuer.startsWith('http:')) {
    allowHttp(config);
  }
  return config;
}

// marked as deprecated by its author so that nobody overlooks it; only for an issuer on this machine (read-issuers.ts)
const allowHttp = client.allowInsecureRequests;
