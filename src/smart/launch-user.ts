/**
 * Who the EHR's user is here (AP-04): by HPR number, among the people of the EHR's own organisation, and only where that is
 * agreed with whoever runs the EHR.
 */
import { findAccountByRoles } from './accounts.ts';
import type { Ehr } from './ehr.ts';
import type { LaunchUser } from './launch-context.ts';
import type { FindRolesOfHpr, RoleAssignment, SqlClient } from './ports.ts';

/** Unit ids of the organisation with this RESH id or organisation number, and of all below it. */
export type FindUnitsOf = (number: string) => Promise<readonly string[]>;

export interface MappedUser {
  readonly account: string;
  /** At least one; with several, the user chooses. */
  readonly roles: readonly RoleAssignment[];
}

export async function mappedUser(
  deps: {
    readonly db: SqlClient;
    readonly findRolesOfHpr: FindRolesOfHpr;
    readonly findUnitsOf: FindUnitsOf;
  },
  ehr: Ehr,
  { hpr }: Pick<LaunchUser, 'hpr'>,
): Promise<MappedUser | undefined> {
  if (ehr.staffMapping !== 'agreed' || ehr.unit === undefined || hpr === undefined) {
    return undefined;
  }
  const units = new Set(await deps.findUnitsOf(ehr.unit));
  const roles = (await deps.findRolesOfHpr(hpr)).filter(
    ({ register, unit }) => ehr.registers.includes(register) && unit !== undefined && units.has(unit),
  );
  const account =
    roles.length === 0
      ? undefined
      : await findAccountByRoles(
          deps.db,
          roles.map(({ id }) => id),
        );
  const own = roles.filter(({ id }) => account?.practitionerRoles.includes(id) === true);
  return account === undefined || own.length === 0 ? undefined : { account: account.username, roles: own };
}
