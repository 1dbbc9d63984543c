/**
 * Bodies as text, within limits (LM-01): the JSON parser is ours, because it refuses what others repair.
 */
import express, { type RequestHandler } from 'express';
import { FhirError, error } from '../fhir/outcome.ts';
import { requireJsonBody } from './content-type.ts';

const MEGABYTE = 1024 * 1024;

const resource = express.raw({ type: () => true, limit: MEGABYTE });
const bundle = express.raw({ type: () => true, limit: 16 * MEGABYTE });
const form = express.text({ type: 'application/x-www-form-urlencoded', limit: 64 * 1024 });

const BODILESS = new Set(['GET', 'HEAD', 'DELETE']);

const jsonOnly: RequestHandler = (request, _response, next) => {
  if (!BODILESS.has(request.method)) {
    requireJsonBody(request);
  }
  next();
};

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Bytes → text. Bytes that are no UTF-8 are refused: a decoder that repairs them would store another name than was sent. */
const decode: RequestHandler = (request, _response, next) => {
  if (Buffer.isBuffer(request.body)) {
    try {
      request.body = utf8.decode(request.body);
    } catch (cause) {
      const text = 'The body is not UTF-8. Encode it as UTF-8, as FHIR JSON always is.';
      throw new FhirError(400, error('invalid', text, undefined, 'utf-8'), { cause });
    }
  }
  next();
};

/** One resource: at most 1 MB. */
export const resourceBody: RequestHandler[] = [jsonOnly, resource, decode];
/** A Bundle: at most 16 MB. */
export const bundleBody: RequestHandler[] = [jsonOnly, bundle, decode];
/** Search parameters in a form: at most 64 kB. */
export const formBody: RequestHandler[] = [form];
