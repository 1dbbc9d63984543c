/**
 * How the authorisation server fetches a client's keys by URL (BS-03): by the guard of all outgoing requests, and with a
 * cache that never outlives a minute, so that a rotated key is seen within one.
 */
import { type Fetch, guardedFetch } from '../adapters/guarded-fetch.ts';

const BOUNDS = { timeoutMs: 2500, maxBytes: 256 * 1024 };

/** For operation: https only, public addresses only. */
export const fetchPublicKeys = withoutCache(guardedFetch({ reach: 'public', ...BOUNDS }));

/** For demo mode and tests: also http and addresses of this machine. */
export const fetchLocalKeys = withoutCache(guardedFetch({ reach: 'any', ...BOUNDS }));

/** Without these headers the library keeps a key set for 60 seconds. */
function withoutCache(fetch: Fetch): Fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    const headers = new Headers(response.headers);
    headers.delete('cache-control');
    headers.delete('expires');
    return new Response(response.body, { status: response.status, headers });
  };
}
