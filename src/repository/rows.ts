/**
 * The repository's statements on resource rows. Each takes the caller's row filter, so that what is hidden is not there.
 */
import { hash64 } from '../fhir/id.ts';
import { typeCode } from '../fhir/resource-types.ts';
import { ROW_COLUMNS } from '../storage/row.ts';
import type { Sql, TypeAndId } from '../storage/store.ts';

/** Shift the parameters of a condition written from $1 so that it can follow `offset` other parameters. */
export function shifted(filter: Sql | undefined, offset: number): Sql {
  if (filter === undefined) {
    return { text: 'true', values: [] };
  }
  return {
    text: filter.text.replace(/\$(\d+)/g, (_, n: string) => `$${Number(n) + offset}`),
    values: filter.values,
  };
}

/** The statement as a prepared one: planned once per connection, not at every read. */
export const prepared = (sql: Sql): Sql => ({ ...sql, name: `r${hash64(sql.text)}` });

/** Current row of an id, if the filter lets it be seen. */
export function readSql({ type, id }: TypeAndId, filter: Sql | undefined): Sql {
  const condition = shifted(filter, 2);
  return prepared({
    text: `select ${ROW_COLUMNS}
      from resource r
      where r.type = $1
        and r.id = $2
        and ${condition.text}`,
    values: [typeCode(type) ?? 0, id, ...condition.values],
  });
}

/** Which of many ids exist, are not deleted, and may be seen. */
export function existingSql(keys: readonly TypeAndId[], filter: Sql | undefined): Sql {
  return keysSql(keys, filter, 'r.content is not null');
}

/** Which of many ids exist, deleted or not, and may be seen. */
export const visibleSql = (keys: readonly TypeAndId[], filter: Sql | undefined): Sql =>
  keysSql(keys, filter, 'true');

/**
 * One index look-up for each key, whatever the tables' sizes were when the statement was planned. The keys come as JSON:
 * of an array the database would guess a length, find a plan for that length cheaper, and plan anew every time.
 */
function keysSql(keys: readonly TypeAndId[], filter: Sql | undefined, state: string): Sql {
  const condition = shifted(filter, 1);
  return prepared({
    text: `select r.type, r.id
      from json_to_recordset($1) as k (type smallint, id text)
      cross join lateral (
        select r.type, r.id
        from resource r
        where r.type = k.type
          and r.id = k.id
          and ${state}
          and ${condition.text}
        offset 0
      ) r`,
    values: [
      JSON.stringify(keys.map(({ type, id }) => ({ type: typeCode(type) ?? 0, id }))),
      ...condition.values,
    ],
  });
}

export function rowsOfEpisodeSql(episode: string): Sql {
  return prepared({
    text: `select ${ROW_COLUMNS}
      from resource r
      where r.episode = $1
        and r.content is not null
      order by r.rid`,
    values: [episode],
  });
}

export function rowsOfPatientSql(patient: string, types: readonly string[]): Sql {
  return prepared({
    text: `select ${ROW_COLUMNS}
      from resource r
      where r.patient = $1
        and r.type = any($2::smallint[])
        and r.content is not null
      order by r.rid`,
    values: [patient, types.map((type) => typeCode(type) ?? 0)],
  });
}
