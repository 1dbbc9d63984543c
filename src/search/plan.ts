/**
 * Tree → plan: which rows drive the search, which conditions the rest become, and in which order rows come out.
 * Rules (the reasons are measured, see docs/architecture.md): the patient, then the canonical, then the organisation
 * lead through their own index; otherwise the most telling token leads through the token table, which is in date order.
 */
import { typeCode, RESOURCE_TYPES } from '../fhir/resource-types.ts';
import type { Condition, Selection, TokenCondition } from './condition.ts';
import { conditionOf } from './conditions.ts';
import { readCursor } from './cursor.ts';
import type { Position } from './cursor.ts';
import type { ParameterTable } from './parameters.ts';
import { sortPaths } from './sort-path.ts';
import type { PlainCriterion, SearchTree, SortKey } from './tree.ts';

export interface Plan extends Selection {
  /** The main date leads: fewer rows are in its range than have any of the tokens. */
  readonly isDateLed: boolean;
  readonly order: readonly OrderKey[];
  /** Direction of the row number, which makes the order total. */
  readonly tie: Direction;
  readonly after: Position | undefined;
  /** Rows of one page. */
  readonly count: number;
  /** A criterion names one resource or nearly so: the best plan is the same whatever the values are. */
  readonly isPointed: boolean;
}

export type Direction = 'asc' | 'desc';

export interface OrderKey {
  readonly source: OrderSource;
  readonly direction: Direction;
}

export type OrderSource =
  | { readonly kind: 'column'; readonly column: 'id' | 'lu' | 'patient' | 'org' | 'canon' | 'status' }
  | { readonly kind: 'main-date' }
  /** SQL/JSON paths of texts in the content. */
  | { readonly kind: 'content'; readonly paths: readonly string[]; readonly param: number }
  | {
      readonly kind: 'index';
      readonly table: 'idx_date' | 'idx_text' | 'idx_number';
      readonly param: number;
    };

/** A criterion that needs no further step: of the resource itself, or resolved by search/link.ts. */
export type PlannedCriterion = PlainCriterion | ResolvedCriterion;

export interface ResolvedCriterion {
  readonly kind: 'resolved';
  readonly condition: Condition;
}

/** Rows that a condition selects, as far as they were counted; undefined = not known. */
export type Density = (condition: Condition) => number | undefined;

/** Plan a search whose chains and `_has` are resolved already. Throws 400 for a cursor of another order. */
export function planSearch(
  tree: Pick<SearchTree, 'types' | 'sort' | 'count' | 'cursor'>,
  criteria: readonly PlannedCriterion[],
  parameters: ParameterTable,
): Plan {
  return planConditions(tree, knownConditions(criteria, parameters), () => undefined);
}

/** A condition, and the parameter that it came from. */
export interface KnownCondition {
  readonly condition: Condition;
  readonly code: string;
  readonly isPointed: boolean;
}

export const knownConditions = (
  criteria: readonly PlannedCriterion[],
  parameters: ParameterTable,
): readonly KnownCondition[] =>
  criteria.map((criterion) =>
    criterion.kind === 'resolved'
      ? { condition: criterion.condition, code: '', isPointed: false }
      : {
          condition: conditionOf(criterion, parameters),
          code: criterion.parameter.code,
          isPointed: isPointed(criterion),
        },
  );

/** The second half of planning, when it is known how common each token is. */
export function planConditions(
  tree: Pick<SearchTree, 'types' | 'sort' | 'count' | 'cursor'>,
  known: readonly KnownCondition[],
  density: Density,
): Plan {
  const conditions = known.map(({ condition }) => condition);
  const { token: best, rows } = driverOf(known, density);
  const isDateLed = best !== undefined && dateRows(known, density) < rows;
  const driver = isDateLed ? undefined : best;
  const order = tree.sort.length === 0 ? defaultOrder(tree, conditions, best) : tree.sort.map(orderKey);
  return {
    types: typesOf(tree.types),
    driver,
    conditions: conditions.filter((condition) => condition !== driver),
    isDateLed,
    order,
    tie: order.at(-1)?.direction ?? 'desc',
    after:
      tree.cursor === undefined
        ? undefined
        : readCursor(signature(order), tree.cursor, order.map(keyPattern)),
    count: tree.count,
    isPointed: tree.sort.length === 0 && known.some(({ isPointed: is }) => is),
  };
}

const POINTED: ReadonlySet<string> = new Set(['_id', 'identifier']);

const isPointed = (criterion: PlainCriterion): boolean =>
  criterion.kind === 'match' && criterion.modifier === undefined && POINTED.has(criterion.parameter.code);

export const typesOf = (types: readonly string[]): readonly number[] | undefined =>
  types.length === RESOURCE_TYPES.length ? undefined : types.map((type) => typeCode(type) as number);

/**
 * Without `_sort`: newest main date first where an index has that order, else by row number (newest first). Not by the
 * time of the last update: a resource that changes between two pages would jump past the reader.
 */
function defaultOrder(
  { types }: Pick<SearchTree, 'types'>,
  conditions: readonly Condition[],
  driver: TokenCondition | undefined,
): readonly OrderKey[] {
  const isInDateOrder =
    driver !== undefined ||
    conditions.some(
      (condition) =>
        condition.kind === 'rows' || isMainDate(condition) || isColumn(condition, ['patient', 'canon']),
    );
  return types.length === 1 && isInDateOrder ? [{ source: { kind: 'main-date' }, direction: 'desc' }] : [];
}

/** Columns that select few enough rows to begin with. */
const LEADING_COLUMNS = ['id', 'patient', 'canon', 'org'];

/** Parameters that most resources of a type share a value of. */
const COMMON_CODES: ReadonlySet<string> = new Set([
  '_tag',
  '_profile',
  '_security',
  '_source',
  'active',
  'category',
  'class',
  'gender',
  'intent',
  'priority',
]);

/** The rarest single token, unless a column leads already. Its rows are unique per resource, so joining repeats nothing. */
function driverOf(
  known: readonly KnownCondition[],
  density: Density,
): { readonly token: TokenCondition | undefined; readonly rows: number } {
  const candidates = driverCandidates(known).map((candidate) => ({
    ...candidate,
    rows: density(candidate.token) ?? 0,
  }));
  return (
    candidates.toSorted((a, b) => a.rows - b.rows || a.rank - b.rank)[0] ?? { token: undefined, rows: 0 }
  );
}

const isMainDate = (condition: Condition): boolean =>
  condition.kind === 'date' && condition.source === 'main';

/** Ranges of the main date, which an index can begin at; `ne` is none. */
export const dateCandidates = (known: readonly KnownCondition[]): readonly Condition[] =>
  known.flatMap(({ condition }) =>
    condition.kind === 'date' && condition.source === 'main' && condition.prefix !== 'ne' ? [condition] : [],
  );

const dateRows = (known: readonly KnownCondition[], density: Density): number =>
  Math.min(...dateCandidates(known).map((condition) => density(condition) ?? Infinity));

interface Candidate {
  readonly token: TokenCondition;
  readonly rank: number;
}

/** Tokens that could lead; with more than one, it is worth asking how common each is. */
export function driverCandidates(known: readonly KnownCondition[]): readonly Candidate[] {
  const isLed = known.some(
    ({ condition }) => condition.kind === 'rows' || isColumn(condition, LEADING_COLUMNS),
  );
  return isLed
    ? []
    : known.flatMap(({ condition, code }) =>
        condition.kind === 'token' && condition.hashes.length === 1
          ? [{ token: condition, rank: COMMON_CODES.has(code) ? 1 : 0 }]
          : [],
      );
}

const isColumn = (condition: Condition, columns: readonly string[]): boolean =>
  condition.kind === 'column' && columns.includes(condition.column);

function orderKey({ parameter, direction }: SortKey): OrderKey {
  const { column, key, type } = parameter;
  if (column === 'date') {
    return { source: { kind: 'main-date' }, direction };
  }
  if (column !== undefined) {
    return { source: { kind: 'column', column: column === 'lastUpdated' ? 'lu' : column }, direction };
  }
  const table = SORT_TABLES[type];
  return table === undefined
    ? { source: { kind: 'content', paths: sortPaths(parameter) ?? [], param: key }, direction }
    : { source: { kind: 'index', table, param: key }, direction };
}

const SORT_TABLES: Readonly<Record<string, 'idx_date' | 'idx_text' | 'idx_number'>> = {
  date: 'idx_date',
  string: 'idx_text',
  number: 'idx_number',
  quantity: 'idx_number',
};

/** Names an order, so that a cursor is not used in another one. */
export const signature = (order: readonly OrderKey[]): string =>
  order.map(({ source, direction }) => `${sourceName(source)} ${direction}`).join(',');

const sourceName = (source: OrderSource): string => {
  if (source.kind === 'main-date') {
    return 'date';
  }
  if (source.kind === 'content') {
    return `content ${source.param}`;
  }
  return source.kind === 'column' ? source.column : `${source.table} ${source.param}`;
};

const INSTANT = /^(-?infinity|[\d :.+-]{10,40}( BC)?)$/;
const NUMBER = /^-?[\d.e+-]{1,40}$/i;
const TEXT = /^[^\0]*$/s;

function keyPattern({ source }: OrderKey): RegExp {
  if (source.kind === 'main-date' || (source.kind === 'column' && source.column === 'lu')) {
    return INSTANT;
  }
  if (source.kind === 'index' && source.table !== 'idx_text') {
    return source.table === 'idx_date' ? INSTANT : NUMBER;
  }
  return TEXT;
}
