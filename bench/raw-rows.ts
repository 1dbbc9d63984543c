/**
 * What plain SQL needs for the same rows: every row that one of the server's transactions left is read back, and written
 * again with fresh keys into tables of the same shape, in one statement and one round trip, by a program that does
 * nothing else. The server cannot be faster than this; how near it comes is the measure.
 */
import { randomBytes } from 'node:crypto';
import type pg from 'pg';

type Row = Record<string, unknown>;

/** The rows of one transaction, by table. */
export type Rows = ReadonlyMap<string, readonly Row[]>;

const SCHEMA = 'bench_raw';

const TABLES = [
  'resource',
  'resource_id',
  'idx_token',
  'idx_date',
  'idx_text',
  'idx_number',
  'identifier_key',
  'history',
  'audit',
  'audit_patient',
];

/** Makes tables with the same columns and indexes as the server's. */
export async function createRawTables(pool: pg.Pool): Promise<void> {
  await pool.query(`drop schema if exists ${SCHEMA} cascade; create schema ${SCHEMA}`);
  for (const table of TABLES) {
    await pool.query(`create table ${SCHEMA}.${table} (like public.${table} including all)`);
  }
}

/** The rows that the transaction which wrote a resource left in all tables. */
export async function rowsWrittenWith(pool: pg.Pool, resourceId: string): Promise<Rows> {
  const written = await pool.query<{ xmin: string }>('select xmin::text from resource where id = $1', [
    resourceId,
  ]);
  const rows = new Map<string, readonly Row[]>();
  for (const table of TABLES) {
    const found = await pool.query<{ row: Row }>(
      `select row_to_json(t) as row from ${table} t where xmin::text = $1`,
      [written.rows[0]?.xmin],
    );
    rows.set(
      table,
      found.rows.map(({ row }) => row),
    );
  }
  return rows;
}

/** How many rows in which tables, for the report. */
export function countsOf(rows: Rows): string {
  return [...rows]
    .filter(([, list]) => list.length > 0)
    .map(([table, list]) => `${table} ${list.length}`)
    .join(', ');
}

/** A function that writes those rows once more, under fresh keys. */
export function rawWriter(pool: pg.Pool, name: string, rows: Rows): () => Promise<void> {
  const filled = [...rows].filter(([, list]) => list.length > 0);
  const inserts = filled.map(([table, list], index) => {
    const columns = Object.keys(list[0] ?? {}).filter((column) => !(table === 'audit' && column === 'seq'));
    const names = columns.join(', ');
    const target = `${SCHEMA}.${table}`;
    return `t${index} as (insert into ${target} (${names}) select ${names} from json_populate_recordset(null::${target}, $${index + 1}))`;
  });
  const text = `with ${inserts.join(', ')} select 1`;
  return async () => {
    const values = filled.map(([table, list]) =>
      JSON.stringify(list.map((row) => withFreshKeys(table, row))),
    );
    await pool.query({ name, text, values });
  };
}

let lastKey = 0;

function withFreshKeys(table: string, row: Row): Row {
  const fresh: Row = { ...row };
  if ('rid' in row) {
    fresh['rid'] = ++lastKey;
  }
  if ('id' in row) {
    fresh['id'] = randomBytes(16).toString('hex');
  }
  if (table === 'identifier_key') {
    fresh['h'] = randomBytes(8).readBigInt64LE().toString();
  }
  if (table === 'audit_patient') {
    fresh['seq'] = ++lastKey;
  }
  return fresh;
}
