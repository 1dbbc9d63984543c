/**
 * Statements of `$everything`: one for a page of a record, one for what the page refers to.
 * https://hl7.org/fhir/R4/patient-operation-everything.html
 */
import { typeCode } from '../fhir/resource-types.ts';
import { fromSql, join, raw, sql, toSql, type Fragment } from '../search/sql.ts';
import { ROW_COLUMNS } from '../storage/row.ts';
import type { Sql, TypeAndId } from '../storage/store.ts';
import { recordSql } from './patient-compartment.ts';

export interface Question {
  readonly whose:
    { readonly kind: 'Patient' | 'EpisodeOfCare'; readonly id: string } | { readonly kind: 'all' };
  readonly types: readonly string[];
  readonly filter: Sql | undefined;
  /** Care from then on; what has no date is always part. */
  readonly start: string | undefined;
  readonly end: string | undefined;
  readonly since: string | undefined;
  readonly count: number;
  /** Row number after which to go on. */
  readonly cursor: string | undefined;
}

/** A page in the order of row numbers, and one row more that tells whether there is a next. */
export function everythingSql(question: Question): Sql {
  const { count, cursor } = question;
  return toSql(sql`select ${raw(ROW_COLUMNS)}
from resource r
where ${join([belongs(question.whose), ...common(question), ...dated(question)], '\n  and ')}
  and r.rid > ${cursor ?? '0'}
order by r.rid
limit ${count + 1}`);
}

function belongs(whose: Question['whose']): Fragment {
  switch (whose.kind) {
    case 'all':
      return raw('r.patient is not null');
    case 'Patient':
      return sql`r.rid in (${fromSql(recordSql(whose.id))})`;
    case 'EpisodeOfCare':
      return sql`r.rid in (
        select p.rid from resource p where p.episode = ${whose.id}
        union
        select e.rid from resource e where e.type = ${typeCode('EpisodeOfCare') ?? 0} and e.id = ${whose.id}
        union
        select p.rid
        from resource e
        join resource p on p.cmp = e.cmp and p.type = ${typeCode('Patient') ?? 0} and p.id = e.patient
        where e.type = ${typeCode('EpisodeOfCare') ?? 0} and e.id = ${whose.id})`;
  }
}

const codes = (types: readonly string[]): readonly number[] => types.map((type) => typeCode(type) ?? 0);

const common = ({ types, filter, since }: Question): readonly Fragment[] => [
  sql`r.type = any(${codes(types)}::smallint[])`,
  raw('r.content is not null'),
  ...(filter === undefined ? [] : [sql`(${fromSql(filter)})`]),
  ...(since === undefined ? [] : [sql`r.lu > ${since}`]),
];

/** The main date of persons is their birth, which is no date of care. */
const PERSONS = codes(['Patient', 'RelatedPerson', 'Person']);

const dated = ({ start, end }: Question): readonly Fragment[] => [
  ...(start === undefined ? [] : [sql`(r.type = any(${PERSONS}) or r.d_hi is null or r.d_hi > ${start})`]),
  ...(end === undefined ? [] : [sql`(r.type = any(${PERSONS}) or r.d_lo is null or r.d_lo < ${end})`]),
];

/** Referred resources by key, and questionnaires by `url|version` (no version after the bar: any). */
export function includedSql(
  { locals, canonicals }: { readonly locals: readonly TypeAndId[]; readonly canonicals: readonly string[] },
  { filter }: Question,
): Sql {
  const may = filter === undefined ? raw('true') : sql`(${fromSql(filter)})`;
  const split = canonicals.map((canonical) => canonical.split('|'));
  return toSql(sql`select ${raw(ROW_COLUMNS)}
from resource r
where r.content is not null
  and ((r.type, r.id) in (select * from unnest(${codes(locals.map(({ type }) => type))}::smallint[], ${locals.map(({ id }) => id)}::text[]))
    or (r.type = ${typeCode('Questionnaire') ?? 0} and r.canon = any(${split.map(([url = '']) => url)}::text[]) and exists (
      select 1
      from unnest(${split.map(([url = '']) => url)}::text[], ${split.map(([, version = '']) => version)}::text[]) q (url, version)
      where q.url = r.canon and (q.version = '' or q.version = r.content::json ->> 'version'))))
  and ${may}
order by r.type, r.id`);
}
