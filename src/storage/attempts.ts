/**
 * How often something may be done in a while, counted in PostgreSQL so that all servers count together; where the database
 * does not answer, each counts alone.
 */
import { RateLimiterMemory, RateLimiterPostgres, type RateLimiterRes } from 'rate-limiter-flexible';

export interface Attempts {
  /** Take some, one by default. Milliseconds to wait when there are none left, else 0. */
  take(key: string, points?: number): Promise<number>;
  /** Take one, and say how many have been taken. For what is only counted. */
  count(key: string): Promise<number>;
  /** One that was taken does not count. */
  giveBack(key: string): Promise<void>;
  /** None that were taken count any more. */
  forget(key: string): Promise<void>;
}

export interface AttemptOptions {
  /** Tells them from other attempts in the same table. */
  readonly name: string;
  readonly points: number;
  readonly seconds: number;
}

/** `pool`: what can be asked as a `pg.Pool` can. */
export function createAttempts(pool: object, { name, points, seconds }: AttemptOptions): Attempts {
  const settings = { keyPrefix: name, points, duration: seconds };
  const limiter = new RateLimiterPostgres({
    ...settings,
    storeClient: pool,
    storeType: 'pool',
    tableName: 'login_attempt',
    tableCreated: true,
    clearExpiredByTimeout: false,
    insuranceLimiter: new RateLimiterMemory(settings),
  });
  return {
    async take(key, taken = 1) {
      try {
        await limiter.consume(key, taken);
        return 0;
      } catch (refusal) {
        if (refusal instanceof Error) {
          throw refusal;
        }
        return Math.max(1, (refusal as RateLimiterRes).msBeforeNext);
      }
    },
    count: async (key) => (await limiter.consume(key)).consumedPoints,
    async giveBack(key) {
      await limiter.reward(key);
    },
    async forget(key) {
      await limiter.delete(key);
    },
  };
}
