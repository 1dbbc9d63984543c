/**
 * HelseID on the loopback address: as strict as the real one about what it is strict about. FAPI 2.0, pushed requests only,
 * PKCE, DPoP with nonces, `private_key_jwt` with PS256 or ES256, assertions of at most 60 seconds for the issuer alone, and
 * the organisation in the assertion's `authorization_details`. Security profile for clients and APIs (NHN, 2025-11).
 */
import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from 'jose';
import Provider, { errors, type KoaContextWithOIDC } from 'oidc-provider';
import { memoryAdapter } from './memory.ts';

/** Somebody who can log in there. */
export interface StandInPerson {
  readonly pid: string;
  readonly hpr?: string;
  /** Security level 2, 3 or 4. */
  readonly level?: string;
}

export interface StandInClient {
  readonly id: string;
  /** Public key of the client. */
  readonly jwk: JWK;
  /** Of a client that people log in with. */
  readonly redirectUris?: readonly string[];
  /** API scopes that it may have, such as `nhn:ryggrad/lever`. */
  readonly scopes?: readonly string[];
}

export interface HelseIdStandIn extends AsyncDisposable {
  /** Exactly as in `iss`. */
  readonly issuer: string;
  /** The next login succeeds as this person, without any page in between. */
  person: StandInPerson;
  /** Paths that were asked for, in order. */
  readonly asked: readonly string[];
  /** Anything signed with the issuer's key: for tokens that the real one would make on request only. */
  sign(claims: Record<string, unknown>, header?: Record<string, unknown>): Promise<string>;
  /** A new signing key from now on, in the key set too. */
  rotate(): Promise<void>;
}

const API = 'urn:stand-in:api';
export const STAND_IN_AUDIENCE = 'nhn:ryggrad';
const LONGEST_ASSERTION_SECONDS = 60;
const ORGNR = 'urn:oid:1.0.6523';
const ORGNR_SINGLE = 'urn:oid:2.16.578.1.12.4.1.4.101';

type Details = readonly { readonly practitioner_role?: { readonly organization?: Organisation } }[];
interface Organisation {
  readonly identifier?: { readonly system?: string; readonly type?: string; readonly value?: string };
}

export async function startHelseIdStandIn(clients: readonly StandInClient[]): Promise<HelseIdStandIn> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let key = await newKey('key-1');
  let handler = await build(key);
  const asked: string[] = [];
  const standIn: HelseIdStandIn = {
    issuer,
    person: { pid: '' },
    asked,
    sign: async (claims, header = {}) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: 'PS256', typ: 'at+jwt', kid: key.kid ?? '', ...header })
        .sign(await importJWK(key, 'PS256')),
    async rotate() {
      key = await newKey(`key-${randomBytes(4).toString('hex')}`);
      handler = await build(key);
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  server.on('request', (request, response) => {
    asked.push(new URL(request.url ?? '', issuer).pathname);
    void handler(request, response);
  });
  return standIn;

  async function build(signingKey: JWK) {
    const provider = provide(issuer, signingKey, clients, () => standIn.person);
    provider.use(async (ctx, next) => {
      if (!ctx.path.startsWith('/interaction/')) {
        return next();
      }
      const accountId = subjectOf(standIn.person);
      await provider.interactionFinished(ctx.req, ctx.res, { login: { accountId, remember: false } });
      ctx.respond = false;
    });
    return Promise.resolve(provider.callback());
  }
}

/** The pseudonym of a person: stable, and says nothing. */
export const subjectOf = ({ pid }: StandInPerson): string =>
  createHash('sha256').update(`pseudonym ${pid}`).digest('base64');

function provide(
  issuer: string,
  key: JWK,
  clients: readonly StandInClient[],
  person: () => StandInPerson,
): Provider {
  const organisations = new WeakMap<object, { readonly parent: string; readonly child?: string }>();
  return new Provider(issuer, {
    adapter: memoryAdapter(new Map(clients.map((one) => [one.id, toMetadata(one)]))),
    jwks: { keys: [key] },
    cookies: { keys: [randomBytes(16).toString('hex')] },
    clientAuthMethods: ['private_key_jwt'],
    enabledJWA: {
      clientAuthSigningAlgValues: ['PS256', 'ES256'],
      idTokenSigningAlgValues: ['PS256'],
      dPoPSigningAlgValues: ['ES256', 'PS256'],
    },
    responseTypes: ['code'],
    pkce: { required: () => true },
    acrValues: ['Level3', 'Level4'],
    scopes: ['openid', 'profile', 'offline_access'],
    claims: {
      openid: ['sub'],
      'helseid://scopes/identity/pid': ['helseid://claims/identity/pid'],
      'helseid://scopes/identity/security_level': ['helseid://claims/identity/security_level'],
      'helseid://scopes/hpr/hpr_number': ['helseid://claims/hpr/hpr_number'],
    },
    conformIdTokenClaims: false,
    assertJwtClientAuthClaimsAndHeader: (ctx, claims, header) => {
      const organisation = checkAssertion(ctx, claims, header, issuer);
      if (organisation !== undefined) {
        organisations.set(ctx, organisation);
      }
    },
    extraTokenClaims: (ctx) => {
      const organisation = organisations.get(ctx);
      return {
        'helseid://claims/client/client_name': ctx.oidc.client?.clientId,
        ...(organisation !== undefined && {
          'helseid://claims/client/claims/orgnr_parent': organisation.parent,
          ...(organisation.child !== undefined && {
            'helseid://claims/client/claims/orgnr_child': organisation.child,
          }),
        }),
      };
    },
    features: {
      devInteractions: { enabled: false },
      fapi: { enabled: true, profile: '2.0' },
      clientCredentials: { enabled: true },
      pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: true },
      dPoP: { enabled: true, nonceSecret: randomBytes(32), requireNonce: () => true },
      resourceIndicators: {
        enabled: true,
        defaultResource: (ctx) => (/nhn:/.test(String(ctx.oidc.params?.['scope'])) ? API : []),
        useGrantedResource: () => true,
        getResourceServerInfo: (_ctx, _resource, client) => ({
          scope: clients.find(({ id }) => id === client.clientId)?.scopes?.join(' ') ?? '',
          audience: STAND_IN_AUDIENCE,
          accessTokenTTL: 60,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'PS256' } },
        }),
      },
    },
    ttl: {
      Interaction: 60,
      Session: 60,
      Grant: 60,
      AuthorizationCode: 60,
      ClientCredentials: 60,
      IdToken: 60,
      AccessToken: 60,
    },
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    async loadExistingGrant(ctx) {
      const grant = new ctx.oidc.provider.Grant({
        accountId: ctx.oidc.session?.accountId ?? '',
        clientId: ctx.oidc.client?.clientId ?? '',
      });
      grant.addOIDCScope(String(ctx.oidc.params?.['scope']));
      await grant.save();
      return grant;
    },
    findAccount: (_ctx, sub) => ({ accountId: sub, claims: () => claimsOf(sub, person()) }),
    clientBasedCORS: () => false,
    renderError: (ctx, out) => {
      ctx.type = 'json';
      ctx.body = out;
    },
  });
}

const claimsOf = (sub: string, { pid, hpr, level = '4' }: StandInPerson) => ({
  sub,
  'helseid://claims/identity/pid': pid,
  'helseid://claims/identity/security_level': level,
  ...(hpr !== undefined && { 'helseid://claims/hpr/hpr_number': hpr }),
});

function toMetadata({ id, jwk, redirectUris, scopes }: StandInClient) {
  return {
    client_id: id,
    token_endpoint_auth_method: 'private_key_jwt' as const,
    id_token_signed_response_alg: 'PS256' as const,
    dpop_bound_access_tokens: true,
    grant_types: [
      ...(redirectUris === undefined ? [] : ['authorization_code' as const]),
      ...(scopes === undefined ? [] : ['client_credentials' as const]),
    ],
    response_types: redirectUris === undefined ? [] : ['code' as const],
    redirect_uris: [...(redirectUris ?? [])],
    jwks: { keys: [jwk] },
  };
}

/** What HelseID asks of an assertion beyond the standard; the organisation that it names. */
function checkAssertion(
  ctx: KoaContextWithOIDC,
  claims: Readonly<Record<string, unknown>>,
  header: Readonly<Record<string, unknown>>,
  issuer: string,
): { readonly parent: string; readonly child?: string } | undefined {
  const now = Date.now() / 1000;
  if (header['typ'] !== 'client-authentication+jwt' && header['typ'] !== 'JWT') {
    throw new errors.InvalidClientAuth('typ of the assertion');
  }
  if (claims['aud'] !== issuer) {
    throw new errors.InvalidClientAuth('aud must be the issuer');
  }
  if (!(Number(claims['exp']) <= now + LONGEST_ASSERTION_SECONDS + 5)) {
    throw new errors.InvalidClientAuth('exp is more than 60 seconds ahead');
  }
  const inAssertion = claims['authorization_details'] ?? claims['assertion_details'];
  const inRequest = (ctx.oidc.body as Record<string, unknown> | undefined)?.['authorization_details'];
  if (inAssertion !== undefined && inRequest !== undefined) {
    throw new errors.AccessDenied('HID-DOUBLE-STRUCTURE');
  }
  return inAssertion === undefined ? undefined : organisationOf(inAssertion as Details);
}

function organisationOf([detail]: Details): { readonly parent: string; readonly child?: string } {
  const { system, type, value = '' } = detail?.practitioner_role?.organization?.identifier ?? {};
  const [, parent, child] = /^NO:ORGNR:([0-9]{9}):([0-9]{9})?$/.exec(value) ?? [];
  if (system === ORGNR && type === 'ENH' && parent !== undefined) {
    return { parent, ...(child !== undefined && { child }) };
  }
  if (system === ORGNR_SINGLE && /^[0-9]{9}$/.test(value)) {
    return { parent: value, child: value };
  }
  throw new errors.InvalidRequest('HID-ORGANISATION');
}

async function newKey(kid: string): Promise<JWK> {
  const { privateKey } = await generateKeyPair('PS256', { extractable: true });
  return { ...(await exportJWK(privateKey)), kid, alg: 'PS256', use: 'sig' };
}

/** A client's key pair. */
export async function clientKey(kid: string): Promise<{ readonly privateJwk: JWK; readonly publicJwk: JWK }> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const more = { kid, alg: 'ES256', use: 'sig' };
  return {
    privateJwk: { ...(await exportJWK(privateKey)), ...more },
    publicJwk: { ...(await exportJWK(publicKey)), ...more },
  };
}
