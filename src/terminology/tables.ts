/**
 * Code systems that the operator has loaded into tables: which there are, and their concepts.
 * https://hl7.org/fhir/R4/terminology-service.html
 */
import type { Queryable } from '../storage/db.ts';
import type { Concept, Designation, Property } from './concept.ts';
import type { Condition } from './condition.ts';
import { conditionSql, Parameters } from './condition-sql.ts';
import { lexeme, startKey, wordsQuery } from './keys.ts';
import { foldCode, wordsOf } from './words.ts';

/** A loaded version of a system. */
export interface LoadedSystem {
  readonly sid: number;
  readonly url: string;
  readonly version: string;
  readonly title: string;
  readonly kind: string;
  readonly count: number;
  readonly loaded: string;
  readonly meta: SystemMeta;
}

export interface SystemMeta {
  /** Language of the displays. */
  readonly language?: string;
  /** Canonical of the value set of the whole system. */
  readonly valueSet?: string;
  readonly hasHierarchy?: boolean;
  /** Codes are also written without their dots: M51.1 and M511. */
  readonly isDotless?: boolean;
  /** Not every code of the system is here: an extract. */
  readonly isFragment?: boolean;
  readonly properties?: readonly { readonly code: string; readonly type: Property['type'] }[];
}

/** What a page of concepts is asked by. */
export interface ConceptQuery {
  readonly condition: Condition;
  /** Words and beginnings of words, or a code, as typed. */
  readonly filter?: string;
  /** Only what may be used on this day. */
  readonly validOn?: string;
  readonly offset: number;
  readonly count: number;
}

export interface ConceptPage {
  readonly concepts: readonly FoundConcept[];
  /** Undefined where there are too many to count while somebody types. */
  readonly total: number | undefined;
}

/** A concept with its rank in the search: 0 the code itself, 1 the code's start, 2 a text's start, 3 words. */
export interface FoundConcept {
  readonly concept: Concept;
  readonly rank: number;
}

const SYSTEM_COLUMNS = 'sid, url, version, title, kind, count, loaded, meta';

/** The version that is in force comes first; a version dated later than the day is not in force yet. */
const IN_FORCE_FIRST = `(dated is null or dated <= $1::date) desc, place desc`;

/** All loaded versions of the named systems (without urls: of all): the one in force on that day first, then newest first. */
export async function loadedSystems(
  db: Queryable,
  day: string,
  urls?: readonly string[],
): Promise<readonly LoadedSystem[]> {
  return await db.query<LoadedSystem>({
    text: `select ${SYSTEM_COLUMNS} from term_system
      where ready and ($2::text[] is null or url = any($2))
      order by url, ${IN_FORCE_FIRST}`,
    values: [day, urls ?? null],
    name: 'term-systems',
  });
}

/** Loaded systems whose value set of everything has this canonical. */
export async function systemOfValueSet(db: Queryable, valueSet: string): Promise<string | undefined> {
  const [row] = await db.query<{ url: string }>({
    text: `select url from term_system where ready and meta->>'valueSet' = $1 limit 1`,
    values: [valueSet],
  });
  return row?.url;
}

interface ConceptRow {
  readonly code: string;
  readonly display: string;
  readonly active: boolean;
  readonly starts: string | null;
  readonly ends: string | null;
  readonly detail: string | null;
}

const CONCEPT_COLUMNS = `c.code, c.display, c.active, c.starts::text, c.ends::text, c.detail`;

/** What `detail` holds beside the columns. */
export interface ConceptDetail {
  readonly definition?: string;
  readonly designations?: readonly Designation[];
  readonly properties?: readonly Property[];
  readonly parents?: readonly string[];
  readonly isAbstract?: true;
}

function toConcept({ code, display, active, starts, ends, detail }: ConceptRow): Concept {
  const more = detail === null ? {} : (JSON.parse(detail) as ConceptDetail);
  return {
    code,
    display,
    ...(more.definition !== undefined && { definition: more.definition }),
    designations: more.designations ?? [],
    properties: more.properties ?? [],
    parents: more.parents ?? [],
    isActive: active,
    isAbstract: more.isAbstract === true,
    ...(starts !== null && { starts }),
    ...(ends !== null && { ends }),
  };
}

/** Concepts by the codes asked for, in one statement; where dots may be left out, a code without them finds its concept. */
export async function conceptsByCode(
  db: Queryable,
  { sid, meta }: Pick<LoadedSystem, 'sid' | 'meta'>,
  codes: readonly string[],
): Promise<ReadonlyMap<string, Concept>> {
  const folded = meta.isDotless === true ? codes.map(foldCode) : [];
  const rows = await db.query<ConceptRow & { folded: string }>({
    text: `select ${CONCEPT_COLUMNS}, c.folded from term_concept c
      where c.sid = $1 and (c.code = any($2::text[]) or c.folded = any($3::text[]))`,
    values: [sid, codes, folded],
  });
  const exact = new Map(rows.map((row) => [row.code, toConcept(row)]));
  const loose = new Map(rows.map((row) => [row.folded, toConcept(row)]));
  return new Map(
    codes.flatMap((code) => {
      const concept = exact.get(code) ?? (meta.isDotless === true ? loose.get(foldCode(code)) : undefined);
      return concept === undefined ? [] : [[code, concept] as const];
    }),
  );
}

/** Codes right below a concept. */
export async function childCodes(
  db: Queryable,
  sid: number,
  parentKeyText: string,
): Promise<readonly string[]> {
  const rows = await db.query<{ code: string }>({
    text: `select c.code from term_concept c where c.sid = $1 and c.keys @@ $2::tsquery order by c.cid limit 1000`,
    values: [sid, lexeme(parentKeyText)],
  });
  return rows.map(({ code }) => code);
}

/** Of the codes, those that the condition holds for. */
export async function codesIn(
  db: Queryable,
  sid: number,
  codes: readonly string[],
  condition: Condition,
): Promise<ReadonlySet<string>> {
  const parameters = new Parameters();
  const place = `c.sid = ${parameters.add(sid)} and c.code = any(${parameters.add(codes)}::text[])`;
  const rows = await db.query<{ code: string }>({
    text: `select c.code from term_concept c where ${place} and ${conditionSql(condition, parameters)}`,
    values: parameters.values,
  });
  return new Set(rows.map(({ code }) => code));
}

/** A page of a system's concepts, best matches first; one statement. */
export async function findConcepts(
  db: Queryable,
  { sid, count: size }: Pick<LoadedSystem, 'sid' | 'count'>,
  query: ConceptQuery,
): Promise<ConceptPage> {
  const words = query.filter === undefined ? [] : wordsOf(query.filter);
  return words.length === 0 ? await listed(db, sid, size, query) : await ranked(db, sid, words, query);
}

async function listed(db: Queryable, sid: number, size: number, query: ConceptQuery): Promise<ConceptPage> {
  const parameters = new Parameters();
  const isWhole = query.condition.kind === 'all' && query.validOn === undefined;
  const place = `c.sid = ${parameters.add(sid)}`;
  const where = isWhole ? place : `${place} and ${restriction(query, parameters)}`;
  const offset = parameters.add(query.offset);
  const page = `select ${CONCEPT_COLUMNS}, c.cid from term_concept c
    where ${where} ${isWhole ? `and c.cid > ${offset}` : ''}
    order by c.cid ${isWhole ? '' : `offset ${offset}`} limit ${parameters.add(query.count)}`;
  const total = isWhole ? String(size) : `(select count(*)::int from term_concept c where ${where})`;
  const text = `select p.*, 0 as rank, t.total
    from (select ${total} as total) t
    left join (${page}) p on true
    order by p.cid`;
  return await paged(db, text, parameters);
}

/** So many matches are looked at to rank a page; where there are more, texts and codes that begin so still come first. */
const RANKED = 2000;
/** Pages up to here are ranked among that many; later ones among all. */
const FIRST_PAGES = 1000;

/** Index look-ups for words, codes and beginnings of texts, each bounded, and the page of the best. */
async function ranked(
  db: Queryable,
  sid: number,
  words: readonly string[],
  query: ConceptQuery,
): Promise<ConceptPage> {
  const parameters = new Parameters();
  const folded = foldCode(query.filter ?? '');
  const term = words.join(' ');
  const code = parameters.add(folded);
  const text = parameters.add(term);
  const start = parameters.add(`${lexeme(startKey(words[0] as string))}:*`);
  const restricted = `c.sid = ${parameters.add(sid)} and ${restriction(query, parameters)}`;
  const last = query.offset + query.count;
  const limit = last > FIRST_PAGES ? '' : `limit ${RANKED + 1}`;
  const select = `select c.cid,
      case when c.folded = ${code} then 0
        when c.folded ^@ ${code} then 1
        when c.term ^@ ${text} or c.keys @@ ${start}::tsquery then 2
        else 3 end as rank,
      case when c.folded ^@ ${code} then c.folded else c.term end as place
    from term_concept c
    where ${restricted}`;
  const between = (column: string, from: string, value: string): string =>
    `${column} >= ${from} and ${column} < ${parameters.add(`${value}\u{10ffff}`)}`;
  const coded = isLikeCode(folded)
    ? `${select} and ${between('c.folded', code, folded)} order by c.folded ${limit}`
    : `${select} and false`;
  const begun =
    limit === ''
      ? `${select} and false`
      : `${select} and ${between('c.term', text, term)} order by c.term limit ${parameters.add(last)}`;
  const statement = `with hit as materialized (
      ${select} and c.keys @@ ${parameters.add(wordsQuery(words))}::tsquery ${limit}
    ), coded as materialized (${coded}), begun as (${begun}),
    best as materialized (
      select distinct on (cid) cid, rank, place
      from (select * from hit union all select * from coded union all select * from begun) x
      order by cid, rank
    ), page as (
      select * from best order by rank, place, cid
      offset ${parameters.add(query.offset)} limit ${parameters.add(query.count)}
    )
    select ${CONCEPT_COLUMNS}, page.rank, t.total
    from (
      select case when ${limit === '' ? 'false' : `greatest((select count(*) from hit), (select count(*) from coded)) > ${RANKED}`}
        then null else (select count(*)::int from best) end as total
    ) t
    left join page on true
    left join term_concept c on c.sid = ${parameters.add(sid)} and c.cid = page.cid
    order by page.rank, page.place, page.cid`;
  return await paged(db, statement, parameters);
}

/** Something with a digit, or so short that it may be the start of a code. */
const isLikeCode = (folded: string): boolean =>
  folded.length > 0 && folded.length <= 24 && (/[0-9]/.test(folded) || folded.length <= 5);

function restriction({ condition, validOn }: ConceptQuery, parameters: Parameters): string {
  const held = conditionSql(condition, parameters);
  if (validOn === undefined) {
    return held;
  }
  const day = parameters.add(validOn);
  return `${held} and c.active and (c.starts is null or c.starts <= ${day}::date) and (c.ends is null or c.ends >= ${day}::date)`;
}

async function paged(db: Queryable, text: string, parameters: Parameters): Promise<ConceptPage> {
  const rows = await db.query<ConceptRow & { rank: number; total: number | null }>({
    text,
    values: parameters.values,
  });
  return {
    total: rows[0]?.total ?? undefined,
    concepts: rows
      .filter(({ code }) => code !== null)
      .map((row) => ({ concept: toConcept(row), rank: row.rank })),
  };
}
