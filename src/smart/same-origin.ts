/**
 * Was a request sent by our own pages? Guards everything that a cookie alone would authorise (CSRF):
 * https://www.w3.org/TR/fetch-metadata/ and the `Origin` header of https://www.rfc-editor.org/rfc/rfc6454
 */
import type { IncomingHttpHeaders } from 'node:http';

/** True for our own pages and for an address typed in; false when a browser names another site, or nothing at all. */
export function isSameOrigin(headers: IncomingHttpHeaders): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) {
    return site === 'same-origin' || site === 'none';
  }
  const { origin, host } = headers;
  return origin !== undefined && host !== undefined && URL.parse(origin)?.host === host;
}
