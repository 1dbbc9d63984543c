/**
 * Bodies as text, within limits (LM-01): the JSON parser is ours, because it refuses what others repair.
 */
import express, { type RequestHandler } from 'express';
import { requireJsonBody } from './content-type.ts';

const MEGABYTE = 1024 * 1024;

const resource = express.text({ type: () => true, limit: MEGABYTE, defaultCharset: 'utf-8' });
const bundle = express.text({ type: () => true, limit: 16 * MEGABYTE, defaultCharset: 'utf-8' });
const form = express.text({ type: 'application/x-www-form-urlencoded', limit: 64 * 1024 });

const jsonOnly: RequestHandler = (request, _response, next) => {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    requireJsonBody(request);
  }
  next();
};

/** One resource: at most 1 MB. */
export const resourceBody: RequestHandler[] = [jsonOnly, resource];
/** A Bundle: at most 16 MB. */
export const bundleBody: RequestHandler[] = [jsonOnly, bundle];
/** Search parameters in a form: at most 64 kB. */
export const formBody: RequestHandler[] = [form];
