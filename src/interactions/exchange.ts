/**
 * A FHIR request and response without HTTP's machinery: https://hl7.org/fhir/R4/http.html
 * rest/ makes the one and sends the other; interactions know no Express.
 */
import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { badRequest, FhirError, error } from '../fhir/outcome.ts';
import { isResourceType } from '../fhir/resource-types.ts';
import type { JsonObject, JsonValue } from '../fhir/types.ts';
import type { Principal } from '../access/principal.ts';
import type { Caller } from '../repository/audit.ts';
import type { Inbox } from '../registry/intake/inbox.ts';
import type { Repository } from '../repository/repository.ts';
import type { Once } from '../repository/once.ts';
import type { Result } from '../repository/operation.ts';
import type { Compartment } from '../search/parse.ts';
import type { SearchService } from '../repository/search.ts';
import type { Visit } from '../repository/visit.ts';
import type { TakeSubset } from './subset.ts';

export interface FhirRequest {
  readonly principal: Principal;
  readonly requestId: string;
  /** Resource type of the path; empty for the system level. */
  readonly type: string;
  readonly id: string;
  readonly versionId: string;
  /** Gathers what an operation looks at into one event of the audit trail; rest/ closes it before the answer leaves. */
  readonly visit?: Visit;
  /** The resource whose compartment is searched: `Patient/[id]/Observation`. */
  readonly compartment?: Compartment;
  readonly query: URLSearchParams;
  readonly body?: JsonValue;
  /** The body as it came, for the raw message. */
  readonly rawBody?: string;
  /** Value of a request header, lower-case name. */
  header(name: string): string | undefined;
}

export interface FhirResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON text, or a value to be serialised; undefined = no body. */
  readonly body?: string | object;
  /** A body that is streamed instead. */
  readonly stream?: Readable;
}

export interface Deps {
  readonly repository: Repository;
  readonly search: SearchService;
  readonly subset: TakeSubset;
  readonly fhirBase: string;
  /** Most entries that a Bundle may have. */
  readonly maxBundleEntries: number;
  /** Where it is kept what systems have sent in vain. */
  readonly inbox: Pick<Inbox, 'refuse'>;
}

/** Parameters are sent and answered, never stored: https://hl7.org/fhir/R4/parameters.html */
export const isStoredType = (type: string): boolean => isResourceType(type) && type !== 'Parameters';

export const callerOf = ({ principal, requestId, visit }: FhirRequest, interaction: string): Caller => ({
  principal,
  requestId,
  interaction,
  ...(visit !== undefined && { visit }),
});

/** The body as a resource of the type in the path. Throws 400 naming what is wrong. */
export function requireResource(body: JsonValue | undefined, type: string): JsonObject {
  if (body === undefined || body === null || typeof body !== 'object' || Array.isArray(body)) {
    throw new FhirError(
      400,
      error('structure', 'The body must be one JSON object: a FHIR resource.', type, 'json-shape'),
    );
  }
  const resource = body as JsonObject;
  const actual = resource['resourceType'];
  if (typeof actual !== 'string' || !isResourceType(actual)) {
    throw new FhirError(
      400,
      error(
        'structure',
        'resourceType is missing or is no R4 resource type.',
        'resourceType',
        'resource-type',
      ),
    );
  }
  if (actual !== type) {
    throw new FhirError(
      400,
      error(
        'invalid',
        `The body is a ${actual}, but the request is about ${type}.`,
        'resourceType',
        'resource-type',
      ),
    );
  }
  return resource;
}

/** Longest key that is kept. */
const MAX_KEY = 255;

/** The key under which a write is done once; undefined when the caller has none. Throws 400 for one that cannot be kept. */
export function onceOf(request: FhirRequest, interaction: string): { readonly once?: Once } {
  const header = request.header('idempotency-key')?.trim();
  if (header === undefined) {
    return {};
  }
  const key = /^"(.*)"$/.exec(header)?.[1] ?? header;
  if (!/^[\x21-\x7e]+$/.test(key) || key.length > MAX_KEY) {
    throw badRequest(
      `Idempotency-Key must have 1 to ${MAX_KEY} visible ASCII characters, such as a UUID.`,
      undefined,
      'idempotency-key',
    );
  }
  return { once: { key: `key|${key}`, hash: hashOf(request, interaction), isStrict: true } };
}

/** Of everything that says what is asked for. */
export function hashOf(request: FhirRequest, interaction: string): string {
  const { type, id, query, rawBody, body } = request;
  const conditions = ['if-none-exist', 'if-match'].map((name) => request.header(name) ?? '');
  return createHash('sha256')
    .update([interaction, type, id, String(query), ...conditions].join('\n'))
    .update(rawBody ?? JSON.stringify(body ?? null))
    .digest('base64url');
}

export const etag = (versionId: string): string => `W/"${versionId}"`;

/** `W/"3"` → `3`. Throws 400 when it is no weak or strong etag of ours. */
export function parseIfMatch(header: string | undefined): string | undefined {
  if (header === undefined) {
    return undefined;
  }
  const match = /^(?:W\/)?"([A-Za-z0-9\-.]{1,64})"$/.exec(header.trim());
  if (match === null) {
    throw new FhirError(
      400,
      error('invalid', 'If-Match must be one version, as in the ETag header: W/"3".', undefined, 'if-match'),
    );
  }
  return match[1] as string;
}

/** Headers of an answer about one version. */
export function versionHeaders(
  { type, id, versionId, lastUpdated }: Pick<Result, 'type' | 'id' | 'versionId' | 'lastUpdated'>,
  fhirBase: string,
): Record<string, string> {
  return {
    ...(versionId !== undefined && {
      ETag: etag(versionId),
      Location: `${fhirBase}/${type}/${id}/_history/${versionId}`,
    }),
    ...(lastUpdated !== undefined && { 'Last-Modified': new Date(lastUpdated).toUTCString() }),
  };
}

export type Preference = 'minimal' | 'representation' | 'OperationOutcome';

/** `Prefer: return=…`: https://hl7.org/fhir/R4/http.html#ops */
export function preferredReturn(
  header: string | undefined,
  otherwise: Preference = 'representation',
): Preference {
  const match = /(?:^|[;,\s])return=(minimal|representation|OperationOutcome)(?:$|[;,\s])/.exec(header ?? '');
  return (match?.[1] as Preference | undefined) ?? otherwise;
}

/** `Prefer: handling=…`; strict unless lenient is asked for: a registry refuses what it does not understand. */
export const isLenient = (header: string | undefined): boolean =>
  /(?:^|[;,\s])handling=lenient(?:$|[;,\s])/.test(header ?? '');
