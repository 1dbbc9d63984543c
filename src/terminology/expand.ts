/**
 * Expansion: https://hl7.org/fhir/R4/valueset-operation-expand.html
 */
import { error, unprocessable } from '../fhir/outcome.ts';
import type { ValueSet, ValueSetExpansionContains, ValueSetExpansionParameter } from '../fhir/types.ts';
import type { Queryable } from '../storage/db.ts';
import { displayIn, isValidOn, nameOf, type Concept, type Designation } from './concept.ts';
import { pageOf, type PageQuery, type SourcedPart } from './part-source.ts';
import type { FoundConcept } from './tables.ts';

export interface ExpandOptions {
  /** Words, beginnings of words, or a code or its beginning. */
  readonly filter?: string;
  readonly offset?: number;
  readonly count?: number;
  readonly activeOnly?: boolean;
  readonly includeDesignations?: boolean;
  readonly includeDefinition?: boolean;
  /** Languages of the displays, best first. */
  readonly languages?: readonly string[];
}

export interface ExpandContext {
  readonly db: Queryable;
  /** The day that counts for validity: YYYY-MM-DD. */
  readonly day: string;
  readonly now: Date;
  readonly id: string;
}

/** More codes than this are not given in one answer. */
const EXPANSION_LIMIT = 10_000;

/** The value set with its expansion. Throws 422 (`too-costly`, unknown systems). */
export async function expandParts(
  valueSet: ValueSet,
  parts: readonly SourcedPart[],
  options: ExpandOptions,
  context: ExpandContext,
): Promise<ValueSet> {
  const { offset = 0, count = EXPANSION_LIMIT + 1 } = options;
  if (options.count !== undefined && options.count > EXPANSION_LIMIT) {
    throw tooCostly(
      `At most ${EXPANSION_LIMIT} codes are given at a time: send a smaller count, and offset.`,
    );
  }
  const { total, found } = await findIn(parts, options, offset, count, context);
  if (options.count === undefined && total !== undefined && total - offset > EXPANSION_LIMIT) {
    throw tooCostly(`The value set has ${total} codes. Send count and offset, or a filter.`);
  }
  const { compose, expansion: _expansion, ...head } = valueSet;
  return {
    ...head,
    ...(options.includeDefinition === true && compose !== undefined && { compose }),
    expansion: {
      identifier: `urn:uuid:${context.id}`,
      timestamp: context.now.toISOString(),
      ...(total !== undefined && { total }),
      offset,
      parameter: [...askedParameters(options), ...usedSystems(parts)],
      contains: found.map(({ part, concept }) => toContains(part, concept, options, context.day)),
    },
  };
}

interface Found extends FoundConcept {
  readonly part: SourcedPart;
}

/** Without a filter the parts follow each other; with one, the best matches of all come first. */
async function findIn(
  parts: readonly SourcedPart[],
  { filter, activeOnly = false }: ExpandOptions,
  offset: number,
  count: number,
  { db, day }: ExpandContext,
): Promise<{ readonly total: number | undefined; readonly found: readonly Found[] }> {
  const asked = { ...(filter !== undefined && { filter }), ...(activeOnly && { validOn: day }) };
  return filter === undefined || parts.length === 1
    ? await oneAfterTheOther(db, parts, asked, offset, count)
    : await bestOfAll(db, parts, asked, offset, count);
}

async function oneAfterTheOther(
  db: Queryable,
  parts: readonly SourcedPart[],
  asked: Partial<PageQuery>,
  offset: number,
  count: number,
): Promise<{ readonly total: number | undefined; readonly found: readonly Found[] }> {
  let total = 0;
  let isCounted = true;
  const found: Found[] = [];
  for (const part of parts) {
    const page = await pageOf(db, part, {
      ...asked,
      offset: Math.max(0, offset - total),
      count: Math.max(0, count - found.length),
    });
    total += page.total ?? 0;
    isCounted &&= page.total !== undefined;
    found.push(...page.concepts.map((each) => ({ ...each, part })));
  }
  return { total: isCounted ? total : undefined, found };
}

async function bestOfAll(
  db: Queryable,
  parts: readonly SourcedPart[],
  asked: Partial<PageQuery>,
  offset: number,
  count: number,
): Promise<{ readonly total: number | undefined; readonly found: readonly Found[] }> {
  const pages = await Promise.all(
    parts.map(async (part) => ({
      part,
      ...(await pageOf(db, part, { ...asked, offset: 0, count: offset + count })),
    })),
  );
  const all = pages
    .flatMap(({ part, concepts }) => concepts.map((each) => ({ ...each, part })))
    .toSorted((a, b) => a.rank - b.rank);
  return {
    total: pages.reduce<number | undefined>((sum, page) => plus(sum, page.total), 0),
    found: all.slice(offset, offset + count),
  };
}

const plus = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? undefined : a + b;

function toContains(
  part: SourcedPart,
  concept: Concept,
  { languages = [], includeDesignations = false }: ExpandOptions,
  day: string,
): ValueSetExpansionContains {
  const { system, version, texts, source } = part;
  const given = texts.get(concept.code);
  const designations = [...(given?.designations ?? []), ...concept.designations];
  const display = displayIn(
    { ...concept, ...(given?.display !== undefined && { display: given.display }), designations },
    languages,
    source?.language,
  );
  const designation = includeDesignations ? shown(concept, designations, display, source?.language) : [];
  return {
    system,
    ...(version !== undefined && { version }),
    code: concept.code,
    display: display ?? nameOf(concept),
    ...(concept.isAbstract && { abstract: true }),
    ...(!isValidOn(concept, day) && { inactive: true }),
    ...(designation.length > 0 && { designation }),
  };
}

/** All other texts, the display itself too where another language took its place. */
function shown(
  { display }: Concept,
  designations: readonly Designation[],
  chosen: string | undefined,
  language: string | undefined,
): NonNullable<ValueSetExpansionContains['designation']> {
  const own: readonly Designation[] =
    display !== undefined && display !== chosen
      ? [{ value: display, ...(language !== undefined && { language }) }]
      : [];
  return [...own, ...designations].map(({ value, language: lang, use }) => ({
    value,
    ...(lang !== undefined && { language: lang }),
    ...(use !== undefined && { use }),
  }));
}

function askedParameters({
  filter,
  count,
  activeOnly,
  languages,
}: ExpandOptions): readonly ValueSetExpansionParameter[] {
  return [
    ...(filter === undefined ? [] : [{ name: 'filter', valueString: filter }]),
    ...(count === undefined ? [] : [{ name: 'count', valueInteger: count }]),
    ...(activeOnly === undefined ? [] : [{ name: 'activeOnly', valueBoolean: activeOnly }]),
    ...(languages?.[0] === undefined ? [] : [{ name: 'displayLanguage', valueCode: languages[0] }]),
    { name: 'excludeNested', valueBoolean: true },
  ];
}

const usedSystems = (parts: readonly SourcedPart[]): readonly ValueSetExpansionParameter[] =>
  parts.flatMap(({ source }) =>
    source?.version === undefined ? [] : [{ name: 'version', valueUri: `${source.url}|${source.version}` }],
  );

const tooCostly = (text: string): ReturnType<typeof unprocessable> =>
  unprocessable(error('too-costly', text, undefined, 'too-costly'));
