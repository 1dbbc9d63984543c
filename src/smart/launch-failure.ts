/**
 * A launch that does not come to its end: which way it failed, for the page that says what to do, and for the audit trail.
 */
import type { Ehr } from './ehr.ts';

/** The ways, each with the HTTP status of its page. */
export const LAUNCH_FAILURES = {
  /** `iss` is not one of the EHRs of the settings. */
  'unknown-ehr': 400,
  /** Nobody answers where the EHR's metadata should be. */
  'ehr-unreachable': 502,
  /** Its metadata cannot be used. */
  'ehr-broken': 502,
  /** No such launch is under way in this browser: too late, used, or begun elsewhere. */
  expired: 400,
  /** State, issuer, nonce or signature of the answer are not as they should be. */
  'not-confirmed': 400,
  /** The EHR did not take the request: the launch is too old there, or it knows us by another address. */
  'request-refused': 400,
  /** Its user said no. */
  denied: 403,
  /** It does not give the access that is needed. */
  'scope-denied': 403,
  /** No token for the code. */
  'token-refused': 502,
  'no-patient': 400,
  'patient-unknown': 404,
  'patient-unreadable': 403,
  /** It was there at first, and is not any more. */
  'ehr-down': 502,
  /** Afterwards: nobody has worked here for a while. */
  'session-ended': 401,
} as const;

export type LaunchFailureKind = keyof typeof LAUNCH_FAILURES;

/** Thrown by the launch; shown by whoever draws the pages. */
export class LaunchFailure extends Error {
  override readonly name = 'LaunchFailure';
  readonly kind: LaunchFailureKind;
  readonly status: number;
  /** The EHR, where it is known. */
  readonly ehr: Ehr | undefined;

  /** `reason`: the check that failed, for the audit trail; never what the EHR wrote. */
  constructor(kind: LaunchFailureKind, ehr: Ehr | undefined, reason: string, options?: ErrorOptions) {
    super(reason, options);
    this.kind = kind;
    this.status = LAUNCH_FAILURES[kind];
    this.ehr = ehr;
  }
}
