/** https://hl7.org/fhir/R4/http.html#search */
import { toOutcome } from '../fhir/outcome.ts';
import { bundleText, type EntryText } from './bundle-text.ts';
import { callerOf, type Deps, type FhirRequest, type FhirResponse, isLenient } from './exchange.ts';
import { searchEvents } from './trail.ts';

/** Search a type by GET parameters or by a form posted to `_search`. */
export async function search(deps: Deps, request: FhirRequest): Promise<FhirResponse> {
  if (request.type === 'AuditEvent') {
    return searchEvents(deps, request);
  }
  const { fhirBase, repository } = deps;
  const found = await deps.search.search(callerOf(request, 'search-type'), request.type, request.query, {
    lenient: isLenient(request.header('prefer')),
  });
  const now = repository.deps.clock.now();
  const path = `${fhirBase}/${request.type}`;
  const matches = found.matches.map(({ type, id, content }): EntryText => ({
    fullUrl: `${fhirBase}/${type}/${id}`,
    resource: content,
    search: { mode: 'match' },
  }));
  const included = found.included.map(({ type, id, content }): EntryText => ({
    fullUrl: `${fhirBase}/${type}/${id}`,
    resource: content,
    search: { mode: 'include' },
  }));
  const warnings: readonly EntryText[] =
    found.warnings.length === 0
      ? []
      : [{ resource: JSON.stringify(toOutcome(found.warnings)), search: { mode: 'outcome' } }];
  return {
    status: 200,
    headers: {},
    body: bundleText({
      id: repository.deps.newId(now),
      type: 'searchset',
      lastUpdated: now.toISOString(),
      ...(found.total !== undefined && { total: found.total }),
      links: [
        { relation: 'self', url: withQuery(path, found.selfQuery) },
        ...(found.nextQuery === undefined
          ? []
          : [{ relation: 'next', url: withQuery(path, found.nextQuery) }]),
      ],
      entries: [...matches, ...included, ...warnings],
    }),
  };
}

const withQuery = (path: string, query: URLSearchParams): string =>
  query.size === 0 ? path : `${path}?${query.toString()}`;
