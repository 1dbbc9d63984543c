/**
 * Content negotiation: https://hl7.org/fhir/R4/http.html#mime-type and #version-parameter
 */
import type { Request, Response } from 'express';
import { FhirError, error } from '../fhir/outcome.ts';

export type Format = 'json' | 'xml';

/** What the answer is written in, and what it is called. */
export interface Negotiated {
  readonly format: Format;
  readonly contentType: string;
  /** A Binary is asked for as what it holds, not as a resource. */
  readonly native?: readonly string[];
}

export const FHIR_JSON = 'application/fhir+json; charset=utf-8';
const FHIR_XML = 'application/fhir+xml; charset=utf-8';

/** Types that name a format; the old names from before STU 3 too. */
const FORMATS: ReadonlyMap<string, Format> = new Map([
  ['application/fhir+json', 'json'],
  ['application/json', 'json'],
  ['text/json', 'json'],
  ['application/json+fhir', 'json'],
  ['application/fhir+xml', 'xml'],
  ['application/xml', 'xml'],
  ['text/xml', 'xml'],
  ['application/xml+fhir', 'xml'],
]);
const SHORT: ReadonlyMap<string, Format> = new Map([
  ['json', 'json'],
  ['xml', 'xml'],
]);
/** Asked for as such, these are what the answer is called; every other name is answered with FHIR's own. */
const GENERIC: ReadonlySet<string> = new Set([
  'application/json',
  'text/json',
  'application/xml',
  'text/xml',
]);
const ANYTHING: ReadonlySet<string> = new Set(['*/*', 'application/*', 'text/html']);

/** Files of a bulk export are asked for by what they are: https://hl7.org/fhir/uv/bulkdata/export.html#file-request */
const FILE_TYPES = new Set(['application/fhir+ndjson', 'application/ndjson', 'application/octet-stream']);

const JSON_PATCH = 'application/json-patch+json';
export const PATCH_TYPES = `${JSON_PATCH}, application/fhir+json, application/fhir+xml`;

const DEFAULT: Negotiated = { format: 'json', contentType: FHIR_JSON };

/** What was agreed on for this answer; JSON before anything was. */
export const negotiated = ({ locals }: Response): Negotiated =>
  (locals['negotiated'] as Negotiated | undefined) ?? DEFAULT;

/** Rows of a view are CSV, Parquet and the like: the operation agrees on it; what it refuses is refused in JSON. */
export const isTable = (path: string): boolean => path.endsWith('/$viewdefinition-run');

/** What the caller wants, by `_format` or by Accept with its weights. Throws 406 when we have none of it. */
export function negotiate(request: Request): Negotiated {
  if (isTable(request.path)) {
    return DEFAULT;
  }
  const asked = request.query['_format'];
  if (typeof asked === 'string' && asked !== '') {
    return byParameter(asked.replaceAll(' ', '+'));
  }
  const accept = request.get('accept') ?? '';
  const wanted = accept.split(',').map(parseMediaType);
  if (isBinaryRead(request) && !wanted.some(({ type }) => FORMATS.has(type))) {
    return { ...DEFAULT, native: wanted.filter(({ q }) => q > 0).map(({ type }) => type) };
  }
  if (accept.trim() === '') {
    return ownFormat(request);
  }
  const isFile = request.path.startsWith('/$export-file/');
  const [best] = wanted
    .filter(
      ({ type, q }) => q > 0 && (FORMATS.has(type) || ANYTHING.has(type) || (isFile && FILE_TYPES.has(type))),
    )
    .filter(isOurVersion)
    .sort((a, b) => b.q - a.q);
  if (best === undefined) {
    throw notAcceptable(accept);
  }
  const format = FORMATS.get(best.type);
  return format === undefined ? ownFormat(request) : named(format, best);
}

function byParameter(text: string): Negotiated {
  const media = parseMediaType(text);
  const format = SHORT.get(media.type) ?? FORMATS.get(media.type);
  if (format === undefined || !isOurVersion(media)) {
    throw notAcceptable(text);
  }
  return { format, contentType: format === 'json' ? FHIR_JSON : FHIR_XML };
}

/** Without a wish, a body in XML is answered in XML. */
function ownFormat(request: Request): Negotiated {
  const sent = FORMATS.get(parseMediaType(request.get('content-type') ?? '').type);
  return sent === 'xml' ? { format: 'xml', contentType: FHIR_XML } : DEFAULT;
}

function named(format: Format, { type, fhirVersion }: MediaType): Negotiated {
  const plain = GENERIC.has(type) ? type : `application/fhir+${format}`;
  const version = fhirVersion === undefined ? '' : `; fhirVersion=${fhirVersion}`;
  return { format, contentType: `${plain}; charset=utf-8${version}` };
}

const isBinaryRead = ({ method, path }: Request): boolean =>
  (method === 'GET' || method === 'HEAD') && /^\/Binary\/[^/]+(?:\/_history\/[^/]+)?\/?$/.test(path);

/** Bodies: what was sent. Throws 415 for what is no FHIR, another version, or another charset than UTF-8. */
export function requireFhirBody(request: Request): void {
  const media = parseMediaType(request.get('content-type') ?? '');
  const isPatch = request.method === 'PATCH';
  if (!FORMATS.has(media.type) && !(isPatch && media.type === JSON_PATCH)) {
    throw unsupported(
      isPatch
        ? `A patch must be ${JSON_PATCH}, or a Parameters resource.`
        : 'The body must be application/fhir+json or application/fhir+xml.',
      'content-type',
      isPatch
        ? { 'Accept-Patch': PATCH_TYPES }
        : { 'Accept-Post': 'application/fhir+json, application/fhir+xml' },
    );
  }
  if (media.charset !== undefined && !/^utf-?8$/i.test(media.charset)) {
    throw unsupported('The body must be UTF-8.', 'charset.unsupported');
  }
  if (!isOurVersion(media)) {
    throw unsupported('The body must be FHIR R4: fhirVersion=4.0.', 'fhir-version');
  }
}

/** Format of a body that `requireFhirBody` let pass. */
export const bodyFormat = (request: Request): Format =>
  FORMATS.get(parseMediaType(request.get('content-type') ?? '').type) ?? 'json';

/** A Binary sent as what it holds: https://hl7.org/fhir/R4/binary.html#rest */
export const isNativeBinary = (request: Request): boolean => {
  const { type } = parseMediaType(request.get('content-type') ?? '');
  return (
    /^\/Binary(?:\/[^/]+)?\/?$/.test(request.path) &&
    (request.method === 'POST' || request.method === 'PUT') &&
    /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+$/.test(type) &&
    !FORMATS.has(type)
  );
};

interface MediaType {
  readonly type: string;
  readonly q: number;
  readonly charset: string | undefined;
  readonly fhirVersion: string | undefined;
}

function parseMediaType(text: string): MediaType {
  const [type = '', ...rest] = text.split(';').map((part) => part.trim());
  const parameters = new Map(
    rest.map((part) => {
      const [name = '', value = ''] = part.split('=');
      return [name.trim().toLowerCase(), value.trim().replaceAll('"', '')] as const;
    }),
  );
  const q = Number(parameters.get('q') ?? '1');
  return {
    type: type.toLowerCase(),
    q: Number.isNaN(q) ? 0 : q,
    charset: parameters.get('charset'),
    fhirVersion: parameters.get('fhirversion'),
  };
}

const isOurVersion = ({ fhirVersion }: MediaType): boolean =>
  fhirVersion === undefined || /^4\.0(?:\.1)?$/.test(fhirVersion);

const unsupported = (text: string, rule: string, headers: Readonly<Record<string, string>> = {}): FhirError =>
  new FhirError(415, error('not-supported', text, undefined, rule), { headers });

/** 406, also for a Binary that holds something else. */
export function notAcceptable(wanted: string): FhirError {
  const text = `This server answers in FHIR R4 (fhirVersion=4.0) as application/fhir+json or application/fhir+xml, not ${wanted.slice(0, 80)}.`;
  return new FhirError(406, error('not-supported', text, undefined, 'accept'));
}
