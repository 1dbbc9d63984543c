/**
 * Scopes at the authorisation server: what an app or a system gets of what it asks for.
 * https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html
 */
import { errors, type Client, type KoaContextWithOIDC } from 'oidc-provider';
import { POLICY_METADATA } from './clients.ts';
import { grantScopes, type IsEnforceable } from './scope-policy.ts';

/** Scopes that are about the person and the launch, not about data. */
export const LAUNCH_SCOPES = [
  'openid',
  'fhirUser',
  'launch/patient',
  'online_access',
  'offline_access',
] as const;

/** An app may always ask for these; `offline_access` must be registered for it. */
const ALWAYS: ReadonlySet<string> = new Set(LAUNCH_SCOPES.filter((scope) => scope !== 'offline_access'));
const REQUESTS: ReadonlySet<string> = new Set(['authorization', 'pushed_authorization_request', 'resume']);

/**
 * The scopes that the FHIR server knows in this request. The library asks for them once and grants their intersection
 * with the *text* asked for; static lists cannot hold SMART's grammar, so the answer is computed from the client's policy
 * and the request is replaced by what may be granted. Nothing granted is an error, not an empty token (SC-07).
 */
export function fhirScopes(
  ctx: KoaContextWithOIDC,
  client: Client,
  isEnforceable: IsEnforceable,
): readonly string[] {
  const policy = client[POLICY_METADATA] as readonly string[];
  const params = ctx.oidc.params as { scope?: string; prompt?: string };
  const grant = (asked: string | undefined): readonly string[] => grantScopes(asked, policy, isEnforceable);

  const { AuthorizationCode: code, RefreshToken: refresh } = ctx.oidc.entities;
  const standing = (code ?? refresh)?.scope;
  if (standing !== undefined) {
    return grant(standing);
  }
  const isRequest = REQUESTS.has(ctx.oidc.route);
  const asked = isRequest ? askedOf(ctx, params.scope) : params.scope;
  const launch = isRequest ? launchScopes(asked, policy) : [];
  const granted = grant(asked);
  if (granted.length + launch.length === 0) {
    throw new errors.InvalidScope('none of the requested scopes is registered for this client', asked ?? '');
  }
  params.scope = [...launch, ...granted].join(' ');
  if (isRequest && params.prompt !== 'none') {
    params.prompt = [...new Set([...(params.prompt ?? '').split(' '), 'consent'])].join(' ').trim(); // every launch is agreed to; without it the library drops offline_access
  }
  return granted;
}

/** The text as the client wrote it: the library has dropped `offline_access` from its own copy by now. */
function askedOf(ctx: KoaContextWithOIDC, kept: string | undefined): string | undefined {
  const isKept = ctx.oidc.route === 'resume' || ctx.oidc.entities.PushedAuthorizationRequest !== undefined;
  const source = ctx.method === 'POST' ? ctx.oidc.body : ctx.query;
  const written: unknown = isKept ? kept : source?.scope;
  return typeof written === 'string' ? written : kept;
}

const launchScopes = (asked = '', policy: readonly string[]): readonly string[] =>
  [...new Set(asked.split(' '))].filter(
    (scope) => ALWAYS.has(scope) || (scope === 'offline_access' && policy.includes(scope)),
  );
