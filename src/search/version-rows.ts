/**
 * Versions that are not in the tables as rows of them: common table expressions with the names of the tables stand in, so
 * that a statement of search judges exactly these versions, by the one interpreter of search that there is.
 */
import { typeCode } from '../fhir/resource-types.ts';
import type { IndexEntry, Sql } from '../storage/store.ts';

/** One version with its index rows; its `content` in the statement is its place in the list. */
export interface VersionRow {
  readonly type: string;
  readonly id: string;
  readonly lastUpdated: string;
  readonly unit: string | null;
  readonly index: IndexEntry;
}

/** The rows as JSON texts, one for each table. */
export function versionRows(versions: readonly VersionRow[]): readonly string[] {
  const rows = versions.map(({ type, id, lastUpdated, unit, index }, number) => {
    const key = { cmp: 0, type: typeCode(type), rid: number };
    const { hot } = index;
    return {
      main: {
        ...key,
        id,
        lu: lastUpdated,
        content: String(number),
        unit,
        patient: hot.patient,
        org: hot.org,
        canon: hot.canon,
        status: hot.status,
        d_lo: hot.dLo,
        d_hi: hot.dHi,
      },
      tokens: index.tokens.map((row) => ({ ...key, ...row, d: hot.dLo })),
      dates: index.dates.map((row) => ({ ...key, ...row })),
      texts: index.texts.map((row) => ({ ...key, ...row })),
      numbers: index.numbers.map((row) => ({ ...key, ...row })),
    };
  });
  return [
    JSON.stringify(rows.map(({ main }) => main)),
    JSON.stringify(rows.flatMap(({ tokens }) => tokens)),
    JSON.stringify(rows.flatMap(({ dates }) => dates)),
    JSON.stringify(rows.flatMap(({ texts }) => texts)),
    JSON.stringify(rows.flatMap(({ numbers }) => numbers)),
  ];
}

const KEY = 'cmp int, type smallint, rid bigint';
const TABLES: readonly (readonly [name: string, columns: string])[] = [
  [
    'resource',
    `${KEY}, id text, lu timestamptz, content text, unit text, patient text, org text, canon text, status text, d_lo timestamptz, d_hi timestamptz`,
  ],
  ['idx_token', `${KEY}, param int, h bigint, hv bigint, d timestamptz`],
  ['idx_date', `${KEY}, param int, lo timestamptz, hi timestamptz`],
  ['idx_text', `${KEY}, param int, val text, exact text`],
  ['idx_number', `${KEY}, param int, lo float8, hi float8, unit bigint`],
];

/** The statement with its tables replaced by the given rows. */
export function overVersions({ text, values }: Sql, rows: readonly string[]): Sql {
  const tables = TABLES.map(
    ([name, columns], index) =>
      `${name} as materialized (select * from json_to_recordset($${values.length + index + 1}) as x (${columns}))`,
  );
  return { text: `with ${tables.join(',\n')}\n${text}`, values: [...values, ...rows] };
}
