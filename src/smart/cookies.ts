/**
 * What we keep in a browser: the session; a login, a launch or a new password that is under way; and that this browser has
 * been here before. RFC 6265bis
 */
import type { IncomingHttpHeaders } from 'node:http';

export interface CookieJar {
  readonly session: string;
  readonly launch: string;
  /** A login that waits for its second factor. */
  readonly login: string;
  /** Somebody who has forgotten the password. */
  readonly forgotten: string;
  /** known-browser.ts */
  readonly known: string;
  /** `Set-Cookie` value; without `maxAgeSeconds` the cookie goes with the browser. */
  set(name: string, value: string, maxAgeSeconds?: number): string;
  clear(name: string): string;
}

/** Over https: `__Host-` names and `Secure`. Plain http is for a laptop. */
export function cookieJar(publicUrl: string): CookieJar {
  const secure = publicUrl.startsWith('https:');
  const prefix = secure ? '__Host-' : '';
  const attributes = `Path=/; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
  return {
    session: `${prefix}ryggrad`,
    launch: `${prefix}ryggrad-launch`,
    login: `${prefix}ryggrad-login`,
    forgotten: `${prefix}ryggrad-forgotten`,
    known: `${prefix}ryggrad-known`,
    set: (name, value, maxAgeSeconds) =>
      `${name}=${value}; ${attributes}${maxAgeSeconds === undefined ? '' : `; Max-Age=${maxAgeSeconds}`}`,
    clear: (name) => `${name}=; ${attributes}; Max-Age=0`,
  };
}

/** The value of a cookie; undefined when it is missing or stands more than once. */
export function readCookie(headers: IncomingHttpHeaders, name: string): string | undefined {
  const values = (headers.cookie ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
  return values.length === 1 && values[0] !== '' ? values[0] : undefined;
}
