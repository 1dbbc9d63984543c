/**
 * What the authorisation part needs from outside: a database, time, and somewhere to report what happened.
 */

/** A PostgreSQL connection or pool, as `pg` has it. */
export interface SqlClient {
  query(
    text: string,
    values?: unknown[],
  ): Promise<{ readonly rows: readonly Record<string, unknown>[]; readonly rowCount: number | null }>;
}

/** Something that the audit trail must hold. Never carries a password, token, code or national identity number. */
export interface SecurityEvent {
  readonly type:
    | 'client-authentication'
    | 'token-issued'
    | 'login'
    | 'logout'
    | 'role-chosen'
    | 'launch'
    | 'launch-refused'
    | 'token-refused';
  readonly outcome: 'success' | 'failure';
  /** `user:…`, `client:…` or the EHR base, as far as it is known. */
  readonly subject: string;
  /** The check that failed, or what was granted; for the trail alone, never for the caller. */
  readonly reason: string;
}

export type SecurityLog = (event: SecurityEvent) => void | Promise<void>;

/** One PractitionerRole as the login needs it. */
export interface RoleAssignment {
  /** PractitionerRole.id */
  readonly id: string;
  readonly role: 'LU' | 'LC' | 'SC';
  readonly register: string;
  /** Organization id of the department; absent for SC (national). */
  readonly unit?: string;
  /** Text to choose by: «Lokal koordinator, Smerteteam Nord». */
  readonly display: string;
  /** Practitioner.id */
  readonly practitioner?: string;
}

/** Reads the PractitionerRoles of an account; unknown, ended and inactive ones are left out. */
export type FindRoles = (practitionerRoleIds: readonly string[]) => Promise<readonly RoleAssignment[]>;

/** Reads the active PractitionerRoles of the Practitioner who has this health personnel number (AP-04). */
export type FindRolesOfHpr = (hpr: string) => Promise<readonly RoleAssignment[]>;
