/**
 * The authorisation server works out its own address from `Host` and `X-Forwarded-…`, and takes client assertions and proofs
 * of possession that are meant for that address. Whoever asks writes these headers, and could bring what was meant for
 * another server (RFC 7523 section 3, RFC 9449 section 4.3). Behind this the address is the configured one, whatever they say.
 */
import type { NextFunction, Request, RequestHandler, Response } from 'express';

/** Middleware before everything that asks for its own address. */
export function atOwnAddress(publicUrl: string): RequestHandler {
  const { host, protocol } = new URL(publicUrl);
  const own = { host, 'x-forwarded-host': host, 'x-forwarded-proto': protocol.slice(0, -1) };
  return ({ headers }: Request, _response: Response, next: NextFunction) => {
    Object.assign(headers, own);
    next();
  };
}
