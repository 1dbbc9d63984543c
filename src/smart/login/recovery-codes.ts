/**
 * Ten codes for the day when the factor is lost: 80 bits each, kept as hashes, good once (ASVS 5.0 6.5.1, 6.5.2).
 */
import { hash, randomBytes } from 'node:crypto';
import type { SqlClient } from '../ports.ts';

const COUNT = 10;
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const LENGTH = 16;

/** Codes as they are shown, this once: `a1b2-c3d4-e5f6-g7h8`. */
export const newRecoveryCodes = (): readonly string[] => Array.from({ length: COUNT }, newCode);

/** Replace all codes of an account by these. */
export async function saveRecoveryCodes(
  db: SqlClient,
  username: string,
  codes: readonly string[],
): Promise<void> {
  await db.query('delete from account_recovery_code where username = $1', [username]);
  await db.query('insert into account_recovery_code (username, code_hash) select $1, unnest($2::text[])', [
    username,
    codes.map(hashOf),
  ]);
}

/** Take a code: true once, false for every other time and text. */
export async function takeRecoveryCode(
  db: SqlClient,
  username: string,
  code: string,
  now: Date,
): Promise<boolean> {
  const { rows } = await db.query(
    `update account_recovery_code
        set used = $3
      where username = $1
        and code_hash = $2
        and used is null
     returning 1`,
    [username, hashOf(code), now],
  );
  return rows.length === 1;
}

/** How many codes are left. */
export async function recoveryCodesLeft(db: SqlClient, username: string): Promise<number> {
  const { rows } = await db.query(
    'select count(*)::int as n from account_recovery_code where username = $1 and used is null',
    [username],
  );
  return rows[0]?.n as number;
}

function newCode(): string {
  const signs = [...randomBytes(LENGTH)].map((byte) => ALPHABET[byte & 31]).join('');
  return signs.replaceAll(/(.{4})(?=.)/g, '$1-');
}

/** 80 random bits need no slow hash: there is nothing to guess from. */
const hashOf = (code: string): string =>
  hash('sha256', code.toLowerCase().replaceAll(/[^0-9a-z]/g, ''), 'base64url');
