/**
 * What a patient shows: a code of ten letters and digits from the ward, or a link with 256 random bits (PA-01).
 */
import { argon2, hash, randomBytes, randomInt } from 'node:crypto';
import { promisify } from 'node:util';
import type { SecretBox } from '../../storage/secret-box.ts';

/** Crockford's base32: no I, L, O or U. https://www.crockford.com/base32.html */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** 50 bits. */
const CODE_CHARS = 10;
const COST = { parallelism: 1, tagLength: 32, memory: 47_104, passes: 1 } as const;
const LOOKALIKES: Readonly<Record<string, string>> = { I: '1', L: '1', O: '0' };

const derive = promisify(argon2);

/** A new code as it is handed over: `K7M2Q-9XT4B`. */
export function newCode(): string {
  const chars = Array.from({ length: CODE_CHARS }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
  return `${chars.slice(0, CODE_CHARS / 2)}-${chars.slice(CODE_CHARS / 2)}`;
}

/**
 * The code as it is looked up. The salt is the same for all, and made under the key file: so a code leads to its row, and the
 * table alone does not lead to a code. What is no code takes as long.
 */
export async function hashCode(box: Pick<SecretBox, 'mac'>, typed: string): Promise<string> {
  const nonce = Buffer.from(box.mac('patient-access.code'), 'base64url');
  const message = spelled(typed);
  return Buffer.from(await derive('argon2id', { message, nonce, ...COST })).toString('base64url');
}

/** Small letters, spaces and hyphens as they are typed; letters that look like digits are digits. */
const spelled = (typed: string): string =>
  [...typed.slice(0, 100).toUpperCase().replaceAll(/[\s-]/g, '')]
    .map((char) => LOOKALIKES[char] ?? char)
    .join('');

export const newLinkToken = (): string => randomBytes(32).toString('base64url');

export const hashLink = (token: string): string => hash('sha256', token, 'base64url');
