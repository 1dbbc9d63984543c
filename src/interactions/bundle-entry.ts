/**
 * One entry of a batch or transaction as a request: https://hl7.org/fhir/R4/http.html#transaction
 */
import { badRequest, FhirError, error } from '../fhir/outcome.ts';
import { hasPersonNumber } from '../search/person-number.ts';
import type { JsonObject, JsonValue } from '../fhir/types.ts';
import type { Operation } from '../repository/operation.ts';
import type { ApplyPatch } from '../fhir/patch-json.ts';
import type { Shapes } from '../fhir/shape.ts';
import { isStoredType, parseIfMatch } from './exchange.ts';
import { refuseParameters } from './refuse-parameters.ts';
import { patchBody, type PatchBody } from './patch-entry.ts';
import { readPatch } from './patch.ts';

export type EntryMethod = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface BundleEntry {
  readonly index: number;
  /** `Bundle.entry[3]` */
  readonly at: string;
  readonly method: EntryMethod;
  readonly type: string;
  readonly id: string;
  /** Parts of the path after the id, e.g. `_history/2`. */
  readonly rest: string;
  readonly query: URLSearchParams;
  readonly resource?: JsonObject;
  readonly fullUrl?: string;
  readonly ifMatch?: string;
  readonly ifNoneExist?: string;
  /** Conditions of a read, as headers. */
  readonly ifNoneMatch?: string;
  readonly ifModifiedSince?: string;
  /** The patch document of a PATCH, and what it is. */
  readonly patch?: PatchBody;
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']);
const WRITES = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/** The entries of a Bundle, unread. Throws 400 when they are no list, 413 when there are too many. */
export function entriesOf(bundle: JsonObject, maxEntries: number): readonly JsonValue[] {
  const entries = bundle['entry'] ?? [];
  if (!Array.isArray(entries)) {
    throw new FhirError(
      400,
      error('structure', 'Bundle.entry must be a list.', 'Bundle.entry', 'json-shape'),
    );
  }
  if (entries.length > maxEntries) {
    throw new FhirError(
      413,
      error(
        'too-costly',
        `The Bundle has ${entries.length} entries; at most ${maxEntries} are taken at once.`,
        'Bundle.entry',
        'bundle-size',
      ),
    );
  }
  return entries as readonly JsonValue[];
}

/** Read one entry. Throws 400 naming the entry and what is wrong with it. */
export function parseEntry(value: JsonValue, index: number, fhirBase: string): BundleEntry {
  const at = `Bundle.entry[${index}]`;
  const entry = objectAt(value, at);
  const request = objectAt(entry['request'] ?? null, `${at}.request`);
  const method = textAt(request['method'], `${at}.request.method`);
  if (!METHODS.has(method)) {
    throw badRequest(
      `"${method.slice(0, 20)}" is not a method that a Bundle entry may use here.`,
      `${at}.request.method`,
      'bundle-method',
    );
  }
  const url = textAt(request['url'], `${at}.request.url`);
  const target = parseUrl(url, fhirBase, `${at}.request.url`);
  if (method === 'POST' && target.id !== '') {
    throw badRequest(
      'A POST in a Bundle creates a resource: its url is the type alone. Operations are called on their own.',
      `${at}.request.url`,
      'bundle-url',
    );
  }
  if (WRITES.has(method) && (method === 'POST' || target.id !== '')) {
    refuseParameters(target, `${at}.request.url`);
  }
  const needsResource = method === 'POST' || method === 'PUT';
  const resource = needsResource ? entryResource(entry, target.type, at) : undefined;
  const ifMatch = parseIfMatch(optionalText(request['ifMatch'], `${at}.request.ifMatch`));
  const ifNoneExist = optionalText(request['ifNoneExist'], `${at}.request.ifNoneExist`);
  const ifNoneMatch = optionalText(request['ifNoneMatch'], `${at}.request.ifNoneMatch`);
  const ifModifiedSince = optionalText(request['ifModifiedSince'], `${at}.request.ifModifiedSince`);
  const fullUrl = optionalText(entry['fullUrl'], `${at}.fullUrl`);
  return {
    index,
    at,
    method: method as EntryMethod,
    ...target,
    ...(resource !== undefined && { resource }),
    ...(method === 'PATCH' && {
      patch: patchBody(objectAt(entry['resource'] ?? null, `${at}.resource`), at),
    }),
    ...(ifNoneMatch !== undefined && { ifNoneMatch }),
    ...(ifModifiedSince !== undefined && { ifModifiedSince }),
    ...(fullUrl !== undefined && { fullUrl }),
    ...(ifMatch !== undefined && { ifMatch }),
    ...(ifNoneExist !== undefined && { ifNoneExist: ifNoneExist.replace(/^[A-Za-z]*\?/, '') }),
  };
}

function parseUrl(
  url: string,
  fhirBase: string,
  at: string,
): Pick<BundleEntry, 'type' | 'id' | 'rest' | 'query'> {
  const relative = url.startsWith(`${fhirBase}/`) ? url.slice(fhirBase.length + 1) : url.replace(/^\//, '');
  const [path = '', search = ''] = splitOnce(relative, '?');
  const [type = '', id = '', ...rest] = path.split('/');
  if (!isStoredType(type)) {
    throw badRequest('The url of the entry does not begin with an R4 resource type.', at, 'bundle-url');
  }
  if (!/^(?:[A-Za-z0-9\-.]{0,64}|[$_][A-Za-z-]{1,64})$/.test(id)) {
    throw badRequest('The url of the entry names what can be no id.', at, 'id-format');
  }
  if (hasPersonNumber([['', id]])) {
    throw badRequest('The url of the entry holds a national identity number.', at, 'person-number-in-url');
  }
  return { type, id, rest: rest.join('/'), query: new URLSearchParams(search) };
}

function splitOnce(text: string, separator: string): readonly string[] {
  const at = text.indexOf(separator);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function entryResource(entry: JsonObject, type: string, at: string): JsonObject {
  const resource = objectAt(entry['resource'] ?? null, `${at}.resource`);
  if (resource['resourceType'] !== type) {
    throw badRequest(
      `The entry's url is about ${type}, but its resource is another type.`,
      `${at}.resource`,
      'resource-type',
    );
  }
  return resource;
}

/** The write that an entry asks for; undefined for reads and searches. */
export function toOperation(
  entry: BundleEntry,
  options: { readonly matchPersons: boolean; readonly shapes: Shapes },
): Operation | undefined {
  const { type, id, resource, fullUrl, ifMatch, ifNoneExist } = entry;
  const at = `${entry.at}.resource`;
  const named = { type, at, ...(fullUrl !== undefined && { fullUrl }) };
  const versioned = ifMatch === undefined ? {} : { ifMatch };
  const target = id === '' ? { condition: requireCondition(entry) } : { id };
  switch (entry.method) {
    case 'POST':
      return {
        kind: 'create',
        ...named,
        resource: resource ?? {},
        ...(ifNoneExist !== undefined && { ifNoneExist }),
        ...(options.matchPersons && type === 'Patient' && { matchPerson: true }),
      };
    case 'PUT':
      if (id !== '' && resource?.['id'] !== id) {
        throw badRequest(
          'The id in the resource must be the id in the url of the entry.',
          `${at}.id`,
          'id-mismatch',
        );
      }
      return { kind: 'update', ...named, resource: resource ?? {}, ...target, ...versioned };
    case 'PATCH':
      return { kind: 'patch', ...named, ...target, ...versioned, apply: applyOf(entry, options.shapes) };
    case 'DELETE':
      return { kind: 'delete', type, at, ...target, ...versioned };
    default:
      return undefined;
  }
}

/** The entry's patch; what is wrong with it is said of the entry. */
function applyOf({ patch, at }: BundleEntry, shapes: Shapes): ApplyPatch {
  try {
    return readPatch(patch?.body, patch?.contentType, shapes);
  } catch (cause) {
    throw cause instanceof FhirError ? located(cause, `${at}.resource`) : cause;
  }
}

const located = (cause: FhirError, at: string): FhirError =>
  new FhirError(
    cause.status,
    cause.issues.map((issue) => ({ ...issue, expression: at })),
    { cause },
  );

function requireCondition({ method, query, at }: BundleEntry): string {
  if (method !== 'POST' && method !== 'GET' && method !== 'HEAD' && query.size === 0) {
    throw badRequest(
      `${method} needs an id or search parameters in the url.`,
      `${at}.request.url`,
      'condition',
    );
  }
  return query.toString();
}

function objectAt(value: JsonValue, at: string): JsonObject {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw new FhirError(400, error('required', `${at} is missing or is no object.`, at, 'json-shape'));
  }
  return value as JsonObject;
}

function textAt(value: JsonValue | undefined, at: string): string {
  if (typeof value !== 'string' || value === '') {
    throw new FhirError(400, error('required', `${at} is missing or is no text.`, at, 'cardinality'));
  }
  return value;
}

const optionalText = (value: JsonValue | undefined, at: string): string | undefined =>
  value === undefined ? undefined : textAt(value, at);
