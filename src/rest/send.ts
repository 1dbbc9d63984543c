/**
 * A FHIR response onto the wire.
 */
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { brotliCompress, constants, createBrotliCompress, createGzip, gzip as gzipBytes } from 'node:zlib';
import type { Request, Response } from 'express';
import { parseJson, stringifyJson } from '../fhir/json.ts';
import type { FhirResponse } from '../interactions/exchange.ts';
import { FHIR_JSON } from './content-type.ts';

const gzip = promisify(gzipBytes);
const brotli = promisify(brotliCompress);

/** Health data are never kept by caches between us and the caller. */
const NO_STORE = { 'Cache-Control': 'no-store' };

/** Send the answer as the request wants it: `_pretty`, and compressed where that saves anything. */
export async function send(
  request: Request,
  response: Response,
  { status, headers, body, stream }: FhirResponse,
): Promise<void> {
  response.status(status).set(NO_STORE).set(headers);
  if (stream !== undefined) {
    await sendStream(request, response, stream);
    return;
  }
  if (body === undefined) {
    response.end();
    return;
  }
  if (!response.hasHeader('Content-Type')) {
    response.set('Content-Type', FHIR_JSON);
  }
  const text = typeof body === 'string' ? body : stringifyJson(body);
  const bytes = Buffer.from(isPretty(request) ? prettyJson(text) : text);
  const encoding = bytes.length < WORTH_COMPRESSING ? undefined : encodingOf(request, response);
  response.end(encoding === undefined ? bytes : await ENCODERS[encoding].bytes(bytes));
}

const isPretty = (request: Request): boolean => request.query['_pretty'] === 'true';

/** With line breaks for reading; a Bundle of resources that are as deep as they may be stays on one line. */
function prettyJson(text: string): string {
  try {
    return `${stringifyJson(parseJson(text), 2)}\n`;
  } catch {
    return text;
  }
}

/** Less than this is one packet on the wire anyway. */
const WORTH_COMPRESSING = 1024;

const ENCODERS = {
  br: {
    bytes: (bytes: Buffer) => brotli(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }),
    stream: () => createBrotliCompress({ params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }),
  },
  gzip: {
    bytes: (bytes: Buffer) => gzip(bytes, { level: 4 }),
    stream: () => createGzip({ level: 4 }),
  },
} as const;

/** The encoding that the caller likes best of those we have, noted in the headers; undefined = none. */
function encodingOf(request: Request, response: Response): keyof typeof ENCODERS | undefined {
  response.vary('Accept-Encoding');
  const liked = request.acceptsEncodings('br', 'gzip', 'identity');
  if (liked !== 'br' && liked !== 'gzip') {
    return undefined;
  }
  response.set('Content-Encoding', liked);
  return liked;
}

async function sendStream(request: Request, response: Response, stream: Readable): Promise<void> {
  const encoding = encodingOf(request, response);
  try {
    await (encoding === undefined
      ? pipeline(stream, response)
      : pipeline(stream, ENCODERS[encoding].stream(), response));
  } catch {
    // the caller went away, or the file broke off: a cut connection is the only thing left to say
    response.destroy();
  }
}
