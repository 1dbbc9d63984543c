/**
 * What SMART wants of the authorisation server's answers beyond the library's own:
 * https://hl7.org/fhir/smart-app-launch/STU2.2/app-launch.html#response-5
 * The whole list of granted scopes and the launch context beside the token (SM-12, SM-13), `Pragma: no-cache`, one and the
 * same refusal for every failed client authentication (BS-04), and access tokens that can be revoked (IN-02).
 */
import { decodeJwt } from 'jose';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { LAUNCH_SCOPES } from './authorization-scopes.ts';
import { answerOf, type AppAccount } from './app-account.ts';
import type { IssuedToken } from './issued-tokens.ts';

interface OAuthError {
  readonly error: string;
  readonly error_description?: string;
}

const REFUSED: OAuthError = { error: 'invalid_client', error_description: 'client authentication failed' };
const WITHDRAWN: OAuthError = { error: 'invalid_grant', error_description: 'the grant was withdrawn' };

export interface TokenResponseOptions {
  /** Note the token before it goes out; false when its grant is gone. */
  readonly record: (token: IssuedToken) => Promise<boolean>;
  /** Deny the signed access token that the client wants to be rid of; others are left alone. */
  readonly revoke: (token: string, clientId: string) => Promise<void>;
}

type Middleware = (ctx: KoaContextWithOIDC, next: () => Promise<void>) => Promise<void>;

/** Koa middleware around all routes of the authorisation server. */
export function smartTokenResponses(options: TokenResponseOptions): Middleware {
  return async (ctx, next) => {
    await next();
    switch (routeOf(ctx)) {
      case 'token':
        ctx.set('Pragma', 'no-cache');
        await finishToken(ctx, options);
        break;
      case 'revocation':
        await revokeSigned(ctx, options);
        break;
      default:
    }
  };
}

/** The library makes `ctx.oidc` for its own routes only. */
const routeOf = (ctx: { readonly oidc?: { readonly route: string } }): string | undefined => ctx.oidc?.route;

async function finishToken(ctx: KoaContextWithOIDC, { record }: TokenResponseOptions): Promise<void> {
  if (isAnonymousFailure(ctx)) {
    refuse(ctx, 401, REFUSED);
    return;
  }
  if (ctx.status !== 200) {
    return;
  }
  const body = ctx.body as Readonly<Record<string, unknown>>;
  const account = ctx.oidc.account as AppAccount | undefined;
  const answer = account?.grant === undefined ? {} : answerOf(account);
  const scope = [...launchScopesOf(ctx), ...textOf(body.scope)].join(' ');
  if (!(await record({ ...issued(ctx, body.access_token), scope, answer }))) {
    refuse(ctx, 400, WITHDRAWN);
    return;
  }
  const { patient } = answer;
  ctx.body = {
    ...body,
    scope,
    ...(patient !== undefined && { patient, need_patient_banner: true }),
  };
}

/** A refusal gives nothing away that the refused request would have brought. */
function refuse(ctx: KoaContextWithOIDC, status: number, body: OAuthError): void {
  ctx.status = status;
  ctx.body = body;
}

const textOf = (scope: unknown): readonly string[] =>
  typeof scope === 'string' ? scope.split(' ').filter((part) => part !== '') : [];

/** Granted scopes that are not about data, as far as this request still asks for them. */
function launchScopesOf({ oidc }: KoaContextWithOIDC): readonly string[] {
  const source = oidc.entities.AuthorizationCode ?? oidc.entities.RefreshToken;
  const asked = oidc.params?.scope;
  const scopes = source === undefined ? [] : [...source.scopes];
  const wanted =
    typeof asked === 'string' && oidc.entities.AuthorizationCode === undefined ? textOf(asked) : scopes;
  return LAUNCH_SCOPES.filter((scope) => scopes.includes(scope) && wanted.includes(scope));
}

function issued({ oidc }: KoaContextWithOIDC, accessToken: unknown): Omit<IssuedToken, 'scope' | 'answer'> {
  const { jti = '', exp = 0 } = decodeJwt(String(accessToken));
  const { AccessToken: forPerson } = oidc.entities;
  return {
    jti,
    clientId: oidc.client?.clientId ?? '',
    account: forPerson?.accountId,
    grantId: forPerson?.grantId,
    exp,
  };
}

/** The library revokes what it stores; our access tokens are signed, and denied by their id instead. */
async function revokeSigned(ctx: KoaContextWithOIDC, { revoke }: TokenResponseOptions): Promise<void> {
  const { client, params } = ctx.oidc;
  const isSigned = (ctx.body as OAuthError | undefined)?.error === 'unsupported_token_type';
  if (isSigned && client !== undefined && typeof params?.token === 'string') {
    await revoke(params.token, client.clientId);
    ctx.status = 200;
    ctx.body = '';
  }
}

/** The parameters were read, and the request failed before any client was found. */
function isAnonymousFailure(ctx: KoaContextWithOIDC): boolean {
  const failed = (ctx.body as OAuthError | undefined)?.error === 'invalid_request';
  return failed && ctx.oidc.params !== undefined && ctx.oidc.client === undefined;
}
