/**
 * Criterion → condition: which column or index rows answer it. The counterpart of search/indexer.ts.
 */
import { hash32, hash64 } from '../fhir/id.ts';
import { parseLocalReference } from '../fhir/reference.ts';
import { allOf, anyOf, NEVER } from './condition.ts';
import type { Condition, IndexTable, TextColumn } from './condition.ts';
import {
  anySystemKeys,
  anySystemPart,
  codeKey,
  identifierParameter,
  systemKey,
  tupleKey,
  unitKey,
} from './keys.ts';
import type { Parameter, ParameterTable, ParameterType } from './parameters.ts';
import { normaliseText } from './text.ts';
import type {
  CompositeValue,
  DateValue,
  MatchCriterion,
  MissingCriterion,
  NumberValue,
  PlainCriterion,
  QuantityValue,
  ReferenceValue,
  SearchValue,
  TextValue,
  TokenValue,
  UriValue,
} from './tree.ts';
import { MAX_TEXT } from './values.ts';

/** The condition of one criterion; `parameters` is asked for the parts of composites. */
export function conditionOf(criterion: PlainCriterion, parameters: ParameterTable): Condition {
  if (criterion.kind === 'match') {
    const condition = matchCondition(criterion, parameters);
    return criterion.modifier === 'not' ? { kind: 'not', condition } : condition;
  }
  const present = presence(criterion);
  return criterion.kind === 'present' ? present : { kind: 'not', condition: present };
}

function matchCondition(
  { parameter, modifier, values }: MatchCriterion,
  parameters: ParameterTable,
): Condition {
  if (modifier === 'identifier') {
    return tokenCondition(hash32(identifierParameter(parameter.code)), values as readonly TokenValue[]);
  }
  if (parameter.column !== undefined) {
    return COLUMN_CONDITIONS[parameter.column](parameter, values);
  }
  return TYPE_CONDITIONS[parameter.type]({ parameter, modifier, values, parameters });
}

interface Question {
  readonly parameter: Parameter;
  readonly modifier: MatchCriterion['modifier'];
  readonly values: readonly SearchValue[];
  readonly parameters: ParameterTable;
}

const COLUMN_CONDITIONS = {
  id: (_, values) => idCondition(values as readonly TokenValue[]),
  lastUpdated: (_, values) => dateCondition('lu', values as readonly DateValue[]),
  date: (_, values) => dateCondition('main', values as readonly DateValue[]),
  status: (_, values) => statusCondition(values as readonly TokenValue[]),
  patient: (parameter, values) =>
    referenceColumn('patient', 'Patient', parameter, values as readonly ReferenceValue[]),
  org: (parameter, values) =>
    referenceColumn('org', 'Organization', parameter, values as readonly ReferenceValue[]),
  canon: (parameter, values) => canonicalColumn(parameter, values as readonly (ReferenceValue | UriValue)[]),
} as const satisfies Record<
  NonNullable<Parameter['column']>,
  (parameter: Parameter, values: readonly SearchValue[]) => Condition
>;

const TYPE_CONDITIONS = {
  token: ({ parameter, values }) => tokenCondition(parameter.key, values as readonly TokenValue[]),
  reference: ({ parameter, values }) =>
    referenceCondition(parameter.key, values as readonly ReferenceValue[]),
  uri: ({ parameter, values }) =>
    hashes(
      parameter.key,
      'h',
      (values as readonly UriValue[]).map(({ uri }) => uri),
    ),
  date: ({ parameter, values }) => dateCondition(parameter.key, values as readonly DateValue[]),
  string: ({ parameter, modifier, values }) =>
    anyOf((values as readonly TextValue[]).map(({ text }) => textCondition(parameter.key, modifier, text))),
  number: ({ parameter, values }) =>
    anyOf(
      (values as readonly NumberValue[]).map(({ prefix, number }) => ({
        kind: 'number',
        param: parameter.key,
        unit: null,
        prefix,
        number,
      })),
    ),
  quantity: ({ parameter, values }) =>
    anyOf(
      (values as readonly QuantityValue[]).map((value) =>
        quantityCondition(parameter.key, value, unitOf(value)),
      ),
    ),
  composite: ({ parameter, values, parameters }) =>
    anyOf(
      (values as readonly CompositeValue[]).map((value) => compositeCondition(parameter, value, parameters)),
    ),
} as const satisfies Record<ParameterType, (question: Question) => Condition>;

/** Ids have no system. */
function idCondition(values: readonly TokenValue[]): Condition {
  const ids = values.flatMap(({ system, code }) =>
    system === undefined && code !== undefined ? [code] : [],
  );
  return { kind: 'column', column: 'id', values: ids };
}

/** A status is a code whose value set is fixed, so naming its system changes nothing. */
function statusCondition(values: readonly TokenValue[]): Condition {
  const codes = values.flatMap(({ code }) => (code === undefined ? [] : [code]));
  return { kind: 'column', column: 'status', values: codes };
}

const dateCondition = (source: 'main' | 'lu' | number, values: readonly DateValue[]): Condition =>
  anyOf(values.map(({ prefix, range }) => ({ kind: 'date', source, prefix, range })));

/** A reference to the column's type is in the column, any other in the token table, a bare id in either. */
function referenceColumn(
  column: TextColumn,
  type: string,
  { key }: Parameter,
  values: readonly ReferenceValue[],
): Condition {
  const ids = values.flatMap(({ form, text }) => {
    const local = form === 'id' ? { type, id: text } : parseLocalReference(text);
    return local?.type === type ? [local.id] : [];
  });
  const others = values.filter(({ form, text }) => form === 'id' || !text.startsWith(`${type}/`));
  return anyOf([
    ...(ids.length === 0 ? [] : [{ kind: 'column', column, values: ids } as const]),
    ...(others.length === 0 ? [] : [referenceCondition(key, others)]),
  ]);
}

/** The column holds the url alone; url|version is a token. */
function canonicalColumn({ key }: Parameter, values: readonly (ReferenceValue | UriValue)[]): Condition {
  const texts = values.map((value) => (value.type === 'uri' ? value.uri : value.text));
  const urls = texts.filter((text) => !text.includes('|'));
  const versioned = texts.filter((text) => text.includes('|'));
  return anyOf([
    ...(urls.length === 0 ? [] : [{ kind: 'column', column: 'canon', values: urls } as const]),
    ...(versioned.length === 0 ? [] : [hashes(key, 'h', versioned)]),
  ]);
}

function referenceCondition(param: number, values: readonly ReferenceValue[]): Condition {
  const of = (form: ReferenceValue['form']): readonly string[] =>
    values.filter((value) => value.form === form).map(({ text }) => text);
  return eitherHash(param, of('literal'), of('id'));
}

function tokenCondition(param: number, values: readonly TokenValue[]): Condition {
  const known = values.filter(({ system }) => system !== undefined);
  const anySystem = values.filter(({ system }) => system === undefined);
  return eitherHash(
    param,
    known.map(({ system, code }) => tokenText(system as string, code)),
    anySystem.flatMap(({ code }) => anySystemKeys(code ?? '')),
  );
}

const tokenText = (system: string, code: string | undefined): string =>
  code === undefined ? systemKey(system) : codeKey(system === '' ? undefined : system, code);

const eitherHash = (param: number, exact: readonly string[], anySystem: readonly string[]): Condition =>
  anyOf([
    ...(exact.length === 0 ? [] : [hashes(param, 'h', exact)]),
    ...(anySystem.length === 0 ? [] : [hashes(param, 'hv', anySystem)]),
  ]);

const hashes = (param: number, column: 'h' | 'hv', texts: readonly string[]): Condition => ({
  kind: 'token',
  param,
  column,
  hashes: [...new Set(texts)].map(hash64),
});

const TEXT_TESTS = ['exact', 'contains', 'equals', 'ends'] as const;

function textCondition(param: number, modifier: MatchCriterion['modifier'], text: string): Condition {
  const val = normaliseText(text).slice(0, MAX_TEXT);
  const test = TEXT_TESTS.find((candidate) => candidate === modifier) ?? 'prefix';
  return val === '' ? NEVER : { kind: 'text', param, test, val, exact: text.slice(0, MAX_TEXT) };
}

const quantityCondition = (
  param: number,
  { prefix, number }: QuantityValue,
  unit: string | null,
): Condition => ({ kind: 'number', param, unit, prefix, number });

const unitOf = (value: QuantityValue): string | null => {
  const text = unitText(value);
  return text === '' ? null : hash64(text);
};
const unitText = ({ system, unit }: QuantityValue): string =>
  unit === undefined ? '' : unitKey(system, unit);

function compositeCondition(
  parameter: Parameter,
  { parts }: CompositeValue,
  parameters: ParameterTable,
): Condition {
  return parameter.isRootComposite
    ? allOf(parts.map((part, index) => partCondition(parameter, part, index, parameters)))
    : tupleCondition(parameter, parts);
}

/** Parts of the resource itself are asked for like any other parameter. */
function partCondition(
  { base, components, code }: Parameter,
  value: SearchValue,
  index: number,
  parameters: ParameterTable,
): Condition {
  const part = parameters.find(base, components[index]?.code ?? '');
  if (part === undefined) {
    throw new Error(`${base}.${code} is composed of a parameter that ${base} does not have`);
  }
  return matchCondition({ kind: 'match', parameter: part, modifier: undefined, values: [value] }, parameters);
}

function tupleCondition({ key }: Parameter, [first, second]: readonly SearchValue[]): Condition {
  const head = first?.type === 'token' ? tuplePart(first) : '';
  if (second?.type === 'quantity') {
    return quantityCondition(key, second, hash64(tupleKey([head, unitText(second)])));
  }
  return second?.type === 'token' ? hashes(key, 'h', [tupleKey([head, tuplePart(second)])]) : NEVER;
}

const tuplePart = ({ system, code = '' }: TokenValue): string =>
  system === undefined ? anySystemPart(code) : codeKey(system === '' ? undefined : system, code);

const TABLES: Readonly<Record<Exclude<ParameterType, 'composite'>, IndexTable>> = {
  token: 'idx_token',
  reference: 'idx_token',
  uri: 'idx_token',
  date: 'idx_date',
  string: 'idx_text',
  number: 'idx_number',
  quantity: 'idx_number',
};

function presence({ parameter: { column, code, key, type } }: MissingCriterion): Condition {
  if (column === 'date') {
    return { kind: 'column-present', column: 'd_lo' };
  }
  const rows: Condition[] =
    type === 'composite' ? [] : [{ kind: 'present', table: TABLES[type], param: key }];
  const logical: Condition[] =
    type === 'reference'
      ? [{ kind: 'present', table: 'idx_token', param: hash32(identifierParameter(code)) }]
      : [];
  const inColumn: Condition[] =
    column === undefined || column === 'lastUpdated' ? [] : [{ kind: 'column-present', column }];
  return anyOf([...inColumn, ...rows, ...logical]);
}
