/**
 * What the authorisation part needs from outside: a database, time, and somewhere to report what happened.
 */

import type { StoreTransaction } from '../storage/store.ts';

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
    | 'token-refused'
    | 'app-allowed'
    | 'app-refused'
    | 'app-withdrawn'
    | AccountEvent
    | PatientEvent;
  readonly outcome: 'success' | 'failure';
  /** `user:…`, `client:…` or the EHR base, as far as it is known. */
  readonly subject: string;
  /** The check that failed, or what was granted; for the trail alone, never for the caller. */
  readonly reason: string;
  /** What was done to whom else: `account:ane.lund`, `PractitionerRole/1`. */
  readonly about?: string;
  /** The role that the person acts in, once it is known; else the trail looks up which registers the person belongs to. */
  readonly role?: Pick<RoleAssignment, 'role' | 'register' | 'unit'>;
  /** The person in a register whose data it gives access to. */
  readonly person?: AboutPerson;
}

export interface AboutPerson {
  readonly patient: string;
  readonly register: string;
  /** Department of the pathway. */
  readonly unit: string;
}

/** What happens to accounts. */
export type AccountEvent =
  | 'step-up'
  | 'code-sent'
  | 'application'
  | 'application-approved'
  | 'application-refused'
  | 'password-changed'
  | 'password-reset'
  | 'factor-added'
  | 'factor-removed'
  | 'contact-changed'
  | 'session-ended'
  | 'identity-linked'
  | 'role-renewed'
  | 'role-ended'
  | 'account-closed'
  | 'message-sent-again';

/** What happens when patients answer forms of their own (PA-05). */
export type PatientEvent =
  | 'patient-invited'
  | 'patient-code-sent'
  | 'patient-entered'
  | 'patient-opened'
  | 'patient-refused'
  | 'patient-left'
  | 'patient-alarm';

/** Keeps an event: in the transaction of what it tells of, where there is one; else by itself, resolving when durable. */
export type SecurityLog = (event: SecurityEvent, tx?: StoreTransaction) => void | Promise<void>;

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
  /** Last day of the role. */
  readonly until?: string;
}

/** Reads the PractitionerRoles of an account; unknown, ended and inactive ones are left out. */
export type FindRoles = (practitionerRoleIds: readonly string[]) => Promise<readonly RoleAssignment[]>;

/** Reads the active PractitionerRoles of the Practitioner who has this health personnel number (AP-04). */
export type FindRolesOfHpr = (hpr: string) => Promise<readonly RoleAssignment[]>;
