/**
 * Tree → plan: which rows drive the search, which conditions the rest become, and in which order rows come out.
 * Rules (the reasons are measured, see docs/architecture.md): the patient, then the canonical, then the organisation
 * lead through their own index; otherwise the most telling token leads through the token table, which is in date order.
 */
import { typeCode, RESOURCE_TYPES } from '../fhir/resource-types.ts';
import type { Condition, TokenCondition } from './condition.ts';
import { conditionOf } from './conditions.ts';
import { readCursor } from './cursor.ts';
import type { Position } from './cursor.ts';
import type { ParameterTable } from './parameters.ts';
import type { PlainCriterion, SearchTree, SortKey } from './tree.ts';

export interface Plan {
  /** Database codes; undefined = every type. */
  readonly types: readonly number[] | undefined;
  /** Joined instead of tested, so that the database may start from it in date order. */
  readonly driver: TokenCondition | undefined;
  readonly conditions: readonly Condition[];
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
  | {
      readonly kind: 'index';
      readonly table: 'idx_date' | 'idx_text' | 'idx_number';
      readonly param: number;
    };

/** Plan a search whose chains and `_has` are resolved already. Throws 400 for a cursor of another order. */
export function planSearch(
  tree: Pick<SearchTree, 'types' | 'sort' | 'count' | 'cursor'>,
  criteria: readonly PlainCriterion[],
  parameters: ParameterTable,
): Plan {
  const conditions = criteria.map((criterion) => conditionOf(criterion, parameters));
  const driver = driverOf(criteria, conditions);
  const order = tree.sort.length === 0 ? defaultOrder(tree, conditions, driver) : tree.sort.map(orderKey);
  return {
    types: typesOf(tree.types),
    driver,
    conditions: conditions.filter((condition) => condition !== driver),
    order,
    tie: order.at(-1)?.direction ?? 'desc',
    after:
      tree.cursor === undefined
        ? undefined
        : readCursor(signature(order), tree.cursor, order.map(keyPattern)),
    count: tree.count,
    isPointed: tree.sort.length === 0 && criteria.some(isPointed),
  };
}

const POINTED: ReadonlySet<string> = new Set(['_id', 'identifier']);

const isPointed = (criterion: PlainCriterion): boolean =>
  criterion.kind === 'match' && criterion.modifier === undefined && POINTED.has(criterion.parameter.code);

const typesOf = (types: readonly string[]): readonly number[] | undefined =>
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
    driver !== undefined || conditions.some((condition) => isColumn(condition, ['patient', 'canon']));
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

/** A single token, unless a column leads already. Its rows are unique per resource, so joining repeats nothing. */
function driverOf(
  criteria: readonly PlainCriterion[],
  conditions: readonly Condition[],
): TokenCondition | undefined {
  if (conditions.some((condition) => isColumn(condition, LEADING_COLUMNS))) {
    return undefined;
  }
  const candidates = conditions.flatMap((condition, index) =>
    condition.kind === 'token' && condition.hashes.length === 1
      ? [{ condition, rank: COMMON_CODES.has(criteria[index]?.parameter.code ?? '') ? 1 : 0 }]
      : [],
  );
  return candidates.sort((a, b) => a.rank - b.rank)[0]?.condition;
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
  return { source: { kind: 'index', table: SORT_TABLES[type] ?? 'idx_text', param: key }, direction };
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
