/**
 * Apps in browsers (SM-05): their own registered origins may call the FHIR API, and no other site's pages. Nothing that a
 * cookie would authorise is ever opened: credentials are not allowed across origins. https://fetch.spec.whatwg.org/
 */
import { decodeJwt } from 'jose';
import type { RequestHandler } from 'express';
import type { Clock } from '../fhir/id.ts';
import { clientOrigins } from './clients.ts';
import type { SqlClient } from './ports.ts';

/** Discovery is for everyone. */
const OPEN = /^\/(?:metadata|\.well-known\/smart-configuration)\/?$/;
const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE';
const REQUEST_HEADERS =
  'Accept, Authorization, Content-Type, DPoP, If-Match, If-Modified-Since, If-None-Exist, If-None-Match, Prefer, Idempotency-Key';
const EXPOSED_HEADERS =
  'Content-Location, ETag, Last-Modified, Location, Retry-After, WWW-Authenticate, X-Progress, X-Request-Id';
const CACHE_MS = 60_000;

/** To be mounted at the FHIR base, before everything that answers there. */
export function fhirCors(db: SqlClient, clock: Clock): RequestHandler {
  let known: Promise<ReadonlyMap<string, ReadonlySet<string>>> | undefined;
  let readAt = 0;
  const origins = (): Promise<ReadonlyMap<string, ReadonlySet<string>>> => {
    const now = clock.now().getTime();
    if (known === undefined || Math.abs(now - readAt) > CACHE_MS) {
      readAt = now;
      known = clientOrigins(db);
      known.catch(() => (known = undefined));
    }
    return known;
  };

  return async (request, response, next) => {
    const { origin } = request.headers;
    if (origin === undefined || OPEN.test(request.path)) {
      if (!openPreflight(request.method, request.path, response)) {
        next();
      }
      return;
    }
    response.vary('Origin');
    const isPreflight =
      request.method === 'OPTIONS' && request.get('Access-Control-Request-Method') !== undefined;
    const client = isPreflight ? undefined : clientOf(request.headers.authorization);
    if (isAllowed(await origins(), origin, client)) {
      response.set({
        'Access-Control-Allow-Origin': origin,
        'Access-Control-Expose-Headers': EXPOSED_HEADERS,
        // a page of another origin may read what it is given, whatever helmet says for pages
        'Cross-Origin-Resource-Policy': 'cross-origin',
      });
      if (isPreflight) {
        response.set({
          'Access-Control-Allow-Methods': METHODS,
          'Access-Control-Allow-Headers': REQUEST_HEADERS,
          'Access-Control-Max-Age': '600',
        });
      }
    }
    if (isPreflight) {
      response.status(204).end();
      return;
    }
    next();
  };
}

/** True when the request was answered: a preflight for what everyone may read. */
function openPreflight(
  method: string,
  path: string,
  response: { set(headers: Record<string, string>): { status(code: number): { end(): unknown } } },
): boolean {
  if (method !== 'OPTIONS' || !OPEN.test(path)) {
    return false;
  }
  response
    .set({
      'Access-Control-Allow-Origin': '*',
      'Access-Control-Allow-Methods': 'GET',
      'Access-Control-Allow-Headers': 'Accept',
    })
    .status(204)
    .end();
  return true;
}

/** With a token: its client's own origins alone. Without one (a preflight, a refusal): any registered origin. */
function isAllowed(
  origins: ReadonlyMap<string, ReadonlySet<string>>,
  origin: string,
  client: string | undefined,
): boolean {
  return client === undefined
    ? [...origins.values()].some((own) => own.has(origin))
    : origins.get(client)?.has(origin) === true;
}

/** The client that a token names. Unverified: it decides who may read the answer, not what the answer is. */
function clientOf(authorization: string | undefined): string | undefined {
  const token = authorization?.split(' ')[1];
  try {
    const { client_id: id } = token === undefined ? {} : decodeJwt(token);
    return typeof id === 'string' ? id : undefined;
  } catch {
    return undefined;
  }
}
