/**
 * A view kept as a table, for R and Power BI: its name, its columns, and where it is written down (docs/adr/0011).
 * One table per view and version in the schema `views`; `views.<name>` is the version that was made last.
 */
import { createHash } from 'node:crypto';
import { formatCanonical } from '../fhir/canonical.ts';
import { typeCode } from '../fhir/resource-types.ts';
import { parseJson } from '../fhir/json.ts';
import type { JsonObject } from '../fhir/types.ts';
import type { Queryable } from '../storage/db.ts';
import { type CompiledView, compileView } from './compile-view.ts';
import { readDefinition } from './definition.ts';
import { ViewError } from './view-error.ts';

export interface ViewTable {
  /** Of the table, in the schema `views`. */
  readonly name: string;
  /** Of the SQL view that shows the newest version. */
  readonly alias: string;
  readonly canonical: string;
  readonly register: string;
  readonly checksum: string;
  /** The ViewDefinition as JSON. */
  readonly definition: string;
  readonly view: CompiledView;
}

/** Columns that every table has before its own: the resource's key and labels, to filter by. */
export const LABELS = [
  { name: '_resource_id', sqlType: 'text', sql: 's.id', about: 'Key of the resource that the row is from.' },
  { name: '_patient', sqlType: 'text', sql: 's.patient', about: 'Key of the person (pseudonym).' },
  { name: '_episode', sqlType: 'text', sql: 's.episode', about: 'Key of the pathway.' },
  { name: '_unit', sqlType: 'text', sql: 's.unit', about: 'Key of the department.' },
  { name: '_national', sqlType: 'boolean', sql: 's.natl', about: 'Is in the national store.' },
  { name: '_updated', sqlType: 'timestamptz', sql: 's.lu', about: 'When the resource was last changed.' },
] as const;

/** How compiled views look; another number makes every table anew. */
const COMPILER = 1;

/** Types whose resources are shared by registers, or are people. */
const SHARED = new Set([
  'Patient',
  'Person',
  'RelatedPerson',
  'Practitioner',
  'PractitionerRole',
  'Organization',
  'Location',
]);

const NAME = /^[a-z][a-z0-9_]{0,39}$/;
const VERSION = /^[0-9a-z.]{1,15}$/;

/** The table of a view. Throws `ViewError` for a view that cannot be kept as one. */
export function tableOf(json: JsonObject, register: string, compiled?: CompiledView): ViewTable {
  const view = compiled ?? compileView(readDefinition(json));
  const { name = '', version = '', url = '', resource } = view.definition;
  if (!NAME.test(name) || !VERSION.test(version) || url === '') {
    throw new ViewError(
      'A view that is kept as a table has a url, a version such as 1.0.0, and a name of at most 40 small letters, digits and "_".',
      { element: 'name' },
    );
  }
  if (SHARED.has(resource)) {
    throw new ViewError(`Views of ${resource} are run online; tables hold what belongs to the register.`, {
      element: 'resource',
    });
  }
  const long = view.columns.find((column) => column.name.length > 63);
  if (long !== undefined) {
    throw new ViewError('The name of a column in a table has at most 63 characters.', {
      element: `${long.element}.name`,
    });
  }
  const definition = JSON.stringify(json);
  return {
    name: `${name}_v${version.replaceAll('.', '_')}`,
    alias: name,
    canonical: formatCanonical(url, version),
    register,
    checksum: createHash('sha256').update(`${COMPILER} ${register} ${definition}`).digest('hex'),
    definition,
    view,
  };
}

/** Statements that make the empty table; nothing in them comes from the definition but checked names and quoted texts. */
export function createStatements({ name, alias, view, canonical }: ViewTable): readonly string[] {
  const own = view.columns.map((column) => ({ ...column, about: column.description ?? '' }));
  const columns = [...LABELS, ...own];
  const list = columns.map((column) => `  "${column.name}" ${column.sqlType}`).join(',\n');
  return [
    `create table views."${name}" (\n${list}\n)`,
    `create index on views."${name}" (_resource_id)`, // a refresh deletes by it
    `alter table views."${name}" enable row level security`,
    `create policy national on views."${name}" for select using (_national)`,
    `comment on table views."${name}" is ${quoted(`${view.definition.title ?? alias} (${canonical})`)}`,
    ...columns
      .filter(({ about }) => about !== '')
      .map((column) => `comment on column views."${name}"."${column.name}" is ${quoted(column.about)}`),
    `drop view if exists views."${alias}"`,
    `create view views."${alias}" with (security_invoker = true) as select * from views."${name}"`,
  ];
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''").replaceAll('\u0000', '')}'`;

interface TableRecord {
  readonly name: string;
  readonly register: string;
  readonly definition: string;
  readonly checksum: string;
  readonly watermark: string;
  readonly refreshed: string;
}

export interface KeptTable {
  readonly table: ViewTable;
  readonly watermark: string;
  readonly refreshed: string;
}

/** Compiled definitions by checksum: a refresh compiles nothing. */
const compiled = new Map<string, ViewTable>();

/** The tables that are kept: all, or those of some types. */
export async function keptTables(db: Queryable, types?: readonly string[]): Promise<readonly KeptTable[]> {
  const records = await db.query<TableRecord>({
    text: `select name, register, definition, checksum, watermark, refreshed
      from view_table
      where $1::smallint[] is null or type = any($1)
      order by name`,
    values: [types?.map((type) => typeCode(type)) ?? null],
  });
  return records.map(({ register, definition, checksum, watermark, refreshed }) => {
    const known = compiled.get(checksum) ?? tableOf(parseJson(definition) as JsonObject, register);
    compiled.set(checksum, known);
    return { table: { ...known, checksum }, watermark, refreshed };
  });
}

export async function writeDown(db: Queryable, table: ViewTable, watermark: string): Promise<void> {
  await db.query({
    text: `insert into view_table (name, canonical, type, register, checksum, definition, watermark, refreshed)
      values ($1, $2, $3, $4, $5, $6, $7, now())
      on conflict (name) do update
      set canonical = excluded.canonical, checksum = excluded.checksum, definition = excluded.definition,
        watermark = excluded.watermark, refreshed = excluded.refreshed`,
    values: [
      table.name,
      table.canonical,
      typeCode(table.view.definition.resource),
      table.register,
      table.checksum,
      table.definition,
      watermark,
    ],
  });
}

export async function noteRefresh(db: Queryable, name: string, watermark: string | null): Promise<void> {
  await db.query({
    text: `update view_table set refreshed = now(), watermark = coalesce($2, watermark) where name = $1`,
    values: [name, watermark],
  });
}
