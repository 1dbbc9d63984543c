/**
 * Which rows a bulk export holds, as statements for a snapshot: https://hl7.org/fhir/uv/bulkdata/export.html
 * What is in it is what was current at the transaction time: a resource that was changed since then, before the snapshot
 * was taken, is given as it was.
 */
import { hash32 } from '../../fhir/id.ts';
import { RESOURCE_TYPES, typeCode } from '../../fhir/resource-types.ts';
import { fromSql, join, NONE, raw, sql, toSql, type Fragment } from '../../search/sql.ts';
import type { Sql } from '../../storage/store.ts';
import { COMPARTMENT_TYPES, inRecordOf } from '../patient-compartment.ts';

export interface Selection {
  /** What the caller may see: a condition on `r`. */
  readonly filter: Sql | undefined;
  /** The condition is about what is current; earlier versions may be outside of it (SC-04). */
  readonly isCurrentOnly?: true;
  readonly since: string | null;
  /** Nothing that was changed later. */
  readonly until: string;
  /** Everything is given as it was then. */
  readonly transactionTime: string;
  /** Records of these persons alone; `all` = of every person; undefined = everything. */
  readonly records: 'all' | readonly string[] | undefined;
  /** Registers whose national store the caller reads: rows can move out of it. */
  readonly stores: readonly string[];
}

const PATIENT = typeCode('Patient') ?? 0;
const RECORD_TYPES: readonly number[] = COMPARTMENT_TYPES.map((type) => typeCode(type) ?? 0);

/** Contents of a type; `criteria` are alternatives, none = no criteria. */
export function contentsSql(type: string, selection: Selection, criteria: readonly Sql[]): Sql {
  const { since, until, transactionTime } = selection;
  const same = join([...visible(type, selection), ...oneOf(criteria)], '\n  and ');
  const changed = (lu: Fragment): Fragment =>
    since === null ? raw('true') : sql`(${lu} > ${since} or ${newInStore(type, since)})`;
  const current = sql`select r.content
from resource r
where ${same}
  and r.content is not null
  and r.lu <= ${until}
  and r.lu <= ${transactionTime}
  and ${changed(raw('r.lu'))}`;
  if (selection.isCurrentOnly) {
    return toSql(current); // what was changed since then is in the next export
  }
  return toSql(sql`${current}
union all
select h.content
from resource r
cross join lateral (
  select v.content, v.lu
  from history v
  where v.cmp = r.cmp and v.type = r.type and v.id = r.id and v.lu <= ${transactionTime}
  order by v.ver desc
  limit 1
) h
where ${same}
  and r.content is not null
  and r.lu > ${transactionTime}
  and h.content is not null
  and h.lu <= ${until}
  and ${changed(raw('h.lu'))}`);
}

function visible(type: string, { filter, records }: Selection): readonly Fragment[] {
  return [
    sql`r.type = ${typeCode(type) ?? 0}`,
    ...(filter === undefined ? [] : [sql`(${fromSql(filter)})`]),
    ...(records === undefined ? [] : [inRecords(type, records)]),
  ];
}

const oneOf = (criteria: readonly Sql[]): readonly Fragment[] =>
  criteria.length === 0 ? [] : [sql`(${join(criteria.map(fromSql), ' or ')})`];

function inRecords(type: string, records: 'all' | readonly string[]): Fragment {
  const whose = records === 'all' ? raw('x.patient is not null') : sql`x.patient = any(${records})`;
  if (type === 'Provenance') {
    return sql`(${inCompartment(records)} or ${aboutResources(whose)})`;
  }
  return COMPARTMENT_TYPES.includes(type) ? inCompartment(records) : raw('false');
}

/** Of every person: the column, or one of the other ways to name a person, which only the content tells. */
const inCompartment = (records: 'all' | readonly string[]): Fragment =>
  records === 'all'
    ? raw(`(r.patient is not null or strpos(r.content, '"reference":"Patient/') > 0)`)
    : fromSql(inRecordOf(records));

/** What a Provenance is about leaves with it (BK-08). */
function aboutResources(whose: Fragment): Fragment {
  const names = RESOURCE_TYPES;
  const codes = names.map((name) => typeCode(name) ?? 0);
  return sql`exists (
    select 1
    from json_array_elements(r.content::json -> 'target') t
    join unnest(${names}::text[], ${codes}::smallint[]) k (name, code)
      on k.name = split_part(t.value ->> 'reference', '/', 1)
    join resource x on x.type = k.code and x.id = split_part(t.value ->> 'reference', '/', 2)
    where ${whose})`;
}

/**
 * What has not changed since, and yet is new to the reader: rows that moved into the national store, and persons about
 * whom something else is new.
 */
const newInStore = (type: string, since: string): Fragment =>
  type === 'Patient'
    ? sql`r.moved > ${since} or exists (
        select 1 from resource n
        where n.cmp = r.cmp and n.patient = r.id and (n.lu > ${since} or n.moved > ${since}))`
    : sql`r.moved > ${since}`;

/** Types and ids of what the reader may have had and has no longer: deleted, or moved out of the national store. */
export function deletedSql(types: readonly string[], selection: Selection, since: string): Sql {
  const { filter, transactionTime, records, stores } = selection;
  const may = filter === undefined ? raw('true') : sql`(${fromSql(filter)})`;
  const codes = types.map((type) => typeCode(type) ?? 0);
  return toSql(sql`select r.type, r.id
from resource r
where r.type = any(${codes}::smallint[])
  ${records === undefined ? NONE : ofPersons(records)}
  and ((r.content is null and r.lu > ${since} and r.lu <= ${transactionTime} and ${may})
    ${stores.length === 0 ? NONE : sql`or (not ${may} and (${movedOut(stores, since)}))`})
order by r.type, r.id`);
}

/** A deleted row has lost its columns; the distribution key still tells whose it was. */
const ofPersons = (records: 'all' | readonly string[]): Fragment =>
  records === 'all'
    ? sql`and r.type = any(${RECORD_TYPES}::smallint[])`
    : sql`and r.cmp = any(${records.map((id) => hash32(`Patient/${id}`))}::int[])`;

/**
 * Rows that were in a national store once, and have left it or were changed since: a correction that withdraws consent
 * makes a version, and takes that row out without noting a move.
 */
const movedOut = (stores: readonly string[], since: string): Fragment =>
  sql`(not r.natl and r.moved is not null and (r.moved > ${since} or r.lu > ${since}) and r.reg = any(${stores}))
      or (r.type = ${PATIENT} and r.id in (
        select n.patient from resource n where not n.natl and n.moved is not null and n.reg = any(${stores}) and ${changedSince(since)}))`;

/** Rows of records, in a form that the indexes on the time of moving and of changing answer. */
const changedSince = (since: string): Fragment =>
  sql`(n.moved > ${since} or (n.type = any(${RECORD_TYPES}::smallint[]) and n.lu > ${since}))`;

/** Ids of a type that were exported, and are not the reader's any more: consent was withdrawn, or they were deleted. */
export function withdrawnSql(type: string, filter: Sql | undefined, since: string): Sql {
  const may = filter === undefined ? raw('true') : sql`(${fromSql(filter)})`;
  const persons =
    type === 'Patient'
      ? sql` or r.id in (select n.patient from resource n where ${changedSince(since)})`
      : NONE;
  return toSql(sql`select r.id
from resource r
where r.type = ${typeCode(type) ?? 0}
  and (r.moved > ${since} or r.lu > ${since}${persons})
  and not (r.content is not null and ${may})`);
}

/** Types that the caller has rows of. */
export function typesWithRowsSql(types: readonly string[], filter: Sql | undefined): Sql {
  const codes = types.map((type) => typeCode(type) ?? 0);
  const may = filter === undefined ? raw('true') : sql`(${fromSql(filter)})`;
  return toSql(sql`select t.type
from unnest(${codes}::smallint[]) t (type)
where exists (select 1 from resource r where r.type = t.type and r.content is not null and ${may})`);
}
