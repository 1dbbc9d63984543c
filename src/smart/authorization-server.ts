/**
 * The embedded OAuth 2.0 authorisation server: https://hl7.org/fhir/smart-app-launch/STU2.2/backend-services.html
 * `oidc-provider`, configured so that it does what SMART asks for; where it must be helped stands beside each line.
 */
import Provider, {
  errors,
  type AccessToken,
  type AdapterFactory,
  type Client,
  type ClientCredentials,
  type KoaContextWithOIDC,
  type RefreshToken,
} from 'oidc-provider';
import type { JWK } from 'jose';
import { answerOf, type AppAccount } from './app-account.ts';
import { fhirScopes, LAUNCH_SCOPES } from './authorization-scopes.ts';
import { checkClientAssertion, CLOCK_TOLERANCE_SECONDS } from './client-assertion.ts';
import { KEYS_MINUTE_METADATA, originsOf, POLICY_METADATA } from './clients.ts';
import { PROOF_ALGORITHMS, type UsedProofs } from './dpop.ts';
import { claimProof } from './dpop-at-issue.ts';
import { fetchLocalKeys, fetchPublicKeys } from './key-fetch.ts';
import type { SecurityEvent, SecurityLog } from './ports.ts';
import type { IsEnforceable } from './scope-policy.ts';
import { ASSERTION_ALGORITHMS } from './smart-configuration.ts';
import { smartTokenResponses, type TokenResponseOptions } from './token-responses.ts';

export const ACCESS_TOKEN_SECONDS = 300;
const HOUR = 3600;
/** `online_access` lasts as long as a working day's session can; `offline_access` a month, whatever is rotated. */
export const ONLINE_SECONDS = 10 * HOUR;
export const OFFLINE_SECONDS = 30 * 24 * HOUR;

/** Where a person agrees to what an app asks for. */
export const CONSENT_PAGE = '/gi-tilgang';

export interface AuthorizationServerOptions {
  /** `https://host/auth`, no trailing slash; the handler is mounted at its path. */
  readonly issuer: string;
  /** Audience of the access tokens. */
  readonly fhirBase: string;
  /** Private keys: one ES256 (access tokens), one RS256 (id_tokens). */
  readonly keys: readonly JWK[];
  readonly cookieSecret: string;
  readonly adapter: AdapterFactory;
  /** `local` also fetches client keys over http and from private addresses: demo mode and tests. */
  readonly clientKeys: 'public' | 'local';
  /** The person of that name with the grant of that id; undefined when either does not stand. */
  readonly findPerson: (username: string, grantId: string | undefined) => Promise<AppAccount | undefined>;
  /** Is the person logged in anywhere? `online_access` ends with that. */
  readonly isOnline: (username: string) => Promise<boolean>;
  readonly isEnforceable: IsEnforceable;
  readonly usedProofs: UsedProofs;
  readonly tokens: TokenResponseOptions;
  readonly log: SecurityLog;
}

/** Build the provider; mount `provider.callback()` at the issuer's path. */
export function authorizationServer(options: AuthorizationServerOptions): Provider {
  const { issuer, fhirBase, keys, cookieSecret, adapter, isEnforceable, log } = options;
  const provider = new Provider(issuer, {
    adapter,
    jwks: { keys: [...keys] },
    // the library wants `none` for POST; its session cookie is dropped at every request anyway
    cookies: { keys: [cookieSecret], long: { signed: true, sameSite: 'none' }, short: { signed: true } },
    clientAuthMethods: ['private_key_jwt', 'none'],
    enabledJWA: {
      clientAuthSigningAlgValues: [...ASSERTION_ALGORITHMS],
      dPoPSigningAlgValues: [...PROOF_ALGORITHMS],
      idTokenSigningAlgValues: ['RS256'],
    },
    clientDefaults: { token_endpoint_auth_method: 'private_key_jwt', grant_types: ['client_credentials'] },
    extraClientMetadata: { properties: [POLICY_METADATA, KEYS_MINUTE_METADATA] },
    assertJwtClientAuthClaimsAndHeader: checkClientAssertion,
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
    scopes: [...LAUNCH_SCOPES],
    claims: { openid: ['sub'], fhirUser: ['fhirUser'] },
    conformIdTokenClaims: false,
    responseTypes: ['code'],
    pkce: { required: () => true },
    // SMART wants `redirect_uri` in every request; and with the library's default, a resumed login that is gone fails in its own words (500)
    allowOmittingSingleRegisteredRedirectUri: false,
    extraParams: { launch: null, aud: (ctx, value) => requireFhirAudience(ctx, value, fhirBase) },
    enableHttpPostMethods: true,
    interactions: { url: (_ctx, { uid }) => `${CONSENT_PAGE}/${uid}` },
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      claimsParameter: { enabled: false },
      clientCredentials: { enabled: true },
      revocation: {
        enabled: true,
        allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId,
      },
      pushedAuthorizationRequests: { enabled: true },
      // proofs are claimed once in `extraTokenClaims`: the library looks first and writes then
      dPoP: { enabled: true, allowReplay: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => fhirBase,
        useGrantedResource: () => true,
        getResourceServerInfo: (ctx, resource, client) =>
          fhirServer(ctx, resource, client, fhirBase, isEnforceable),
      },
    },
    // explicit, because the library's own defaults print notices
    ttl: {
      AccessToken: ACCESS_TOKEN_SECONDS,
      ClientCredentials: ACCESS_TOKEN_SECONDS,
      AuthorizationCode: 60,
      IdToken: 300,
      RefreshToken: (_ctx, token) => secondsLeft(token),
      Interaction: 1800,
      PushedAuthorizationRequest: 60,
      Session: 1800,
      Grant: OFFLINE_SECONDS + HOUR,
    },
    rotateRefreshToken: true,
    issueRefreshToken: (_ctx, _client, { scopes }) =>
      scopes.has('offline_access') || scopes.has('online_access'),
    expiresWithSession: () => false,
    extraTokenClaims: async (ctx, token) => {
      await claimProof(ctx, options.usedProofs);
      return claimsOf(ctx, token);
    },
    findAccount: async (_ctx, username, token) => {
      const isOnlineToken =
        token?.kind === 'RefreshToken' && !(token as RefreshToken).scopes.has('offline_access');
      return isOnlineToken && !(await options.isOnline(username))
        ? undefined
        : options.findPerson(username, token?.grantId);
    },
    clientBasedCORS: (_ctx, origin, client) => originsOf(client.redirectUris ?? []).has(origin),
    renderError: (ctx, out) => {
      ctx.type = 'json';
      ctx.body = out;
    },
    fetch: options.clientKeys === 'local' ? fetchLocalKeys : fetchPublicKeys,
  });
  provider.proxy = issuer.startsWith('https:');
  report(provider, log);
  provider.use(withoutSession(provider));
  provider.use(smartTokenResponses(options.tokens));
  return provider;
}

/** Who is logged in is known by our own session alone; the library's would outlive it. */
function withoutSession(provider: Provider) {
  const name = provider.cookieName('session');
  return async (ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> => {
    const kept = (ctx.req.headers.cookie ?? '').split(/; */).filter((pair) => !pair.startsWith(name + '='));
    ctx.req.headers.cookie = kept.join('; ');
    await next();
  };
}

/** The end of a grant does not move when its refresh token is rotated (SM-15). */
function secondsLeft({ scopes, iiat }: RefreshToken): number {
  const all = scopes.has('offline_access') ? OFFLINE_SECONDS : ONLINE_SECONDS;
  const age = iiat === undefined ? 0 : Math.floor(Date.now() / 1000) - iiat;
  return Math.max(1, all - age);
}

/** What the resource server needs of an app's token, and other resource servers may want to see. */
function claimsOf(ctx: KoaContextWithOIDC, { kind }: AccessToken | ClientCredentials) {
  const account = ctx.oidc.account as AppAccount | undefined;
  return kind === 'AccessToken' && account?.grant !== undefined
    ? { ...answerOf(account), grant: account.grant.id }
    : {};
}

function fhirServer(
  ctx: KoaContextWithOIDC,
  resource: string,
  client: Client,
  fhirBase: string,
  isEnforceable: IsEnforceable,
) {
  if (resource !== fhirBase) {
    throw new errors.InvalidTarget('resource must be the FHIR base URL');
  }
  return {
    scope: fhirScopes(ctx, client, isEnforceable).join(' '),
    audience: fhirBase,
    accessTokenTTL: ACCESS_TOKEN_SECONDS,
    accessTokenFormat: 'jwt' as const,
    jwt: { sign: { alg: 'ES256' as const } },
  };
}

/** SM-10: an app must say which server it means to talk to, and it must be this one. */
function requireFhirAudience(ctx: KoaContextWithOIDC, value: string | undefined, fhirBase: string): void {
  // of a pushed request it was checked when it was pushed; its own `aud`, as a signed request, has taken the place since
  const isPushed = ctx.oidc.entities.PushedAuthorizationRequest !== undefined;
  if (!isPushed && value !== fhirBase) {
    throw new errors.InvalidRequest('aud must be the FHIR base URL');
  }
}

/** Every token and every refusal is in the audit trail before it goes out; without that nothing is given (AU-01). */
function report(provider: Provider, log: SecurityLog): void {
  const trails = new WeakMap<object, Promise<boolean>[]>();
  const note = (ctx: KoaContextWithOIDC, event: Omit<SecurityEvent, 'subject'>): void => {
    trails.get(ctx)?.push(isKept(log, { ...event, subject: subjectOf(ctx) }));
  };
  provider.use(async (ctx, next) => {
    const kept: Promise<boolean>[] = [];
    trails.set(ctx, kept);
    await next();
    if ((await Promise.all(kept)).includes(false)) {
      ctx.status = 503;
      ctx.set('Retry-After', '5');
      ctx.body = { error: 'temporarily_unavailable', error_description: 'nothing can be written down' };
    }
  });
  provider.on('grant.success', (ctx) => {
    const scope = (ctx.body as { scope?: string }).scope ?? '';
    note(ctx, { type: 'token-issued', outcome: 'success', reason: scope });
  });
  provider.on('grant.error', (ctx, cause) => {
    note(ctx, { type: 'client-authentication', outcome: 'failure', reason: reasonOf(cause) });
  });
  provider.on('authorization.error', (ctx, cause) => {
    note(ctx, { type: 'token-refused', outcome: 'failure', reason: reasonOf(cause) });
  });
  provider.on('server_error', (ctx, cause) => {
    note(ctx, { type: 'token-refused', outcome: 'failure', reason: String(cause) });
  });
}

async function isKept(log: SecurityLog, event: SecurityEvent): Promise<boolean> {
  try {
    await log(event);
    return true;
  } catch {
    return false;
  }
}

const reasonOf = (cause: errors.OIDCProviderError): string =>
  [cause.error, cause.error_detail ?? cause.error_description].filter(Boolean).join(': ');

const subjectOf = (ctx: KoaContextWithOIDC): string => `client:${ctx.oidc.client?.clientId ?? 'unknown'}`;
