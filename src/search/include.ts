/**
 * `_include` and `_revinclude`: https://hl7.org/fhir/R4/search.html#include
 * One statement for all that is referred to, one for all that refers, whatever the number of matches.
 */
import { hash64 } from '../fhir/id.ts';
import { FhirError, error } from '../fhir/outcome.ts';
import { parseCanonical } from '../fhir/canonical.ts';
import { parseLocalReference } from '../fhir/reference.ts';
import { typeCode } from '../fhir/resource-types.ts';
import type { Resource } from '../fhir/types.ts';
import { ROW_COLUMNS } from '../storage/row.ts';
import type { Row, Sql } from '../storage/store.ts';
import { fromSql, join, raw, sql, toSql } from './sql.ts';
import type { Fragment } from './sql.ts';
import type { Include } from './tree.ts';
import { referenceValues } from './values.ts';

/** A page is not an export. */
export const MAX_INCLUDED = 5000;

/** Statement for what the matches refer to; undefined when they refer to nothing. */
export function includeSql(
  includes: readonly Include[],
  matches: readonly Row[],
  filter: Sql | undefined,
  baseUrl: string | undefined,
): Sql | undefined {
  const references = includes.flatMap((include) => referencesOf(include, matches, baseUrl));
  const tests = [...localTests(references), ...canonicalTests(references)];
  return tests.length === 0 ? undefined : statement(tests, filter);
}

/** Statement for what refers to the matches. */
export function revincludeSql(
  revincludes: readonly Include[],
  matches: readonly Row[],
  filter: Sql | undefined,
): Sql | undefined {
  const tests = revincludes.flatMap((include) => referringTests(include, matches));
  return tests.length === 0 ? undefined : statement(tests, filter);
}

/** Throws 400 when a page would carry along more than a client can have meant. */
export function requireFewIncluded(rows: readonly unknown[]): void {
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
  matches: readonly Row[],
  baseUrl: string | undefined,
): readonly Referred[] {
  const targets = target === undefined ? parameter.targets : [target];
  const resources = matches.flatMap(({ type, content }) =>
    type === source && content !== null ? [JSON.parse(content) as Resource] : [],
  );
  const literals = resources
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
  const known = locals.flatMap(({ type, id }) => {
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

function referringTests(
  { source, parameter, target }: Include,
  matches: readonly Row[],
): readonly Fragment[] {
  const code = typeCode(source);
  const found = matches.filter(({ type }) => target === undefined || type === target);
  if (code === undefined || found.length === 0) {
    return [];
  }
  const literals = found.flatMap(literalsOf);
  const tokens = sql`exists (select 1 from idx_token i where i.cmp = r.cmp and i.type = r.type and i.rid = r.rid and i.param = ${parameter.key} and i.h = any(${literals.map(hash64)}))`;
  const column = columnTest(parameter.column, found);
  return [
    column === undefined
      ? sql`(r.type = ${code} and ${tokens})`
      : sql`(r.type = ${code} and (${column} or ${tokens}))`,
  ];
}

function columnTest(column: string | undefined, found: readonly Row[]): Fragment | undefined {
  const type = column === undefined ? undefined : COLUMN_TYPES[column];
  const ids = found.filter((row) => row.type === type).map(({ id }) => id);
  if (column === 'canon') {
    return sql`r.canon = any(${found.flatMap(canonicalOf).map((canonical) => parseCanonical(canonical).url)})`;
  }
  return ids.length === 0 ? undefined : sql`${raw(`r.${column as string}`)} = any(${ids})`;
}

const COLUMN_TYPES: Readonly<Record<string, string>> = { patient: 'Patient', org: 'Organization' };

/** All names by which a match may be referred to. */
const literalsOf = (row: Row): readonly string[] => [`${row.type}/${row.id}`, ...canonicalOf(row)];

function canonicalOf({ content }: Row): readonly string[] {
  const { url, version } = JSON.parse(content ?? '{}') as { url?: unknown; version?: unknown };
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
