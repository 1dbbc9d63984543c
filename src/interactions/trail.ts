/** Read and search the audit trail as AuditEvents: https://hl7.org/fhir/R4/auditevent.html */
import { toOutcome } from '../fhir/outcome.ts';
import { readTrail, searchTrail } from '../repository/trail.ts';
import { bundleText, type EntryText } from './bundle-text.ts';
import { callerOf, type Deps, type FhirRequest, type FhirResponse, isLenient } from './exchange.ts';
import { parseSubset } from './subset.ts';
import { parseTrailQuery } from './trail-query.ts';

/** One event. */
export async function readEvent(
  { repository, subset: take }: Deps,
  request: FhirRequest,
): Promise<FhirResponse> {
  const subset = parseSubset(request.query);
  const { content, recorded } = await readTrail(repository, callerOf(request, 'read'), request.id);
  return {
    status: 200,
    headers: { 'Last-Modified': new Date(recorded).toUTCString() },
    body: take(content, subset),
  };
}

/** Events, newest first, in pages. */
export async function searchEvents(
  { repository, fhirBase, subset: take }: Deps,
  request: FhirRequest,
): Promise<FhirResponse> {
  const { filter, understood, warnings } = parseTrailQuery(request.query, {
    lenient: isLenient(request.header('prefer')),
  });
  const subset = parseSubset(request.query);
  const rows = await searchTrail(repository, callerOf(request, 'search-type'), {
    ...filter,
    count: filter.count + 1,
  });
  const page = rows.slice(0, filter.count);
  const now = repository.deps.clock.now();
  const base = `${fhirBase}/AuditEvent`;
  const link = (relation: string, cursor?: string): { relation: string; url: string } => {
    const query = new URLSearchParams(understood);
    if (cursor !== undefined) {
      query.set('_cursor', cursor);
    }
    return { relation, url: query.size === 0 ? base : `${base}?${query.toString()}` };
  };
  const entries = page.map(({ id, content }): EntryText => ({
    fullUrl: `${base}/${id}`,
    resource: take(content, subset),
    search: { mode: 'match' },
  }));
  const outcome: readonly EntryText[] =
    warnings.length === 0
      ? []
      : [{ resource: JSON.stringify(toOutcome(warnings)), search: { mode: 'outcome' } }];
  return {
    status: 200,
    headers: {},
    body: bundleText({
      id: repository.deps.newId(now),
      type: 'searchset',
      lastUpdated: now.toISOString(),
      ...(filter.cursor === undefined && rows.length <= filter.count && { total: rows.length }),
      links: [link('self'), ...(rows.length > filter.count ? [link('next', page.at(-1)?.cursor)] : [])],
      entries: [...entries, ...outcome],
    }),
  };
}
