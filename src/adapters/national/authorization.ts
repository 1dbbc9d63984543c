/**
 * Tokens by which national registries know us, machine to machine. HelseID: client credentials with `private_key_jwt` and DPoP;
 * Maskinporten: a signed assertion for a bearer token. https://utviklerportal.nhn.no (security profile, 2025-11),
 * https://docs.digdir.no/docs/Maskinporten/maskinporten_protocol_token
 */
import { importJWK, type JWK, SignJWT } from 'jose';
import * as client from 'openid-client';
import type { Clock } from '../../fhir/id.ts';
import type { Fetch } from '../guarded-fetch.ts';

/** Who we are at the issuer, and what we ask for. */
export interface ServiceAccount {
  readonly kind: 'helseid' | 'maskinporten';
  /** Exactly as in the issuer's metadata. */
  readonly issuer: string;
  readonly clientId: string;
  /** Private key; `kid` as registered. */
  readonly key: JWK;
  readonly scope: string;
}

/** Asks a registry with a token; makes or renews the token when it is needed. Throws when there is none to be had. */
export type AuthorizedFetch = (
  url: URL,
  init: {
    readonly method: string;
    readonly body?: string;
    readonly headers: Readonly<Record<string, string>>;
  },
) => Promise<Response>;

const ASSERTION_SECONDS = 30;
const MASKINPORTEN_ASSERTION_SECONDS = 60;
/** A token is renewed this long before it ends. */
const MARGIN_SECONDS = 15;

export function authorizedFetch(account: ServiceAccount, ask: Fetch, clock: Clock): AuthorizedFetch {
  return account.kind === 'helseid'
    ? withHelseId(account, ask, clock)
    : withMaskinporten(account, ask, clock);
}

interface Held {
  readonly token: string;
  /** Milliseconds. */
  readonly until: number;
}

/** The token that is held, while it lasts; two who need one at once wait for the same. */
function held(make: () => Promise<{ readonly token: string; readonly seconds: number }>, clock: Clock) {
  let current: Promise<Held> | undefined;
  const renew = (): Promise<Held> => {
    const asked = make().then(({ token, seconds }) => ({
      token,
      until: clock.now().getTime() + (seconds - MARGIN_SECONDS) * 1000,
    }));
    current = asked;
    asked.catch(() => (current = undefined));
    return asked;
  };
  return {
    async token(): Promise<string> {
      const known = await current;
      return known !== undefined && known.until > clock.now().getTime() ? known.token : (await renew()).token;
    },
    drop: () => (current = undefined),
  };
}

function withHelseId(account: ServiceAccount, ask: Fetch, clock: Clock): AuthorizedFetch {
  const { issuer, clientId, key, scope } = account;
  let configured: Promise<{ config: client.Configuration; proof: client.DPoPHandle }> | undefined;
  const configure = async () => {
    const config = await client.discovery(
      new URL(issuer),
      clientId,
      {},
      client.PrivateKeyJwt(await signingKey(key), {
        [client.modifyAssertion]: (header, payload) => {
          header['typ'] = 'client-authentication+jwt';
          payload['aud'] = issuer;
          payload['exp'] = Number(payload['iat']) + ASSERTION_SECONDS;
        },
      }),
      {
        [client.customFetch]: (url, options) => ask(url, options as RequestInit),
        execute: issuer.startsWith('http:') ? [allowHttp] : [],
      },
    );
    return { config, proof: client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256')) };
  };
  const ready = () => {
    configured ??= configure();
    configured.catch(() => (configured = undefined));
    return configured;
  };
  const tokens = held(async () => {
    const { config, proof } = await ready();
    const { access_token: token, expires_in: seconds = 60 } = await client.clientCredentialsGrant(
      config,
      { scope },
      { DPoP: proof },
    );
    return { token, seconds };
  }, clock);
  return async (url, { method, body, headers }) => {
    const { config, proof } = await ready();
    const token = await tokens.token();
    try {
      return await client.fetchProtectedResource(config, token, url, method, body, new Headers(headers), {
        DPoP: proof,
      });
    } catch (cause) {
      if (cause instanceof client.WWWAuthenticateChallengeError) {
        tokens.drop();
        return cause.response;
      }
      throw cause;
    }
  };
}

function withMaskinporten(account: ServiceAccount, ask: Fetch, clock: Clock): AuthorizedFetch {
  const { issuer, clientId, key, scope } = account;
  const tokens = held(async () => {
    const { key: privateKey, kid } = await signingKey(key);
    const now = Math.floor(clock.now().getTime() / 1000);
    const assertion = await new SignJWT({ scope })
      .setProtectedHeader({ alg: algorithm(key), ...(kid !== undefined && { kid }) })
      .setIssuer(clientId)
      .setAudience(issuer)
      .setIssuedAt(now)
      .setExpirationTime(now + MASKINPORTEN_ASSERTION_SECONDS)
      .setJti(crypto.randomUUID())
      .sign(privateKey);
    const answer = await ask(new URL('token', issuer), {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
        assertion,
      }).toString(),
    });
    if (!answer.ok) {
      throw new Error(`Maskinporten gives no token: ${answer.status}`);
    }
    const { access_token: token, expires_in: seconds = 60 } = (await answer.json()) as {
      access_token: string;
      expires_in?: number;
    };
    return { token, seconds };
  }, clock);
  return async (url, { method, body, headers }) => {
    const answer = await ask(url, {
      method,
      ...(body !== undefined && { body }),
      headers: { ...headers, authorization: `Bearer ${await tokens.token()}` },
    });
    if (answer.status === 401) {
      tokens.drop();
    }
    return answer;
  };
}

const algorithm = ({ alg, kty }: JWK): string => alg ?? (kty === 'RSA' ? 'PS256' : 'ES256');

async function signingKey(key: JWK): Promise<{ key: CryptoKey; kid?: string }> {
  const imported = (await importJWK(key, algorithm(key))) as CryptoKey;
  return { key: imported, ...(key.kid !== undefined && { kid: key.kid }) };
}

// marked as deprecated by its author so that nobody overlooks it; only for an issuer on this machine (settings.ts)
const allowHttp = client.allowInsecureRequests;
