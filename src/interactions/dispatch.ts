/**
 * A bundle entry carried out like the request it describes: https://hl7.org/fhir/R4/http.html#transaction
 */
import { stringifyJson } from '../fhir/json.ts';
import { FhirError, error, toOutcome } from '../fhir/outcome.ts';
import type { BundleEntry } from './bundle-entry.ts';
import type { EntryText } from './bundle-text.ts';
import { create } from './create.ts';
import { deleteResource } from './delete.ts';
import { type Deps, type FhirRequest, type FhirResponse, isStoredType } from './exchange.ts';
import { history } from './history.ts';
import { patch } from './patch.ts';
import { read } from './read.ts';
import { type Asked, receiving } from './receiving.ts';
import { search } from './search.ts';
import { update } from './update.ts';
import { vread } from './vread.ts';
import { statusLine } from './write-response.ts';

type Interaction = (deps: Deps, request: FhirRequest) => Promise<FhirResponse>;

/** The answer to one entry, read when its turn comes; a refusal becomes the entry's outcome, never the whole bundle's. */
export async function dispatchEntry(
  deps: Deps,
  request: FhirRequest,
  entryOf: () => BundleEntry,
): Promise<EntryText> {
  try {
    const entry = entryOf();
    const single = entryRequest(request, entry);
    const response = await receiving(deps.inbox, request.principal, askedOf(single, entry), () =>
      interactionOf(entry)(deps, single),
    );
    return toEntryText(entry.method === 'HEAD' ? withoutBody(response) : response, deps.fhirBase);
  } catch (cause) {
    if (!(cause instanceof FhirError)) {
      throw cause;
    }
    return { response: { status: statusLine(cause.status), outcome: toOutcome(cause.issues) } };
  }
}

/** An entry as the request that it is. */
const askedOf = ({ body, header }: FhirRequest, { method, type, id, query }: BundleEntry): Asked => ({
  method,
  path: id === '' ? type : `${type}/${id}`,
  query: query.toString(),
  raw: body === undefined ? '' : stringifyJson(body),
  header,
});

function interactionOf({ method, id, rest }: BundleEntry): Interaction {
  if (method === 'POST') {
    return create;
  }
  if (method === 'PUT') {
    return update;
  }
  if (method === 'PATCH') {
    return patch;
  }
  if (method === 'DELETE') {
    return deleteResource;
  }
  if (rest.startsWith('_history/')) {
    return vread;
  }
  if (rest === '_history' || id === '_history') {
    return history;
  }
  if (isCompartment(rest)) {
    return search;
  }
  if (rest !== '') {
    throw new FhirError(
      404,
      error('not-supported', 'This url is not supported inside a Bundle.', undefined, 'bundle-url'),
    );
  }
  return id === '' ? search : read;
}

/** `Patient/1/Observation` or all of `Patient/1/*`. */
const isCompartment = (rest: string): boolean => rest === '*' || isStoredType(rest);

function entryRequest(request: FhirRequest, entry: BundleEntry): FhirRequest {
  const headers: Readonly<Record<string, string | undefined>> = {
    'if-match': entry.ifMatch === undefined ? undefined : `W/"${entry.ifMatch}"`,
    'if-none-exist': entry.ifNoneExist,
    'if-none-match': entry.ifNoneMatch,
    'if-modified-since': entry.ifModifiedSince,
    'content-type': entry.patch?.contentType,
    prefer: request.header('prefer'),
    'idempotency-key': entryKey(request, entry),
  };
  return {
    principal: request.principal,
    requestId: request.requestId,
    ...(isCompartment(entry.rest)
      ? {
          type: entry.rest === '*' ? '' : entry.rest,
          id: '',
          compartment: { type: entry.type, id: entry.id },
        }
      : { type: entry.type, id: entry.id === '_history' ? '' : entry.id }),
    versionId: entry.rest.startsWith('_history/') ? entry.rest.slice('_history/'.length) : '',
    query: entry.query,
    ...(entry.resource !== undefined && { body: entry.resource }),
    ...(entry.patch !== undefined && { body: entry.patch.body }),
    header: (name) => headers[name],
  };
}

/** The entries of a batch are done once each, under the key of the whole. */
function entryKey(request: FhirRequest, { index }: BundleEntry): string | undefined {
  const key = request.header('idempotency-key');
  return key === undefined ? undefined : `${key.trim().replace(/^"(.*)"$/, '$1')}#${index}`;
}

const withoutBody = ({ status, headers }: FhirResponse): FhirResponse => ({ status, headers });

function toEntryText({ status, headers, body }: FhirResponse, fhirBase: string): EntryText {
  const location = headers['Location'];
  const resource = typeof body === 'string' ? body : JSON.stringify(body);
  return {
    ...(location !== undefined && { fullUrl: location.replace(/\/_history\/.*$/, '') }),
    ...(body !== undefined && { resource }),
    response: {
      status: statusLine(status),
      ...(location !== undefined && { location: location.slice(fhirBase.length + 1) }),
      ...(headers['ETag'] !== undefined && { etag: headers['ETag'] }),
      ...(headers['Last-Modified'] !== undefined && {
        lastModified: new Date(headers['Last-Modified']).toISOString(),
      }),
    },
  };
}
