/**
 * Posting notifications: https://hl7.org/fhir/R4/subscription.html#channels
 * The address is the subscriber's choice, so the sender guards the network it stands in (SSRF): https only, public
 * addresses only, checked where the connection is made, no redirects, bounded time and answer.
 */
import { lookup as lookupHost, type LookupAddress } from 'node:dns';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { Delivered, Delivery, RestHook } from '../registry/subscription/channel.ts';
import { isPublicAddress } from './public-address.ts';

export interface RestHookOptions {
  /** Host names that may be reached over http and on private addresses; `*` = any (demo mode). */
  readonly trustedHosts: readonly string[];
  /** How names are resolved; for tests. */
  readonly resolve?: (host: string) => Promise<readonly LookupAddress[]>;
}

const MAX_ANSWER_BYTES = 64 * 1024;

/** The sender. */
export function createRestHook({ trustedHosts, resolve = resolveHost }: RestHookOptions): RestHook {
  const isTrusted = (host: string): boolean => trustedHosts.includes('*') || trustedHosts.includes(host);
  return {
    refusal(text) {
      const url = URL.parse(text);
      return url === null ? 'it is no absolute URL' : refusalOf(url, isTrusted(url.hostname));
    },
    async send(delivery) {
      const url = URL.parse(delivery.url);
      const isFree = url !== null && isTrusted(url.hostname);
      const refusal = url === null ? 'the address is no URL' : refusalOf(url, isFree);
      return url === null || refusal !== undefined
        ? { isSent: false, reason: refusal ?? '' }
        : post(url, delivery, guardedLookup(resolve, isFree));
    },
  };
}

function refusalOf(url: URL, isTrusted: boolean): string | undefined {
  if (url.username !== '' || url.password !== '' || url.hash !== '') {
    return 'it may have no user name, password or fragment';
  }
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isTrusted)) {
    return 'it must use https';
  }
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return isIP(host) !== 0 && !isTrusted && !isPublicAddress(host)
    ? 'addresses of private networks are not reached'
    : undefined;
}

const resolveHost = (host: string): Promise<readonly LookupAddress[]> =>
  new Promise((resolve, reject) => {
    lookupHost(host, { all: true, verbatim: true }, (failure, addresses) =>
      failure === null ? resolve(addresses) : reject(failure),
    );
  });

class PrivateAddress extends Error {
  override readonly name = 'PrivateAddress';
}

/** Resolves for the connection itself, so that the address that was checked is the one that is connected to. */
function guardedLookup(
  resolve: (host: string) => Promise<readonly LookupAddress[]>,
  isTrusted: boolean,
): LookupFunction {
  return (host, options, callback) => {
    resolve(host)
      .then((addresses) => {
        const [first] = addresses;
        if (
          first === undefined ||
          (!isTrusted && !addresses.every(({ address }) => isPublicAddress(address)))
        ) {
          throw new PrivateAddress('addresses of private networks are not reached');
        }
        return options.all === true
          ? callback(null, [...addresses])
          : callback(null, first.address, first.family);
      })
      .catch((cause: unknown) => callback(cause as Error, '', 0));
  };
}

function post(
  url: URL,
  { headers, body, timeoutSeconds }: Delivery,
  lookup: LookupFunction,
): Promise<Delivered> {
  return new Promise((resolve) => {
    const fail = (reason: string): void => resolve({ isSent: false, reason });
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const call = send(url, {
      method: 'POST',
      lookup,
      agent: false,
      maxHeaderSize: 16_384,
      signal: AbortSignal.timeout(timeoutSeconds * 1000),
      headers: { ...headers, 'Content-Length': Buffer.byteLength(body) },
    });
    call.on('error', (cause) => fail(reasonOf(cause)));
    call.on('response', (response) => {
      const status = response.statusCode ?? 0;
      let size = 0;
      response.on('error', (cause) => fail(reasonOf(cause)));
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > MAX_ANSWER_BYTES) {
          fail('the answer is too long');
          call.destroy();
        }
      });
      response.on('end', () =>
        status >= 200 && status < 300 ? resolve({ isSent: true }) : fail(`the answer was ${status}`),
      );
    });
    call.end(body);
  });
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was cut',
  ENOTFOUND: 'the host name is not known',
  EAI_AGAIN: 'the host name could not be resolved',
};

/** In words that tell a subscriber what to look at, and nothing of our network. */
function reasonOf(cause: Error): string {
  if (cause instanceof PrivateAddress) {
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
