/**
 * What systems have sent, and what became of it: table `inbox` (sql/0026, docs/adr/0030). Statements only; whose transaction they
 * belong to is the caller's matter.
 */
import { createHash } from 'node:crypto';
import type { Sql } from './store.ts';

/** By which way it came. */
export type Door = 'fhir' | 'message' | 'bulk' | 'pull' | 'hl7v2' | 'csv';

/** `dismissed`: looked at, and let be. */
export type InboxOutcome = 'stored' | 'unchanged' | 'refused' | 'replayed' | 'dismissed';

/** A message that is entered. */
export interface Received {
  readonly id: string;
  readonly source: string;
  readonly unit: string | null;
  readonly door: Door;
  readonly message: string | null;
  readonly hash: Buffer;
  readonly sentAt: Date | null;
  readonly now: Date;
}

export interface Taken extends Received {
  /** Versions that came of it. */
  readonly resources: number;
  /** Resources of it that were newer here. */
  readonly late: number;
  readonly binary: string | null;
}

export const hashOfMessage = (raw: string): Buffer => createHash('sha256').update(raw).digest();

const COLUMNS = 'id, source, unit, door, message, hash, sent_at, received_at, last_at';
const valuesOf = ({ id, source, unit, door, message, hash, sentAt, now }: Received): readonly unknown[] => [
  id,
  source,
  unit,
  door,
  message,
  hash,
  sentAt,
  now,
];

/** Of what was taken, for the transaction that took it. */
export const takenSql = (taken: Taken): Sql => ({
  name: 'inbox_taken',
  text: `insert into inbox (${COLUMNS}, outcome, resources, late, binary_id)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9, $10, $11, $12)`,
  values: [
    ...valuesOf(taken),
    taken.resources > 0 ? 'stored' : 'unchanged',
    taken.resources,
    taken.late,
    taken.binary,
  ],
});

/** The same once more, and answered as the first time. */
export const cameAgainSql = (source: string, hash: Buffer, now: Date): Sql => ({
  text: `update inbox set times = times + 1, last_at = $3
    where id = (select id from inbox where source = $1 and hash = $2 and outcome <> 'refused'
      order by received_at desc limit 1)`,
  values: [source, hash, now],
});

export interface Refused extends Received {
  readonly status: number;
  /** JSON text of the issues. */
  readonly issues: string;
  /** What was sent, sealed for the row. */
  readonly sealed: string;
}

/** Of what was refused: the same again is the same row, which tells the latest reason. Answers its id. */
export const refusedSql = (refused: Refused): Sql => ({
  text: `with known as (
      update inbox set times = times + 1, last_at = $8, status = $9, issues = $10::jsonb
      where id = (select id from inbox where source = $2 and hash = $6 and outcome = 'refused' limit 1)
      returning id
    ), made as (
      insert into inbox (${COLUMNS}, outcome, status, issues, sealed)
      select $1::uuid, $2, $3, $4, $5, $6, $7, $8, $8, 'refused', $9, $10::jsonb, $11
      where not exists (select from known)
      returning id
    )
    select id from known union all select id from made`,
  values: [...valuesOf(refused), refused.status, refused.issues, refused.sealed],
});

/** A refused message has been dealt with; what was sent is not needed any more. */
export const settledSql = (id: string, outcome: 'replayed' | 'dismissed', by: string, now: Date): Sql => ({
  text: `update inbox set outcome = $2, settled_by = $3, settled_at = $4, sealed = null
    where id = $1 and outcome = 'refused'`,
  values: [id, outcome, by, now],
});

/** It was tried again, and is refused as before or for another reason. */
export const stillRefusedSql = (id: string, status: number, issues: string, now: Date): Sql => ({
  text: `update inbox set status = $2, issues = $3::jsonb, last_at = $4 where id = $1 and outcome = 'refused'`,
  values: [id, status, issues, now],
});

/** Instants are ISO texts. */
export interface InboxRow {
  readonly id: string;
  readonly source: string;
  readonly unit: string | null;
  readonly door: Door;
  readonly message: string | null;
  readonly hash: string;
  readonly receivedAt: string;
  readonly lastAt: string;
  readonly sentAt: string | null;
  readonly outcome: InboxOutcome;
  readonly times: number;
  readonly resources: number;
  readonly late: number;
  readonly binary: string | null;
  readonly status: number | null;
  readonly issues: readonly {
    readonly code: string;
    readonly diagnostics: string;
    readonly expression?: string;
    readonly rule?: string;
  }[];
  /** Is what was sent still here, to be carried out again? */
  readonly isKept: boolean;
  readonly settledBy: string | null;
  readonly settledAt: string | null;
}

const ROW = `id, source, unit, door, message, encode(hash, 'hex') as hash, received_at as "receivedAt", last_at as "lastAt",
  sent_at as "sentAt", outcome, times, resources, late, binary_id as binary, status, coalesce(issues, '[]') as issues,
  sealed is not null as "isKept", settled_by as "settledBy", settled_at as "settledAt"`;

export interface InboxQuery {
  readonly source?: string;
  /** Organization ids; absent = whatever the unit. */
  readonly units?: readonly string[];
  readonly outcome?: InboxOutcome;
  /** Older than this row. */
  readonly before?: { readonly lastAt: string; readonly id: string };
  readonly limit: number;
}

/** Rows, the latest first. */
export const listSql = ({ source, units, outcome, before, limit }: InboxQuery): Sql => ({
  text: `select ${ROW} from inbox
    where ($1::text is null or source = $1)
      and ($2::text[] is null or unit = any ($2))
      and ($3::text is null or outcome = $3)
      and ($4::timestamptz is null or (last_at, id) < ($4, $5::uuid))
    order by last_at desc, id desc limit $6`,
  values: [source ?? null, units ?? null, outcome ?? null, before?.lastAt ?? null, before?.id ?? null, limit],
});

export const oneSql = (id: string): Sql => ({
  text: `select ${ROW}, sealed from inbox where id = $1::uuid`,
  values: [id],
});

/** How a source stands. */
export interface SourceState {
  readonly source: string;
  readonly door: Door;
  readonly unit: string | null;
  readonly lastAt: string;
  readonly lastTakenAt: string | null;
  readonly taken: number;
  readonly unchanged: number;
  readonly repeated: number;
  readonly late: number;
  readonly refused: number;
  readonly replayed: number;
}

/** Counted since a moment; what is still refused is counted whatever its age. */
export const sourcesSql = (units: readonly string[] | undefined, since: Date): Sql => ({
  text: `select source, door, max(unit) as unit, max(last_at) as "lastAt",
      max(last_at) filter (where outcome in ('stored', 'unchanged')) as "lastTakenAt",
      count(*) filter (where outcome = 'stored')::int as taken,
      count(*) filter (where outcome = 'unchanged')::int as unchanged,
      sum(times - 1)::int as repeated,
      count(*) filter (where late > 0)::int as late,
      count(*) filter (where outcome = 'refused')::int as refused,
      count(*) filter (where outcome = 'replayed')::int as replayed
    from inbox
    where ($1::text[] is null or unit = any ($1)) and (last_at >= $2 or outcome = 'refused')
    group by source, door order by source, door`,
  values: [units ?? null, since],
});

/** What was sent is kept for a while, and the latest of each source only. */
export const forgetRefusedSql = (before: Date, most: number): Sql => ({
  text: `update inbox set sealed = null
    where sealed is not null and (last_at < $1 or id in (
      select id from (
        select id, row_number() over (partition by source order by last_at desc) as place
        from inbox where sealed is not null
      ) as kept where place > $2
    ))`,
  values: [before, most],
});

/** When the versions of these resources are from. */
export const sourceVersionsSql = (types: readonly number[], ids: readonly string[]): Sql => ({
  name: 'source_versions',
  text: `select v.type, v.id, v.at from unnest($1::smallint[], $2::text[]) as k (type, id)
    join source_version v on v.type = k.type and v.id = k.id`,
  values: [types, ids],
});

export const keepSourceVersionsSql = (
  types: readonly number[],
  ids: readonly string[],
  times: readonly Date[],
): Sql => ({
  name: 'keep_source_versions',
  text: `insert into source_version (type, id, at)
    select * from unnest($1::smallint[], $2::text[], $3::timestamptz[])
    on conflict (type, id) do update set at = greatest(source_version.at, excluded.at)`,
  values: [types, ids, times],
});
