/**
 * Resource → index rows: https://hl7.org/fhir/R4/search.html
 * Pure; the store writes what comes out, search/plan.ts asks for the same keys. A value that does not fit its parameter
 * (a malformed date, a string where an object is expected) is not indexed; refusing it is the validator's business.
 */
import { dateRange } from '../fhir/date.ts';
import { parseLocalReference } from '../fhir/reference.ts';
import type { Resource } from '../fhir/types.ts';
import type { HotColumns, IndexEntry } from '../storage/store.ts';
import { hash64 } from '../fhir/id.ts';
import type { Column } from './columns.ts';
import { hotColumns } from './hot.ts';
import { identifierParameter } from './keys.ts';
import { hash32 } from '../fhir/id.ts';
import { tupleRows } from './tuple.ts';
import type { Parameter, ParameterTable, ParameterType } from './parameters.ts';
import { numberValues, referenceValues, textValues, tokenValues, uriValues } from './values.ts';

export interface IndexerOptions {
  /** This server's FHIR base url: absolute references below it are local. */
  readonly baseUrl?: string;
}

export type Indexer = (resource: Resource) => IndexEntry;

type Rows = Pick<IndexEntry, 'tokens' | 'dates' | 'texts' | 'numbers'>;
interface Context {
  readonly hot: HotColumns;
  readonly baseUrl: string | undefined;
}

/** Make the indexer of these parameters. The resource must have its id, as the Patient's own compartment depends on it. */
export function createIndexer(parameters: ParameterTable, { baseUrl }: IndexerOptions = {}): Indexer {
  return (resource) => {
    const table = parameters.of(resource.resourceType);
    const hot = hotColumns(resource, table, baseUrl);
    const rows = [...table.values()].map((parameter) => rowsOf(parameter, resource, { hot, baseUrl }));
    return {
      hot,
      tokens: codesOnce(distinct(rows.flatMap(({ tokens }) => tokens))),
      dates: distinct(rows.flatMap(({ dates }) => dates)),
      texts: distinct(rows.flatMap(({ texts }) => texts)),
      numbers: distinct(rows.flatMap(({ numbers }) => numbers)),
    };
  };
}

const NOTHING: Rows = { tokens: [], dates: [], texts: [], numbers: [] };

/** Columns that answer every question about their parameter, so that no row is needed beside them. */
const SELF_SUFFICIENT: ReadonlySet<Column | undefined> = new Set<Column>(['id', 'lastUpdated', 'date']);

function rowsOf(parameter: Parameter, resource: Resource, context: Context): Rows {
  if (SELF_SUFFICIENT.has(parameter.column)) {
    return NOTHING;
  }
  const values = parameter.extract(resource);
  return values.length === 0
    ? NOTHING
    : { ...NOTHING, ...INDEXERS[parameter.type](parameter, values, context) };
}

const INDEXERS = {
  token: ({ key }, values) => ({
    tokens: values.flatMap(tokenValues).map((token) => ({ param: key, ...token })),
  }),
  reference: indexReferences,
  uri: (parameter, values, { hot }) => ({
    tokens: values
      .flatMap(uriValues)
      .filter((uri) => !(parameter.column === 'canon' && uri === hot.canon))
      .map((uri) => ({ param: parameter.key, h: hash64(uri), hv: null })),
  }),
  date: ({ key }, values) => ({
    dates: values
      .map(dateRange)
      .filter((range) => range !== undefined)
      .map((range) => ({ param: key, ...range })),
  }),
  string: ({ key }, values) => ({
    texts: values.flatMap(textValues).map((text) => ({ param: key, ...text })),
  }),
  number: ({ key }, values) => ({
    numbers: values.flatMap(numberValues).map((row) => ({ param: key, ...row })),
  }),
  quantity: ({ key }, values) => ({
    numbers: values.flatMap(numberValues).map((row) => ({ param: key, ...row })),
  }),
  composite: tupleRows,
} as const satisfies Record<
  ParameterType,
  (parameter: Parameter, values: readonly unknown[], context: Context) => Partial<Rows>
>;

function indexReferences(
  { code, key, column }: Parameter,
  values: readonly unknown[],
  { hot, baseUrl }: Context,
): Partial<Rows> {
  const references = values.flatMap((value) => referenceValues(value, baseUrl));
  const literals = references.flatMap(({ literals: texts }) => texts);
  const identifiers = references.flatMap(({ identifiers: tokens }) => tokens);
  const logical = hash32(identifierParameter(code));
  return {
    tokens: [
      ...literals
        .filter((literal) => !isInColumn(literal, column, hot))
        .map((literal) => ({ param: key, h: hash64(literal), hv: idHash(literal) })),
      ...identifiers.map((token) => ({ param: logical, ...token })),
    ],
  };
}

const REFERENCE_COLUMNS: Readonly<Partial<Record<Column, (literal: string, hot: HotColumns) => boolean>>> = {
  patient: (literal, { patient }) => patient !== null && literal === `Patient/${patient}`,
  org: (literal, { org }) => org !== null && literal === `Organization/${org}`,
  canon: (literal, { canon }) => literal === canon,
};

const isInColumn = (literal: string, column: Column | undefined, hot: HotColumns): boolean =>
  column !== undefined && REFERENCE_COLUMNS[column]?.(literal, hot) === true;

/** `hv` of a local reference is its id alone, for `subject=123`. */
function idHash(literal: string): string | null {
  const local = parseLocalReference(literal);
  return local === undefined ? null : hash64(local.id);
}

/** A code of two systems has one row that `hv` finds: search joins these rows and must meet no resource twice. */
function codesOnce(tokens: IndexEntry['tokens']): IndexEntry['tokens'] {
  const seen = new Set<string>();
  return tokens.map((token) => {
    const key = `${token.param} ${token.hv ?? ''}`;
    const isRepeated = token.hv !== null && seen.has(key);
    seen.add(key);
    return isRepeated ? { ...token, hv: null } : token;
  });
}

/** Rows are flat records with the keys always in the same order, so their JSON is their identity. */
function distinct<T extends object>(rows: readonly T[]): readonly T[] {
  return rows.length < 2
    ? rows
    : [...new Map(rows.map((row) => [Object.values(row).join('\u0000'), row])).values()];
}
