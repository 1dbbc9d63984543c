/**
 * Bundles written as text around the stored texts of resources: no resource is parsed to be sent.
 * https://hl7.org/fhir/R4/bundle.html
 */

export interface BundleText {
  readonly id: string;
  readonly type: 'searchset' | 'history' | 'transaction-response' | 'batch-response';
  readonly lastUpdated: string;
  readonly total?: number;
  readonly links: readonly { readonly relation: string; readonly url: string }[];
  readonly entries: readonly EntryText[];
}

export interface EntryText {
  readonly fullUrl?: string;
  /** JSON text of the resource. */
  readonly resource?: string;
  readonly search?: { readonly mode: 'match' | 'include' | 'outcome' };
  readonly request?: { readonly method: string; readonly url: string };
  readonly response?: object;
}

export function bundleText({ id, type, lastUpdated, total, links, entries }: BundleText): string {
  const head = JSON.stringify({
    resourceType: 'Bundle',
    id,
    meta: { lastUpdated },
    type,
    ...(total !== undefined && { total }),
    ...(links.length > 0 && { link: links }),
  });
  return entries.length === 0 ? head : `${head.slice(0, -1)},"entry":[${entries.map(entryText).join(',')}]}`;
}

function entryText({ fullUrl, resource, search, request, response }: EntryText): string {
  const rest = JSON.stringify({ search, request, response });
  const members = [
    ...(fullUrl === undefined ? [] : [`"fullUrl":${JSON.stringify(fullUrl)}`]),
    ...(resource === undefined ? [] : [`"resource":${resource}`]),
    ...(rest === '{}' ? [] : [rest.slice(1, -1)]),
  ];
  return `{${members.join(',')}}`;
}
