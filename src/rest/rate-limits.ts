/**
 * How much a client, a user or an address may ask in a minute (LM-04, API4). Requests are counted in memory and, a twentieth
 * of the limit at a time, in PostgreSQL, so that all servers count together and most requests ask no database. If it does
 * not answer, each server counts alone. Login and one-time codes have limits of their own (smart/login-limits.ts).
 * https://www.rfc-editor.org/rfc/rfc6585#section-4
 */
import { hash } from 'node:crypto';
import type { RequestHandler } from 'express';
import type { Pool } from 'pg';
import type { Clock } from '../fhir/id.ts';
import { FhirError, error } from '../fhir/outcome.ts';
import { createAttempts } from '../storage/attempts.ts';
import { createRecent } from '../storage/recent.ts';

export type RateClass = 'read' | 'search' | 'write' | 'export' | 'token';

/** Requests per minute. */
export type Rates = Readonly<Record<RateClass, number>>;

export interface RateLimits {
  /** Count one request of somebody. Throws 429 with Retry-After when there were too many. */
  take(rate: RateClass, who: string): Promise<void>;
}

const MINUTE = 60;
/** Requests that are counted in memory before the database is told, as a part of the limit. */
const PARTS = 20;
/** Callers that are remembered. */
const CALLERS = 10_000;

type Counter = (who: string) => Promise<number>;

/** Without rates nothing is limited. */
export function createRateLimits(pool: Pool, clock: Clock, rates: Rates | undefined): RateLimits {
  const counters = new Map(
    Object.entries(rates ?? {}).map(([rate, points]) => [rate, counter(pool, clock, rate, points)]),
  );
  return {
    async take(rate, who) {
      const seconds = (await counters.get(rate)?.(hash('sha256', who, 'base64url'))) ?? 0;
      if (seconds > 0) {
        throw tooMany(rate, seconds);
      }
    },
  };
}

const tooMany = (rate: RateClass, seconds: number): FhirError =>
  new FhirError(
    429,
    error(
      'throttled',
      `Too many requests of the kind "${rate}" in a minute. Ask again in ${seconds} s.`,
      undefined,
      `rate-${rate}`,
    ),
    { headers: { 'Retry-After': String(seconds) } },
  );

/** Seconds to wait, or 0. */
function counter(pool: Pool, clock: Clock, rate: string, points: number): Counter {
  const part = Math.max(1, Math.floor(points / PARTS));
  const shared = createAttempts(pool, { name: `rate-${rate}`, points, seconds: MINUTE });
  const uncounted = createRecent<string, number>(CALLERS);
  const blocked = createRecent<string, number>(CALLERS);
  return async (who) => {
    const now = clock.now().getTime();
    const until = blocked.get(who) ?? 0;
    if (until > now) {
      return Math.ceil((until - now) / 1000);
    }
    const count = (uncounted.get(who) ?? 0) + 1;
    uncounted.set(who, count % part);
    if (count < part) {
      return 0;
    }
    const wait = await shared.take(who, part);
    blocked.set(who, now + wait);
    return Math.ceil(wait / 1000);
  };
}

/** Requests for tokens, by address: before anything is known of who asks. */
export const limitTokens =
  (limits: RateLimits): RequestHandler =>
  async (request, response, next) => {
    try {
      await limits.take('token', request.ip ?? '');
      next();
    } catch (cause) {
      if (!(cause instanceof FhirError)) {
        throw cause;
      }
      response
        .status(cause.status)
        .set({ ...cause.headers, 'Cache-Control': 'no-store' })
        .json({ error: 'temporarily_unavailable', error_description: cause.issues[0]?.diagnostics });
    }
  };
