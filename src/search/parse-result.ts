/**
 * Parameters about the answer, not about what is searched: https://hl7.org/fhir/R4/search.html#modifyingresults
 */
import { FhirError, error } from '../fhir/outcome.ts';
import { includeParsers, parseInclude, parseRevinclude } from './parse-include.ts';
import type { Parameter } from './parameters.ts';
import { requireParameter, unsupported } from './parse-name.ts';
import { sortPaths } from './sort-path.ts';
import type { NameContext } from './parse-name.ts';
import type { SearchTree, SortKey } from './tree.ts';

export type ResultParts = Pick<
  SearchTree,
  'sort' | 'count' | 'total' | 'summary' | 'elements' | 'includes' | 'revincludes' | 'cursor'
>;

const DEFAULT_COUNT = 50;
const MAX_COUNT = 1000;

export const NO_RESULT_PARTS: ResultParts = {
  sort: [],
  count: DEFAULT_COUNT,
  total: 'none',
  summary: 'false',
  elements: [],
  includes: [],
  revincludes: [],
  cursor: undefined,
};

export type ResultParser = (value: string, context: NameContext, parts: ResultParts) => Partial<ResultParts>;

/** By parameter name. `_include` and `_revinclude` may stand several times, the others once. */
export const RESULT_PARSERS: Readonly<Record<string, ResultParser>> = {
  _sort: (value, context) => ({ sort: value.split(',').map((key) => parseSortKey(key, context)) }),
  _count: (value) => ({ count: parseCount(value) }),
  _total: (value) => ({ total: oneOf('_total', value, ['none', 'estimate', 'accurate']) }),
  _summary: (value) => ({ summary: oneOf('_summary', value, ['false', 'true', 'text', 'data', 'count']) }),
  _elements: (value) => ({ elements: parseElements(value) }),
  ...includeParsers('_include', 'includes', parseInclude),
  ...includeParsers('_revinclude', 'revincludes', parseRevinclude),
  _cursor: (value) => ({ cursor: value }),
};

export const REPEATABLE: ReadonlySet<string> = new Set([
  '_include',
  '_include:iterate',
  '_revinclude',
  '_revinclude:iterate',
]);

function parseSortKey(key: string, context: NameContext): SortKey {
  const code = key.startsWith('-') ? key.slice(1) : key;
  const parameter = requireParameter(code, context);
  const isSortable =
    parameter.column !== undefined || SORTABLE.has(parameter.type) || isPathSortable(parameter, context);
  if (!isSortable) {
    throw unsupported(
      `Sorting by ${parameter.code}, a parameter of type ${parameter.type}, is not supported.`,
    );
  }
  return { parameter, direction: key.startsWith('-') ? 'desc' : 'asc' };
}

/** One path must do for all types searched. */
const isPathSortable = (parameter: Parameter, { types }: NameContext): boolean =>
  sortPaths(parameter) !== undefined &&
  (types.length === 1 || /^(Resource|DomainResource)\./.test(parameter.expression));

/** Types whose index rows keep an order; tokens and references are hashes there, so the contents are read. */
const SORTABLE: ReadonlySet<string> = new Set(['date', 'string', 'number', 'quantity']);

function parseCount(value: string): number {
  if (!/^\d{1,9}$/.test(value)) {
    throw malformed('_count must be a whole number from 0 on.');
  }
  return Math.min(Number(value), MAX_COUNT);
}

function parseElements(value: string): readonly string[] {
  const elements = value.split(',').map((element) => element.replace(/^[A-Z][A-Za-z]+\./, ''));
  if (!elements.every((element) => /^[a-z][A-Za-z0-9]*$/.test(element))) {
    throw malformed('_elements must be a list of names of top-level elements.');
  }
  return elements;
}

function oneOf<T extends string>(name: string, value: string, allowed: readonly T[]): T {
  const known = allowed.find((candidate) => candidate === value);
  if (known === undefined) {
    throw malformed(`${name} must be one of ${allowed.join(', ')}.`);
  }
  return known;
}

const malformed = (diagnostics: string): FhirError =>
  new FhirError(400, error('invalid', diagnostics, undefined, 'search-value'));
