/**
 * Ids and hashes. Ids are UUID version 7 (RFC 9562): time-ordered, so that new rows land together in the indexes.
 */
import { hash, randomFillSync } from 'node:crypto';
import { md5Head } from './md5.ts';

/** The two things that would make code non-deterministic; passed in everywhere, set by tests. */
export interface Clock {
  now(): Date;
}
export type NewId = (now: Date) => string;

export const systemClock: Clock = { now: () => new Date() };

/** A UUID v7 for the given time. */
export const newUuid: NewId = (now) => {
  const bytes = randomBytes16();
  bytes.writeUIntBE(now.getTime(), 0, 6);
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x70;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
};

/** Random bytes are fetched many at a time: asking the system for 16 costs as much as asking for 4096. */
const pool = Buffer.allocUnsafeSlow(4096);
let used = pool.length;

function randomBytes16(): Buffer {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += 16;
  return Buffer.from(pool.subarray(used - 16, used));
}

/** First 64 bits of MD5 as a signed integer in decimal text (PostgreSQL `bigint`). Not for secrets. */
export function hash64(text: string): string {
  const head = md5Head(text);
  return (head?.getBigInt64(0) ?? hash('md5', text, 'buffer').readBigInt64BE(0)).toString();
}

/** First 32 bits of MD5 as a signed integer (PostgreSQL `integer`). */
export function hash32(text: string): number {
  return md5Head(text)?.getInt32(0) ?? hash('md5', text, 'buffer').readInt32BE(0);
}
