/**
 * Whether a resource has a value of a parameter: `:missing`, https://hl7.org/fhir/R4/search.html#missing
 */
import { hash32 } from '../fhir/id.ts';
import { allOf, anyOf } from './condition.ts';
import type { Condition, IndexTable } from './condition.ts';
import { identifierParameter } from './keys.ts';
import type { Parameter, ParameterTable, ParameterType } from './parameters.ts';
import { tupleKind } from './tuple.ts';

const TABLES: Readonly<Record<Exclude<ParameterType, 'composite' | 'special'>, IndexTable>> = {
  token: 'idx_token',
  reference: 'idx_token',
  uri: 'idx_token',
  date: 'idx_date',
  string: 'idx_text',
  number: 'idx_number',
  quantity: 'idx_number',
};

/** Every resource has an id and a time of its last update. */
const ALWAYS: Condition = { kind: 'and', conditions: [] };

/** There is a value. */
export function presence(parameter: Parameter, parameters: ParameterTable): Condition {
  const { column, code, key, type } = parameter;
  if (column === 'id' || column === 'lastUpdated') {
    return ALWAYS;
  }
  if (column === 'date') {
    return { kind: 'column-present', column: 'd_lo' };
  }
  if (parameter.isRootComposite) {
    return allOf(
      parameter.components.map(({ code: part }) => presence(partOf(parameter, part, parameters), parameters)),
    );
  }
  const rows: Condition = { kind: 'present', table: tableOf(parameter), param: key };
  const logical: Condition[] =
    type === 'reference'
      ? [{ kind: 'present', table: 'idx_token', param: hash32(identifierParameter(code)) }]
      : [];
  const inColumn: Condition[] = column === undefined ? [] : [{ kind: 'column-present', column }];
  return anyOf([...inColumn, rows, ...logical]);
}

function tableOf(parameter: Parameter): IndexTable {
  const { type, special } = parameter;
  if (type === 'composite') {
    return tupleKind(parameter) === 'token' ? 'idx_token' : 'idx_number';
  }
  if (type === 'special') {
    return special === 'words' ? 'idx_text' : 'idx_number';
  }
  return TABLES[type];
}

/** The parameter that a part of a composite of the resource itself is. */
export function partOf({ base, code }: Parameter, part: string, parameters: ParameterTable): Parameter {
  const found = parameters.find(base, part);
  if (found === undefined) {
    throw new Error(`${base}.${code} is composed of a parameter that ${base} does not have`);
  }
  return found;
}
