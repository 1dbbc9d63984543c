/**
 * A system that talks FHIR with the server: a token by private_key_jwt, then reads, searches and transactions.
 * https://hl7.org/fhir/smart-app-launch/backend-services.html
 */
import { randomUUID } from 'node:crypto';
import { importJWK, SignJWT } from 'jose';
import type { Bundle, Resource } from '../../src/fhir/types.ts';
import type { DemoClientFile } from '../../src/smart/demo-seed.ts';
import { WalkError } from './narrator.ts';
import { readKeyFile, send, type Walk } from './walk.ts';

export interface FhirClient {
  /** Any request below the FHIR base. */
  request(path: string, init?: RequestInit): Promise<Response>;
  /** Resource of a path. Throws WalkError on another status than 200. */
  read<T extends Resource = Resource>(path: string): Promise<T>;
  /** Matches of a search, first page. */
  search<T extends Resource = Resource>(query: string): Promise<readonly T[]>;
  /** A transaction; answers the response Bundle. Throws WalkError with the outcome when it is refused. */
  transaction(bundle: Bundle): Promise<Bundle>;
}

export type ClientKind = 'ehr' | 'analytics' | 'staff';

const ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** Sign in as one of the demo's clients with the key of its file. */
export async function signIn(walk: Walk, kind: ClientKind): Promise<FhirClient> {
  const file = await readKeyFile<DemoClientFile>(walk, `${kind}-client.json`);
  return fhirClient(walk, await tokenOf(walk, file));
}

/** A client with a token that somebody has. */
export function fhirClient(walk: Walk, token: string): FhirClient {
  const request = (path: string, init: RequestInit = {}): Promise<Response> =>
    send(walk, addressOf(path), {
      ...init,
      headers: { accept: 'application/fhir+json', ...init.headers, authorization: `Bearer ${token}` },
    });
  const json = async <T>(path: string, init?: RequestInit): Promise<T> => {
    const response = await request(path, init);
    const text = await response.text();
    if (response.status !== 200) {
      throw new WalkError(`${init?.method ?? 'GET'} ${path} was answered ${response.status}: ${text}`);
    }
    return JSON.parse(text) as T;
  };
  return {
    request,
    read: (path) => json(path),
    async search<T>(query: string) {
      const { entry = [] } = await json<Bundle>(query);
      return entry.filter(({ search }) => search?.mode !== 'outcome').map(({ resource }) => resource as T);
    },
    transaction: (bundle) =>
      json('', {
        method: 'POST',
        body: JSON.stringify(bundle),
        headers: { 'content-type': 'application/fhir+json' },
      }),
  };
}

/** Paths are below the FHIR base; an empty one is the base itself. */
function addressOf(path: string): string {
  if (path.startsWith('http')) {
    return path;
  }
  return path === '' ? 'fhir' : `fhir/${path}`;
}

async function tokenOf(walk: Walk, file: DemoClientFile): Promise<string> {
  const { client_id, jwk, scope, token_endpoint } = file;
  const response = await send(walk, token_endpoint, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_assertion_type: ASSERTION,
      client_assertion: await assertionOf(file),
      scope,
    }),
  });
  const { access_token } = (await response.json()) as { access_token?: string };
  if (access_token === undefined) {
    throw new WalkError(`${client_id} got no token from ${token_endpoint} with the key ${jwk.kid ?? ''}.`);
  }
  return access_token;
}

/** One minute, one use. */
async function assertionOf({ client_id, jwk, token_endpoint }: DemoClientFile): Promise<string> {
  return new SignJWT({})
    .setProtectedHeader({ alg: 'ES384', kid: jwk.kid ?? '', typ: 'JWT' })
    .setIssuer(client_id)
    .setSubject(client_id)
    .setAudience(token_endpoint)
    .setIssuedAt()
    .setExpirationTime('60s')
    .setJti(randomUUID())
    .sign(await importJWK(jwk, 'ES384'));
}
