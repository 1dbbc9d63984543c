/**
 * Bodies as text, within limits (LM-01): the parsers are ours, because they refuse what others repair. A compressed body is
 * measured as it is when it is unpacked.
 */
import express, { type RequestHandler } from 'express';
import { FhirError, error } from '../fhir/outcome.ts';
import { isNativeBinary, requireFhirBody } from './content-type.ts';

const RESOURCE_BYTES = 1024 * 1024;

const resource = express.raw({ type: () => true, limit: RESOURCE_BYTES });
const form = express.text({ type: 'application/x-www-form-urlencoded', limit: 64 * 1024 });

const BODILESS = new Set(['GET', 'HEAD', 'DELETE']);

const fhirOnly: RequestHandler = (request, _response, next) => {
  if (!BODILESS.has(request.method) && !isNativeBinary(request)) {
    requireFhirBody(request);
  }
  next();
};

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Bytes → text. Bytes that are no UTF-8 are refused: a decoder that repairs them would store another name than was sent. */
const decode: RequestHandler = (request, _response, next) => {
  if (Buffer.isBuffer(request.body) && !isNativeBinary(request)) {
    try {
      request.body = utf8.decode(request.body);
    } catch (cause) {
      const text = 'The body is not UTF-8. Encode it as UTF-8, as FHIR always is.';
      throw new FhirError(400, error('invalid', text, undefined, 'utf-8'), { cause });
    }
  }
  next();
};

/** One resource: at most 1 MB. */
export const resourceBody: RequestHandler[] = [fhirOnly, resource, decode];
/** A Bundle: as large as the settings let it be. */
export const bundleBody = (limit: number): RequestHandler[] => [
  fhirOnly,
  express.raw({ type: () => true, limit }),
  decode,
];
/** Search parameters in a form: at most 64 kB. */
export const formBody: RequestHandler[] = [form];
