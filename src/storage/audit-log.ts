/**
 * The audit trail: rows are added and searched, never changed (AU-04). A write is recorded in its own transaction; what
 * only reads is recorded by group commit, and answered after that (AU-01).
 */
import { badRequest } from '../fhir/outcome.ts';
import { typeCode } from '../fhir/resource-types.ts';
import type { Db } from './db.ts';
import type { Sql } from './store.ts';

/** One event: the AuditEvent and the columns it is found by. */
export interface AuditRecord {
  readonly id: string;
  readonly recorded: string;
  /** C R U D E */
  readonly action: string;
  /** The interaction: read, search-type, login … */
  readonly kind: string;
  /** HTTP status of the answer. */
  readonly outcome: number;
  readonly agent: string;
  readonly role: string | null;
  readonly unit: string | null;
  readonly patients: readonly string[];
  readonly entityType: string | null;
  readonly entityId: string | null;
  readonly requestId: string;
  /** The AuditEvent as JSON. */
  readonly content: string;
}

export interface AuditFilter {
  readonly id?: string;
  /** Events of agents in one of these units; undefined = all. */
  readonly units?: readonly string[];
  /** Recorded at or after. */
  readonly from?: string;
  /** Recorded before. */
  readonly to?: string;
  readonly agent?: string;
  readonly patient?: string;
  readonly entityType?: string;
  /** With `entityType`: also events of Bundles that stored a version of it among others. */
  readonly entityId?: string;
  readonly action?: string;
  readonly kind?: string;
  readonly requestId?: string;
  readonly count: number;
  /** `cursor` of the last row of the page before. */
  readonly cursor?: string;
}

export interface AuditRow extends AuditRecord {
  readonly cursor: string;
}

/** A transaction of the store. */
interface Sender {
  send(sql: Sql): void;
}

export interface AuditLog {
  /** Add events in the transaction of the data that they are about: it fails where they do. */
  inTransaction(tx: Sender, records: readonly AuditRecord[]): void;
  /** Add events; resolves when they are on disk. Events of concurrent requests share a statement. */
  append(records: readonly AuditRecord[]): Promise<void>;
  /** Events, newest first. */
  search(filter: AuditFilter): Promise<readonly AuditRow[]>;
}

export function createAuditLog(db: Db): AuditLog {
  return {
    inTransaction(tx, records) {
      if (records.length > 0) {
        tx.send(insert(records));
      }
    },
    append: groupCommit(async (records) => {
      await db.query(insert(records));
    }),
    search: (filter) => db.query<AuditRow>(searchStatement(filter)),
  };
}

const INSERT = `with e as (
  select *
  from json_to_recordset($1) as x (
    "n" int, "id" text, "recorded" timestamptz, "action" char(1), "kind" text, "outcome" smallint, "agent" text,
    "role" text, "unit" text, "patients" text[], "entityType" text, "entityId" text, "requestId" text, "content" text
  )
),
a as (
  insert into audit (
    id, recorded, action, kind, outcome, agent, role, unit, patients, entity_type, entity_id, request_id, content
  )
  select
    "id", "recorded", "action", "kind", "outcome", "agent", "role", "unit", "patients", "entityType", "entityId",
    "requestId", "content"
  from e
  order by "n"
  returning seq, recorded, patients
)
insert into audit_patient (patient, recorded, seq)
select distinct p.patient, a.recorded, a.seq
from a
cross join unnest(a.patients) p (patient)`;

const insert = (records: readonly AuditRecord[]): Sql => ({
  name: 'audit_insert',
  text: INSERT,
  values: [JSON.stringify(records.map((record, n) => ({ ...record, n })))],
});

const MAX_GROUP = 1000;

interface Waiting {
  readonly records: readonly AuditRecord[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** While one group is on its way to disk, the next one gathers. */
function groupCommit(
  commit: (records: readonly AuditRecord[]) => Promise<void>,
): (records: readonly AuditRecord[]) => Promise<void> {
  const waiting: Waiting[] = [];
  let isRunning = false;
  const run = async (): Promise<void> => {
    while (waiting.length > 0) {
      const group = waiting.splice(0, MAX_GROUP);
      try {
        await commit(group.flatMap(({ records }) => records));
        group.forEach(({ resolve }) => {
          resolve();
        });
      } catch (error) {
        group.forEach(({ reject }) => {
          reject(error);
        });
      }
    }
    isRunning = false;
  };
  return (records) =>
    new Promise((resolve, reject) => {
      waiting.push({ records, resolve, reject });
      if (!isRunning) {
        isRunning = true;
        setImmediate(() => void run()); // those whose answers came with ours join the same group
      }
    });
}

/** Columns of the filter that are compared as they are. */
const EQUAL = {
  id: 'a.id',
  agent: 'a.agent',
  action: 'a.action',
  kind: 'a.kind',
  requestId: 'a.request_id',
} as const;

/** A page of events as SQL; exported for its test. */
export function searchStatement(filter: AuditFilter): Sql {
  const values: unknown[] = [];
  const add = (value: unknown): string => `$${values.push(value)}`;
  const { patient, from, to, cursor, units } = filter;
  // the patient's own rows carry time and order, so that they alone are walked
  const time = patient === undefined ? 'a' : 'p';
  const table =
    patient === undefined
      ? 'audit a'
      : 'audit_patient p\njoin audit a on a.seq = p.seq and a.recorded = p.recorded';
  const where = [
    ...(patient === undefined ? [] : [`p.patient = ${add(patient)}`]),
    ...(from === undefined ? [] : [`${time}.recorded >= ${add(from)}`]),
    ...(to === undefined ? [] : [`${time}.recorded < ${add(to)}`]),
    ...(Object.keys(EQUAL) as (keyof typeof EQUAL)[]).flatMap((name) =>
      filter[name] === undefined ? [] : [`${EQUAL[name]} = ${add(filter[name])}`],
    ),
    ...(units === undefined ? [] : [`a.unit = any(${add(units)})`]),
    ...entityConditions(filter, add),
    ...(cursor === undefined ? [] : [position(cursor, time, add)]),
  ];
  return {
    text: `select a.id, a.recorded, a.action, a.kind, a.outcome, a.agent, a.role, a.unit, a.patients,
  a.entity_type as "entityType", a.entity_id as "entityId", a.request_id as "requestId", a.content,
  to_char(a.recorded at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '_' || a.seq as cursor
from ${table}${where.length === 0 ? '' : `\nwhere ${where.join('\n  and ')}`}
order by ${time}.recorded desc, ${time}.seq desc
limit ${add(filter.count)}`,
    values,
  };
}

/**
 * The columns hold an event's first entity. The others of a Bundle are found by time: the event of a write is recorded at
 * the very instant that the versions it stored carry.
 */
function entityConditions(
  { entityType, entityId }: AuditFilter,
  add: (value: unknown) => string,
): readonly string[] {
  if (entityType === undefined) {
    return [];
  }
  const type = add(entityType);
  if (entityId === undefined) {
    return [`a.entity_type = ${type}`];
  }
  const id = add(entityId);
  const code = add(typeCode(entityType) ?? 0);
  const version = add(`"${entityType}/${entityId}/_history/`);
  return [
    `((a.entity_type = ${type} and a.entity_id = ${id}) or (a.recorded in (
    select r.lu from resource r where r.type = ${code} and r.id = ${id}
    union all
    select h.lu from history h where h.type = ${code} and h.id = ${id}
  ) and position(${version} in a.content) > 0))`,
  ];
}

/** Throws 400 for what is no cursor of ours. */
function position(cursor: string, time: 'a' | 'p', add: (value: unknown) => string): string {
  const [recorded = '', seq = ''] = cursor.split('_');
  if (Number.isNaN(Date.parse(recorded)) || !/^\d{1,18}$/.test(seq)) {
    throw badRequest(
      'The page position is not one of this search. Follow the links of the Bundle.',
      undefined,
      'cursor',
    );
  }
  return `(${time}.recorded, ${time}.seq) < (${add(recorded)}::timestamptz, ${add(seq)}::bigint)`;
}
