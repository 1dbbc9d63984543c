/** A password to be sent by SMS and typed once: three groups of four without letters that look alike, 68 bits. */
import { randomInt } from 'node:crypto';

const SIGNS = 'abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';
export const FIRST_PASSWORD_DAYS = 7;

/** Has upper and lower case, digit and sign, as the rule wants. */
export function firstPassword(): string {
  const groups = Array.from({ length: 3 }, () =>
    Array.from({ length: 4 }, () => SIGNS[randomInt(SIGNS.length)]).join(''),
  );
  const password = groups.join('-');
  return [/[A-Z]/, /[a-z]/, /\d/].every((kind) => kind.test(password)) ? password : firstPassword();
}
