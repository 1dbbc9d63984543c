/** What we fetch from EHRs: tables `pull_state`, `pull_position` and `pull_known` (sql/0029, docs/adr/0036). Statements only. */
import type { Sql } from './store.ts';

/** Where a query of a connection is. Instants are ISO texts. */
export interface PullPosition {
  /** Patient id here; empty: whoever is followed. */
  readonly patient: string;
  readonly query: string;
  readonly since: string | null;
  readonly started: string | null;
  readonly doneTo: string;
  readonly upto: string | null;
  /** Sealed. */
  readonly next: string | null;
}

export interface PullState {
  readonly ehr: string;
  readonly lastContact: string | null;
  readonly lastRun: string | null;
  readonly failures: number;
  readonly failure: string | null;
  readonly failedAt: string | null;
  readonly notBefore: string | null;
}

const POSITION = 'patient, query, since, started, done_to as "doneTo", upto, next';
const STATE = `ehr, last_contact as "lastContact", last_run as "lastRun", failures, failure, failed_at as "failedAt",
  not_before as "notBefore"`;

/** Take hold of a connection for one run; no row: another run has it. */
export const holdSql = (ehr: string, holder: string, now: Date, until: Date): Sql => ({
  text: `insert into pull_state (ehr, holder, held_until) values ($1, $2, $4)
    on conflict (ehr) do update set holder = $2, held_until = $4
      where pull_state.holder is null or pull_state.holder = $2 or pull_state.held_until <= $3
    returning ehr`,
  values: [ehr, holder, now, until],
});

export const releaseSql = (ehr: string, holder: string): Sql => ({
  text: 'update pull_state set holder = null, held_until = null where ehr = $1 and holder = $2',
  values: [ehr, holder],
});

export const stateSql = (ehrs: readonly string[]): Sql => ({
  text: `select ${STATE} from pull_state where ehr = any ($1)`,
  values: [ehrs],
});

/** It has answered. */
export const contactSql = (ehr: string, now: Date): Sql => ({
  text: `update pull_state set last_contact = $2, failures = 0, failure = null, not_before = null where ehr = $1`,
  values: [ehr, now],
});

export const failedSql = (ehr: string, failure: string, now: Date, notBefore: Date): Sql => ({
  text: `update pull_state set failures = failures + 1, failure = $2, failed_at = $3, not_before = $4 where ehr = $1`,
  values: [ehr, failure, now, notBefore],
});

export const finishedRunSql = (ehr: string, now: Date): Sql => ({
  text: 'update pull_state set last_run = $2 where ehr = $1',
  values: [ehr, now],
});

/** A round of these queries begins, where none is under way; `since` given: from then. */
export const beginSql = (
  ehr: string,
  patient: string,
  queries: readonly string[],
  now: Date,
  since: Date | null,
): Sql => ({
  text: `insert into pull_position (ehr, patient, query, since, started)
    select $1, $2, q, $5, $4 from unnest($3::text[]) q
    on conflict (ehr, patient, query) do update
      set started = coalesce(pull_position.started, excluded.started),
          since = coalesce(excluded.since, pull_position.since), problem = null`,
  values: [ehr, patient, queries, now, since],
});

/** Of a patient, or of all who are followed: the queries whose round is not finished. */
export const openPositionsSql = (ehr: string, patient: string): Sql => ({
  text: `select ${POSITION} from pull_position
    where ehr = $1 and patient = $2 and query <> '' and started is not null order by query`,
  values: [ehr, patient],
});

/** The place moves within its round. */
export const moveSql = (
  ehr: string,
  { patient, query }: Pick<PullPosition, 'patient' | 'query'>,
  to: Pick<PullPosition, 'doneTo' | 'upto' | 'next'>,
): Sql => ({
  text: `update pull_position set done_to = $4, upto = $5, next = $6 where ehr = $1 and patient = $2 and query = $3`,
  values: [ehr, patient, query, to.doneTo, to.upto, to.next],
});

/** The round of a query is over; `problem`: in vain, so that the next one begins where this one did. */
export const endSql = (
  ehr: string,
  { patient, query }: Pick<PullPosition, 'patient' | 'query'>,
  problem: string | null,
): Sql => ({
  text: `update pull_position set since = case when $4::text is null then started else since end, started = null, done_to = '',
      upto = null, next = null, problem = $4
    where ehr = $1 and patient = $2 and query = $3`,
  values: [ehr, patient, query, problem],
});

/** Persons of whom everything is to be fetched. */
export const waitSql = (ehr: string, patients: readonly string[]): Sql => ({
  text: `insert into pull_position (ehr, patient, query) select $1, p, '' from unnest($2::text[]) p on conflict do nothing`,
  values: [ehr, patients],
});

export const waitingSql = (ehr: string): Sql => ({
  text: `select p.patient, exists (select from pull_position q
      where q.ehr = p.ehr and q.patient = p.patient and q.query <> '') as begun
    from pull_position p where p.ehr = $1 and p.query = '' order by p.patient`,
  values: [ehr],
});

/** A person has been fetched. */
export const personDoneSql = (ehr: string, patient: string): Sql => ({
  text: 'delete from pull_position where ehr = $1 and patient = $2',
  values: [ehr, patient],
});

export interface Backlog {
  readonly ehr: string;
  readonly persons: number;
  readonly queries: number;
  /** Queries that the EHR did not answer, with why. */
  readonly problems: readonly { readonly query: string; readonly problem: string }[];
}

export const backlogSql = (ehrs: readonly string[]): Sql => ({
  text: `select ehr, count(*) filter (where query = '')::int as persons,
      count(*) filter (where query <> '' and patient = '' and started is not null)::int as queries,
      coalesce(jsonb_agg(distinct jsonb_build_object('query', query, 'problem', problem))
        filter (where problem is not null and patient = ''), '[]') as problems
    from pull_position where ehr = any ($1) group by ehr`,
  values: [ehrs],
});

/** What has been taken of these. */
export const knownSql = (ehr: string, type: string, ids: readonly string[]): Sql => ({
  text: `select id, encode(hash, 'hex') as hash from pull_known where ehr = $1 and type = $2 and id = any ($3)`,
  values: [ehr, type, ids],
});

export interface Known {
  readonly type: string;
  readonly id: string;
  readonly person: string;
  /** Of a Patient. */
  readonly patient: string | null;
  /** Hexadecimal. */
  readonly hash: string;
}

export const keepKnownSql = (ehr: string, known: readonly Known[]): Sql => ({
  text: `insert into pull_known (ehr, type, id, person, patient, hash)
    select $1, k.type, k.id, k.person, k.patient, decode(k.hash, 'hex')
    from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[]) as k (type, id, person, patient, hash)
    on conflict (ehr, type, id) do update set person = excluded.person, patient = excluded.patient, hash = excluded.hash`,
  values: [
    ehr,
    known.map(({ type }) => type),
    known.map(({ id }) => id),
    known.map(({ person }) => person),
    known.map(({ patient }) => patient),
    known.map(({ hash }) => hash),
  ],
});

export const forgetKnownSql = (ehr: string, type: string, id: string): Sql => ({
  text: 'delete from pull_known where ehr = $1 and type = $2 and id = $3',
  values: [ehr, type, id],
});

/** The Patient there that is this person. */
export const personThereSql = (ehr: string, patient: string): Sql => ({
  text: `select id from pull_known where ehr = $1 and type = 'Patient' and patient = $2 order by id`,
  values: [ehr, patient],
});

const FOLLOWED = `exists (select from pull_known p join pathway_list l on l.patient = p.patient
    where p.ehr = k.ehr and p.type = 'Patient' and p.id = k.person and l.active
      and l.reg = any ($3) and l.unit = any ($4))`;

/** Persons with a pathway under way in these registers and units, in the order of their ids there. */
export const followedSql = (
  ehr: string,
  after: string,
  registers: readonly string[],
  units: readonly string[],
  limit: number,
): Sql => ({
  text: `select k.id from pull_known k where k.ehr = $1 and k.type = 'Patient' and k.id > $2 and ${FOLLOWED}
    order by k.id limit $5`,
  values: [ehr, after, registers, units, limit],
});

/** What has been taken of one type about such persons, in the order of their ids there. */
export const followedKnownSql = (
  ehr: string,
  type: string,
  after: string,
  registers: readonly string[],
  units: readonly string[],
  limit: number,
): Sql => ({
  text: `select k.id, k.person from pull_known k where k.ehr = $1 and k.type = $6 and k.id > $2 and ${FOLLOWED}
    order by k.id limit $5`,
  values: [ehr, after, registers, units, limit, type],
});
