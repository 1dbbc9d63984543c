/**
 * What an app may do: what the person who gave it access may do in that role, and of that no more than was given (SC-06).
 */
import type { StaffPrincipal } from '../access/principal.ts';
import type { AppAccount } from './app-account.ts';
import type { OAuthClient } from './clients.ts';
import { grantScopes } from './scope-policy.ts';
import type { AccessToken } from './tokens.ts';

/** The principal of an app's token; undefined when the grant, the account or the role no longer stands. */
export function appPrincipal(
  client: OAuthClient,
  token: AccessToken,
  person: AppAccount | undefined,
): StaffPrincipal | undefined {
  const { grant, role, name } = person ?? {};
  if (grant === undefined || role === undefined || name === undefined || grant.clientId !== client.id) {
    return undefined;
  }
  const given = token.scopes.filter((scope) => grant.scopes.includes(scope));
  return {
    kind: 'staff',
    subject: `user:${grant.account}`,
    name,
    // what is registered may have become less since
    scopes: given.length === 0 ? [] : grantScopes(given.join(' '), client.scopes),
    token: token.jti,
    app: client.id,
    role: role.role,
    register: role.register,
    units: role.unit === undefined ? [] : [role.unit],
    ...(role.practitioner !== undefined && { practitioner: role.practitioner }),
    ...(grant.patient !== undefined && { scopePatient: grant.patient }),
  };
}
