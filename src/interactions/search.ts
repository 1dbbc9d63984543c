/** https://hl7.org/fhir/R4/http.html#search */
import { badRequest, toOutcome } from '../fhir/outcome.ts';
import { bundleText, type EntryText } from './bundle-text.ts';
import { callerOf, type Deps, type FhirRequest, type FhirResponse, isLenient } from './exchange.ts';
import { parseSubset, type Subset } from './subset.ts';
import { searchEvents } from './trail.ts';

/** Search a type, a compartment or everything, by GET parameters or by a form posted to `_search`. */
export async function search(deps: Deps, request: FhirRequest): Promise<FhirResponse> {
  if (request.type === 'AuditEvent') {
    return searchEvents(deps, eventRequest(request));
  }
  const { fhirBase, repository } = deps;
  const subset = parseSubset(request.query);
  refuseTextWithIncludes(subset, request.query);
  const found = await deps.search.search(callerOf(request, 'search-type'), request.type, request.query, {
    lenient: isLenient(request.header('prefer')),
    ...(request.compartment !== undefined && { compartment: request.compartment }),
  });
  const now = repository.deps.clock.now();
  const path = `${fhirBase}${pathOf(request)}`;
  const matches = found.matches.map(({ type, id, content }): EntryText => ({
    fullUrl: `${fhirBase}/${type}/${id}`,
    resource: deps.subset(content, subset),
    search: { mode: 'match' },
  }));
  const included = found.included.map(({ type, id, content }): EntryText => ({
    fullUrl: `${fhirBase}/${type}/${id}`,
    // the names of _elements are those of the type that is searched
    resource: subset?.kind === 'elements' ? content : deps.subset(content, subset),
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

/** https://hl7.org/fhir/R4/search.html#summary: a text has nothing that an include could be understood by. */
function refuseTextWithIncludes(subset: Subset | undefined, query: URLSearchParams): void {
  if (subset?.kind === 'text' && (query.has('_include') || query.has('_revinclude'))) {
    throw badRequest('_summary=text goes with no _include or _revinclude.', undefined, 'search-value');
  }
}

function pathOf({ type, compartment }: FhirRequest): string {
  if (compartment === undefined) {
    return type === '' ? '' : `/${type}`;
  }
  return `/${compartment.type}/${compartment.id}/${type === '' ? '*' : type}`;
}

/** The audit trail is kept apart, with parameters of its own: a Patient's events are those about the Patient. */
function eventRequest(request: FhirRequest): FhirRequest {
  const { compartment } = request;
  if (compartment === undefined) {
    return request;
  }
  if (compartment.type !== 'Patient') {
    throw badRequest(
      `AuditEvents are not searched by the compartment of a ${compartment.type}: use AuditEvent?agent=… or AuditEvent?entity=….`,
      undefined,
      'compartment',
    );
  }
  const query = new URLSearchParams(request.query);
  query.append('patient', `Patient/${compartment.id}`);
  return { ...request, query };
}

const withQuery = (path: string, query: URLSearchParams): string =>
  query.size === 0 ? path : `${path}?${query.toString()}`;
