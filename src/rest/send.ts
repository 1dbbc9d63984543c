/**
 * A FHIR response onto the wire.
 */
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { brotliCompress, constants, createBrotliCompress, createGzip, gzip as gzipBytes } from 'node:zlib';
import type { Request, Response } from 'express';
import { parseStored, stringifyJson } from '../fhir/json.ts';
import type { JsonObject } from '../fhir/types.ts';
import type { XmlFormat } from '../fhir/xml.ts';
import type { FhirResponse } from '../interactions/exchange.ts';
import { negotiated } from './content-type.ts';

const gzip = promisify(gzipBytes);
const brotli = promisify(brotliCompress);

/** Health data are never kept by caches between us and the caller. */
const NO_STORE = { 'Cache-Control': 'no-store' };

/** Send the answer as the request wants it: JSON or XML, `_pretty`, and compressed where that saves anything. */
export async function send(
  request: Request,
  response: Response,
  { status, headers, body, stream }: FhirResponse,
  xml: XmlFormat,
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
  const bytes = Buffer.from(
    response.hasHeader('Content-Type') ? jsonText(body, request) : formatted(body, request, response, xml),
  );
  const encoding = bytes.length < WORTH_COMPRESSING ? undefined : encodingOf(request, response);
  response.end(encoding === undefined ? bytes : await ENCODERS[encoding].bytes(bytes));
}

const isPretty = (request: Request): boolean => request.query['_pretty'] === 'true';

/** A resource in the format that was agreed on. */
function formatted(body: string | object, request: Request, response: Response, xml: XmlFormat): string {
  const { format, contentType } = negotiated(response);
  response.set('Content-Type', contentType).vary('Accept');
  return format === 'json' ? jsonText(body, request) : xmlText(body, xml, isPretty(request) ? 2 : undefined);
}

function jsonText(body: string | object, request: Request): string {
  if (isPretty(request)) {
    return `${stringifyJson(typeof body === 'string' ? parseStored(body) : body, 2)}\n`;
  }
  return typeof body === 'string' ? body : stringifyJson(body);
}

/** A resource as XML; `body` is JSON text, or a value that stands for it. */
export function xmlText(body: string | object, xml: XmlFormat, indent?: number): string {
  const resource = parseStored(typeof body === 'string' ? body : stringifyJson(body));
  return xml.write(resource as JsonObject, indent);
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
  const isPart = response.hasHeader('Content-Range'); // of the bytes as they are
  const encoding = isPart ? undefined : encodingOf(request, response);
  try {
    await (encoding === undefined
      ? pipeline(stream, response)
      : pipeline(stream, ENCODERS[encoding].stream(), response));
  } catch {
    // the caller went away, or the file broke off: a cut connection is the only thing left to say
    response.destroy();
  }
}
