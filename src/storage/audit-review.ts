/**
 * What coordinators look at and write down when they go through the audit trail (AU-05).
 */
import { type AuditScope, scopeConditions } from './audit-search.ts';
import type { Queryable } from './db.ts';
import type { Sql } from './store.ts';

/** An event as it is gone through: without its content. */
export interface ReviewedEvent {
  readonly id: string;
  readonly recorded: string;
  readonly kind: string;
  readonly action: string;
  readonly outcome: number;
  readonly agent: string;
  readonly role: string | null;
  readonly unit: string | null;
  /** Units that the data belong to. */
  readonly about: readonly string[];
  readonly patients: readonly string[];
  /** Somebody has looked into it. */
  readonly isFollowedUp: boolean;
}

export interface ReviewFilter {
  readonly scope: AuditScope;
  /** Recorded at or after, and before. */
  readonly from: string;
  readonly to: string;
  readonly agent?: string;
  readonly patient?: string;
  /** Draw a sample instead of the newest: the same seed draws the same events. */
  readonly seed?: string;
  readonly count: number;
}

/** Events by people (not by systems) in a period, newest first, or a sample of them. */
export function reviewStatement({ scope, from, to, agent, patient, seed, count }: ReviewFilter): Sql {
  const values: unknown[] = [];
  const add = (value: unknown): string => `$${values.push(value)}`;
  const where = [
    'a.role is not null',
    `a.recorded >= ${add(from)}`,
    `a.recorded < ${add(to)}`,
    ...scopeConditions(scope, 'a', add),
    ...(agent === undefined ? [] : [`a.agent = ${add(agent)}`]),
    ...(patient === undefined ? [] : [`${add(patient)} = any (a.patients)`]),
  ];
  const order = seed === undefined ? 'a.recorded desc, a.seq desc' : `md5(a.id || ${add(seed)})`;
  return {
    text: `select a.id, a.recorded, a.kind, a.action, a.outcome, a.agent, a.role, a.unit, a.about, a.patients,
  exists (select from audit_review v where v.event = a.id) as "isFollowedUp"
from audit a
where ${where.join('\n  and ')}
order by ${order}
limit ${add(count)}`,
    values,
  };
}

/** A person at work who opened many persons one by one within an hour. */
export interface BusyHour {
  readonly agent: string;
  /** Start of the hour, UTC. */
  readonly hour: string;
  readonly patients: number;
}

/** Hours of a period in which somebody opened more persons than `most`; lists that show many at once do not count. */
export function busyHours(
  db: Queryable,
  { scope, from, to }: Pick<ReviewFilter, 'scope' | 'from' | 'to'>,
  most: number,
): Promise<readonly BusyHour[]> {
  const values: unknown[] = [];
  const add = (value: unknown): string => `$${values.push(value)}`;
  const where = [
    'a.role is not null',
    'cardinality(a.patients) = 1',
    `a.recorded >= ${add(from)}`,
    `a.recorded < ${add(to)}`,
    ...scopeConditions(scope, 'a', add),
  ];
  return db.query<BusyHour>({
    text: `select a.agent, date_trunc('hour', a.recorded) as hour, count(distinct a.patients[1])::int as patients
from audit a
where ${where.join('\n  and ')}
group by 1, 2
having count(distinct a.patients[1]) > ${add(most)}`,
    values,
  });
}

/** What came of looking into an event. */
export interface FollowUp {
  readonly id: string;
  readonly event: string;
  readonly verdict: string;
  readonly comment: string;
  readonly reviewer: string;
  readonly reviewerName: string;
  readonly at: string;
}

/** A follow-up as a statement for the transaction that its audit event is in. */
export const insertFollowUp = (
  { id, event, verdict, comment, reviewer, reviewerName, at }: FollowUp,
  { register, unit }: { readonly register: string; readonly unit: string | null },
): Sql => ({
  text: `insert into audit_review (id, event, verdict, comment, reviewer, reviewer_name, register, unit, at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
  values: [id, event, verdict, comment, reviewer, reviewerName, register, unit, at],
});

/** Follow-ups of an event within a register, oldest first. */
export function followUpsOf(db: Queryable, event: string, register: string): Promise<readonly FollowUp[]> {
  return db.query<FollowUp>({
    text: `select id, event, verdict, comment, reviewer, reviewer_name as "reviewerName", at
      from audit_review
      where event = $1 and register = $2
      order by at, id`,
    values: [event, register],
  });
}

/** Names of accounts and clients, by Principal.subject. */
export async function namesOfAgents(
  db: Queryable,
  subjects: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await db.query<{ subject: string; name: string }>({
    text: `select 'user:' || username as subject, name from account where 'user:' || username = any ($1)
      union all
      select 'client:' || client_id, name from oauth_client where 'client:' || client_id = any ($1)`,
    values: [subjects],
  });
  return new Map(rows.map(({ subject, name }) => [subject, name]));
}
