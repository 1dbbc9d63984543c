/**
 * How the authorisation server fetches a client's keys by URL (BS-03).
 * The library gives a timeout, a size limit and a dispatcher that refuses private addresses; here: https alone, no
 * redirects, and a cache that never outlives a minute, so that a rotated key is seen within one.
 */

export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** For operation: https only, public addresses only. */
export const fetchPublicKeys: Fetch = async (input, init) => {
  const url = urlOf(input);
  if (url.protocol !== 'https:') {
    throw new Error('A jwks_uri must use https');
  }
  if ((init as { dispatcher?: unknown } | undefined)?.dispatcher === undefined) {
    throw new Error('Without the guard against private addresses no keys are fetched');
  }
  return withoutCacheHeaders(await fetch(url, { ...init, redirect: 'error' }));
};

/** For demo mode and tests: also http and addresses of this machine. */
export const fetchLocalKeys: Fetch = async (input, init) => {
  const { dispatcher: _guard, ...rest } = (init ?? {}) as RequestInit & { dispatcher?: unknown };
  return withoutCacheHeaders(await fetch(urlOf(input), { ...rest, redirect: 'error' }));
};

function urlOf(input: string | URL | Request): URL {
  return new URL(input instanceof Request ? input.url : input);
}

/** Without them the library keeps a key set for 60 seconds. */
function withoutCacheHeaders(response: Response): Response {
  const headers = new Headers(response.headers);
  headers.delete('cache-control');
  headers.delete('expires');
  headers.delete('content-encoding');
  return new Response(response.body, { status: response.status, headers });
}
