/**
 * How often a way in may be tried (PA-01): wrong answers by network, text messages by form, and all together, so that somebody
 * who tries everywhere a little is noticed.
 */
import { hash } from 'node:crypto';
import ipaddr from 'ipaddr.js';
import { createAttempts } from '../../storage/attempts.ts';
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
  const limiter = (name: string, points: number) => createAttempts(db, { name, points, seconds: HOUR });
  const networks = limiter('patient-network', TRIES_PER_NETWORK);
  const codes = limiter('patient-code', CODES_PER_FORM);
  const all = limiter('patient-all', Number.MAX_SAFE_INTEGER);
  return {
    take: async (address) => (await networks.take(networkOf(address))) === 0,
    giveBack: (address) => networks.giveBack(networkOf(address)),
    countWrong: async () => (await all.count('all')) === ALARM_AT,
    takeCode: async (access) => (await codes.take(access)) === 0,
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
