/**
 * The HTTP server, before anything is asked of it: how large headers may be, and how long a slow client is waited for (LM-01).
 * https://nodejs.org/api/http.html#class-httpserver
 */
import { createServer, type Server } from 'node:http';
import { answerClientErrors } from './client-error.ts';

export interface ServerTimes {
  /** Until all headers are here. */
  readonly headersMs: number;
  /** Until the whole request is here. */
  readonly requestMs: number;
  /** Without a byte in either direction: a client that does not read, or has gone without a word. */
  readonly silenceMs: number;
  /** Between two requests: longer than a proxy keeps its connections, else it sends on one that is just being closed. */
  readonly keepAliveMs: number;
  /** How often the first two are looked at. */
  readonly checkMs: number;
}

const TIMES: ServerTimes = {
  headersMs: 20_000,
  requestMs: 120_000,
  silenceMs: 600_000,
  keepAliveMs: 75_000,
  checkMs: 10_000,
};

const MAX_HEADER_BYTES = 16_384;

/** A server that listens to nobody yet; times are for tests. */
export function createHttpServer(times: Partial<ServerTimes> = {}): Server {
  const { headersMs, requestMs, silenceMs, keepAliveMs, checkMs } = { ...TIMES, ...times };
  const server = createServer({
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: headersMs,
    requestTimeout: requestMs,
    keepAliveTimeout: keepAliveMs,
    connectionsCheckingInterval: checkMs,
  });
  server.setTimeout(silenceMs);
  answerClientErrors(server);
  return server;
}
