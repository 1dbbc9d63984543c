/**
 * Rules of a Bundle that no invariant states: https://hl7.org/fhir/R4/bundle.html
 */
import type { JsonObject } from '../../fhir/types.ts';
import { bundleIndex, restUrl, type BundleEntry } from '../bundle-index.ts';
import { fail, isObject, listOf, shown, stringOf, type Check, type Run } from '../run.ts';
import { documentRules, messageRules } from './document.ts';

/** `fullUrl`, links, requests and search entries; then what documents and messages ask. */
export const bundleRules: Check = (bundle, at, run) => {
  if (!isObject(bundle)) {
    return;
  }
  const type = stringOf(bundle['type']) ?? '';
  const { entries } = bundleIndex(bundle);
  linkRules(bundle, at, run);
  for (const entry of entries) {
    fullUrlRules(entry, type, `${at}.entry[${entry.index}]`, run);
  }
  for (const [index, entry] of listOf(bundle['entry']).entries()) {
    requestRules(entry, `${at}.entry[${index}]`, run);
  }
  BY_TYPE[type]?.(bundle, at, run);
};

const searchRules = (bundle: JsonObject, at: string, run: Run): void => {
  const wanted = searchedType(bundle);
  for (const { index, resource } of bundleIndex(bundle).entries) {
    const place = `${at}.entry[${index}].resource`;
    const search = (listOf(bundle['entry'])[index] as JsonObject)['search'];
    const mode = isObject(search) ? search['mode'] : undefined;
    const type = stringOf(resource['resourceType']) ?? '';
    if (
      mode === 'outcome'
        ? type !== 'OperationOutcome'
        : mode === 'match' && wanted !== undefined && type !== wanted
    ) {
      const words =
        mode === 'outcome'
          ? 'An entry with search.mode "outcome" is an OperationOutcome'
          : `The search was for ${wanted ?? ''}`;
      fail(run, 'invalid', 'bundle-search-type', place, `${words}, not a ${shown(type)}.`);
    }
    if (resource['id'] === undefined && type !== 'OperationOutcome') {
      fail(run, 'invalid', 'bundle-search-id', place, 'A resource found by a search must have an id.');
    }
  }
};

/** The type in the `self` link: `http://x/fhir/Patient?name=…`. */
function searchedType(bundle: JsonObject): string | undefined {
  const self = listOf(bundle['link'])
    .filter(isObject)
    .find(({ relation }) => relation === 'self');
  return /\/([A-Z][A-Za-z]+)\?/.exec(stringOf(self?.['url']) ?? '')?.[1];
}

const BY_TYPE: Readonly<Record<string, (bundle: JsonObject, at: string, run: Run) => void>> = {
  document: documentRules,
  message: messageRules,
  searchset: searchRules,
};

const SINGLE_LINKS = new Set(['self', 'first', 'last', 'next', 'previous', 'prev']);

function linkRules(bundle: JsonObject, at: string, run: Run): void {
  const seen = new Set<string>();
  for (const [index, link] of listOf(bundle['link']).entries()) {
    const relation = isObject(link) ? stringOf(link['relation']) : undefined;
    if (relation !== undefined && SINGLE_LINKS.has(relation) && seen.has(relation)) {
      fail(
        run,
        'invalid',
        'bundle-link',
        `${at}.link[${index}]`,
        `The link "${relation}" may stand only once.`,
      );
    }
    seen.add(relation ?? '');
  }
}

/** Bundles whose entries are known by other means: what the server shall do, or what it answered. */
const WITHOUT_URL = new Set(['transaction', 'batch', 'transaction-response', 'batch-response']);

function fullUrlRules({ fullUrl, resource }: BundleEntry, type: string, at: string, run: Run): void {
  if (fullUrl === undefined) {
    if (!WITHOUT_URL.has(type) && type !== '') {
      const text = `Each entry of a ${shown(type)} Bundle must have a fullUrl: the identity of its resource (for example urn:uuid:…).`;
      fail(run, 'required', 'bundle-full-url', at, text);
    }
    return;
  }
  if (!/^[A-Za-z][A-Za-z0-9+.-]*:/.test(fullUrl)) {
    fail(
      run,
      'invalid',
      'bundle-full-url',
      `${at}.fullUrl`,
      'The fullUrl must be absolute: an http address, urn:uuid:… or urn:oid:….',
    );
    return;
  }
  const named = restUrl(fullUrl);
  const [id, resourceType] = [stringOf(resource['id']), stringOf(resource['resourceType'])];
  const isSame = named === undefined || (id === named.id && resourceType === named.type);
  if (!isSame && !WITHOUT_URL.has(type)) {
    const text = `The fullUrl names ${named.type}/${shown(named.id)}; the resource must have that type and id.`;
    fail(run, 'invalid', 'bundle-full-url-id', at, text);
  }
}

const WRITES = new Set(['POST', 'PUT']);

/** https://hl7.org/fhir/R4/http.html#transaction — what a request says agrees with the resource it carries. */
function requestRules(entry: unknown, at: string, run: Run): void {
  const { request, resource } = (entry ?? {}) as JsonObject;
  const url = isObject(request) ? stringOf(request['url']) : undefined;
  const method = isObject(request) ? stringOf(request['method']) : undefined;
  if (url === undefined || method === undefined || !WRITES.has(method) || url.includes('$')) {
    return;
  }
  if (!isObject(resource)) {
    fail(run, 'required', 'bundle-request', at, `A ${method} request needs a resource.`);
    return;
  }
  const [type = '', id] = (url.split('?', 1)[0] ?? '').split('/').slice(-2);
  const isMine = type === resource['resourceType'] || url.split(/[?/]/)[0] === resource['resourceType'];
  const isId = method !== 'PUT' || id === undefined || !/^[A-Z]/.test(type) || id === resource['id'];
  if (/^[A-Z][A-Za-z]+(?:[/?]|$)/.test(url) && (!isMine || !isId)) {
    fail(
      run,
      'invalid',
      'bundle-request',
      `${at}.request.url`,
      'The url of the request must name the type and id of the resource.',
    );
  }
}
