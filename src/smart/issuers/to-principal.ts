/**
 * Claims of an external issuer → Principal. The issuer proves who it is and for which organisation; what that opens
 * here is our own configuration and our own directory of units and people.
 */
import type { Principal } from '../../access/principal.ts';
import { forbidden } from '../../fhir/outcome.ts';
import type { Account } from '../accounts.ts';
import type { FindRoles } from '../ports.ts';
import { claimText, type Claims, type Grant, isStrong, type Issuer, type IssuerApi } from './issuer.ts';
import { TokenRefused } from './verify-token.ts';

/** The Organization with an organisation number, or undefined. */
export type FindUnit = (organisationNumber: string) => Promise<string | undefined>;

export interface Directory {
  readonly findUnit: FindUnit;
  readonly findRoles: FindRoles;
  /** The open account of a person that the issuer has authenticated. */
  readonly findAccount: (issuer: Issuer, claims: Claims) => Promise<Account | undefined>;
}

/** Who the token speaks for. Throws TokenRefused, or 403 when none of its scopes opens anything here. */
export async function issuerPrincipal(
  issuer: Issuer,
  api: IssuerApi,
  claims: Claims,
  directory: Directory,
): Promise<Principal> {
  const grants = grantsOf(api, claims);
  const kind = grants[0]?.kind;
  if (grants.some((grant) => grant.kind !== kind)) {
    throw new TokenRefused('the scopes are of several kinds');
  }
  switch (kind) {
    case 'ehr':
      return ehr(issuer, grants, claims, directory.findUnit);
    case 'analytics':
      return {
        ...common(issuer, grants, claims),
        kind,
        registers: grants.flatMap(({ registers }) => registers),
      };
    case 'staff':
      return staff(issuer, grants, claims, directory);
    case undefined:
      throw forbidden('None of the scopes of the token is for this server.', 'scope', {
        'WWW-Authenticate': `${api.proof === 'required' ? 'DPoP' : 'Bearer'} error="insufficient_scope"`,
      });
  }
}

function grantsOf({ grants }: IssuerApi, { scope }: Claims): readonly Grant[] {
  const scopes = Array.isArray(scope) ? scope.map(String) : String(scope ?? '').split(' ');
  return grants.filter((grant) => scopes.includes(grant.scope));
}

async function ehr(
  issuer: Issuer,
  grants: readonly Grant[],
  claims: Claims,
  findUnit: FindUnit,
): Promise<Principal> {
  const [organisation] = organisationsOf(issuer, claims);
  const unit = organisation === undefined ? undefined : await findUnit(organisation);
  if (unit === undefined) {
    throw new TokenRefused('the organisation of the token is not known here');
  }
  return { ...common(issuer, grants, claims, organisation), kind: 'ehr', units: [unit] };
}

const organisationsOf = ({ claims: names }: Issuer, claims: Claims): readonly string[] =>
  names.organisation.map((name) => claimText(claims, name)).filter((value) => value !== undefined);

/** A person's token acts as the one role that the account has; whoever has several uses the pages. */
async function staff(
  issuer: Issuer,
  grants: readonly Grant[],
  claims: Claims,
  { findRoles, findAccount }: Directory,
): Promise<Principal> {
  if (claimText(claims, issuer.claims.pid) === undefined) {
    throw new TokenRefused('a person is needed, and the token names none');
  }
  if (!isStrong(issuer, claims)) {
    throw new TokenRefused('the person was not authenticated strongly enough');
  }
  const account = await findAccount(issuer, claims);
  const roles = account === undefined ? [] : await findRoles(account.practitionerRoles);
  const [role] = roles;
  if (account === undefined || role === undefined || roles.length > 1) {
    throw new TokenRefused('the person has not exactly one role here');
  }
  return {
    ...common(issuer, grants, claims),
    kind: 'staff',
    subject: `user:${account.username}`,
    name: account.name,
    role: role.role,
    register: role.register,
    units: role.unit === undefined ? [] : [role.unit],
    ...(role.practitioner !== undefined && { practitioner: role.practitioner }),
  };
}

/** `issuer:` and not `client:`: such a client has no registration here that could stand for it later. */
function common(issuer: Issuer, grants: readonly Grant[], claims: Claims, organisation?: string) {
  const client = claimText(claims, 'client_id') ?? '';
  const token = claimText(claims, 'jti');
  return {
    subject: ['issuer', issuer.id, client, ...(organisation === undefined ? [] : [organisation])].join(':'),
    name: claimText(claims, issuer.claims.clientName) ?? client,
    scopes: [...new Set(grants.flatMap(({ opens }) => opens))],
    ...(token !== undefined && { token }),
  };
}
