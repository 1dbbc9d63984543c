/**
 * The person behind an app's token, as the authorisation server and the resource server need to know them: an open account,
 * a grant that stands, and a role that the account still has.
 */
import type { Account } from 'oidc-provider';
import { findAccount } from './accounts.ts';
import { type AppGrant, findGrant } from './app-grants.ts';
import type { FindRoles, RoleAssignment, SqlClient } from './ports.ts';

/** What the library is told of a person; with the grant, once there is one. */
export interface AppAccount extends Account {
  readonly name: string;
  readonly grant: AppGrant | undefined;
  readonly role: RoleAssignment | undefined;
  readonly fhirBase: string;
}

export interface AppAccountDeps {
  readonly db: SqlClient;
  readonly findRoles: FindRoles;
  readonly fhirBase: string;
}

/** The account of a name, with the grant of that id; undefined when either is gone, or the role has ended. */
export async function appAccount(
  { db, findRoles, fhirBase }: AppAccountDeps,
  username: string,
  grantId: string | undefined,
): Promise<AppAccount | undefined> {
  const account = await findAccount(db, username);
  if (account === undefined) {
    return undefined;
  }
  const grant = grantId === undefined ? undefined : await findGrant(db, grantId);
  const standing = grant?.account === username ? await roleOf(findRoles, account, grant) : undefined;
  if (grantId !== undefined && standing === undefined) {
    return undefined;
  }
  const found = { name: account.name, grant, role: standing, fhirBase };
  return {
    ...found,
    accountId: username,
    claims: () => Promise.resolve({ sub: username, ...fhirUserOf(found) }),
  };
}

async function roleOf(
  findRoles: FindRoles,
  { practitionerRoles }: { readonly practitionerRoles: readonly string[] },
  { practitionerRole }: AppGrant,
): Promise<RoleAssignment | undefined> {
  const roles = practitionerRoles.includes(practitionerRole) ? await findRoles([practitionerRole]) : [];
  return roles.find(({ id }) => id === practitionerRole);
}

type Known = Pick<AppAccount, 'grant' | 'role' | 'fhirBase'>;

/** SM-14: an absolute reference to the Practitioner, or to the role where no person is recorded. */
function fhirUserOf({ role, fhirBase }: Known): { readonly fhirUser?: string } {
  if (role === undefined) {
    return {};
  }
  const who =
    role.practitioner === undefined ? `PractitionerRole/${role.id}` : `Practitioner/${role.practitioner}`;
  return { fhirUser: `${fhirBase}/${who}` };
}

/** What stands beside the token (SM-13), and what introspection repeats (IN-01). */
export function answerOf(account: Known): Readonly<Record<string, string>> {
  const { patient, scopes = [] } = account.grant ?? {};
  return {
    ...(patient !== undefined && { patient }),
    ...(scopes.includes('fhirUser') && scopes.includes('openid') && fhirUserOf(account)),
  };
}
