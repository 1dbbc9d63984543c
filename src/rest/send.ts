/**
 * A FHIR response onto the wire.
 */
import type { Response } from 'express';
import { stringifyJson } from '../fhir/json.ts';
import type { FhirResponse } from '../interactions/exchange.ts';
import { FHIR_JSON } from './content-type.ts';

/** Health data are never kept by caches between us and the caller. */
const NO_STORE = { 'Cache-Control': 'no-store' };

export function send(response: Response, { status, headers, body, stream }: FhirResponse): void {
  response.status(status).set(NO_STORE).set(headers);
  if (stream !== undefined) {
    stream.on('error', (cause) => response.destroy(cause)).pipe(response);
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
  response.end(text);
}
