/**
 * How often one may try.
 * Counted per name *and* address, per address, and per name over all addresses. The last would let a stranger lock a
 * colleague out (ASVS 6.1.1): a browser that has logged in as that person before is counted by itself instead.
 */
import { hash } from 'node:crypto';
import { type Attempts, createAttempts } from '../storage/attempts.ts';
import type { SqlClient } from './ports.ts';

export interface Attempt {
  readonly name: string;
  readonly address: string;
  /** The browser, when it has logged in as this person before. */
  readonly browser?: string | undefined;
}

export interface LoginLimits {
  /** Take one attempt to log in. Returns the seconds to wait when there are none left. */
  take(attempt: Attempt): Promise<number>;
  /** A right password gives the attempts of that name and address back. */
  reset(attempt: Attempt): Promise<void>;
  /** Take one of something else that may be done so often per hour: `application`, `code`. Seconds to wait, or 0. */
  takeOther(what: keyof typeof OTHERS, key: string): Promise<number>;
}

const WINDOW_SECONDS = 15 * 60;
const HOUR = 3600;
const ATTEMPTS_PER_NAME = 5;
const ATTEMPTS_PER_ADDRESS = 50;
/** Attempts on one account from all addresses that it has never been logged in from, per hour. */
const ATTEMPTS_FROM_STRANGERS = 60;
/** What else is limited, per hour. */
const OTHERS = {
  /** Applications sent from an address. */
  application: 20,
  /** Codes sent to one account. */
  code: 6,
  /** Codes asked for from one address by those who have forgotten their password. */
  forgotten: 20,
  /** Wrong answers to the second factor of one account, whose password was right. */
  factor: 20,
} as const;

export function loginLimits(db: SqlClient): LoginLimits {
  const limiter = (name: string, points: number, seconds: number): Attempts =>
    createAttempts(db, { name, points, seconds });
  const byName = limiter('name', ATTEMPTS_PER_NAME, WINDOW_SECONDS);
  const byAddress = limiter('address', ATTEMPTS_PER_ADDRESS, WINDOW_SECONDS);
  const byStrangers = limiter('strangers', ATTEMPTS_FROM_STRANGERS, HOUR);
  const others = Object.fromEntries(
    Object.entries(OTHERS).map(([what, points]) => [what, limiter(what, points, HOUR)]),
  );
  return {
    async take(attempt) {
      const { address, browser } = attempt;
      const waits = [
        await consume(byName, placeOf(attempt)),
        browser === undefined ? await consume(byAddress, keyOf(address)) : 0,
        browser === undefined ? await consume(byStrangers, keyOf(nameOf(attempt))) : 0,
      ];
      return Math.max(...waits);
    },
    async reset(attempt) {
      await byName.forget(placeOf(attempt));
    },
    takeOther: (what, key) => consume(others[what] as Attempts, keyOf(key)),
  };
}

const nameOf = ({ name }: Attempt): string => name.toLowerCase();
const placeOf = (attempt: Attempt): string =>
  keyOf(`${nameOf(attempt)}\n${attempt.browser ?? attempt.address}`);

/** What was typed as a name is none of the table's business: it may be a password. */
const keyOf = (text: string): string => hash('sha256', text, 'base64url');

async function consume(attempts: Attempts, key: string): Promise<number> {
  return Math.ceil((await attempts.take(key)) / 1000);
}
