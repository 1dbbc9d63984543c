/**
 * A large store in little time: the rows that one person's transaction left are copied in the database, each copy with
 * keys, references, identifiers and dates of its own and the codes that all share. What is measured afterwards goes
 * through the server as always; only the filling does not.
 */
import type pg from 'pg';

/** Copies made by one statement. */
const CHUNK = 250;

/** Types whose tokens are alike in all copies: codes and fixed words. All others name something of the person's own. */
const SHARED = `
  select t.h from idx_token t join resource r on r.rid = t.rid and r.type = t.type
  where r.patient = $1
  group by t.h
  having count(distinct t.rid) > 1 and bool_and(t.hv is not null)
    and not bool_or(t.param = any($2::int[]))`;

/**
 * Grow the store to about `resources` rows with copies of everything about a patient; the rows are analysed at the end.
 * `own` are parameters (hash32 of their codes) whose values are a person's own: references and identifiers.
 */
export async function fillStore(
  pool: pg.Pool,
  {
    patient,
    resources,
    own,
  }: { readonly patient: string; readonly resources: number; readonly own: readonly number[] },
): Promise<number> {
  const client = await pool.connect();
  try {
    await client.query('set statement_timeout = 0');
    await client.query(`create temp table shared_token as ${SHARED}`, [patient, own]);
    await client.query(
      `create temp table template as
       select r.*, row_number() over (order by r.rid) as n
       from resource r
       where (r.patient = $1 or (r.type = 103 and r.id = $1)) and r.content is not null`,
      [patient],
    );
    const { rows } = await client.query<{ n: number }>('select count(*)::int as n from template');
    const each = rows[0]?.n ?? 0;
    const copies = Math.ceil(resources / each);
    for (let from = 1; from <= copies; from += CHUNK) {
      const to = Math.min(copies, from + CHUNK - 1);
      for (const text of statements(patient)) {
        await client.query(text, [from, to]);
      }
    }
    await client.query('drop table shared_token, template');
    await client.query('vacuum analyze');
    return copies * each;
  } finally {
    client.release();
  }
}

/** Keys of copy k of row n: below zero, so that no row of the server ever has them. */
const RID = '(-1000 * k::bigint - t.n)';
const CMP = '((t.cmp::bigint * 31 + k * 2654435761) % 2147483647)::int';
const ID = `md5(t.id || ':' || k)`;

function statements(patient: string): readonly string[] {
  const person = `md5('${patient}:' || k)`;
  const each = 'from generate_series($1::int, $2::int) k cross join template t';
  const index = (table: string, columns: string, values: string): string => `
    insert into ${table} (cmp, type, rid, param, ${columns})
    select ${CMP}, i.type, ${RID}, i.param, ${values}
    ${each}
    join ${table} i on i.rid = t.rid and i.type = t.type`;
  return [
    `insert into resource_id (type, id, cmp, rid) select t.type, ${ID}, ${CMP}, ${RID} ${each}`,
    `insert into resource (cmp, type, rid, lu, ver, d_lo, d_hi, op, ihash, natl, reg, unit, episode, id, patient, org, canon, status, content)
     select ${CMP}, t.type, ${RID}, t.lu - k * interval '1 minute', 1, t.d_lo - k * interval '1 minute',
       t.d_hi - k * interval '1 minute', 'C', t.ihash, t.natl, t.reg, t.unit, t.episode, ${ID},
       case when t.patient is null then null else ${person} end,
       t.org, t.canon, t.status, replace(t.content, '${patient}', ${person})
     ${each}`,
    index(
      'idx_token',
      'h, hv, d',
      `case when exists (select from shared_token s where s.h = i.h) then i.h else i.h # k end,
       case when exists (select from shared_token s where s.h = i.h) then i.hv else i.hv # k end,
       i.d - k * interval '1 minute'`,
    ),
    index('idx_date', 'lo, hi', `i.lo - k * interval '1 minute', i.hi - k * interval '1 minute'`),
    index('idx_text', 'val, exact', 'i.val, i.exact'),
    index('idx_number', 'lo, hi, unit', 'i.lo, i.hi, i.unit'),
  ];
}
