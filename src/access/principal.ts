/**
 * Who is calling. Made once per request by smart/principal.ts from a token or a session; nothing else is trusted.
 */

/** Roles of registers.md section 4. */
export type StaffRole = 'LU' | 'LC' | 'SC';

interface Common {
  /** Stable id of the account or client, for AuditEvent and meta: `client:ehr-demo`, `user:lu-ane`. */
  readonly subject: string;
  /** Shown to people: the client's or user's name. */
  readonly name: string;
  /** Granted SMART v2 scopes, already intersected with what the client may ask for. */
  readonly scopes: readonly string[];
  /** `jti` of the token or id of the session, for the audit trail. */
  readonly token?: string;
}

/** An EHR system: pushes and reads within its own organisation. */
export interface EhrPrincipal extends Common {
  readonly kind: 'ehr';
  /** Organization ids that it speaks for (the organisation and all below it). */
  readonly units: readonly string[];
}

/** An analytics platform: national data, pseudonymised. */
export interface AnalyticsPrincipal extends Common {
  readonly kind: 'analytics';
  readonly registers: readonly string[];
}

/** A person at work in one role, register and department at a time. */
export interface StaffPrincipal extends Common {
  readonly kind: 'staff';
  readonly role: StaffRole;
  readonly register: string;
  /** Departments of the role: own department for LU and LC; empty for SC (national). */
  readonly units: readonly string[];
  readonly practitioner?: string;
  /** Opened by an EHR for one patient: key of the launch context. Such a session sees and writes that patient alone. */
  readonly launch?: string;
  /** With `launch`: the registry's Patient, once it is known; until then the session reads no patient at all. */
  readonly patient?: string;
}

/** The server itself: jobs, content loading. Never made from a request. */
export interface SystemPrincipal extends Common {
  readonly kind: 'system';
}

export type Principal = EhrPrincipal | AnalyticsPrincipal | StaffPrincipal | SystemPrincipal;

export const SYSTEM: SystemPrincipal = {
  kind: 'system',
  subject: 'system:ryggrad',
  name: 'Ryggrad',
  scopes: ['system/*.cruds'],
};
