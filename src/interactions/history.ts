/** https://hl7.org/fhir/R4/http.html#history */
import { badRequest } from '../fhir/outcome.ts';
import { noTrailHistory } from '../repository/trail.ts';
import type { HistoryRow } from '../storage/store.ts';
import { bundleText, type EntryText } from './bundle-text.ts';
import { callerOf, type Deps, etag, type FhirRequest, type FhirResponse, isLenient } from './exchange.ts';
import { parseSubset, type Subset } from './subset.ts';
import { parseDate } from '../fhir/date.ts';

const DEFAULT_COUNT = 50;
const MAX_COUNT = 1000;
const METHOD = { C: 'POST', U: 'PUT', D: 'DELETE' } as const;
const STATUS = { C: '201', U: '200', D: '204' } as const;

/** Versions of one resource, of a type, or of all types, newest first, in pages. */
export async function history(deps: Deps, request: FhirRequest): Promise<FhirResponse> {
  const { repository, fhirBase } = deps;
  const { type, id, query } = request;
  if (type === 'AuditEvent') {
    throw noTrailHistory();
  }
  refuseUnknown(request);
  const subset = parseSubset(query);
  const count = parseCount(query.get('_count'));
  const rows = await repository.history(callerOf(request, id === '' ? 'history-type' : 'history-instance'), {
    ...(type !== '' && { type }),
    ...(id !== '' && { id }),
    ...instant(query, '_since', 'since'),
    ...instant(query, '_at', 'at'),
    ...(query.has('_cursor') && { cursor: query.get('_cursor') ?? '' }),
    count: count + 1,
  });
  const page = rows.slice(0, count);
  const now = repository.deps.clock.now();
  const path = [fhirBase, type, id, '_history'].filter((part) => part !== '').join('/');
  return {
    status: 200,
    headers: {},
    body: bundleText({
      id: repository.deps.newId(now),
      type: 'history',
      lastUpdated: now.toISOString(),
      links: [
        { relation: 'self', url: withQuery(path, query) },
        ...(rows.length > count ? [{ relation: 'next', url: nextUrl(path, query, page.at(-1)) }] : []),
      ],
      entries: page.map((row) => toEntry(row, deps, subset)),
    }),
  };
}

const PARAMETERS: ReadonlySet<string> = new Set([
  '_count',
  '_since',
  '_at',
  '_cursor',
  '_summary',
  '_elements',
]);

/** What is not understood is refused, as in a search: an answer that ignores it says something else than was asked. */
function refuseUnknown({ query, header }: FhirRequest): void {
  const unknown = [...query.keys()].filter((name) => !PARAMETERS.has(name));
  const isCount = query.get('_summary') === 'count';
  if ((unknown.length > 0 && !isLenient(header('prefer'))) || isCount) {
    const name = isCount ? '_summary=count' : (unknown[0] ?? '').slice(0, 64);
    throw badRequest(
      `A history does not know ${name}. Use _count, _since, _at, _summary or _elements.`,
      undefined,
      'history-parameter',
    );
  }
}

function toEntry(
  { type, id, versionId, lastUpdated, op, content }: HistoryRow,
  { fhirBase, subset: take }: Deps,
  subset: Subset | undefined,
): EntryText {
  return {
    fullUrl: `${fhirBase}/${type}/${id}`,
    ...(content !== null && { resource: take(content, subset) }),
    request: { method: METHOD[op], url: op === 'C' ? type : `${type}/${id}` },
    response: { status: STATUS[op], etag: etag(String(versionId)), lastModified: lastUpdated },
  };
}

function parseCount(text: string | null): number {
  if (text === null) {
    return DEFAULT_COUNT;
  }
  if (!/^[0-9]{1,6}$/.test(text)) {
    throw badRequest('_count must be a whole number.', undefined, '_count');
  }
  return Math.min(Math.max(Number(text), 1), MAX_COUNT);
}

function instant(
  query: URLSearchParams,
  name: '_since' | '_at',
  key: 'since' | 'at',
): { since?: string; at?: string } {
  const text = query.get(name);
  if (text === null) {
    return {};
  }
  // a "+" that was not encoded comes as a blank
  const range = parseDate(text.replace(' ', '+'));
  if (range === undefined) {
    throw badRequest(`${name} must be an instant, such as 2026-11-20T08:00:00+01:00.`, undefined, name);
  }
  return { [key]: range.lo };
}

const withQuery = (path: string, query: URLSearchParams): string =>
  query.size === 0 ? path : `${path}?${query.toString()}`;

function nextUrl(path: string, query: URLSearchParams, last: HistoryRow | undefined): string {
  const next = new URLSearchParams(query);
  next.set('_cursor', last?.cursor ?? '');
  return withQuery(path, next);
}
