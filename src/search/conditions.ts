/**
 * Criterion → condition: which column or index rows answer it. The counterpart of search/indexer.ts.
 */
import { hash32, hash64 } from '../fhir/id.ts';
import { parseLocalReference } from '../fhir/reference.ts';
import { allOf, anyOf, NEVER } from './condition.ts';
import type { Condition, TextColumn } from './condition.ts';
import { isCombination } from './indexer.ts';
import {
  anySystemKeys,
  anySystemPart,
  canonicalParameter,
  codeKey,
  identifierParameter,
  ofTypeKey,
  ofTypeParameter,
  systemKey,
  textParameter,
  tupleKey,
  unitKey,
} from './keys.ts';
import type { Parameter, ParameterTable, ParameterType } from './parameters.ts';
import { normaliseText } from './text.ts';
import type {
  CompositeValue,
  DateValue,
  MatchCriterion,
  NearValue,
  NumberValue,
  OfTypeValue,
  PlainCriterion,
  QuantityValue,
  ReferenceValue,
  SearchValue,
  TextValue,
  TokenValue,
  UriValue,
} from './tree.ts';
import { partOf, presence } from './presence.ts';
import { tupleKind } from './tuple.ts';
import { canonicalNumber, canonicalUnit, UCUM } from './ucum.ts';
import { exactText, MAX_TEXT, uriText } from './values.ts';
import { wordsCondition } from './words.ts';

/** The condition of one criterion; `parameters` is asked for the parts of composites. */
export function conditionOf(criterion: PlainCriterion, parameters: ParameterTable): Condition {
  if (criterion.kind === 'match') {
    const condition = matchCondition(criterion, parameters);
    return criterion.modifier === 'not' ? { kind: 'not', condition } : condition;
  }
  const present = presence(criterion.parameter, parameters);
  return criterion.kind === 'present' ? present : { kind: 'not', condition: present };
}

function matchCondition(criterion: MatchCriterion, parameters: ParameterTable): Condition {
  const { parameter, modifier, values } = criterion;
  const modified = modifier === undefined ? undefined : MODIFIER_CONDITIONS[modifier];
  if (modified !== undefined) {
    return modified(criterion, parameters);
  }
  if (parameter.column !== undefined) {
    return COLUMN_CONDITIONS[parameter.column](parameter, values);
  }
  return TYPE_CONDITIONS[parameter.type]({ parameter, modifier, values, parameters });
}

/** Modifiers that ask other rows than the parameter's own. */
const MODIFIER_CONDITIONS: Readonly<
  Partial<
    Record<
      NonNullable<MatchCriterion['modifier']>,
      (criterion: MatchCriterion, parameters: ParameterTable) => Condition
    >
  >
> = {
  identifier: ({ parameter, values }) =>
    tokenCondition(hash32(identifierParameter(parameter.code)), values as readonly TokenValue[]),
  text: ({ parameter, values }) =>
    anyOf(
      textSources(parameter).flatMap((code) =>
        (values as readonly TextValue[]).map(({ text }) =>
          textCondition(hash32(textParameter(code)), undefined, text),
        ),
      ),
    ),
  'of-type': ({ parameter, values }) =>
    hashes(
      hash32(ofTypeParameter(parameter.code)),
      'h',
      (values as readonly OfTypeValue[]).map(({ system, code, value }) =>
        ofTypeKey(codeKey(system === '' ? undefined : system, code), value),
      ),
    ),
  below: ({ parameter, values }) => anyOf(canonicalTexts(values).map((text) => belowText(parameter, text))),
  above: ({ parameter, values }) =>
    anyOf(
      canonicalTexts(values)
        .flatMap(atAndAbove)
        .map((text) => canonicalText(parameter, 'exact', text)),
    ),
};

const textSources = ({ code }: Parameter): readonly string[] =>
  isCombination(code) ? [code.replace('combo-', ''), code.replace('combo-', 'component-')] : [code];

const canonicalTexts = (values: readonly SearchValue[]): readonly string[] =>
  (values as readonly (UriValue | ReferenceValue)[]).map((value) =>
    value.type === 'uri' ? value.uri : value.text,
  );

const canonicalText = ({ code }: Parameter, test: 'exact' | 'prefix', text: string): Condition => ({
  kind: 'text',
  param: hash32(canonicalParameter(code)),
  test,
  val: uriText(text),
  exact: '',
});

/** The uri itself and what is under it by path (`…/fhir` has `…/fhir/x`, not `…/fhirx`); `url|1` has `url|1.2`. */
function belowText(parameter: Parameter, text: string): Condition {
  const under = text.includes('|')
    ? [`${text}.`, `${text}-`]
    : [text.endsWith('/') ? text : `${text}/`, `${text}|`];
  return anyOf([
    canonicalText(parameter, 'exact', text),
    ...under.map((prefix) => canonicalText(parameter, 'prefix', prefix)),
  ]);
}

/** The uri and each that its path goes on from; with a version, the less exact ones too. */
function atAndAbove(text: string): readonly string[] {
  const [url = '', version] = text.split('|');
  const versions = version?.split('.').map((_, at, parts) => parts.slice(0, at + 1).join('.')) ?? [];
  const starts = [...url.matchAll(/(?<=[^/:])\//g)].map(({ index }) => url.slice(0, index));
  return [
    ...new Set([
      url,
      ...starts,
      ...starts.map((start) => `${start}/`),
      ...versions.map((v) => `${url}|${v}`),
    ]),
  ].filter((candidate) => candidate !== '');
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
  status: (parameter, values) => statusCondition(parameter, values as readonly TokenValue[]),
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
  token: ({ parameter, values }) =>
    tokenCondition(parameter.key, values as readonly TokenValue[], parameter.systems()),
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
        quantityCondition(parameter.key, value, (unit) => (unit === '' ? null : hash64(unit))),
      ),
    ),
  composite: ({ parameter, values, parameters }) =>
    anyOf(
      (values as readonly CompositeValue[]).map((value) => compositeCondition(parameter, value, parameters)),
    ),
  special: ({ parameter, values }) =>
    anyOf(
      (values as readonly (NearValue | TextValue)[]).map((value) =>
        value.type === 'near'
          ? { kind: 'pair', param: parameter.key, unit: null, test: { ...value, kind: 'near' } }
          : wordsCondition(parameter.key, value.text),
      ),
    ),
} as const satisfies Record<ParameterType, (question: Question) => Condition>;

/** Ids have no system. */
function idCondition(values: readonly TokenValue[]): Condition {
  const ids = values.flatMap(({ system, code }) =>
    system === undefined && code !== undefined ? [code] : [],
  );
  return { kind: 'column', column: 'id', values: ids };
}

/** A status is a code whose value set is fixed: its system may be named, another is that of no status. */
function statusCondition(parameter: Parameter, values: readonly TokenValue[]): Condition {
  const systems = parameter.systems();
  const codes = values.flatMap(({ system, code }) =>
    code === undefined || (system !== undefined && system !== '' && !isKnown(system, systems)) ? [] : [code],
  );
  return { kind: 'column', column: 'status', values: codes };
}

const isKnown = (system: string, systems: readonly string[]): boolean =>
  systems.length === 0 || systems.includes(system);

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
    return local?.type === type && !('versionId' in local) ? [local.id] : [];
  });
  const others = values.filter(
    ({ form, text }) => form === 'id' || !text.startsWith(`${type}/`) || text.includes('/_history/'),
  );
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

/** `systems`: those that a bare code of the parameter belongs to without saying so. */
function tokenCondition(
  param: number,
  values: readonly TokenValue[],
  systems: readonly string[] = [],
): Condition {
  const known = values.filter(({ system }) => system !== undefined);
  const anySystem = values.filter(({ system }) => system === undefined);
  return eitherHash(
    param,
    known.flatMap(({ system, code }) => [
      tokenText(system as string, code),
      ...(code !== undefined && systems.includes(system as string) ? [codeKey(undefined, code)] : []),
    ]),
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
  return val === '' ? NEVER : { kind: 'text', param, test, val, exact: exactText(text) };
}

/** In the canonical unit, and under the unit's name as written where no system is said. */
function quantityCondition(
  param: number,
  { prefix, number, system, unit }: QuantityValue,
  keyOf: (unit: string) => string | null,
): Condition {
  const canonical =
    unit !== undefined && (system === undefined || system === UCUM) ? canonicalUnit(unit) : undefined;
  const written = unit === undefined ? '' : unitKey(system, unit);
  return anyOf([
    ...(canonical === undefined
      ? []
      : [
          {
            kind: 'number',
            param,
            unit: keyOf(canonical.key),
            prefix,
            number: canonicalNumber(number, canonical),
          } as const,
        ]),
    ...(canonical !== undefined && system === UCUM
      ? []
      : [{ kind: 'number', param, unit: keyOf(written), prefix, number } as const]),
  ]);
}

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
  composite: Parameter,
  value: SearchValue,
  index: number,
  parameters: ParameterTable,
): Condition {
  const parameter = partOf(composite, composite.components[index]?.code ?? '', parameters);
  return matchCondition({ kind: 'match', parameter, modifier: undefined, values: [value] }, parameters);
}

function tupleCondition(parameter: Parameter, parts: readonly SearchValue[]): Condition {
  const { key } = parameter;
  const [first, second, third] = parts as readonly [SearchValue, SearchValue, SearchValue?];
  const head = tuplePart(first);
  switch (tupleKind(parameter)) {
    case 'token':
      return hashes(key, 'h', [tupleKey([head, tuplePart(second)])]);
    case 'quantity':
      return quantityCondition(key, second as QuantityValue, (unit) => hash64(tupleKey([head, unit])));
    case 'pair':
      return {
        kind: 'pair',
        param: key,
        unit: hash64(tupleKey([head])),
        test: { kind: 'numbers', first: second as NumberValue, second: third as NumberValue },
      };
    default:
      return NEVER;
  }
}

function tuplePart(value: SearchValue): string {
  if (value.type === 'reference') {
    return value.form === 'id' ? anySystemPart(value.text) : value.text;
  }
  const { system, code = '' } = value as TokenValue;
  return system === undefined ? anySystemPart(code) : codeKey(system === '' ? undefined : system, code);
}
