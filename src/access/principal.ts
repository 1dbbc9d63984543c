/**
 * Who is calling. Made once per request by smart/principal.ts from a token or a session; nothing else is trusted.
 */

import type { ScopeLimits } from './scopes.ts';

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
  /** Rows that scopes with constraints reach (scope-limits.ts); without them such scopes allow nothing. */
  readonly limits?: ScopeLimits;
  /** It reads for research: who has said no to that is not there for it. Otherwise as USUAL_PURPOSE of audit-event.ts has it. */
  readonly purpose?: typeof RESEARCH;
}

/** https://terminology.hl7.org/CodeSystem/v3-ActReason */
export const RESEARCH = 'HRESCH';

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
  /** The launch that the session carries, with whatever rights, and the registry's Patient that it is about, once known. */
  readonly carries?: CarriedLaunch;
  /** With `launch`: the registry's Patient, once it is known; until then the session reads no patient at all. */
  readonly patient?: string;
  /** Id of the app that acts for the person; it has what was given to it of what the person may do. */
  readonly app?: string;
  /** With `app`: the Patient that its `patient/` scopes are about. */
  readonly scopePatient?: string;
}

export interface CarriedLaunch {
  /** Key of the launch context. */
  readonly launch: string;
  /** What the database calls it, from which the key does not follow: for jobs. */
  readonly id: string;
  /** The registry's Patient, once known. */
  readonly patient: string | undefined;
}

/** A person who answers one form of their own (PA-03): that one response, and nothing else. Never made from a token. */
export interface PatientPrincipal extends Common {
  readonly kind: 'patient';
  /** Patient, EpisodeOfCare and Task that the form belongs to. */
  readonly patient: string;
  readonly episode: string;
  readonly task: string;
  /** Questionnaire canonical with its version. */
  readonly questionnaire: string;
  /** The response, once there is one. */
  readonly response?: string;
  readonly register: string;
  /** The department of the pathway. */
  readonly units: readonly string[];
}

/** The server itself: jobs, content loading. Never made from a request. */
export interface SystemPrincipal extends Common {
  readonly kind: 'system';
  /** What it writes was registered elsewhere: whole, and with its own times. */
  readonly isImport?: true;
}

export type Principal =
  EhrPrincipal | AnalyticsPrincipal | StaffPrincipal | PatientPrincipal | SystemPrincipal;

export const SYSTEM: SystemPrincipal = {
  kind: 'system',
  subject: 'system:ryggrad',
  name: 'Ryggrad',
  scopes: ['system/*.cruds'],
};

/** The server reading in what was registered elsewhere. */
export const IMPORT: SystemPrincipal = { ...SYSTEM, subject: 'system:import', isImport: true };

/** Is it data that were registered elsewhere? They keep their times and states. */
export const isImport = (principal: Principal): boolean =>
  principal.kind === 'system' && principal.isImport === true;

/** The server filling the forms that a register has filled from what EHRs have sent. */
export const CAPTURE: SystemPrincipal = {
  ...SYSTEM,
  subject: 'system:capture',
  name: 'Ryggrad, automatisk datafangst',
};

/** Is it a form that the server fills by itself? */
export const isCapture = ({ kind, subject }: Principal): boolean =>
  kind === 'system' && subject === CAPTURE.subject;
