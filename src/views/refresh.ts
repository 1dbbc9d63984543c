/**
 * A table brought up to date with some resources: their old rows go and their new ones come in one statement.
 * Rows are made of copies without direct identifiers, as an analytics client reads them.
 */
import { pseudonymise } from '../access/redact.ts';
import { hash64 } from '../fhir/id.ts';
import { parseJson, stringifyJson } from '../fhir/json.ts';
import { typeCode } from '../fhir/resource-types.ts';
import type { JsonObject } from '../fhir/types.ts';
import type { Db, Queryable } from '../storage/db.ts';
import type { Sql } from '../storage/store.ts';
import { explainRunError } from './run-error.ts';
import { arrayText, type Source, tableRows } from './statement.ts';
import { keptTables, LABELS, noteRefresh, type ViewTable } from './table.ts';

/** A resource as a table needs it. */
export interface LabelledRow {
  readonly id: string;
  readonly patient: string | null;
  readonly episode: string | null;
  readonly unit: string | null;
  readonly natl: boolean;
  readonly lu: string;
  readonly content: string;
}

export const LABELLED = 'r.id, r.patient, r.episode, r.unit, r.natl, r.lu, r.content';

/** Rows of at most so many resources are made at a time. */
export const BATCH = 250;

/**
 * Bring a table up to date with resources that have changed, moved or gone. In the caller's transaction; refreshes of one
 * table wait for each other. Throws `ViewError` when a resource cannot be made rows of.
 */
export async function refreshView(tx: Queryable, table: ViewTable, ids: readonly string[]): Promise<void> {
  await tx.query({
    text: 'select pg_advisory_xact_lock($1)',
    values: [hash64(`view|${table.name}`)],
  });
  for (let start = 0; start < ids.length; start += BATCH) {
    await refreshBatch(tx, table, ids.slice(start, start + BATCH));
  }
}

async function refreshBatch(tx: Queryable, table: ViewTable, ids: readonly string[]): Promise<void> {
  const rows = await tx.query<LabelledRow>({
    text: `select ${LABELLED}
      from resource r
      where r.type = $1
        and r.id = any($2)
        and r.reg = $3
        and r.content is not null`,
    values: [typeCode(table.view.definition.resource), ids, table.register],
  });
  const insert = insertRows(table, rows);
  const place = insert.values.length + 1;
  try {
    await tx.query({
      text: `with gone as (delete from views."${table.name}" where _resource_id = any($${place}::text[]))\n${insert.text}`,
      values: [...insert.values, ids],
    });
  } catch (cause) {
    throw explainRunError(cause, table.view);
  }
}

/** The rows of some resources into the table. */
export function insertRows({ name, view }: ViewTable, rows: readonly LabelledRow[]): Sql {
  const { text, values } = tableRows(
    view,
    copies(rows),
    LABELS.map(({ sql }) => sql),
  );
  return { text: `insert into views."${name}" ${text}`, values };
}

function copies(rows: readonly LabelledRow[]): Source {
  const contents = rows.map(({ content }) => stringifyJson(pseudonymise(parseJson(content) as JsonObject)));
  return {
    text: `select u.id, u.patient, u.episode, u.unit, u.natl, u.lu, u.j
      from rows from (
        unnest($1::text[]), unnest($2::text[]), unnest($3::text[]), unnest($4::text[]), unnest($5::boolean[]),
        unnest($6::timestamptz[]), jsonb_array_elements($7::jsonb)
      ) as u(id, patient, episode, unit, natl, lu, j)
      offset 0`,
    values: [
      rows.map(({ id }) => id),
      rows.map(({ patient }) => patient),
      rows.map(({ episode }) => episode),
      rows.map(({ unit }) => unit),
      rows.map(({ natl }) => natl),
      rows.map(({ lu }) => lu),
      arrayText(contents),
    ],
  };
}

/**
 * An instant before which everything that was stored can be seen: a second before the oldest open transaction began, or
 * before now. `lastUpdated` is set as a transaction begins.
 */
export async function settledInstant(db: Queryable): Promise<string> {
  const [row] = await db.query<{ settled: string }>({
    text: `select least(now(), min(xact_start)) - interval '1 second' as settled
      from pg_stat_activity
      where datname = current_database()
        and backend_type = 'client backend'
        and pid <> pg_backend_pid()`,
  });
  return row?.settled ?? new Date(0).toISOString();
}

/** Bring all tables up to date by what was stored or moved since each was; answers how many resources that were. */
export async function refreshSince(db: Db): Promise<number> {
  const settled = await settledInstant(db);
  let count = 0;
  for (const { table, watermark } of await keptTables(db)) {
    count += await db.tx(async (tx) => {
      const ids = await changedSince(tx, table, watermark);
      await refreshView(tx, table, ids);
      await noteRefresh(tx, table.name, settled);
      return ids.length;
    });
  }
  return count;
}

async function changedSince(tx: Queryable, { view }: ViewTable, since: string): Promise<readonly string[]> {
  const rows = await tx.query<{ id: string }>({
    text: `select r.id from resource r where r.type = $1 and (r.lu >= $2 or r.moved >= $2) order by r.id`,
    values: [typeCode(view.definition.resource), since],
  });
  return rows.map(({ id }) => id);
}
