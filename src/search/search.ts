/**
 * A search carried out: https://hl7.org/fhir/R4/search.html
 * resolve chains → plan → one page → total → includes. Every statement carries the caller's access filter.
 */
import { hash64 } from '../fhir/id.ts';
import { badRequest, type Issue } from '../fhir/outcome.ts';
import { toRow } from '../storage/row.ts';
import type { RowRecord } from '../storage/row.ts';
import type { Row, Sql, StoreSession } from '../storage/store.ts';
import { writeCursor } from './cursor.ts';
import { readIncluded } from './include.ts';
import { resolveLinks } from './link.ts';
import type { LinkContext } from './link.ts';
import { parseSearch } from './parse.ts';
import type { ParameterTable } from './parameters.ts';
import {
  dateCandidates,
  driverCandidates,
  knownConditions,
  planConditions,
  planSearch,
  signature,
  typesOf,
} from './plan.ts';
import type { Plan, PlannedCriterion } from './plan.ts';
import { boundedCountSql, countSql, densitySql, estimateSql, idSql, nearPageSql, pageSql } from './print.ts';
import type { SearchTree } from './tree.ts';

export interface SearchDeps {
  readonly parameters: ParameterTable;
  /** What the caller may see: a condition on the resource row `r` with parameters from $1; undefined = everything. */
  readonly filter: Sql | undefined;
  /** Time of the request, for `ap`. */
  readonly now: Date;
  /** This server's FHIR base url. */
  readonly baseUrl?: string;
  /** Types that an include may bring along; all, when it is not said. */
  readonly mayInclude?: (type: string) => boolean;
}

export interface SearchResult {
  /** The page, in order. */
  readonly rows: readonly Row[];
  /** Included resources, each once and none that is on the page. */
  readonly included: readonly Row[];
  /** Matches in all, when it was asked for or is known anyway. */
  readonly total?: number;
  /** `_cursor` of the next page; absent on the last. */
  readonly nextCursor?: string;
  /** What lenient handling ignored, and what was cut short. */
  readonly warnings: readonly Issue[];
}

/**
 * Run a parsed search. Throws FhirError 400: a cursor of another search, or `too-costly` when a chain or an include is
 * too broad. Database errors pass through.
 */
export async function runSearch(
  session: StoreSession,
  deps: SearchDeps,
  tree: SearchTree,
): Promise<SearchResult> {
  const context: LinkContext = { ...deps, session, baseUrl: deps.baseUrl };
  const criteria = await resolveLinks(tree.criteria, tree.types, context);
  const plan = await choosePlan(tree, criteria, context);
  const isCountOnly = tree.summary === 'count' || tree.count === 0;
  const page = isCountOnly ? EMPTY_PAGE : await readPage(plan, context);
  const total = await readTotal(tree, plan, page, context);
  const mayInclude = deps.mayInclude ?? (() => true);
  const included = await readIncluded(tree, page.rows, { ...context, mayInclude });
  return {
    rows: page.rows,
    included: included.rows,
    ...(total !== undefined && { total }),
    ...(page.nextCursor !== undefined && { nextCursor: page.nextCursor }),
    warnings: [...tree.warnings, ...included.warnings],
  };
}

/**
 * Ids that a query string matches, at most `limit` (two tell "one" from "several"). Strict handling: a condition of a
 * write that is not understood must not match everything.
 */
export async function findIds(
  session: StoreSession,
  deps: SearchDeps,
  type: string,
  query: string,
  limit = 2,
): Promise<readonly string[]> {
  const { baseUrl } = deps;
  const tree = parseSearch(type, new URLSearchParams(query), deps.parameters, {
    ...(baseUrl !== undefined && { baseUrl }),
  });
  if (tree.criteria.length === 0) {
    throw badRequest(
      'The condition of a write must say what it matches: it has no search parameter that selects anything.',
      undefined,
      'condition',
    );
  }
  const context: LinkContext = { ...deps, session, baseUrl };
  const criteria = await resolveLinks(tree.criteria, tree.types, context);
  const plan = planSearch(
    { ...tree, sort: [], cursor: undefined, count: limit - 1 },
    criteria,
    deps.parameters,
  );
  const found = await session.query<{ value: string }>(idSql(plan, context));
  return found.map(({ value }) => value);
}

/** Beyond this many rows a value is common, and how common does not matter. */
const COMMON = 1000;

/** With several conditions that could lead, the rarest does: one statement counts a few rows of each. */
async function choosePlan(
  tree: SearchTree,
  criteria: readonly PlannedCriterion[],
  context: LinkContext,
): Promise<Plan> {
  const known = knownConditions(criteria, context.parameters);
  const tokens = driverCandidates(known).map(({ token }) => token);
  const candidates = [...tokens, ...dateCandidates(known)];
  if (tokens.length === 0 || candidates.length < 2) {
    return planConditions(tree, known, () => undefined);
  }
  const [counts] = await context.session.query<Readonly<Record<string, number>>>(
    densitySql(typesOf(tree.types), candidates, COMMON, context),
  );
  return planConditions(tree, known, (condition) => counts?.[`c${candidates.indexOf(condition)}`]);
}

interface Page {
  readonly rows: readonly Row[];
  readonly nextCursor: string | undefined;
}

const EMPTY_PAGE: Page = { rows: [], nextCursor: undefined };

type PageRecord = RowRecord & Readonly<Record<`k${number}`, string | null>>;

async function readPage(plan: Plan, context: LinkContext): Promise<Page> {
  const records = (await readNear(plan, context)) ?? (await readAnywhere(plan, context));
  const onPage = records.slice(0, plan.count);
  const last = onPage.at(-1);
  const hasNext = records.length > plan.count && last !== undefined;
  return { rows: onPage.map(toRow), nextCursor: hasNext ? cursorAt(last, plan) : undefined };
}

/** Undefined when the page is not full: then it takes more than the first rows. */
async function readNear(plan: Plan, context: LinkContext): Promise<readonly PageRecord[] | undefined> {
  const statement = nearPageSql(plan, context);
  const records = statement === undefined ? [] : await context.session.query<PageRecord>(statement);
  return records.length > plan.count ? records : undefined;
}

async function readAnywhere(plan: Plan, context: LinkContext): Promise<readonly PageRecord[]> {
  const sql = pageSql(plan, context);
  const statement = plan.isPointed ? { ...sql, name: `s${hash64(sql.text)}` } : sql;
  return await context.session.query<PageRecord>(statement);
}

const cursorAt = (record: PageRecord, { order }: Plan): string =>
  writeCursor(signature(order), {
    keys: order.map((_, index) => record[`k${index}`] ?? null),
    rid: record.rid,
  });

/** An exact count is made when asked for; a first page that is also the last has been counted already. */
async function readTotal(
  tree: SearchTree,
  plan: Plan,
  page: Page,
  context: LinkContext,
): Promise<number | undefined> {
  const isCountOnly = page === EMPTY_PAGE;
  if (!isCountOnly && tree.cursor === undefined && page.nextCursor === undefined) {
    return page.rows.length;
  }
  if (tree.total === 'estimate') {
    return readEstimate(plan, context);
  }
  if (!isCountOnly && tree.total === 'none') {
    return undefined;
  }
  const [row] = await context.session.query<{ total: number }>(countSql(plan, context));
  return row?.total ?? 0;
}

type Explained = Readonly<
  Record<'QUERY PLAN', readonly [{ readonly Plan: { readonly 'Plan Rows': number } }]>
>;

/** Estimates of joins are poor, so they are asked for only where counting takes long. */
const COUNTED = 10_000;

async function readEstimate(plan: Plan, context: LinkContext): Promise<number> {
  const [counted] = await context.session.query<{ total: number }>(
    boundedCountSql(plan, COUNTED + 1, context),
  );
  const total = counted?.total ?? 0;
  if (total <= COUNTED) {
    return total;
  }
  const [row] = await context.session.query<Explained>(estimateSql(plan, context));
  return Math.max(total, row?.['QUERY PLAN'][0].Plan['Plan Rows'] ?? 0);
}
