/**
 * An Express request as a FHIR request.
 */
import type { Request } from 'express';
import type { Principal } from '../access/principal.ts';
import { parseJson } from '../fhir/json.ts';
import type { JsonValue } from '../fhir/types.ts';
import type { XmlFormat } from '../fhir/xml.ts';
import type { FhirRequest } from '../interactions/exchange.ts';
import type { Asked } from '../interactions/receiving.ts';
import { binaryOf } from './binary.ts';
import { bodyFormat, isTable } from './content-type.ts';

/** Parameters that steer the answer's form, not its content. */
const FORMAT_PARAMETERS = ['_format', '_pretty'];

export function toFhirRequest(
  request: Request,
  principal: Principal,
  requestId: string,
  xml: XmlFormat,
): FhirRequest {
  const {
    type = '',
    id = '',
    versionId = '',
    compartment,
    compartmentId = '',
  } = request.params as Readonly<Record<string, string | undefined>>;
  const rawBody = typeof request.body === 'string' ? request.body : undefined;
  const isForm = rawBody !== undefined && request.is('application/x-www-form-urlencoded') !== false;
  const query = new URLSearchParams(queryString(request.originalUrl));
  if (isForm) {
    for (const [name, value] of new URLSearchParams(rawBody)) {
      query.append(name, value);
    }
  }
  for (const name of isTable(request.path) ? [] : FORMAT_PARAMETERS) {
    query.delete(name);
  }
  return {
    principal,
    requestId,
    type: type === '*' ? '' : type,
    id,
    versionId,
    ...(compartment !== undefined && { compartment: { type: compartment, id: compartmentId } }),
    query,
    ...(rawBody !== undefined && !isForm && { rawBody, body: parsed(rawBody, request, xml) }),
    ...(Buffer.isBuffer(request.body) && { body: binaryOf(request, request.body, id) }),
    header: (name) => request.get(name),
  };
}

/** The request as it came, for what is kept of one that is refused. Its path is below the FHIR base. */
export const askedOf = (request: Request): Asked => ({
  method: request.method,
  path: request.path.replace(/^\//, ''),
  query: queryString(request.originalUrl),
  raw: typeof request.body === 'string' ? request.body : '',
  header: (name) => request.get(name),
});

const parsed = (text: string, request: Request, xml: XmlFormat): JsonValue =>
  bodyFormat(request) === 'xml' ? xml.read(text) : parseJson(text);

export function queryString(url: string): string {
  const at = url.indexOf('?');
  return at === -1 ? '' : url.slice(at + 1);
}
