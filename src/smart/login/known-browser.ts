/**
 * A browser that an account has logged in with before: a cookie that says so, under the key file's key. Such a browser has
 * login attempts of its own, so that nobody can lock an account out by guessing from elsewhere (ASVS 5.0 6.1.1; OWASP,
 * "Slow down online guessing attacks with device cookies").
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { SecretBox } from '../../storage/secret-box.ts';

export const KNOWN_BROWSER_SECONDS = 180 * 24 * 3600;

/** The cookie's value for an account. */
export function knownBrowser(box: SecretBox, username: string): string {
  const nonce = randomBytes(16).toString('base64url');
  return `${nonce}.${macOf(box, username, nonce)}`;
}

/** What names this browser among those of the account; undefined when the cookie is not one of ours for it. */
export function browserOf(box: SecretBox, username: string, cookie: string | undefined): string | undefined {
  const [nonce = '', mac = ''] = (cookie ?? '').split('.');
  const expected = Buffer.from(macOf(box, username, nonce));
  const given = Buffer.from(mac);
  return given.length === expected.length && timingSafeEqual(given, expected) ? nonce : undefined;
}

const macOf = (box: SecretBox, username: string, nonce: string): string =>
  box.mac(`known-browser\n${username}\n${nonce}`);
