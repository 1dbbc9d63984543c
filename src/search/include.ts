/**
 * `_include` and `_revinclude`: https://hl7.org/fhir/R4/search.html#include
 * One statement for everything that is referred to and one for everything that refers, whatever the number of matches;
 * with `:iterate` again for what was found, in rounds.
 */
import { hash64 } from '../fhir/id.ts';
import { FhirError, error } from '../fhir/outcome.ts';
import type { Issue } from '../fhir/outcome.ts';
import { parseCanonical } from '../fhir/canonical.ts';
import { parseLocalReference } from '../fhir/reference.ts';
import { typeCode } from '../fhir/resource-types.ts';
import type { Resource } from '../fhir/types.ts';
import { ROW_COLUMNS, toRow } from '../storage/row.ts';
import type { RowRecord } from '../storage/row.ts';
import type { Row, Sql, StoreSession } from '../storage/store.ts';
import { fromSql, join, raw, sql, toSql } from './sql.ts';
import type { Fragment } from './sql.ts';
import type { Include, SearchTree } from './tree.ts';
import { referenceValues } from './values.ts';

/** A page is not an export. */
const MAX_INCLUDED = 5000;
/** Rounds of `:iterate` after the first. */
export const MAX_ROUNDS = 5;

export interface IncludeContext {
  readonly session: StoreSession;
  readonly filter: Sql | undefined;
  readonly baseUrl: string | undefined;
  /** Types that may be brought along. */
  readonly mayInclude: (type: string) => boolean;
}

export interface Included {
  /** Each once, and none of the matches. */
  readonly rows: readonly Row[];
  /** That the rounds ended before everything was followed. */
  readonly warnings: readonly Issue[];
}

/** What the matches bring along. Throws 400 when that is more than a client can have meant. */
export async function readIncluded(
  { includes, revincludes }: Pick<SearchTree, 'includes' | 'revincludes'>,
  matches: readonly Row[],
  context: IncludeContext,
): Promise<Included> {
  const seen = new Set(matches.map(nameOf));
  const rows: Row[] = [];
  let reached = matches;
  for (let round = 0; reached.length > 0 && round <= MAX_ROUNDS; round++) {
    const isFollowed = ({ isIterated }: Include): boolean => round === 0 || isIterated === true;
    const found = await readRound(
      includes.filter(isFollowed),
      revincludes.filter(isFollowed),
      reached,
      context,
    );
    reached = found.filter((row) => !seen.has(nameOf(row)));
    reached.forEach((row) => seen.add(nameOf(row)));
    rows.push(...reached);
    requireFewIncluded(rows);
  }
  const isIterated = [...includes, ...revincludes].some((include) => include.isIterated === true);
  return { rows, warnings: isIterated && reached.length > 0 ? [CUT] : [] };
}

const nameOf = ({ type, id }: Row): string => `${type}/${id}`;

const CUT: Issue = {
  ...error(
    'too-costly',
    `:iterate was followed over ${MAX_ROUNDS} rounds and stopped there: what the last resources refer to may be missing.`,
    undefined,
    'include-rounds',
  ),
  severity: 'warning',
};

async function readRound(
  includes: readonly Include[],
  revincludes: readonly Include[],
  from: readonly Row[],
  { session, filter, baseUrl, mayInclude }: IncludeContext,
): Promise<readonly Row[]> {
  const statements = [
    includeSql(includes, from, filter, baseUrl),
    revincludeSql(
      revincludes.filter(({ source }) => mayInclude(source)),
      from,
      filter,
    ),
  ].filter((statement) => statement !== undefined);
  const found = new Map<string, Row>();
  for (const statement of statements) {
    const rows = (await session.query<RowRecord>(statement)).map(toRow);
    requireFewIncluded(rows);
    rows.filter(({ type }) => mayInclude(type)).forEach((row) => found.set(nameOf(row), row));
  }
  return [...found.values()];
}

/** Statement for what the matches refer to; undefined when they refer to nothing. */
function includeSql(
  includes: readonly Include[],
  matches: readonly Row[],
  filter: Sql | undefined,
  baseUrl: string | undefined,
): Sql | undefined {
  const contents = contentsByType(includes, matches);
  const references = includes.flatMap((include) => referencesOf(include, contents, baseUrl));
  const tests = [...localTests(references), ...canonicalTests(references)];
  return tests.length === 0 ? undefined : statement(tests, filter);
}

/** Each content parsed once, however many parameters are followed from it. */
function contentsByType(
  includes: readonly Include[],
  matches: readonly Row[],
): ReadonlyMap<string, readonly Resource[]> {
  const sources = new Set(includes.map(({ source }) => source));
  const byType = new Map<string, Resource[]>();
  for (const { type, content } of matches) {
    if (sources.has(type) && content !== null) {
      byType.set(type, [...(byType.get(type) ?? []), JSON.parse(content) as Resource]);
    }
  }
  return byType;
}

/** Throws 400 when a page would carry along more than a client can have meant. */
function requireFewIncluded(rows: readonly unknown[]): void {
  if (rows.length > MAX_INCLUDED) {
    throw new FhirError(
      400,
      error(
        'too-costly',
        `More than ${MAX_INCLUDED} resources would be included. Ask for smaller pages with _count.`,
        undefined,
        'search-too-broad',
      ),
    );
  }
}

interface Referred {
  /** `Type/id` or a canonical. */
  readonly text: string;
  readonly targets: readonly string[];
}

function referencesOf(
  { source, parameter, target }: Include,
  contents: ReadonlyMap<string, readonly Resource[]>,
  baseUrl: string | undefined,
): readonly Referred[] {
  const targets = target === undefined ? parameter.targets : [target];
  const literals = (contents.get(source) ?? [])
    .flatMap((resource) => parameter.extract(resource))
    .flatMap((value) => referenceValues(value, baseUrl))
    .map((value) => value.literals.at(-1))
    .filter((literal) => literal !== undefined);
  return [...new Set(literals)].map((text) => ({ text, targets }));
}

/** One pair of arrays for all types: the statement's text does not depend on the number of references. */
function localTests(references: readonly Referred[]): readonly Fragment[] {
  const locals = references.flatMap(({ text, targets }) => {
    const local = parseLocalReference(text);
    return local !== undefined && (targets.length === 0 || targets.includes(local.type)) ? [local] : [];
  });
  const names = new Map(locals.map((local) => [`${local.type}/${local.id}`, local]));
  const known = [...names.values()].flatMap(({ type, id }) => {
    const code = typeCode(type);
    return code === undefined ? [] : [{ code, id }];
  });
  return known.length === 0
    ? []
    : [
        sql`(r.type, r.id) in (select * from unnest(${known.map(({ code }) => code)}::smallint[], ${known.map(({ id }) => id)}::text[]))`,
      ];
}

/** A canonical names a url; which version of it is meant is seen by the version in the content. */
function canonicalTests(references: readonly Referred[]): readonly Fragment[] {
  return references.flatMap(({ text, targets }) => {
    const { url, version } = parseCanonical(text);
    const codes = targets.map(typeCode).filter((code) => code !== undefined);
    return parseLocalReference(text) !== undefined || codes.length === 0
      ? []
      : [
          sql`(r.canon = ${url} and r.type = any(${codes}) and (${version ?? null}::text is null or r.content::json ->> 'version' = ${version ?? null}))`,
        ];
  });
}

/**
 * Statement for what refers to the matches: all ways of referring, each of which begins at an index, as a list of rows.
 * Undefined when nothing can refer to them.
 */
function revincludeSql(
  revincludes: readonly Include[],
  matches: readonly Row[],
  filter: Sql | undefined,
): Sql | undefined {
  const ways = revincludes.flatMap((include) => waysOf(include, matches));
  if (ways.length === 0) {
    return undefined;
  }
  const sources = [tokenSource(ways, matches), ...columnSources(revincludes, matches)];
  return statement([sql`(r.cmp, r.type, r.rid) in (${join(sources, ' union all ')})`], filter);
}

interface Way {
  readonly code: number;
  readonly param: number;
  /** Type referred to. */
  readonly target: string;
}

function waysOf({ source, parameter, target }: Include, matches: readonly Row[]): readonly Way[] {
  const code = typeCode(source);
  const types = [...new Set(matches.map(({ type }) => type))].filter(
    (type) =>
      (target === undefined || type === target) &&
      (parameter.targets.length === 0 || parameter.targets.includes(type)),
  );
  return code === undefined ? [] : types.map((type) => ({ code, param: parameter.key, target: type }));
}

/** Ways and names are two small tables, so that the text is the same for all of them. */
function tokenSource(ways: readonly Way[], matches: readonly Row[]): Fragment {
  const names = matches.flatMap((row) =>
    literalsOf(row).map((literal) => ({ code: typeCode(row.type) as number, h: hash64(literal) })),
  );
  return sql`select i.cmp, i.type, i.rid
from unnest(${ways.map(({ code }) => code)}::smallint[], ${ways.map(({ param }) => param)}::int[], ${ways.map(({ target }) => typeCode(target) as number)}::smallint[]) w (type, param, target)
join unnest(${names.map(({ code }) => code)}::smallint[], ${names.map(({ h }) => h)}::bigint[]) m (target, h) on m.target = w.target
join idx_token i on i.type = w.type and i.param = w.param and i.h = m.h`;
}

const COLUMN_TYPES: Readonly<Record<string, string>> = { patient: 'Patient', org: 'Organization' };

/** The same for what is kept in columns of the referring rows. */
function columnSources(revincludes: readonly Include[], matches: readonly Row[]): readonly Fragment[] {
  return (['patient', 'org', 'canon'] as const).flatMap((column) => {
    const using = revincludes.filter(({ parameter }) => parameter.column === column);
    const types = using.map(({ source }) => typeCode(source)).filter((code) => code !== undefined);
    const isReferred = ({ type }: Row): boolean =>
      (column === 'canon' || COLUMN_TYPES[column] === type) &&
      using.some(({ target }) => target === undefined || target === type);
    const values = matches.filter(isReferred).flatMap((row) => (column === 'canon' ? urlOf(row) : [row.id]));
    return types.length === 0 || values.length === 0
      ? []
      : [
          sql`select s.cmp, s.type, s.rid from resource s where ${raw(`s.${column}`)} = any(${values}) and s.type = any(${types})`,
        ];
  });
}

/** All names by which a match may be referred to. */
const literalsOf = (row: Row): readonly string[] => [`${row.type}/${row.id}`, ...canonicalOf(row)];

const urlOf = (row: Row): readonly string[] => canonicalOf(row).slice(0, 1);

function canonicalOf({ content }: Row): readonly string[] {
  if (content?.includes('"url"') !== true) {
    return [];
  }
  const { url, version } = JSON.parse(content) as { url?: unknown; version?: unknown };
  if (typeof url !== 'string') {
    return [];
  }
  return typeof version === 'string' ? [url, `${url}|${version}`] : [url];
}

function statement(tests: readonly Fragment[], filter: Sql | undefined): Sql {
  const access = filter === undefined ? [] : [sql`(${fromSql(filter)})`];
  return toSql(sql`select ${raw(ROW_COLUMNS)}
from resource r
where ${join([sql`(${join(tests, '\n    or ')})`, raw('r.content is not null'), ...access], '\n  and ')}
limit ${MAX_INCLUDED + 1}`);
}
