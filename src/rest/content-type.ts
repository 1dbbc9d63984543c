/**
 * Content negotiation: https://hl7.org/fhir/R4/http.html#mime-type
 */
import type { Request } from 'express';
import { FhirError, error } from '../fhir/outcome.ts';

export const FHIR_JSON = 'application/fhir+json; charset=utf-8';

const JSON_TYPES = new Set([
  'application/fhir+json',
  'application/json',
  'text/json',
  'application/json+fhir',
]);

/** Files of a bulk export are asked for by what they are: https://hl7.org/fhir/uv/bulkdata/export.html#file-request */
const FILE_TYPES = new Set(['application/fhir+ndjson', 'application/ndjson', 'application/octet-stream']);

/** 406 when the caller wants something other than JSON, by `_format` or by Accept. */
export function requireJsonAccepted(request: Request): void {
  const format = request.query['_format'];
  if (typeof format === 'string' && format !== '') {
    if (format !== 'json' && !JSON_TYPES.has(mediaType(format.replaceAll(' ', '+')))) {
      throw notAcceptable(format);
    }
    return;
  }
  const accept = request.get('accept');
  if (accept === undefined || accept === '') {
    return;
  }
  const isFile = request.path.startsWith('/$export-file/');
  const types = accept.split(',').map(mediaType);
  const isKnown = types.some(
    (type) =>
      JSON_TYPES.has(type) ||
      (isFile && FILE_TYPES.has(type)) ||
      type === '*/*' ||
      type === 'application/*' ||
      type === 'text/html',
  );
  if (!isKnown) {
    throw notAcceptable(accept);
  }
}

/** 415 when a body is sent in another charset than UTF-8: FHIR JSON knows no other. */
function requireUtf8(contentType: string): void {
  const [, charset] = /;\s*charset="?([^";\s]+)/i.exec(contentType) ?? [];
  if (charset !== undefined && !/^utf-?8$/i.test(charset)) {
    throw new FhirError(
      415,
      error('not-supported', 'The body must be UTF-8.', undefined, 'charset.unsupported'),
    );
  }
}

/** 415 when a body is sent as something other than JSON. */
export function requireJsonBody(request: Request): void {
  const contentType = request.get('content-type') ?? '';
  const type = mediaType(contentType);
  if (!JSON_TYPES.has(type) && type !== 'application/json-patch+json') {
    throw new FhirError(
      415,
      error('not-supported', 'The body must be application/fhir+json.', undefined, 'content-type'),
      { headers: { 'Accept-Post': 'application/fhir+json' } },
    );
  }
  requireUtf8(contentType);
}

const mediaType = (text: string): string => (text.split(';')[0] ?? '').trim().toLowerCase();

function notAcceptable(wanted: string): FhirError {
  return new FhirError(
    406,
    error(
      'not-supported',
      `This server answers in application/fhir+json, not ${wanted.slice(0, 80)}.`,
      undefined,
      'accept',
    ),
  );
}
