/**
 * We as a SMART app of an EHR: authorisation request and code exchange, confidential client with `private_key_jwt`.
 * https://hl7.org/fhir/smart-app-launch/STU2.2/app-launch.html
 */
import { importJWK, type JWK } from 'jose';
import * as client from 'openid-client';
import { guardedFetch } from '../adapters/guarded-fetch.ts';
import type { Ehr } from './launch-context.ts';
import { LAUNCH_SCOPES } from './launch-context.ts';
import type { PendingLaunch } from './launch-store.ts';

const TIMEOUT_SECONDS = 10;
const ask = guardedFetch({
  reach: 'configured',
  timeoutMs: TIMEOUT_SECONDS * 1000,
  maxBytes: 256 * 1024,
});

export interface EhrClient {
  /** Where to send the browser, and what to remember until it is back. `launch` absent: standalone (AP-03). */
  authorize(
    ehr: Ehr,
    launch: string | undefined,
  ): Promise<{ readonly url: URL; readonly pending: PendingLaunch }>;
  /** Exchange the code in the callback's address; throws when state, `iss`, nonce or signature are not as expected. */
  exchange(ehr: Ehr, pending: PendingLaunch, callback: URL): Promise<EhrGrant>;
}

/** What the EHR's token response gave us. The access token stays on the server and is used once, to fetch. */
export interface EhrGrant {
  readonly accessToken: string;
  readonly scopes: readonly string[];
  readonly patient: string | undefined;
  readonly encounter: string | undefined;
  readonly fhirUser: string | undefined;
  readonly intent: string | undefined;
  readonly needPatientBanner: boolean;
}

/** A client for all EHRs of the allow-list, with our private key. */
export function ehrClient(redirectUri: string, privateKey: JWK): EhrClient {
  return {
    async authorize(ehr, launch) {
      const config = await configure(ehr, privateKey);
      const pending: PendingLaunch = {
        fhirBase: ehr.fhirBase,
        state: client.randomState(),
        nonce: client.randomNonce(),
        codeVerifier: client.randomPKCECodeVerifier(),
      };
      const url = client.buildAuthorizationUrl(config, {
        redirect_uri: redirectUri,
        scope: [launch === undefined ? 'launch/patient' : 'launch', ...LAUNCH_SCOPES].join(' '),
        state: pending.state,
        nonce: pending.nonce,
        aud: ehr.fhirBase,
        code_challenge: await client.calculatePKCECodeChallenge(pending.codeVerifier),
        code_challenge_method: 'S256',
        ...(launch !== undefined && { launch }),
      });
      return { url, pending };
    },

    async exchange(ehr, pending, callback) {
      const checks: client.AuthorizationCodeGrantChecks = {
        expectedState: pending.state,
        pkceCodeVerifier: pending.codeVerifier,
      };
      const config = await configure(ehr, privateKey);
      config[client.customFetch] = async (url, options) => {
        const response = await ask(url, options as RequestInit);
        // an EHR that did not grant `openid` sends no id_token; one that is sent must carry our nonce
        if (url === config.serverMetadata().token_endpoint && (await hasIdToken(response))) {
          checks.expectedNonce = pending.nonce;
        }
        return response;
      };
      const tokens = await client.authorizationCodeGrant(config, callback, checks);
      return toGrant(tokens);
    },
  };
}

type TokenResponse = Awaited<ReturnType<typeof client.authorizationCodeGrant>>;

function toGrant(tokens: TokenResponse): EhrGrant {
  return {
    accessToken: tokens.access_token,
    scopes: (tokens.scope ?? '').split(' ').filter((scope) => scope !== ''),
    patient: text(tokens.patient),
    encounter: text(tokens.encounter),
    fhirUser: text(tokens.claims()?.fhirUser),
    intent: text(tokens.intent),
    needPatientBanner: tokens.need_patient_banner !== false,
  };
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
  const key = await importJWK(privateKey, 'ES384');
  const config = new client.Configuration(
    metadata,
    ehr.clientId,
    { id_token_signed_response_alg: 'RS256' },
    client.PrivateKeyJwt(
      { key: key as CryptoKey, kid: privateKey.kid as string },
      {
        // SMART wants the token endpoint as audience, where OAuth 2.1 has the issuer
        [client.modifyAssertion]: (header, payload) => {
          header.typ = 'JWT';
          payload.aud = metadata.token_endpoint as string;
        },
      },
    ),
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

async function discover({ fhirBase, transport }: Ehr): Promise<client.ServerMetadata> {
  const url = new URL(`${fhirBase}/.well-known/smart-configuration`);
  if (url.protocol !== 'https:' && transport !== 'http') {
    throw new Error('The base of an EHR must use https');
  }
  const response = await ask(url, { headers: { accept: 'application/json' } });
  const document = (await response.json()) as Partial<client.ServerMetadata>;
  const { authorization_endpoint, token_endpoint } = document;
  if (!response.ok || typeof authorization_endpoint !== 'string' || typeof token_endpoint !== 'string') {
    throw new Error('The EHR has no usable smart-configuration');
  }
  return { ...document, issuer: document.issuer ?? fhirBase };
}

// marked as deprecated by its author so that nobody overlooks it; only for an EHR on this machine
const allowHttp = client.allowInsecureRequests;

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;
