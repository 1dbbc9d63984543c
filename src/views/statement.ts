/**
 * Whole statements of compiled views: what the resources come from, and in what form the rows leave.
 */
import { typeCode } from '../fhir/resource-types.ts';
import type { Sql } from '../storage/store.ts';
import type { CompiledView } from './compile-view.ts';

/** Rows `id text, j jsonb` for a view: SQL with parameters from $1. */
export type Source = Sql;

/** What a run is narrowed to, besides what the caller may see. */
export interface Narrowing {
  readonly patients?: readonly string[];
  readonly since?: string;
}

/** Current rows of the store that the filter (on `r`) lets through; `content` is read as jsonb once per row. */
export function storeSource(type: string, filter: Sql | undefined, narrowing: Narrowing, hint?: Sql): Source {
  const list = 'r.id, r.content::jsonb as j';
  const { text, values } = storeRows(list, type, filter, narrowing, hint);
  return { text: `${text} offset 0`, values };
}

/** The same rows as text, for readers whose copy is made outside of the database. */
export function storeTexts(type: string, filter: Sql | undefined, narrowing: Narrowing, hint?: Sql): Sql {
  return storeRows('r.content', type, filter, narrowing, hint);
}

function storeRows(
  list: string,
  type: string,
  filter: Sql | undefined,
  { patients, since }: Narrowing,
  hint: Sql | undefined,
): Sql {
  const parts: readonly Sql[] = [
    { text: 'r.type = $1 and r.content is not null', values: [typeCode(type) ?? 0] },
    ...(patients === undefined ? [] : [{ text: 'r.patient = any($1::text[])', values: [patients] }]),
    ...(since === undefined ? [] : [{ text: 'r.lu > $1::timestamptz', values: [since] }]),
    ...(hint === undefined ? [] : [hint]),
    ...(filter === undefined ? [] : [filter]),
  ];
  const { text, values } = together(parts);
  return { text: `select ${list} from resource r where ${text}`, values };
}

/** Conditions joined by `and`, their parameters one after the other. */
function together(parts: readonly Sql[]): Sql {
  const values: unknown[] = [];
  const texts = parts.map((part) => {
    const text = renumbered(part.text, values.length);
    values.push(...part.values);
    return text;
  });
  return { text: texts.join('\n  and '), values };
}

/** Resources given as texts: one parameter, read as jsonb once. */
export const textSource = (contents: readonly string[]): Source => ({
  text: `select u.j ->> 'id' as id, u.j from jsonb_array_elements($1::jsonb) as u(j) offset 0`,
  values: [arrayText(contents)],
});

/** JSON texts as the text of their array. */
export const arrayText = (contents: readonly string[]): string => `[${contents.join(',')}]`;

const renumbered = (text: string, offset: number): string =>
  text.replace(/\$(\d+)/g, (_, n: string) => `$${Number(n) + offset}`);

/** The view's rows from a source; `list` makes the select list of the columns. */
function rowsStatement(view: CompiledView, source: Source, list: string, limit: number | undefined): Sql {
  const offset = view.values.length;
  const where = view.conditions.length === 0 ? '' : `\nwhere ${view.conditions.join('\n  and ')}`;
  const end = limit === undefined ? '' : `\nlimit ${Math.trunc(limit)}`;
  return onlyUsed({
    text: `select ${list}\nfrom (${renumbered(source.text, offset)}) as s\n${view.joins}${where}${end}`,
    values: [...view.values, ...source.values],
  });
}

/** Without parameters that nothing refers to, as a literal that went into a jsonpath: PostgreSQL refuses them. */
function onlyUsed({ text, values }: Sql): Sql {
  const used = [...new Set([...text.matchAll(/\$(\d+)/g)].map(([, n]) => Number(n)))].toSorted(
    (a, b) => a - b,
  );
  const places = new Map(used.map((old, index) => [old, index + 1]));
  return {
    text: text.replace(/\$(\d+)/g, (_, n: string) => `$${places.get(Number(n)) ?? 0}`),
    values: used.map((old) => values[old - 1]),
  };
}

/** One text a row: a JSON object with the columns as members, digits as they were written. */
export function objectRows(view: CompiledView, source: Source, limit?: number): Sql {
  const list = view.columns.map(({ name, sql }) => `${sql} as "${name}"`).join(', ');
  const { text, values } = rowsStatement(view, source, list, limit);
  return { text: `select row_to_json(q)::text from (${text}) as q`, values };
}

/** One text a row: a JSON array of the columns, each as text when `asText`. */
export function arrayRows(view: CompiledView, source: Source, form: 'texts' | 'values', limit?: number): Sql {
  const items = view.columns.map(({ sql, sqlType }) =>
    form === 'texts' && sqlType !== 'text' ? `(${sql})::text` : sql,
  );
  return rowsStatement(view, source, `json_build_array(${items.join(', ')})::text`, limit);
}

/** What rows are counted by: the text of a column, the month of a date, or the days between two dates. */
export type Group =
  | { readonly kind: 'text' | 'month'; readonly column: string }
  | { readonly kind: 'days'; readonly from: string; readonly to: string };

const DAY = String.raw`'^\d{4}-\d{2}-\d{2}'`;

/** Columns are named by the view, whose names are plain; others are nobody's and count as nothing. */
function groupSql(view: CompiledView, group: Group): string {
  const text = (name: string): string =>
    view.columns.some((column) => column.name === name) ? `q."${name}"::text` : 'null::text';
  if (group.kind === 'days') {
    const [from, to] = [text(group.from), text(group.to)];
    return `case when ${from} ~ ${DAY} and ${to} ~ ${DAY} then (left(${to}, 10)::date - left(${from}, 10)::date)::text end`;
  }
  return group.kind === 'month' ? `left(${text(group.column)}, 7)` : text(group.column);
}

/** One text a row: a JSON array of the groups' values, as text or null, and the number of rows. */
export function groupedRows(view: CompiledView, source: Source, groups: readonly Group[]): Sql {
  const list = view.columns.map(({ name, sql }) => `${sql} as "${name}"`).join(', ');
  const { text, values } = rowsStatement(view, source, list, undefined);
  const by = groups.map((group) => groupSql(view, group));
  return {
    text: `select json_build_array(${[...by, 'count(*)'].join(', ')})::text from (${text}) as q group by ${by.join(', ')}`,
    values,
  };
}

/** Rows for a table: the given SQL on `s` first, then the columns. */
export function tableRows(view: CompiledView, source: Source, leading: readonly string[]): Sql {
  const list = [...leading, ...view.columns.map(({ sql }) => sql)].join(', ');
  return rowsStatement(view, source, list, undefined);
}
