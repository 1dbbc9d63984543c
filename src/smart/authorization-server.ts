/**
 * The embedded OAuth 2.0 authorisation server: https://hl7.org/fhir/smart-app-launch/STU2.2/backend-services.html
 * `oidc-provider`, configured so that it does what SMART asks for; where it must be helped stands beside each line.
 */
import Provider, { errors, type AdapterFactory, type Client, type KoaContextWithOIDC } from 'oidc-provider';
import type { JWK } from 'jose';
import { checkClientAssertion, CLOCK_TOLERANCE_SECONDS } from './client-assertion.ts';
import { POLICY_METADATA } from './clients.ts';
import { fetchLocalKeys, fetchPublicKeys } from './key-fetch.ts';
import type { SecurityLog } from './ports.ts';
import { grantScopes } from './scope-policy.ts';
import { ASSERTION_ALGORITHMS } from './smart-configuration.ts';
import { smartTokenResponses } from './token-responses.ts';

export const ACCESS_TOKEN_SECONDS = 300;

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
  readonly log: SecurityLog;
}

/** Build the provider; mount `provider.callback()` at the issuer's path. */
export function authorizationServer(options: AuthorizationServerOptions): Provider {
  const { issuer, fhirBase, keys, cookieSecret, adapter, log } = options;
  const provider = new Provider(issuer, {
    adapter,
    jwks: { keys: [...keys] },
    cookies: { keys: [cookieSecret], long: { signed: true }, short: { signed: true } },
    clientAuthMethods: ['private_key_jwt'],
    enabledJWA: { clientAuthSigningAlgValues: [...ASSERTION_ALGORITHMS] },
    clientDefaults: { token_endpoint_auth_method: 'private_key_jwt', grant_types: ['client_credentials'] },
    extraClientMetadata: { properties: [POLICY_METADATA] },
    assertJwtClientAuthClaimsAndHeader: checkClientAssertion,
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
    scopes: [
      'openid',
      'fhirUser',
      'launch',
      'launch/patient',
      'launch/encounter',
      'offline_access',
      'online_access',
    ],
    claims: { openid: ['sub'], fhirUser: ['fhirUser'] },
    conformIdTokenClaims: false,
    responseTypes: ['code'],
    pkce: { required: () => true },
    extraParams: { launch: null, aud: (_ctx, value) => requireFhirAudience(value, fhirBase) },
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      claimsParameter: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => fhirBase,
        useGrantedResource: () => true,
        getResourceServerInfo: (ctx, resource, client) => fhirServer(ctx, resource, client, fhirBase),
      },
    },
    // explicit, because the library's own defaults print notices
    ttl: {
      AccessToken: ACCESS_TOKEN_SECONDS,
      ClientCredentials: ACCESS_TOKEN_SECONDS,
      AuthorizationCode: 60,
      IdToken: 300,
      RefreshToken: 8 * 3600,
      Interaction: 600,
      Session: 10 * 3600,
      Grant: 10 * 3600,
    },
    findAccount: () => undefined,
    clientBasedCORS: () => false,
    renderError: (ctx, out) => {
      ctx.type = 'json';
      ctx.body = out;
    },
    fetch: options.clientKeys === 'local' ? fetchLocalKeys : fetchPublicKeys,
  });
  provider.proxy = issuer.startsWith('https:');
  provider.use(smartTokenResponses);
  report(provider, log);
  return provider;
}

/**
 * The library asks once per request what scopes the resource server knows. Static scope lists cannot hold SMART's
 * grammar, so the answer is computed from the client's policy; and because the library grants the intersection of that
 * answer and the *text* asked for, the request is replaced by what was granted. Nothing granted is an error, not an
 * empty token.
 */
function fhirServer(ctx: KoaContextWithOIDC, resource: string, client: Client, fhirBase: string) {
  if (resource !== fhirBase) {
    throw new errors.InvalidTarget('resource must be the FHIR base URL');
  }
  const params = ctx.oidc.params as { scope?: string };
  const granted = grantScopes(params.scope, client[POLICY_METADATA] as readonly string[]);
  if (granted.length === 0) {
    throw new errors.InvalidScope(
      'none of the requested scopes is registered for this client',
      params.scope ?? '',
    );
  }
  params.scope = granted.join(' ');
  return {
    scope: params.scope,
    audience: fhirBase,
    accessTokenTTL: ACCESS_TOKEN_SECONDS,
    accessTokenFormat: 'jwt' as const,
    jwt: { sign: { alg: 'ES256' as const } },
  };
}

function requireFhirAudience(value: string | undefined, fhirBase: string): void {
  if (value !== undefined && value !== fhirBase) {
    throw new errors.InvalidRequest('aud must be the FHIR base URL');
  }
}

function report(provider: Provider, log: SecurityLog): void {
  provider.on('grant.success', (ctx) => {
    const scope = (ctx.body as { scope?: string }).scope ?? '';
    void log({ type: 'token-issued', outcome: 'success', subject: subjectOf(ctx), reason: scope });
  });
  provider.on('grant.error', (ctx, cause) => {
    const reason = [cause.error, cause.error_detail ?? cause.error_description].filter(Boolean).join(': ');
    void log({ type: 'client-authentication', outcome: 'failure', subject: subjectOf(ctx), reason });
  });
  provider.on('server_error', (ctx, cause) => {
    void log({ type: 'token-refused', outcome: 'failure', subject: subjectOf(ctx), reason: String(cause) });
  });
}

const subjectOf = (ctx: KoaContextWithOIDC): string => `client:${ctx.oidc.client?.clientId ?? 'unknown'}`;
