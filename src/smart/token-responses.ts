/**
 * What SMART wants of a token response beyond the library's own: https://hl7.org/fhir/smart-app-launch/STU2.2/backend-services.html
 * `Pragma: no-cache` (SM-12), and one and the same refusal for every failed client authentication (BS-04).
 */
import type { KoaContextWithOIDC } from 'oidc-provider';

interface OAuthError {
  readonly error: string;
  readonly error_description?: string;
}

const REFUSED: OAuthError = { error: 'invalid_client', error_description: 'client authentication failed' };

/** Koa middleware around all routes of the authorisation server. */
export async function smartTokenResponses(ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> {
  await next();
  if (!isTokenRequest(ctx)) {
    return;
  }
  ctx.set('Pragma', 'no-cache');
  if (isAnonymousFailure(ctx)) {
    ctx.status = 401;
    ctx.body = REFUSED;
  }
}

/** The library makes `ctx.oidc` for its own routes only. */
const isTokenRequest = (ctx: { readonly oidc?: { readonly route: string } }): boolean =>
  ctx.oidc?.route === 'token';

/** The parameters were read, and the request failed before any client was found. */
function isAnonymousFailure(ctx: KoaContextWithOIDC): boolean {
  const failed = (ctx.body as OAuthError | undefined)?.error === 'invalid_request';
  return failed && ctx.oidc.params !== undefined && ctx.oidc.client === undefined;
}
