/**
 * `ryggrad client …`: which systems, and which apps of third parties, may ask for tokens, and for what.
 * https://hl7.org/fhir/smart-app-launch/STU2.2/client-confidential-asymmetric.html#registering-a-client-communicating-public-keys
 */
import type { JWK } from 'jose';
import { RESEARCH } from './access/principal.ts';
import { parseScope } from './access/scopes.ts';
import { print, readText, UsageError, withStorage } from './cli-command.ts';
import { parseJson } from './fhir/json.ts';
import type { JsonObject } from './fhir/types.ts';
import { listClients, type OAuthClient, removeClient, saveClient } from './smart/clients.ts';

const KINDS: readonly OAuthClient['kind'][] = ['ehr', 'analytics', 'staff', 'app'];

/** `client save <file>`: register a client, or replace what is registered under its id. */
export async function saveClientFile([file]: readonly string[]): Promise<number> {
  const client = readClient(parseJson(await readText(file, 'client save <file.json>')) as JsonObject);
  return withStorage(async ({ db }) => {
    await saveClient(db.pool, client);
    print(`Saved client ${client.id} (${client.kind}).`);
    return 0;
  });
}

/** `client list`: every client with what it may ask for. */
export const listClientsOf = (): Promise<number> =>
  withStorage(async ({ db }) => {
    for (const { id, kind, name, scopes } of await listClients(db.pool)) {
      print(`${id}  ${kind}  ${name}  ${scopes.join(' ')}`);
    }
    return 0;
  });

/** `client remove <id>`: its tokens end within a minute, also those that people gave it. */
export async function removeClientOf([id]: readonly string[]): Promise<number> {
  if (id === undefined) {
    throw new UsageError('Usage: client remove <client_id>');
  }
  return withStorage(async ({ db }) => {
    const isGone = await removeClient(db.pool, id);
    print(isGone ? `Removed client ${id}.` : `There is no client ${id}.`);
    return isGone ? 0 : 1;
  });
}

/**
 * A client as its file describes it: `{client_id, kind, name, scopes, units, registers, jwks | jwks_uri}`; an app has
 * `redirect_uris`, and `public: true` in place of keys when it can keep none, `requires_dpop`, `requires_par`; `analytics` may have
 * `purpose`: `HRESCH`, for research.
 * Throws UsageError that says what must be otherwise.
 */
export function readClient(given: JsonObject): OAuthClient {
  const { client_id: id, name } = given;
  const kind = KINDS.find((one) => one === given['kind']);
  if (typeof id !== 'string' || !/^[\x21-\x7e]{1,100}$/.test(id) || kind === undefined) {
    throw new UsageError(`A client has a client_id without spaces, and a kind: ${KINDS.join(', ')}.`);
  }
  const isApp = kind === 'app';
  const isPublic = isApp && flagOf(given, 'public');
  return {
    id,
    kind,
    name: typeof name === 'string' ? name : id,
    scopes: scopesOf(given, isApp),
    units: textsOf(given, 'units'),
    registers: textsOf(given, 'registers'),
    ...keysOf(given, isPublic),
    redirectUris: isApp ? redirectsOf(given) : [],
    isPublic,
    requiresDpop: flagOf(given, 'requires_dpop'),
    requiresPar: flagOf(given, 'requires_par'),
    ...purposeOf(given, kind),
  };
}

/** A purpose that would not be enforced is refused, not kept. */
function purposeOf({ purpose }: JsonObject, kind: OAuthClient['kind']): Pick<OAuthClient, 'purpose'> {
  if (purpose === undefined) {
    return {};
  }
  if (purpose !== RESEARCH || kind !== 'analytics') {
    throw new UsageError(
      `"purpose" is ${RESEARCH} (research), of a client of the kind analytics; others have none.`,
    );
  }
  return { purpose: RESEARCH };
}

/** Systems speak for themselves, apps for people: neither has the other's scopes (SC-07). */
function scopesOf(given: JsonObject, isApp: boolean): readonly string[] {
  const scopes = textsOf(given, 'scopes');
  const levels: readonly string[] = isApp ? ['patient', 'user'] : ['system'];
  const wrong = scopes.find((scope) => {
    const level = parseScope(scope)?.level;
    return !(isApp && scope === 'offline_access') && (level === undefined || !levels.includes(level));
  });
  if (wrong !== undefined) {
    throw new UsageError(
      `"${wrong}" is no scope of this kind of client. Write them as ${levels.map((level) => `${level}/Type.cruds`).join(', ')}${isApp ? ', offline_access' : ''}.`,
    );
  }
  return scopes;
}

function keysOf(given: JsonObject, isPublic: boolean): Pick<OAuthClient, 'jwks' | 'jwksUri'> {
  const { jwks, jwks_uri: uri } = given;
  if (isPublic) {
    if (jwks !== undefined || uri !== undefined) {
      throw new UsageError('A public client keeps no key: leave out jwks and jwks_uri, or public.');
    }
    return { jwks: undefined, jwksUri: undefined };
  }
  if ((jwks === undefined) === (uri === undefined)) {
    throw new UsageError(
      'A client has its public keys as jwks, or their address as jwks_uri: one of the two.',
    );
  }
  if (uri !== undefined && (typeof uri !== 'string' || URL.parse(uri) === null)) {
    throw new UsageError('jwks_uri is an address.');
  }
  return { jwks: jwks === undefined ? undefined : publicKeys(jwks), jwksUri: uri };
}

function publicKeys(jwks: unknown): NonNullable<OAuthClient['jwks']> {
  const { keys } = (jwks ?? {}) as { readonly keys?: readonly JWK[] };
  if (!Array.isArray(keys) || keys.length === 0) {
    throw new UsageError('jwks is {"keys": […]} with at least one key.');
  }
  for (const key of keys as readonly JWK[]) {
    if (typeof key.kid !== 'string' || !['RSA', 'EC'].includes(String(key.kty))) {
      throw new UsageError('Every key has a kid, and is of kty RSA or EC.');
    }
    if (key.d !== undefined) {
      throw new UsageError(`The key ${key.kid} is private. Register its public half, and make a new key.`);
    }
  }
  return { keys: keys as readonly JWK[] };
}

/** Exact addresses: https, this machine, or an app's own scheme (RFC 8252 section 7). */
function redirectsOf(given: JsonObject): readonly string[] {
  const addresses = textsOf(given, 'redirect_uris');
  const wrong = addresses.find((address) => !isRedirect(address));
  if (addresses.length === 0 || wrong !== undefined) {
    throw new UsageError(
      `An app has redirect_uris: https, http://127.0.0.1 or com.example.app:/path, without a fragment${wrong === undefined ? '' : `; not "${wrong}"`}.`,
    );
  }
  return addresses;
}

function isRedirect(address: string): boolean {
  const { protocol, hostname, hash } = URL.parse(address) ?? {};
  if (protocol === undefined || hash !== '' || address.includes('#')) {
    return false;
  }
  return protocol === 'http:'
    ? ['127.0.0.1', '[::1]', 'localhost'].includes(hostname ?? '')
    : protocol === 'https:' || /^[a-z][a-z0-9-]*(?:\.[a-z0-9-]+)+:$/.test(protocol);
}

function flagOf(given: JsonObject, name: string): boolean {
  const value = given[name] ?? false;
  if (typeof value !== 'boolean') {
    throw new UsageError(`"${name}" of a client is true or false.`);
  }
  return value;
}

function textsOf(given: JsonObject, name: string): readonly string[] {
  const value = given[name] ?? [];
  if (!Array.isArray(value) || value.some((item) => typeof item !== 'string')) {
    throw new UsageError(`"${name}" of a client is a list of texts.`);
  }
  return value as readonly string[];
}
