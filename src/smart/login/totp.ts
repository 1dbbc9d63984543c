/**
 * Codes of an authenticator app: https://www.rfc-editor.org/rfc/rfc6238 with SHA-1, 30 seconds, six digits, which every app
 * knows. A time step that was used is spent, and all before it (ASVS 5.0 6.5.1).
 */
import { Secret, TOTP } from 'otpauth';

const SECRET_BYTES = 20;
/** Steps that a clock may be off, before and after. */
const WINDOW = 1;

/** A new secret in base32. */
export const newTotpSecret = (): string => new Secret({ size: SECRET_BYTES }).base32;

/** `otpauth://…`, for the app's camera. */
export const totpAddress = (secret: string, username: string, issuer: string): string =>
  totp(secret, username, issuer).toString();

/** The time step that the code belongs to; undefined when it is wrong, or its step not newer than the last one used. */
export function totpStep(secret: string, code: string, now: Date, lastStep: number): number | undefined {
  const token = code.replaceAll(/\s/g, '');
  const timestamp = now.getTime();
  const delta = /^\d{6}$/.test(token) ? totp(secret).validate({ token, timestamp, window: WINDOW }) : null;
  if (delta === null) {
    return undefined;
  }
  const step = TOTP.counter({ timestamp }) + delta;
  return step > lastStep ? step : undefined;
}

const totp = (secret: string, label = '', issuer = ''): TOTP =>
  new TOTP({ secret: Secret.fromBase32(secret), label, issuer, algorithm: 'SHA1', digits: 6, period: 30 });
