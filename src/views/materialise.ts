/**
 * Tables of views made, made anew and dropped. https://sql-on-fhir.org leaves how to the server.
 */
import { typeCode } from '../fhir/resource-types.ts';
import type { Db, Queryable } from '../storage/db.ts';
import { watch } from '../storage/outbox.ts';
import { BATCH, insertRows, LABELLED, type LabelledRow, settledInstant } from './refresh.ts';
import { explainRunError } from './run-error.ts';
import { createStatements, keptTables, type ViewTable, writeDown } from './table.ts';

/** Name of the outbox's consumer that refreshes the tables. */
export const CONSUMER = 'views';

/**
 * Make a table, or make it anew, in one transaction: readers see the old one until then. Answers how many resources were
 * read. Throws `ViewError` when a resource cannot be made rows of; the old table then stays.
 */
export async function materialise(db: Db, table: ViewTable): Promise<number> {
  await watched(db, table);
  const settled = await settledInstant(db);
  return db.tx(
    async (tx) => {
      await dropTable(tx, table);
      for (const text of createStatements(table)) {
        await tx.query({ text });
      }
      const count = await fill(tx, table);
      await tx.query({ text: `analyze views."${table.name}"` });
      await writeDown(tx, table, settled);
      return count;
    },
    { mode: 'isolation level repeatable read', setup: "set local statement_timeout = '15min'" },
  );
}

/** Changes are events from before the table is filled: what happens meanwhile is not missed. */
const watched = (db: Db, { name, view }: ViewTable): Promise<void> =>
  db.tx((tx) => watch(tx, CONSUMER, name, [view.definition.resource]));

async function dropTable(tx: Queryable, { name, alias }: ViewTable): Promise<void> {
  await tx.query({ text: `drop view if exists views."${alias}"` });
  await tx.query({ text: `drop table if exists views."${name}"` });
}

async function fill(tx: Queryable, table: ViewTable): Promise<number> {
  let count = 0;
  await tx.query({
    text: `declare changed no scroll cursor for
      select ${LABELLED}
      from resource r
      where r.type = $1
        and r.reg = $2
        and r.content is not null`,
    values: [typeCode(table.view.definition.resource), table.register],
  });
  let written: Promise<void> = Promise.resolve();
  for (;;) {
    const rows = await tx.query<LabelledRow>({ text: `fetch ${BATCH} from changed` });
    await written;
    if (rows.length === 0) {
      return count;
    }
    written = insert(tx, table, rows); // the copies are made at once; the rows while the next are fetched
    written.catch(() => undefined); // reported when it is awaited
    count += rows.length;
  }
}

async function insert(tx: Queryable, table: ViewTable, rows: readonly LabelledRow[]): Promise<void> {
  try {
    await tx.query(insertRows(table, rows));
  } catch (cause) {
    throw explainRunError(cause, table.view);
  }
}

/** Drop a table that is kept, and its view, when that shows it. Answers whether there was one of that name. */
export async function dropKept(db: Db, name: string): Promise<boolean> {
  const kept = await keptTables(db);
  const found = kept.find(({ table }) => table.name === name || table.alias === name)?.table;
  if (found === undefined) {
    return false;
  }
  await db.tx(async (tx) => {
    await tx.query({ text: `drop table if exists views."${found.name}" cascade` });
    await tx.query({ text: 'delete from view_table where name = $1', values: [found.name] });
    await watch(tx, CONSUMER, found.name, []);
  });
  return true;
}
