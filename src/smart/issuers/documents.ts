/**
 * The issuer's metadata and keys: read from the fixed address, kept as long as the answer says, at most a day
 * (HelseID FK2; https://www.rfc-editor.org/rfc/rfc8414 section 3).
 */
import { type Fetch, guardedFetch } from '../../adapters/guarded-fetch.ts';
import type { Clock } from '../../fhir/id.ts';

export interface CachedDocument<T> {
  /** The document; an old one, up to a day, when a new one cannot be had. */
  read(): Promise<T>;
  /** A new one, at most every half minute: for a key that is not there yet. */
  refresh(): Promise<T>;
}

export interface DocumentOptions<T> {
  readonly url: () => Promise<string>;
  readonly clock: Clock;
  /** Throws for a document that cannot be what is wanted. */
  readonly parse: (document: unknown) => T;
  readonly fetch?: Fetch;
}

interface Kept<T> {
  readonly value: T;
  readonly readAt: number;
  readonly freshUntil: number;
}

const DAY_SECONDS = 24 * 3600;
const LEAST_SECONDS = 60;
const COOLDOWN_SECONDS = 30;
const fetchDocuments = guardedFetch({ reach: 'configured', timeoutMs: 5000, maxBytes: 256 * 1024 });

export function cachedDocument<T>({
  url,
  clock,
  parse,
  fetch: get = fetchDocuments,
}: DocumentOptions<T>): CachedDocument<T> {
  let kept: Kept<T> | undefined;
  let underway: Promise<T> | undefined;
  const seconds = (): number => clock.now().getTime() / 1000;

  async function load(): Promise<T> {
    const readAt = seconds();
    const { document, freshFor } = await fetchDocument(get, await url());
    const value = parse(document);
    kept = { value, readAt, freshUntil: readAt + freshFor };
    return value;
  }
  /** One request at a time, whoever asks. */
  const loadOnce = (): Promise<T> =>
    (underway ??= load().finally(() => {
      underway = undefined;
    }));

  return {
    async read() {
      const now = seconds();
      if (kept !== undefined && now < kept.freshUntil) {
        return kept.value;
      }
      const old = kept;
      try {
        return await loadOnce();
      } catch (cause) {
        if (old !== undefined && now < old.readAt + DAY_SECONDS) {
          return old.value;
        }
        throw cause;
      }
    },
    refresh: () =>
      kept !== undefined && seconds() < kept.readAt + COOLDOWN_SECONDS
        ? Promise.resolve(kept.value)
        : loadOnce(),
  };
}

/** From https (or this machine). */
async function fetchDocument(get: Fetch, address: string) {
  requireSafe(address);
  const response = await get(address, {
    headers: { accept: 'application/json' },
  });
  if (!response.ok) {
    throw new Error(`The issuer answered ${response.status}`);
  }
  return {
    document: JSON.parse(await response.text()) as unknown,
    freshFor: freshSeconds(response.headers.get('cache-control')),
  };
}

/** Addresses in metadata may not lead away from https either. */
export function requireSafe(address: string): void {
  const { protocol, hostname } = URL.parse(address) ?? {};
  if (
    protocol !== 'https:' &&
    !(protocol === 'http:' && (hostname === '127.0.0.1' || hostname === 'localhost'))
  ) {
    throw new Error('Addresses of an issuer must use https');
  }
}

function freshSeconds(cacheControl: string | null): number {
  if (cacheControl === null) {
    return DAY_SECONDS;
  }
  const [, maxAge] = /(?:^|[\s,])max-age=([0-9]{1,9})/i.exec(cacheControl) ?? [];
  const isKept = maxAge !== undefined && !/no-store|no-cache/i.test(cacheControl);
  return isKept ? Math.min(Math.max(Number(maxAge), LEAST_SECONDS), DAY_SECONDS) : LEAST_SECONDS;
}
