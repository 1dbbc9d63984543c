/**
 * Resource → index rows: https://hl7.org/fhir/R4/search.html
 * Pure; the store writes what comes out, search/plan.ts asks for the same keys. A value that does not fit its parameter
 * (a malformed date, a string where an object is expected) is not indexed; refusing it is the validator's business.
 */
import { dateRange } from '../fhir/date.ts';
import { hash32, hash64 } from '../fhir/id.ts';
import { parseLocalReference } from '../fhir/reference.ts';
import type { Resource } from '../fhir/types.ts';
import type { HotColumns, IndexEntry } from '../storage/store.ts';
import type { Column } from './columns.ts';
import { hotColumns } from './hot.ts';
import { canonicalParameter, codeHash, identifierParameter, ofTypeParameter, textParameter } from './keys.ts';
import type { TokenKey } from './keys.ts';
import type { Parameter, ParameterTable, ParameterType } from './parameters.ts';
import { positionOf } from './near.ts';
import { tupleRows } from './tuple.ts';
import {
  canonicalForms,
  numberForms,
  ofTypeKeys,
  referenceValues,
  textValue,
  textValues,
  tokenTexts,
  tokenValues,
  uriText,
} from './values.ts';
import { wordRows } from './words.ts';

export interface IndexerOptions {
  /** This server's FHIR base url: absolute references below it are local. */
  readonly baseUrl?: string;
}

export type Indexer = (resource: Resource) => IndexEntry;

type Tokens = IndexEntry['tokens'][number][];
type Dates = IndexEntry['dates'][number][];
type Texts = IndexEntry['texts'][number][];
type Numbers = IndexEntry['numbers'][number][];

/** The rows of one resource while they are collected. */
interface Rows {
  readonly tokens: Tokens;
  readonly dates: Dates;
  readonly texts: Texts;
  readonly numbers: Numbers;
}
interface Context {
  /** Keys of elements that several parameters select: a telephone is a telecom, a code a combo-code. */
  readonly keys: Map<unknown, readonly TokenKey[]>;
  readonly resource: Resource;
  readonly hot: HotColumns;
  readonly baseUrl: string | undefined;
}

/** Adds the rows of one parameter. */
type AddRows = (values: readonly unknown[], rows: Rows, context: Context) => void;

/** Make the indexer of these parameters. The resource must have its id, as the Patient's own compartment depends on it. */
export function createIndexer(parameters: ParameterTable, { baseUrl }: IndexerOptions = {}): Indexer {
  const types = new Map<string, readonly ParameterIndexer[]>();
  const indexersOf = (type: string): readonly ParameterIndexer[] => {
    const known = types.get(type) ?? makeIndexers(parameters.of(type));
    types.set(type, known);
    return known;
  };
  return (resource) => {
    const hot = hotColumns(resource, parameters.of(resource.resourceType), baseUrl);
    const rows: Rows = { tokens: [], dates: [], texts: [], numbers: [] };
    const context = { keys: new Map(), resource, hot, baseUrl };
    for (const { extract, add } of indexersOf(resource.resourceType)) {
      const values = extract(resource);
      if (values.length > 0) {
        addOnce(rows, () => add(values, rows, context));
      }
    }
    return { hot, ...rows };
  };
}

interface ParameterIndexer {
  readonly extract: Parameter['extract'];
  readonly add: AddRows;
}

/** Columns that answer every question about their parameter, so that no row is needed beside them. */
const SELF_SUFFICIENT: ReadonlySet<Column | undefined> = new Set<Column>(['id', 'lastUpdated', 'date']);

const makeIndexers = (table: ReadonlyMap<string, Parameter>): readonly ParameterIndexer[] =>
  [...table.values()]
    .filter(({ column, isRootComposite }) => !SELF_SUFFICIENT.has(column) && !isRootComposite)
    .map((parameter) => ({ extract: parameter.extract, add: INDEXERS[parameter.type](parameter) }));

const INDEXERS: Readonly<Record<ParameterType, (parameter: Parameter) => AddRows>> = {
  token: indexTokens,
  reference: indexReferences,
  uri: indexUris,
  date:
    ({ key }) =>
    (values, { dates }) => {
      for (const value of values) {
        const range = dateRange(value);
        if (range !== undefined) {
          dates.push({ param: key, lo: range.lo, hi: range.hi });
        }
      }
    },
  string:
    ({ key }) =>
    (values, { texts }) => {
      for (const { val, exact } of values.flatMap(textValues)) {
        texts.push({ param: key, val, exact });
      }
    },
  number: indexNumbers,
  quantity: indexNumbers,
  composite: (parameter) => (values, rows, context) => {
    const { tokens = [], numbers = [] } = tupleRows(parameter, values, context);
    rows.tokens.push(...tokens);
    rows.numbers.push(...numbers);
  },
  special: ({ key, special }) =>
    special === 'words'
      ? (values, { texts }) => {
          texts.push(...wordRows(key, values));
        }
      : (values, { numbers }) => {
          for (const { latitude, longitude } of values.flatMap((value) => positionOf(value) ?? [])) {
            numbers.push({ param: key, lo: latitude, hi: longitude, unit: null });
          }
        },
};

function indexTokens({ code, key }: Parameter): AddRows {
  const textKey = hash32(textParameter(code));
  const ofTypeKey = hash32(ofTypeParameter(code));
  const hasTexts = !isCombination(code);
  return (values, { tokens, texts }, { keys }) => {
    for (const value of values) {
      for (const { h, hv } of keysOf(value, keys)) {
        tokens.push({ param: key, h, hv });
      }
      if (typeof value === 'object') {
        for (const h of ofTypeKeys(value)) {
          tokens.push({ param: ofTypeKey, h, hv: null });
        }
        for (const { val, exact } of hasTexts ? tokenTexts(value).flatMap(textValue) : []) {
          texts.push({ param: textKey, val, exact });
        }
      }
    }
  };
}

function keysOf(value: unknown, known: Map<unknown, readonly TokenKey[]>): readonly TokenKey[] {
  if (typeof value !== 'object') {
    return tokenValues(value);
  }
  const keys = known.get(value) ?? tokenValues(value);
  known.set(value, keys);
  return keys;
}

/** `combo-code` selects what `code` and `component-code` select: their texts need no third copy. */
export const isCombination = (code: string): boolean => code.startsWith('combo-');

function indexReferences({ code, key, column }: Parameter): AddRows {
  const logical = hash32(identifierParameter(code));
  const canonicals = hash32(canonicalParameter(code));
  return (values, { tokens, texts }, { hot, baseUrl }) => {
    for (const value of values) {
      for (const { literals, identifiers, canonical } of referenceValues(value, baseUrl)) {
        for (const literal of literals) {
          if (!isInColumn(literal, column, hot)) {
            tokens.push({ param: key, h: hash64(literal), hv: idHash(literal) });
          }
        }
        for (const { h, hv } of identifiers) {
          tokens.push({ param: logical, h, hv });
        }
        if (canonical !== undefined) {
          texts.push({ param: canonicals, val: uriText(canonical), exact: '' });
        }
      }
    }
  };
}

/** A canonical is found by its url and by url|version; any other uri as it is written. */
function indexUris({ code, key, column }: Parameter): AddRows {
  const canonicals = hash32(canonicalParameter(code));
  return (values, { tokens, texts }, { hot }) => {
    for (const value of values) {
      if (typeof value === 'string') {
        for (const uri of canonicalForms(value)) {
          if (!(column === 'canon' && uri === hot.canon)) {
            tokens.push({ param: key, h: codeHash(uri), hv: null });
          }
        }
        texts.push({ param: canonicals, val: uriText(value), exact: '' });
      }
    }
  };
}

function indexNumbers({ key }: Parameter): AddRows {
  return (values, { numbers }) => {
    for (const value of values) {
      for (const { lo, hi, unit } of numberForms(value)) {
        numbers.push({ param: key, lo, hi, unit: unit === '' ? null : codeHash(unit) });
      }
    }
  };
}

const REFERENCE_COLUMNS: Readonly<Partial<Record<Column, (literal: string, hot: HotColumns) => boolean>>> = {
  patient: (literal, { patient }) => patient !== null && literal === `Patient/${patient}`,
  org: (literal, { org }) => org !== null && literal === `Organization/${org}`,
  canon: (literal, { canon }) => literal === canon,
};

const isInColumn = (literal: string, column: Column | undefined, hot: HotColumns): boolean =>
  column !== undefined && REFERENCE_COLUMNS[column]?.(literal, hot) === true;

/** `hv` of a local reference is its id alone, for `subject=123`. A version is asked for by its whole name. */
function idHash(literal: string): string | null {
  const local = parseLocalReference(literal);
  return local === undefined || local.versionId !== undefined ? null : hash64(local.id);
}

/** Add rows, then leave out those that are there twice. */
function addOnce({ tokens, dates, texts, numbers }: Rows, add: () => void): void {
  const starts = [tokens.length, dates.length, texts.length, numbers.length] as const;
  add();
  keepDistinct(tokens, starts[0], (row) => `${row.param} ${row.h} ${row.hv ?? ''}`);
  codesOnce(tokens, starts[0]);
  keepDistinct(dates, starts[1], (row) => `${row.param} ${row.lo} ${row.hi}`);
  keepDistinct(texts, starts[2], (row) => `${row.param} ${row.val}\0${row.exact}`);
  keepDistinct(numbers, starts[3], (row) => `${row.param} ${row.lo} ${row.hi} ${row.unit ?? ''}`);
}

function keepDistinct<T>(rows: T[], start: number, keyOf: (row: T) => string): void {
  if (rows.length - start < 2) {
    return;
  }
  const seen = new Set<string>();
  let end = start;
  for (let at = start; at < rows.length; at++) {
    const row = rows[at] as T;
    const key = keyOf(row);
    if (!seen.has(key)) {
      seen.add(key);
      rows[end++] = row;
    }
  }
  rows.length = end;
}

/** A code of two systems has one row that `hv` finds: search joins these rows and must meet no resource twice. */
function codesOnce(tokens: Tokens, start: number): void {
  if (tokens.length - start < 3) {
    return;
  }
  const seen = new Set<string>();
  for (let at = start; at < tokens.length; at++) {
    const row = tokens[at] as Tokens[number];
    const key = `${row.param} ${row.hv}`;
    if (row.hv !== null && seen.has(key)) {
      tokens[at] = { ...row, hv: null };
    }
    seen.add(key);
  }
}
