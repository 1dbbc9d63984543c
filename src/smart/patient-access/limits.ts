/**
 * How often a way in may be tried (PA-01): wrong answers by network, text messages by form, and all together, so that somebody
 * who tries everywhere a little is noticed.
 */
import { hash } from 'node:crypto';
import ipaddr from 'ipaddr.js';
import { RateLimiterMemory, RateLimiterPostgres, type RateLimiterRes } from 'rate-limiter-flexible';
import type { SqlClient } from '../ports.ts';

const TRIES_PER_NETWORK = 20;
const CODES_PER_FORM = 3;
/** Wrong answers in an hour, over all, at which somebody should look. */
const ALARM_AT = 100;
const HOUR = 3600;

export interface PatientLimits {
  /** Take one try of a network, before it is known whether it is right. False when there are none left. */
  take(address: string): Promise<boolean>;
  /** It was right: the try is given back. */
  giveBack(address: string): Promise<void>;
  /** It was wrong. True at the wrong answer that raises the alarm. */
  countWrong(): Promise<boolean>;
  takeCode(access: string): Promise<boolean>;
}

export function patientLimits(db: SqlClient): PatientLimits {
  const limiter = (keyPrefix: string, points: number) =>
    new RateLimiterPostgres({
      storeClient: db,
      storeType: 'pool',
      tableName: 'login_attempt',
      tableCreated: true,
      clearExpiredByTimeout: false,
      keyPrefix,
      points,
      duration: HOUR,
      insuranceLimiter: new RateLimiterMemory({ keyPrefix, points, duration: HOUR }),
    });
  const networks = limiter('patient-network', TRIES_PER_NETWORK);
  const codes = limiter('patient-code', CODES_PER_FORM);
  const all = limiter('patient-all', Number.MAX_SAFE_INTEGER);
  return {
    take: (address) => consume(networks, networkOf(address)),
    async giveBack(address) {
      await networks.reward(networkOf(address));
    },
    countWrong: async () => (await all.consume('all')).consumedPoints === ALARM_AT,
    takeCode: (access) => consume(codes, access),
  };
}

/** /24 of an IPv4 address, /64 of an IPv6 address, as a hash. */
export function networkOf(address: string): string {
  const network = ipaddr.isValid(address) ? networkText(address) : 'unknown';
  return hash('sha256', network, 'base64url');
}

function networkText(address: string): string {
  const parsed = ipaddr.process(address);
  const [bytes, kept] = [parsed.toByteArray(), parsed.kind() === 'ipv4' ? 3 : 8];
  return `${parsed.kind()} ${bytes.slice(0, kept).join('.')}`;
}

async function consume(limiter: RateLimiterPostgres, key: string): Promise<boolean> {
  try {
    await limiter.consume(key);
    return true;
  } catch (refusal) {
    if (refusal instanceof Error) {
      throw refusal;
    }
    return (refusal as RateLimiterRes).remainingPoints > 0;
  }
}
