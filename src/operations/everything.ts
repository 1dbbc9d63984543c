/** https://hl7.org/fhir/R4/patient-operation-everything.html */
import { decide } from '../access/decide.ts';
import { rowFilter } from '../access/filter.ts';
import { dateRange, type InstantRange } from '../fhir/date.ts';
import { badRequest } from '../fhir/outcome.ts';
import { parseLocalReference } from '../fhir/reference.ts';
import { isResourceType, RESOURCE_TYPES, typeCode } from '../fhir/resource-types.ts';
import { bundleText, type EntryText } from '../interactions/bundle-text.ts';
import { callerOf, type Deps, type FhirRequest, type FhirResponse } from '../interactions/exchange.ts';
import { auditRead, type Caller } from '../repository/audit.ts';
import { type RowRecord, toRow } from '../storage/row.ts';
import type { Row } from '../storage/store.ts';
import { everythingSql, includedSql, type Question } from './everything-sql.ts';
import {
  countOf,
  type Given,
  givenParameters,
  instantOf,
  refuseUnknown,
  singleText,
  textList,
} from './given-parameters.ts';
import { COMPARTMENT_TYPES } from './patient-compartment.ts';
import type { OperationRoute } from './route.ts';

const OURS = 'https://ryggrad.no/fhir/OperationDefinition/episode-everything|1.0.0';
const PATIENT = 'http://hl7.org/fhir/OperationDefinition/Patient-everything';
const KNOWN = ['start', 'end', '_since', '_type', '_count', '_cursor'];
const PAGE = 1000;

type Whose = Question['whose'];

/** A whole record, in pages: of a person, of a pathway, and of all persons for those who may export. */
export function everythingRoutes(): readonly OperationRoute[] {
  const both = (path: string, definition: string, run: OperationRoute['run']): readonly OperationRoute[] =>
    (['get', 'post'] as const).map((method) => ({ method, path, name: 'everything', definition, run }));
  return [
    ...both('/Patient/:id/$everything', PATIENT, (deps, request) => ofOne(deps, request, 'Patient')),
    ...both('/Patient/$everything', PATIENT, ofAll),
    ...both('/EpisodeOfCare/:id/$everything', OURS, (deps, request) => ofOne(deps, request, 'EpisodeOfCare')),
  ];
}

async function ofOne(
  deps: Deps,
  request: FhirRequest,
  type: 'Patient' | 'EpisodeOfCare',
): Promise<FhirResponse> {
  const { id } = request;
  const caller = callerOf(request, '$everything');
  await deps.repository.read(caller, { type, id }); // hidden answers as unknown does
  return answer(deps, request, { kind: type, id }, `${type}/${id}/$everything`);
}

async function ofAll(deps: Deps, request: FhirRequest): Promise<FhirResponse> {
  await deps.repository.authorise(callerOf(request, '$everything'), 'export', { type: '*' });
  return answer(deps, request, { kind: 'all' }, 'Patient/$everything');
}

/** Two statements for a page: what belongs to the record, and what that refers to. */
async function answer(
  { repository, fhirBase }: Deps,
  request: FhirRequest,
  whose: Whose,
  path: string,
): Promise<FhirResponse> {
  const caller = callerOf(request, '$everything');
  const given = givenParameters(request);
  const question = questionOf(given, caller, whose);
  const session = repository.readAs(request.principal);
  const records = await session.query<RowRecord>(everythingSql(question));
  const page = records.slice(0, question.count).map(toRow);
  const keys = referred(page, question.types, fhirBase);
  const more = keys.locals.length + keys.canonicals.length === 0 ? undefined : includedSql(keys, question);
  const included = more === undefined ? [] : (await session.query<RowRecord>(more)).map(toRow);
  await auditRead(repository.deps, caller, { status: 200, patients: personsIn(page), query: path });
  const now = repository.deps.clock.now();
  const rows = [...page, ...included];
  const contents = await repository.forReaders(
    caller,
    rows.map(({ content }) => content ?? ''),
  );
  const entries = rows.map((row, at): EntryText => ({
    fullUrl: `${fhirBase}/${row.type}/${row.id}`,
    resource: contents[at] as string,
    search: { mode: at < page.length ? 'match' : 'include' },
  }));
  const query = new URLSearchParams(given.map(({ name, text = '' }) => [name, text]));
  const links = [
    { relation: 'self', url: withQuery(`${fhirBase}/${path}`, query) },
    ...(records.length > question.count
      ? [
          {
            relation: 'next',
            url: nextUrl(`${fhirBase}/${path}`, query, records[question.count - 1]?.rid ?? ''),
          },
        ]
      : []),
  ];
  return {
    status: 200,
    headers: {},
    body: bundleText({
      id: repository.deps.newId(now),
      type: 'searchset',
      lastUpdated: now.toISOString(),
      links,
      entries,
    }),
  };
}

function questionOf(given: readonly Given[], { principal }: Caller, whose: Whose): Question {
  refuseUnknown(given, KNOWN, '$everything');
  const since = instantOf(given, '_since');
  const cursor = singleText(given, '_cursor');
  if (cursor !== undefined && !/^\d{1,18}$/.test(cursor)) {
    throw badRequest(
      'The _cursor is not one of this record: follow the next link as it was given.',
      '_cursor',
      'cursor',
    );
  }
  return {
    whose,
    types: typesOf(given, principal),
    filter: rowFilter(principal),
    start: day(given, 'start')?.lo,
    end: day(given, 'end')?.hi,
    since,
    count: countOf(given, '_count', { min: 1, max: PAGE }) ?? PAGE,
    cursor,
  };
}

/** Types that were asked for, or all, as far as the caller may search them. Throws 400 for one that is none. */
function typesOf(given: readonly Given[], principal: Caller['principal']): readonly string[] {
  const asked = textList(given, '_type');
  const wrong = asked.find((type) => !isResourceType(type));
  if (wrong !== undefined) {
    throw badRequest(`"${wrong.slice(0, 40)}" in _type is no R4 resource type.`, '_type', 'resource-type');
  }
  const types = asked.length > 0 ? asked : RESOURCE_TYPES;
  return types.filter(
    (type) => type !== 'AuditEvent' && decide(principal, 'search', type).effect === 'permit',
  );
}

function day(given: readonly Given[], name: 'start' | 'end'): InstantRange | undefined {
  const text = singleText(given, name);
  const range = text === undefined ? undefined : dateRange(text);
  if (text !== undefined && range === undefined) {
    throw badRequest(`${name} must be a date, such as 2026-11-20.`, name, name);
  }
  return range;
}

const NOT_CARRIED: ReadonlySet<string> = new Set([...COMPARTMENT_TYPES, 'AuditEvent', 'Binary']);
const REFERENCE = /"reference":"([^"]{3,200})"/g;
const CANONICAL = /"questionnaire":"([^"|]{1,300})(?:\|([^"]{1,100}))?"/g;

/** What the page's resources refer to outside of records: staff, units, places, medications, questionnaires. */
function referred(
  page: readonly Row[],
  types: readonly string[],
  fhirBase: string,
): { readonly locals: readonly { type: string; id: string }[]; readonly canonicals: readonly string[] } {
  const texts = page.map(({ content }) => content ?? '');
  const locals = texts
    .flatMap((text) => [...text.matchAll(REFERENCE)])
    .map(([, reference = '']) => parseLocalReference(reference, fhirBase))
    .filter((local) => local !== undefined)
    .filter(({ type }) => types.includes(type) && !NOT_CARRIED.has(type));
  const unique = new Map(locals.map(({ type, id }) => [`${type}/${id}`, { type, id }]));
  const canonicals = types.includes('Questionnaire')
    ? texts
        .flatMap((text) => [...text.matchAll(CANONICAL)])
        .map(([, url = '', version = '']) => `${url}|${version}`)
    : [];
  return { locals: [...unique.values()], canonicals: [...new Set(canonicals)] };
}

const PERSON = typeCode('Patient');

const personsIn = (page: readonly Row[]): readonly string[] => {
  const own = page.filter(({ type }) => typeCode(type) === PERSON).map(({ id }) => id);
  const named = page.flatMap(
    ({ content }) =>
      /"(?:subject|patient|for)":\{"reference":"Patient\/([^"]+)"/.exec(content ?? '')?.[1] ?? [],
  );
  return [...new Set([...own, ...named])];
};

function nextUrl(path: string, query: URLSearchParams, rid: string): string {
  const next = new URLSearchParams(query);
  next.set('_cursor', rid);
  return withQuery(path, next);
}

const withQuery = (path: string, query: URLSearchParams): string =>
  query.size === 0 ? path : `${path}?${query.toString()}`;
