/**
 * A code system from a table (CSV or TSV): ICD-10, NCSP, NCMP, NKPK, ATC, municipalities. Which column is what is said by
 * the operator, or known from usual names of columns.
 */
import type { Concept, Designation, Property } from './concept.ts';
import { type Encoding, headOf, type Row, rowsOf } from './load-lines.ts';
import { LoadError, type SystemFiles } from './load-system.ts';
import { foldCode } from './words.ts';

/** Roles of columns; what is not named is looked for under its usual names. */
export type ColumnRole =
  'code' | 'display' | 'parent' | 'definition' | 'from' | 'to' | 'active' | 'successor';

export interface TableOptions {
  readonly file: string;
  readonly url: string;
  readonly version: string;
  readonly title: string;
  readonly kind: string;
  readonly valueSet?: string;
  readonly language: string;
  readonly encoding: Encoding;
  readonly columns: Partial<Readonly<Record<ColumnRole, string>>>;
  /** Property or language → column. */
  readonly properties: Readonly<Record<string, string>>;
  readonly designations: Readonly<Record<string, string>>;
  /** `prefix`: the parent of a code is the longest other code that it begins with (M51.1 → M51). */
  readonly hierarchy: 'prefix' | 'column';
  readonly isDotless?: boolean;
}

/** Usual names of columns, in small letters. */
const NAMES: Readonly<Record<ColumnRole, readonly string[]>> = {
  code: [
    'code',
    'kode',
    'kodeverdi',
    'codevalue',
    'code value',
    'atc code',
    'atc-kode',
    'atckode',
    'icd-10-kode',
    'kommunenummer',
    'kommunenr',
    'id',
  ],
  display: [
    'display',
    'name',
    'navn',
    'tekst',
    'kodenavn',
    'kodetekst',
    'betegnelse',
    'term',
    'tittel',
    'atc level name',
    'codename',
    'codetext',
    'kommunenavn',
    'shortname',
  ],
  parent: ['parent', 'parentcode', 'overordnet', 'overordnet kode', 'foreldrekode'],
  definition: ['definition', 'definisjon', 'beskrivelse', 'description', 'forklaring'],
  from: [
    'from',
    'validfrom',
    'validfromdate',
    'valid from',
    'gyldigfra',
    'gyldig fra',
    'fra',
    'validfrominrequestedrange',
  ],
  to: [
    'to',
    'validto',
    'validtodate',
    'valid to',
    'gyldigtil',
    'gyldig til',
    'til',
    'validtoinrequestedrange',
  ],
  active: ['active', 'aktiv'],
  successor: ['successor', 'etterfølger', 'erstattetav', 'erstattet av', 'newcode', 'nykode'],
};

/** The table as a code system. Throws LoadError when code or display has no column. */
export async function readTable(options: TableOptions): Promise<SystemFiles> {
  const columns = columnsOf(await headOf(options.file, options.encoding), options);
  const codes = options.hierarchy === 'prefix' ? await allCodes(options, columns) : undefined;
  const { file, url, version, title, kind, valueSet, language } = options;
  return {
    url,
    version,
    title,
    kind,
    files: [file],
    reading: JSON.stringify([columns, options.properties, options.designations, options.hierarchy, language]),
    meta: {
      language,
      ...(valueSet !== undefined && { valueSet }),
      ...(options.isDotless === true && { isDotless: true }),
      properties: [
        ...(columns.successor === undefined ? [] : [{ code: 'successor', type: 'code' as const }]),
        ...Object.keys(options.properties).map((code) => ({ code, type: 'string' as const })),
      ],
    },
    concepts: () => conceptsOf(options, columns, codes),
  };
}

type Columns = Partial<Readonly<Record<ColumnRole, string>>>;

function columnsOf(head: readonly string[], options: TableOptions): Columns {
  const byName = new Map(head.map((name) => [name.toLowerCase(), name]));
  const asked = [
    ...Object.values(options.columns),
    ...Object.values(options.properties),
    ...Object.values(options.designations),
  ];
  const unknown = asked.filter((name) => !byName.has(name.toLowerCase()));
  if (unknown.length > 0) {
    throw new LoadError(
      `${options.file} has no column "${unknown.join('", "')}". Its columns are: ${head.join(', ')}.`,
    );
  }
  const roles = Object.keys(NAMES) as ColumnRole[];
  const found = roles.flatMap((role) => {
    const names = options.columns[role] === undefined ? NAMES[role] : [options.columns[role].toLowerCase()];
    const name = names.find((candidate) => byName.has(candidate));
    return name === undefined ? [] : [[role, byName.get(name)] as const];
  });
  const columns = Object.fromEntries(found) as Columns;
  if (columns.code === undefined || columns.display === undefined) {
    throw new LoadError(
      `${options.file}: say which columns hold code and display (--code, --display). Its columns are: ${head.join(', ')}.`,
    );
  }
  return columns;
}

async function allCodes(
  { file, encoding }: TableOptions,
  { code = '' }: Columns,
): Promise<ReadonlyMap<string, string>> {
  const codes = new Map<string, string>();
  for await (const row of rowsOf(file, encoding)) {
    codes.set(foldCode(row[code] ?? ''), row[code] ?? '');
  }
  return codes;
}

async function* conceptsOf(
  options: TableOptions,
  columns: Columns,
  codes: ReadonlyMap<string, string> | undefined,
): AsyncIterable<Concept> {
  for await (const row of rowsOf(options.file, options.encoding)) {
    const code = row[columns.code ?? ''] ?? '';
    if (code !== '') {
      yield conceptOf(row, code, options, columns, codes);
    }
  }
}

function conceptOf(
  row: Row,
  code: string,
  options: TableOptions,
  columns: Columns,
  codes: ReadonlyMap<string, string> | undefined,
): Concept {
  const value = (role: ColumnRole): string | undefined => {
    const text = columns[role] === undefined ? undefined : row[columns[role]];
    return text === '' ? undefined : text;
  };
  const starts = dayOf(value('from'));
  const ends = dayOf(value('to'));
  const definition = value('definition');
  const parent = value('parent') ?? (codes && longestPrefix(code, codes));
  return {
    code,
    display: value('display') ?? code,
    ...(definition !== undefined && { definition }),
    designations: Object.entries(options.designations).flatMap(([language, column]): Designation[] =>
      row[column] ? [{ language, value: row[column] }] : [],
    ),
    properties: [
      ...(value('successor') ?? '')
        .split(/[,;\s]+/)
        .filter((successor) => successor !== '')
        .map((successor): Property => ({ code: 'successor', type: 'code', value: successor })),
      ...Object.entries(options.properties).flatMap(([name, column]): Property[] =>
        row[column] ? [{ code: name, type: 'string', value: row[column] }] : [],
      ),
    ],
    parents: parent === undefined ? [] : [parent],
    isActive: !/^(0|false|nei|no|n|inactive|utgått)$/i.test(value('active') ?? ''),
    isAbstract: false,
    ...(starts !== undefined && { starts }),
    ...(ends !== undefined && { ends }),
  };
}

function longestPrefix(code: string, codes: ReadonlyMap<string, string>): string | undefined {
  const folded = foldCode(code);
  for (let length = folded.length - 1; length > 0; length--) {
    const found = codes.get(folded.slice(0, length));
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

/** `2024-01-01`, `2024-01-01T00:00:00`, `01.01.2024`, `20240101`; an end so late that it means "none" is none. */
function dayOf(text: string | undefined): string | undefined {
  const iso = /^(\d{4})-?(\d\d)-?(\d\d)(?:$|[T ])/.exec(text ?? '');
  const norwegian = /^(\d{1,2})\.(\d{1,2})\.(\d{4})(?:$| )/.exec(text ?? '');
  const [year, month, day] =
    iso === null ? [norwegian?.[3], norwegian?.[2], norwegian?.[1]] : [iso[1], iso[2], iso[3]];
  if (year === undefined || month === undefined || day === undefined || Number(year) > 2900) {
    return undefined;
  }
  return `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
}
