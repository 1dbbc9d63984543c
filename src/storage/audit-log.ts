/**
 * The audit trail: rows are added and searched, never changed (AU-04). A write is recorded in its own transaction; what
 * only reads is recorded by group commit, and answered after that (AU-01).
 */
import type { AuditRecord } from './audit-record.ts';
import type { AuditFilter, AuditRow } from './audit-search.ts';
import { searchStatement } from './audit-search.ts';
import type { Db } from './db.ts';
import type { Sql } from './store.ts';

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
    "role" text, "unit" text, "registers" text[], "about" text[], "patients" text[], "entityType" text, "entityId" text, "requestId" text, "content" text
  )
),
a as (
  insert into audit (
    id, recorded, action, kind, outcome, agent, role, unit, registers, about, patients, entity_type, entity_id,
    request_id, content
  )
  select
    "id", "recorded", "action", "kind", "outcome", "agent", "role", "unit", coalesce("registers", '{}'),
    coalesce("about", '{}'), "patients", "entityType", "entityId", "requestId", "content"
  from e
  order by "n"
  returning seq, stored, recorded, patients
)
insert into audit_patient (patient, recorded, seq, stored)
select distinct p.patient, a.recorded, a.seq, a.stored
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
