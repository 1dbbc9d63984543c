/**
 * An EHR that we fetch from ourselves, as a SMART backend service:
 * https://hl7.org/fhir/smart-app-launch/STU2.2/backend-services.html
 */
import type { JWK } from 'jose';

export interface PullConnection {
  /** Id of the EHR in the settings. */
  readonly ehr: string;
  readonly fhirBase: string;
  readonly clientId: string;
  /** Our private key there; absent: the one that the server publishes. */
  readonly key?: JWK;
  readonly scopes: readonly string[];
  readonly requestsPerSecond: number;
  /** When to ask for what has changed, in crontab form (UTC). */
  readonly schedule: string;
  /** Registered client that what is fetched comes from: `client:<id>`. */
  readonly source: string;
  readonly registers: readonly string[];
  readonly transport?: 'https' | 'http';
}

/** Why nothing could be fetched: our words for it, which is all that is kept and shown. */
export type PullFailure =
  | 'no-answer'
  | 'unavailable'
  | 'busy'
  | 'token-refused'
  | 'not-let-in'
  | 'settings-unusable'
  | 'sender-unknown';

/** The EHR is to be left alone for a while. */
export class EhrAway extends Error {
  override readonly name = 'EhrAway';
  readonly failure: PullFailure;
  /** How long it wants to be left alone, when it has said so. */
  readonly retryAfterMs: number | undefined;
  constructor(failure: PullFailure, retryAfterMs?: number) {
    super(`the EHR cannot be asked: ${failure}`);
    this.failure = failure;
    this.retryAfterMs = retryAfterMs;
  }
}

/** `Retry-After` as milliseconds: https://www.rfc-editor.org/rfc/rfc9110#field.retry-after */
export function retryAfterOf(headers: Headers, now: Date): number | undefined {
  const value = headers.get('retry-after') ?? '';
  const ms = /^\d{1,6}$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now.getTime();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

/** Throws EhrAway for an answer after which another try makes sense. */
export function requireThere({ status, headers }: Response, now: Date): void {
  if (status === 429) {
    throw new EhrAway('busy', retryAfterOf(headers, now));
  }
  if (status >= 500 || status === 408 || status === 425) {
    throw new EhrAway('unavailable', retryAfterOf(headers, now));
  }
}
