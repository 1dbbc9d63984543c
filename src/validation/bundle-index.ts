/**
 * What a reference in a Bundle points at: https://hl7.org/fhir/R4/bundle.html#references
 * By `fullUrl` alone; a relative reference is made absolute with the base of its own entry's `fullUrl`.
 */
import { isResourceType } from '../fhir/resource-types.ts';
import type { JsonObject } from '../fhir/types.ts';
import { isObject, listOf, stringOf, type Run } from './run.ts';

/** An entry of a Bundle as references see it. */
export interface BundleEntry {
  readonly index: number;
  readonly fullUrl: string | undefined;
  readonly resource: JsonObject;
}

export interface BundleIndex {
  readonly entries: readonly BundleEntry[];
  /** Entries that a reference in an entry with that `fullUrl` points at; more than one when versions are mixed. */
  find(reference: string, fullUrl: string | undefined): readonly BundleEntry[];
}

const indexes = new WeakMap<JsonObject, BundleIndex>();

/** The entries of a Bundle, indexed once. */
export function bundleIndex(bundle: JsonObject): BundleIndex {
  const index = indexes.get(bundle) ?? createIndex(bundle);
  indexes.set(bundle, index);
  return index;
}

function createIndex(bundle: JsonObject): BundleIndex {
  const entries = listOf(bundle['entry']).flatMap((entry, index): readonly BundleEntry[] =>
    isObject(entry) && isObject(entry['resource'])
      ? [{ index, fullUrl: stringOf(entry['fullUrl']), resource: entry['resource'] }]
      : [],
  );
  const byUrl = Map.groupBy(entries, ({ fullUrl }) => fullUrl);
  return {
    entries,
    find(reference, fullUrl) {
      const [plain = '', version] = (reference.split('#', 1)[0] ?? '').split('/_history/');
      const found = byUrl.get(absolute(plain, fullUrl)) ?? [];
      return version === undefined ? found : found.filter(({ resource }) => versionOf(resource) === version);
    },
  };
}

const versionOf = ({ meta }: JsonObject): string | undefined =>
  isObject(meta) ? stringOf(meta['versionId']) : undefined;

const REST_URL = /^(https?:\/\/.*\/)([A-Z][A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})$/;

/** `http://x/fhir/Patient/1` → its base, type and id; undefined for other URLs. */
export function restUrl(url: string): { base: string; type: string; id: string } | undefined {
  const [, base = '', type = '', id = ''] = REST_URL.exec(url) ?? [];
  return isResourceType(type) ? { base, type, id } : undefined;
}

const absolute = (reference: string, fullUrl: string | undefined): string =>
  reference.includes(':') ? reference : `${restUrl(fullUrl ?? '')?.base ?? ''}${reference}`;

/** The Bundle that the checked resource stands in, and its entry's `fullUrl`. */
export function enclosingBundle(run: Run): { index: BundleIndex; fullUrl: string | undefined } | undefined {
  let inner = run;
  for (let { outer } = run; outer !== undefined; { outer } = outer) {
    if (outer.resource['resourceType'] === 'Bundle') {
      const below = inner.resourceAt.slice(outer.resourceAt.length);
      const position = Number(/^\.entry\[([0-9]+)\]/.exec(below)?.[1] ?? NaN);
      const entry = listOf(outer.resource['entry'])[position];
      return {
        index: bundleIndex(outer.resource),
        fullUrl: isObject(entry) ? stringOf(entry['fullUrl']) : undefined,
      };
    }
    inner = outer;
  }
  return undefined;
}
