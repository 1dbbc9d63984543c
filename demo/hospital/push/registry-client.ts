/**
 * A system of the hospital as a client of the register: a token by private_key_jwt, renewed when it has ended, and requests that
 * are sent again, as they were, when no answer came. https://hl7.org/fhir/smart-app-launch/STU2.2/backend-services.html
 */
import { randomUUID } from 'node:crypto';
import { importJWK, type JWK, SignJWT } from 'jose';
import type { Sent } from '../day/message.ts';

/** What the register's administrator gave us: who we are there, and our key. */
export interface ClientFile {
  readonly client_id: string;
  readonly jwk: JWK;
  readonly scope: string;
  readonly token_endpoint: string;
}

export interface Answer {
  readonly status: number;
  readonly body: string;
  /** How many times it was sent. */
  readonly attempts: number;
  readonly ms: number;
}

export interface RegistryClient {
  /** Send a request. `key`: Idempotency-Key, so that sending again does nothing twice. Throws when nobody answers for long. */
  send(sent: Sent, key: string): Promise<Answer>;
  /** Read or search below the FHIR base. */
  get(path: string): Promise<Answer>;
  /** Forget the token. */
  forgetToken(): void;
}

export interface ClientOptions {
  /** The register, no trailing slash. */
  readonly registryUrl: string;
  readonly client: ClientFile;
  /** Most attempts at one request. */
  readonly attempts?: number;
  /** Milliseconds to wait before the attempt of this number (from 1). */
  readonly pause?: (attempt: number) => number;
  readonly timeoutMs?: number;
}

const ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
/** What is worth sending again: too many requests, and a server that is away. */
const AGAIN = [429, 500, 502, 503, 504];

export function registryClient(options: ClientOptions): RegistryClient {
  const { registryUrl, client, attempts = 8, timeoutMs = 30_000 } = options;
  const pause = options.pause ?? ((attempt) => Math.min(250 * 2 ** (attempt - 1), 8000));
  let token: Promise<string> | undefined;

  async function attempt(url: string, init: RequestInit): Promise<Response> {
    token ??= requestToken(client);
    const bearer = await token.catch((cause: unknown) => {
      token = undefined;
      throw cause;
    });
    const response = await fetch(url, {
      ...init,
      headers: { ...init.headers, authorization: `Bearer ${bearer}` },
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (response.status === 401) {
      token = undefined;
    }
    return response;
  }

  async function persist(url: string, init: RequestInit): Promise<Answer> {
    const begun = performance.now();
    for (let number = 1; ; number++) {
      const last = number === attempts;
      try {
        const response = await attempt(url, init);
        const body = await response.text();
        if (last || !(AGAIN.includes(response.status) || (response.status === 401 && number === 1))) {
          return { status: response.status, body, attempts: number, ms: performance.now() - begun };
        }
      } catch (cause) {
        if (last) {
          throw new Error(`The register did not answer ${attempts} times`, { cause });
        }
      }
      await new Promise((resolve) => setTimeout(resolve, pause(number)));
    }
  }

  const fhir = (path: string): string =>
    `${registryUrl}/fhir${path === '' ? '' : `/${path.replaceAll('|', '%7C')}`}`;
  return {
    send: ({ method, path, body }, key) =>
      persist(fhir(path), {
        method,
        ...(body !== undefined && { body }),
        headers: {
          accept: 'application/fhir+json',
          'idempotency-key': key,
          ...(body !== undefined && { 'content-type': 'application/fhir+json' }),
        },
      }),
    get: (path) => persist(fhir(path), { headers: { accept: 'application/fhir+json' } }),
    forgetToken() {
      token = undefined;
    },
  };
}

async function requestToken({ client_id, jwk, scope, token_endpoint }: ClientFile): Promise<string> {
  const alg = jwk.kty === 'RSA' ? 'RS384' : 'ES384';
  const assertion = await new SignJWT({})
    .setProtectedHeader({ alg, kid: jwk.kid ?? '', typ: 'JWT' })
    .setIssuer(client_id)
    .setSubject(client_id)
    .setAudience(token_endpoint)
    .setIssuedAt()
    .setExpirationTime('60s')
    .setJti(randomUUID())
    .sign(await importJWK(jwk, alg));
  const response = await fetch(token_endpoint, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_assertion_type: ASSERTION,
      client_assertion: assertion,
      scope,
    }),
    signal: AbortSignal.timeout(10_000),
  });
  const { access_token } = (await response.json()) as { access_token?: string };
  if (access_token === undefined) {
    throw new Error(`${client_id} got no token (${response.status})`);
  }
  return access_token;
}
