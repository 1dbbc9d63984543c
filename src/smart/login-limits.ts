/**
 * How often one may try to log in. Counted per name *and* address, and per address, never per name alone: an attacker
 * must not be able to lock a colleague out (ASVS 6.1.1).
 */
import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible';

export interface LoginLimits {
  /** Take one attempt. Returns the seconds to wait when there are none left. */
  take(name: string, address: string): Promise<number>;
  /** A right password gives the attempts of that name and address back. */
  reset(name: string, address: string): Promise<void>;
}

const WINDOW_SECONDS = 15 * 60;
export const ATTEMPTS_PER_NAME = 5;
export const ATTEMPTS_PER_ADDRESS = 50;

export function loginLimits(): LoginLimits {
  const byName = new RateLimiterMemory({ points: ATTEMPTS_PER_NAME, duration: WINDOW_SECONDS });
  const byAddress = new RateLimiterMemory({ points: ATTEMPTS_PER_ADDRESS, duration: WINDOW_SECONDS });
  const nameKey = (name: string, address: string) => `${name.slice(0, 100).toLowerCase()}\n${address}`;
  return {
    async take(name, address) {
      return Math.max(await consume(byAddress, address), await consume(byName, nameKey(name, address)));
    },
    async reset(name, address) {
      await byName.delete(nameKey(name, address));
    },
  };
}

async function consume(limiter: RateLimiterMemory, key: string): Promise<number> {
  try {
    await limiter.consume(key);
    return 0;
  } catch (refusal) {
    if (refusal instanceof Error) {
      throw refusal;
    }
    return Math.ceil((refusal as RateLimiterRes).msBeforeNext / 1000);
  }
}
