/**
 * Binaries as what they hold: https://hl7.org/fhir/R4/binary.html#rest
 */
import { Readable } from 'node:stream';
import type { Request } from 'express';
import { parseStored } from '../fhir/json.ts';
import type { JsonObject } from '../fhir/types.ts';
import type { FhirResponse } from '../interactions/exchange.ts';
import { type Negotiated, notAcceptable } from './content-type.ts';

/** A body of any type as the resource that keeps it. */
export function binaryOf(request: Request, content: Buffer, id: string): JsonObject {
  const context = request.get('x-security-context');
  return {
    resourceType: 'Binary',
    ...(id !== '' && { id }),
    contentType: request.get('content-type') ?? 'application/octet-stream',
    ...(context !== undefined && context !== '' && { securityContext: { reference: context } }),
    ...(content.length > 0 && { data: content.toString('base64') }),
  };
}

/**
 * What others have sent is never shown as a page of ours: it is downloaded, and runs nothing.
 */
const HARMLESS = {
  'Content-Disposition': 'attachment',
  'Content-Security-Policy': "sandbox; default-src 'none'",
  'X-Content-Type-Options': 'nosniff',
};

/** The answer to a read, with the bytes in place of the resource where they are asked for. Throws 406. */
export function nativeAnswer(answer: FhirResponse, { native }: Negotiated): FhirResponse {
  if (native === undefined || answer.status !== 200 || typeof answer.body !== 'string') {
    return answer;
  }
  const { contentType, data, securityContext } = parseStored(answer.body) as JsonObject;
  const type = typeof contentType === 'string' ? contentType : 'application/octet-stream';
  if (!native.some((wanted) => isMatch(wanted, type))) {
    throw notAcceptable(native.join(', '));
  }
  const context = (securityContext as JsonObject | undefined)?.['reference'];
  return {
    status: 200,
    headers: {
      ...answer.headers,
      ...HARMLESS,
      'Content-Type': type,
      ...(typeof context === 'string' && { 'X-Security-Context': context }),
    },
    stream: Readable.from([Buffer.from(typeof data === 'string' ? data : '', 'base64')]),
  };
}

function isMatch(wanted: string, type: string): boolean {
  const plain = (type.split(';')[0] ?? '').trim().toLowerCase();
  return wanted === '' || wanted === '*/*' || wanted === plain || wanted === `${plain.split('/')[0] ?? ''}/*`;
}
