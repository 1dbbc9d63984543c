/**
 * Posting notifications: https://hl7.org/fhir/R4/subscription.html#channels
 * The address is the subscriber's choice, so the request goes by the guard of the network that the server stands in.
 */
import type { Delivered, Delivery, RestHook } from '../registry/subscription/channel.ts';
import { FetchRefused, guardedFetch, type Reach, refusalOf, type Resolve } from './guarded-fetch.ts';

export interface RestHookOptions {
  /** Host names that may be reached over http and on private addresses; `*` = any (demo mode). */
  readonly trustedHosts: readonly string[];
  /** How names are resolved; for tests. */
  readonly resolve?: Resolve;
}

const MAX_ANSWER_BYTES = 64 * 1024;

/** The sender. */
export function createRestHook({ trustedHosts, resolve }: RestHookOptions): RestHook {
  const reachOf = ({ hostname }: URL): Reach =>
    trustedHosts.includes('*') || trustedHosts.includes(hostname) ? 'any' : 'public';
  return {
    refusal(text) {
      const url = URL.parse(text);
      return url === null ? 'it is no absolute URL' : refusalOf(url, reachOf(url));
    },
    send(delivery) {
      const url = URL.parse(delivery.url);
      return url === null
        ? Promise.resolve({ isSent: false, reason: 'the address is no URL' })
        : post(url, delivery, reachOf(url), resolve);
    },
  };
}

async function post(
  url: URL,
  { headers, body, timeoutSeconds }: Delivery,
  reach: Reach,
  resolve: Resolve | undefined,
): Promise<Delivered> {
  const ask = guardedFetch({
    reach,
    timeoutMs: timeoutSeconds * 1000,
    maxBytes: MAX_ANSWER_BYTES,
    ...(resolve !== undefined && { resolve }),
  });
  try {
    const { ok, status } = await ask(url, { method: 'POST', headers, body });
    return ok ? { isSent: true } : { isSent: false, reason: `the answer was ${status}` };
  } catch (cause) {
    return { isSent: false, reason: reasonOf(cause as Error) };
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was cut',
  ENOTFOUND: 'the host name is not known',
  EAI_AGAIN: 'the host name could not be resolved',
};

/** In words that tell a subscriber what to look at, and nothing of our network. */
function reasonOf(cause: Error): string {
  if (cause instanceof FetchRefused) {
    return cause.message;
  }
  if (cause.name === 'AbortError' || cause.name === 'TimeoutError') {
    return 'no answer in time';
  }
  const code = (cause as NodeJS.ErrnoException).code ?? '';
  return (
    REASONS[code] ?? (/CERT|TLS|SSL/.test(code) ? 'the certificate is not trusted' : 'the connection failed')
  );
}
