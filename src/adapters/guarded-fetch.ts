/**
 * The one road by which the server asks other servers (OWASP API7, ASVS 5.0 1.3.6, 15.3.2): like `fetch`, but it follows no
 * redirect, unpacks nothing, ends in time, reads no more than was agreed, and looks at the address that is connected to.
 * Looking at a name first and connecting afterwards would let the second DNS answer be another one.
 */
import { lookup as lookupHost, type LookupAddress } from 'node:dns';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { isLinkLocalAddress, isPublicAddress } from './public-address.ts';

export interface FetchGuard {
  /** `public`: a stranger chose the address; `configured`: the operator did; `any`: of this machine too, for a demo. */
  readonly reach: Reach;
  /** From the first byte sent to the last one read. */
  readonly timeoutMs: number;
  readonly maxBytes: number;
  /** How names are resolved; for tests. */
  readonly resolve?: Resolve;
}

export type Reach = 'public' | 'configured' | 'any';
export type Resolve = (host: string) => Promise<readonly LookupAddress[]>;
export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** What the guard does not let through; its message says why, and tells nothing of our network. */
export class FetchRefused extends Error {
  override readonly name = 'FetchRefused';
}

const MAX_HEADER_BYTES = 16_384;
const NOT_REACHED = 'addresses of private networks are not reached';
const WITHOUT_BODY = new Set([204, 205, 304]);

/** A `fetch` with these bounds. Rejects with FetchRefused, a TimeoutError, or the error of the connection. */
export function guardedFetch({ reach, timeoutMs, maxBytes, resolve = resolveHost }: FetchGuard): Fetch {
  const lookup = guardedLookup(resolve, reach);
  return async (input, { method, headers, body, signal } = {}) => {
    const asked = new Request(input, { ...optional({ method, headers, body, signal }), redirect: 'manual' });
    const url = new URL(asked.url);
    const refusal = refusalOf(url, reach);
    if (refusal !== undefined) {
      throw new FetchRefused(refusal);
    }
    const content = Buffer.from(await asked.arrayBuffer());
    const inTime = AbortSignal.any([asked.signal, AbortSignal.timeout(timeoutMs)]);
    try {
      return await send(asked, url, content, { lookup, maxBytes, signal: inTime });
    } catch (cause) {
      throw inTime.aborted ? inTime.reason : cause;
    }
  };
}

/** Why an address is not asked; undefined when it may be, as far as can be seen without resolving its name. */
export function refusalOf(url: URL, reach: Reach): string | undefined {
  if (url.username !== '' || url.password !== '' || url.hash !== '') {
    return 'it may have no user name, password or fragment';
  }
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && reach !== 'public')) {
    return 'it must use https';
  }
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return isIP(host) === 0 || REACHED[reach](host) ? undefined : NOT_REACHED;
}

const REACHED: Readonly<Record<Reach, (address: string) => boolean>> = {
  public: isPublicAddress,
  configured: (address) => !isLinkLocalAddress(address),
  any: () => true,
};

const resolveHost: Resolve = (host) =>
  new Promise((resolve, reject) => {
    lookupHost(host, { all: true, verbatim: true }, (failure, addresses) =>
      failure === null ? resolve(addresses) : reject(failure),
    );
  });

/** Resolves for the connection itself, so that the address that was checked is the one that is connected to. */
function guardedLookup(resolve: Resolve, reach: Reach): LookupFunction {
  return (host, options, callback) => {
    resolve(host)
      .then((addresses) => {
        const [first] = addresses;
        if (first === undefined || !addresses.every(({ address }) => REACHED[reach](address))) {
          throw new FetchRefused(NOT_REACHED);
        }
        return options.all === true
          ? callback(null, [...addresses])
          : callback(null, first.address, first.family);
      })
      .catch((cause: unknown) => callback(cause as Error, '', 0));
  };
}

interface Bounds {
  readonly lookup: LookupFunction;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

function send(asked: Request, url: URL, content: Buffer, bounds: Bounds): Promise<Response> {
  return new Promise((resolve, reject) => {
    const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const call = request(url, {
      method: asked.method,
      lookup: bounds.lookup,
      signal: bounds.signal,
      agent: false,
      maxHeaderSize: MAX_HEADER_BYTES,
      headers: {
        ...Object.fromEntries(asked.headers),
        'accept-encoding': 'identity',
        ...(asked.body !== null && { 'content-length': content.length }),
      },
    });
    call.on('error', reject);
    call.on('response', (answer) => {
      read(answer, bounds.maxBytes)
        .then((body) => resolve(toResponse(answer, body)))
        .catch((cause: unknown) => {
          call.destroy();
          reject(cause as Error);
        });
    });
    call.end(content);
  });
}

async function read(answer: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) {
      throw new FetchRefused('the answer is too long');
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function toResponse({ statusCode = 0, rawHeaders }: IncomingMessage, body: Buffer): Response {
  const headers = new Headers();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    headers.append(rawHeaders[at] as string, rawHeaders[at + 1] as string);
  }
  const content = WITHOUT_BODY.has(statusCode) ? null : new Uint8Array(body);
  return new Response(content, { status: statusCode, headers });
}

/** Without the members that were not given, which `Request` would take for null. */
const optional = (init: { [K in keyof RequestInit]: RequestInit[K] | undefined }): RequestInit =>
  Object.fromEntries(Object.entries(init).filter(([, value]) => value !== undefined)) as RequestInit;
