/**
 * Work lists: ids of a page of pathways and how many there are, for people of a department or the national coordinators of
 * a register (docs/adr/0021). They say nothing of anybody; what is shown of the page is read, and audited, as resources.
 */
import type { StaffPrincipal } from '../access/principal.ts';
import { type Fragment, join, raw, sql, toSql } from '../search/sql.ts';
import { bitsOf, FORM_STATES, type FormsState } from '../storage/pathway-list.ts';
import type { Sql } from '../storage/store.ts';
import type { Repository } from './repository.ts';

export interface ListQuery {
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

/** The statement of one page: stable, whatever is equal. */
export function pageSql(principal: StaffPrincipal, query: ListQuery): Sql {
  const { state, sort, direction, limit, offset } = query;
  const wanted = state === undefined ? sql`l.active` : sql`l.active and (l.forms & ${bitsOf([state])}) <> 0`;
  const order = raw(ORDERS[sort][direction === 'ascending' ? 0 : 1]);
  return toSql(sql`select l.episode, l.location, l.department
    from pathway_list l
    where ${join([listed(principal), wanted], ' and ')}
    order by ${order}
    limit ${limit}
    offset ${offset}`);
}

export interface ListedPathway {
  readonly episode: string;
  readonly location: string | null;
  readonly department: string | null;
}

export const listPage = (
  repository: Repository,
  principal: StaffPrincipal,
  query: ListQuery,
): Promise<readonly ListedPathway[]> =>
  repository.readAs(principal).query<ListedPathway>(pageSql(principal, query));

/** How many pathways are under way, in all and in each state of their forms. */
export async function countListed(
  repository: Repository,
  principal: StaffPrincipal,
): Promise<Readonly<Record<FormsState | 'all', number>>> {
  const groups = await repository.readAs(principal).query<{ forms: number; n: number }>({
    text: 'select forms::int as forms, n::int as n from pathway_counts($1)',
    values: [principal.register],
  });
  const sum = (bit: number): number =>
    groups.reduce((total, { forms, n }) => ((forms & bit) === bit ? total + n : total), 0);
  const states = Object.entries(FORM_STATES).map(([state, bit]) => [state, sum(bit)]);
  return { ...(Object.fromEntries(states) as Record<FormsState, number>), all: sum(0) };
}
