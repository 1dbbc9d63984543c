/**
 * Many pathways in little time: copies of one that the server has made, in the database. A department has 5 000 of them with
 * all their forms; of the others, in the national store, there is what a list reads of them.
 */
import type pg from 'pg';

const OWN = 5000;
const CHUNK = 5000;

/** Keys of copy k of a template row, and its text with the ids of the copy. */
const RID = '(-1000 * k::bigint - t.n)';
const CMP = `('x' || left(md5(t.person || ':' || k), 8))::bit(32)::int`;
const own = (id: string): string => `md5(${id} || ':' || k)`;
const CONTENT = `replace(replace(replace(t.content, t.id, ${own('t.id')}), t.person, ${own('t.person')}), t.pathway, ${own('t.pathway')})`;
const UNIT = `case when k <= ${OWN} then t.unit else 'elsewhere-' || k % 40 end`;

export async function fillPathways(pool: pg.Pool, pathways: number): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('set statement_timeout = 0');
    await client.query(`create temp table template as
      with one as (select episode, patient, unit from pathway_list order by episode limit 1)
      select r.type, r.id, r.reg, r.status, r.d_lo, r.content, o.unit, o.patient as person, o.episode as pathway,
        r.episode is not null as is_own, row_number() over (order by r.rid) as n
      from one o
      join resource r on r.episode = o.episode or (r.type = 103 and r.id = o.patient)
      where r.content is not null`);
    for (let from = 1; from <= pathways; from += CHUNK) {
      const range = [from, Math.min(pathways, from + CHUNK - 1)];
      const rows = `generate_series($1::int, $2::int) k join template t on k <= ${OWN} or t.type in (48, 103)`;
      await client.query(
        `insert into resource_id (type, id, cmp, rid) select t.type, ${own('t.id')}, ${CMP}, ${RID} from ${rows}`,
        range,
      );
      await client.query(
        `insert into resource (cmp, type, rid, lu, ver, op, natl, reg, unit, episode, id, patient, status, d_lo, content)
         select ${CMP}, t.type, ${RID}, now() - k * interval '1 minute', 1, 'C', t.is_own and t.type <> 141, t.reg,
           case when t.is_own then ${UNIT} end, case when t.is_own then ${own('t.pathway')} end, ${own('t.id')},
           ${own('t.person')}, t.status, t.d_lo, ${CONTENT}
         from ${rows}`,
        range,
      );
      await client.query(
        `insert into pathway_list (cmp, episode, reg, unit, patient, natl, active, consent, started, location, department,
           department_key, forms, shape)
         select ${CMP}, ${own('t.pathway')}, t.reg, ${UNIT}, ${own('t.person')}, true, true, k % 3,
           now() - k * interval '1 minute', 'Sykehus ' || k % 4, 'Avdeling ' || k % 90, 'avdeling ' || k % 90,
           (array[1, 2, 6, 8])[1 + k % 4], l.shape
         from generate_series($1::int, $2::int) k
         join template t on t.type = 48
         join pathway_list l on l.episode = t.pathway`,
        range,
      );
    }
    await client.query('vacuum analyze');
  } finally {
    client.release();
  }
}
