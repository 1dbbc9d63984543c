/**
 * Work lists: ids of a page of pathways and how many there are, for people of a department or the national coordinators of
 * a register (docs/adr/0021). They say nothing of anybody; what is shown of the page is read, and audited, as resources.
 */
import type { StaffPrincipal } from '../access/principal.ts';
import { typeCode } from '../fhir/resource-types.ts';
import { type Fragment, join, NONE, raw, sql, toSql } from '../search/sql.ts';
import { bitsOf, FORM_STATES, type FormsState } from '../storage/pathway-list.ts';
import type { Sql } from '../storage/store.ts';
import type { Repository } from './repository.ts';

const PATIENT = typeCode('Patient') ?? 0;

export interface ListQuery {
  /** Of a register with several. */
  readonly module?: string | undefined;
  readonly state: FormsState | undefined;
  readonly sort: 'consent' | 'start' | 'department';
  readonly direction: 'ascending' | 'descending';
  readonly limit: number;
  readonly offset: number;
}

/** Rows of `pathway_list l` that the principal may see: the second line is the table's own policy. */
export function listed({ role, register, units, launch, patient }: StaffPrincipal): Fragment {
  const own =
    role === 'SC' ? sql`l.natl and l.reg = ${register}` : sql`l.reg = ${register} and l.unit = any(${units})`;
  return launch === undefined ? own : sql`${own} and l.patient = ${patient ?? ''}`;
}

/** One order, and the same turned around: an index serves both. */
const ORDERS = {
  start: ['l.started, l.episode', 'l.started desc, l.episode desc'],
  consent: ['l.consent, l.started desc, l.episode', 'l.consent desc, l.started, l.episode desc'],
  department: [
    'l.department_key, l.started desc, l.episode',
    'l.department_key desc, l.started, l.episode desc',
  ],
} as const;

export const ofModule = (module: string | undefined): readonly Fragment[] =>
  module === undefined ? [] : [sql`l.module = ${module}`];

/** The statement of one page: stable, whatever is equal. */
export function pageSql(principal: StaffPrincipal, query: ListQuery): Sql {
  const { module, state, sort, direction, limit, offset } = query;
  const wanted = state === undefined ? sql`l.active` : sql`l.active and (l.forms & ${bitsOf([state])}) <> 0`;
  const order = raw(ORDERS[sort][direction === 'ascending' ? 0 : 1]);
  return toSql(sql`select l.episode, l.consent::int as consent, l.location, l.department
    from pathway_list l
    where ${join([listed(principal), ...ofModule(module), wanted], ' and ')}
    order by ${order}
    limit ${limit}
    offset ${offset}`);
}

export interface ListedPathway {
  readonly episode: string;
  /** Index in CONSENT_STATES. */
  readonly consent: number;
  readonly location: string | null;
  readonly department: string | null;
}

export const listPage = (
  repository: Repository,
  principal: StaffPrincipal,
  query: ListQuery,
): Promise<readonly ListedPathway[]> =>
  repository.readAs(principal).query<ListedPathway>(pageSql(principal, query));

export type PathwayCounts = Readonly<Record<FormsState | 'all', number>>;

/** How many pathways are under way, in all and in each state of their forms: by module. */
export async function countListed(
  repository: Repository,
  principal: StaffPrincipal,
): Promise<ReadonlyMap<string, PathwayCounts>> {
  const groups = await repository.readAs(principal).query<Counted>({
    text: 'select module, forms::int as forms, n::int as n from pathway_counts($1)',
    values: [principal.register],
  });
  const modules = Map.groupBy(groups, ({ module }) => module);
  return new Map([...modules].map(([module, own]) => [module, countsOf(own)]));
}

interface Counted {
  readonly module: string;
  readonly forms: number;
  readonly n: number;
}

function countsOf(groups: readonly Counted[]): PathwayCounts {
  const sum = (bit: number): number =>
    groups.reduce((total, { forms, n }) => ((forms & bit) === bit ? total + n : total), 0);
  const states = Object.entries(FORM_STATES).map(([state, bit]) => [state, sum(bit)]);
  return { ...(Object.fromEntries(states) as Record<FormsState, number>), all: sum(0) };
}

/** The counts of all modules together. */
export const allModules = (counts: ReadonlyMap<string, PathwayCounts>): PathwayCounts => {
  const states = [...Object.keys(FORM_STATES), 'all'] as (keyof PathwayCounts)[];
  const sum = (state: keyof PathwayCounts): number =>
    [...counts.values()].reduce((total, own) => total + own[state], 0);
  return Object.fromEntries(states.map((state) => [state, sum(state)])) as PathwayCounts;
};

export interface DeliveredSearch {
  /** Of a register with several. */
  readonly module?: string | undefined;
  /** Days of the start, YYYY-MM-DD in Norway, both included. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** Whole years at the start. */
  readonly ageFrom?: number | undefined;
  readonly ageTo?: number | undefined;
  /** A location or a department. */
  readonly place?: string | undefined;
}

const DAY_OF_START = raw(`(l.started at time zone 'Europe/Oslo')::date`);
/** Birthdays are kept as the instant at which they begin in Norway: noon of it is on the same day everywhere. */
const AGE = raw(
  `date_part('year', age((l.started at time zone 'Europe/Oslo')::date, (p.d_lo + interval '12 hours')::date))`,
);

/** Pathways of which all forms are completed, with the persons they are about when an age is asked for. */
function delivered(principal: StaffPrincipal, search: DeliveredSearch): Fragment {
  const { module, from, to, ageFrom, ageTo, place } = search;
  const isByAge = ageFrom !== undefined || ageTo !== undefined;
  const person = isByAge ? sql` join resource p on p.type = ${PATIENT} and p.id = l.patient` : NONE;
  const conditions = [
    sql`${listed(principal)} and l.completed is not null`,
    ...ofModule(module),
    ...(from === undefined ? [] : [sql`${DAY_OF_START} >= ${from}::date`]),
    ...(to === undefined ? [] : [sql`${DAY_OF_START} <= ${to}::date`]),
    ...(ageFrom === undefined ? [] : [sql`${AGE} >= ${ageFrom}`]),
    ...(ageTo === undefined ? [] : [sql`${AGE} <= ${ageTo}`]),
    ...(place === undefined ? [] : [sql`(l.location = ${place} or l.department = ${place})`]),
  ];
  return sql`pathway_list l${person} where ${join(conditions, ' and ')}`;
}

export interface DeliveredPathway extends ListedPathway {
  /** Instant. */
  readonly completed: string;
}

/** One page, newest first. */
export const deliveredPage = (
  repository: Repository,
  principal: StaffPrincipal,
  search: DeliveredSearch,
  { limit, offset }: { readonly limit: number; readonly offset: number },
): Promise<readonly DeliveredPathway[]> =>
  repository.readAs(principal).query<DeliveredPathway>(
    toSql(sql`select l.episode, l.consent::int as consent, l.location, l.department,
        to_char(l.completed at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as completed
      from ${delivered(principal, search)}
      order by l.completed desc, l.episode
      limit ${limit}
      offset ${offset}`),
  );

export async function countDelivered(
  repository: Repository,
  principal: StaffPrincipal,
  search: DeliveredSearch,
): Promise<number> {
  const [row] = await repository
    .readAs(principal)
    .query<{ n: number }>(toSql(sql`select count(*)::int as n from ${delivered(principal, search)}`));
  return row?.n ?? 0;
}

/** Locations and departments that the delivered pathways have. */
export async function deliveredPlaces(
  repository: Repository,
  principal: StaffPrincipal,
): Promise<readonly string[]> {
  const rows = await repository.readAs(principal).query<{ place: string }>(
    toSql(sql`select distinct x.place
      from pathway_list l
      cross join lateral (values (l.location), (l.department)) x (place)
      where ${listed(principal)} and l.completed is not null and x.place is not null`),
  );
  return rows.map(({ place }) => place).toSorted((a, b) => a.localeCompare(b, 'nb'));
}
