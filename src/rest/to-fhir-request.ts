/**
 * An Express request as a FHIR request.
 */
import type { Request } from 'express';
import type { Principal } from '../access/principal.ts';
import { parseJson } from '../fhir/json.ts';
import type { FhirRequest } from '../interactions/exchange.ts';

/** Parameters that steer the answer's form, not its content. */
const FORMAT_PARAMETERS = ['_format', '_pretty'];

export function toFhirRequest(request: Request, principal: Principal, requestId: string): FhirRequest {
  const {
    type = '',
    id = '',
    versionId = '',
  } = request.params as Readonly<Record<string, string | undefined>>;
  const rawBody = typeof request.body === 'string' ? request.body : undefined;
  const isForm = rawBody !== undefined && request.is('application/x-www-form-urlencoded') !== false;
  const query = new URLSearchParams(queryString(request.originalUrl));
  if (isForm) {
    for (const [name, value] of new URLSearchParams(rawBody)) {
      query.append(name, value);
    }
  }
  for (const name of FORMAT_PARAMETERS) {
    query.delete(name);
  }
  return {
    principal,
    requestId,
    type,
    id,
    versionId,
    query,
    ...(rawBody !== undefined && !isForm && { rawBody, body: parseJson(rawBody) }),
    header: (name) => request.get(name),
  };
}

export function queryString(url: string): string {
  const at = url.indexOf('?');
  return at === -1 ? '' : url.slice(at + 1);
}
