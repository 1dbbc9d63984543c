/**
 * Columns: a value, its type in FHIR, and its type in SQL. https://sql-on-fhir.org/ig/StructureDefinition-ViewDefinition.html
 * Dates stay texts, because FHIR's may be a year or a month; numbers keep their digits.
 */
import type { Scope } from './compiler.ts';
import type { ColumnDefinition } from './definition.ts';
import { type Kind, kindOf, isType, UNKNOWN } from './model.ts';
import { arrayOf, single } from './several.ts';
import { booleanOf, jsonOf, type Node, numberOf, type Scalar, textOf, type Value } from './value.ts';
import { ViewError } from './view-error.ts';

export type SqlType = 'text' | 'boolean' | 'integer' | 'numeric' | 'jsonb' | 'date' | 'timestamptz';

export interface Column {
  readonly name: string;
  readonly element: string;
  /** FHIR's name of the type. */
  readonly type: string;
  readonly sqlType: SqlType;
  readonly sql: string;
  readonly description: string | undefined;
  /** What the column is read from, when it can have several values at run time: then more than one is an error. */
  readonly mayRepeat: boolean;
}

const SQL_TYPES: Readonly<Record<Kind, SqlType>> = {
  text: 'text',
  boolean: 'boolean',
  integer: 'integer',
  decimal: 'numeric',
  time: 'text',
  clock: 'text',
  complex: 'jsonb',
  unknown: 'text',
};

/** The column that a definition and its value make. Throws `ViewError` when the declared type cannot be. */
export function columnOf(definition: ColumnDefinition, value: Value, { binder }: Scope): Column {
  const { name, element, collection, description } = definition;
  const type = typeOf(definition, value);
  const common = { name, element, type, description };
  if (collection) {
    return { ...common, sqlType: 'jsonb', sql: arrayOf(value, binder), mayRepeat: false };
  }
  const sqlType = sqlTypeOf(definition, type);
  return {
    ...common,
    sqlType,
    sql: CONVERT[sqlType](single(value, binder)),
    mayRepeat: value.form === 'several',
  };
}

function typeOf({ type, element }: ColumnDefinition, value: Value): string {
  if (type === undefined) {
    return value.type === UNKNOWN ? 'string' : value.type;
  }
  if (!isType(type)) {
    throw new ViewError(`"${type.slice(0, 60)}" is no type of R4.`, { element: `${element}.type` });
  }
  const [declared, actual] = [kindOf(type), kindOf(value.type)];
  if (!mayBecome(actual, declared)) {
    throw new ViewError(`The path is a ${value.type}, which is no ${type}.`, { element: `${element}.type` });
  }
  return type;
}

/** Every primitive has a text; numbers and dates are read from texts when the view says so; others are what they are. */
function mayBecome(actual: Kind, declared: Kind): boolean {
  if (actual === declared || actual === 'unknown' || declared === 'unknown') {
    return true;
  }
  if (actual === 'complex' || declared === 'complex') {
    return false;
  }
  return ['text', 'time', 'clock'].includes(declared) || (actual === 'integer' && declared === 'decimal');
}

const ANSI: readonly (readonly [RegExp, SqlType])[] = [
  [/^date$/i, 'date'],
  [/^timestamp(\(\d\))? with time zone$|^timestamptz$/i, 'timestamptz'],
  [/^(int|integer)$/i, 'integer'],
  [/^(decimal|numeric)(\(\d+(,\d+)?\))?$/i, 'numeric'],
  [/^boolean$/i, 'boolean'],
  [/^(character varying|varchar|character|char|text)\b/i, 'text'],
];

function sqlTypeOf({ ansiType, element }: ColumnDefinition, type: string): SqlType {
  const usual = SQL_TYPES[kindOf(type)];
  if (ansiType === undefined) {
    return usual;
  }
  const wanted = ANSI.find(([pattern]) => pattern.test(ansiType))?.[1];
  const isDate = kindOf(type) === 'time' && (wanted === 'date' || wanted === 'timestamptz');
  if (wanted !== usual && !isDate && wanted !== 'text') {
    throw new ViewError(`The tag ansi/type "${ansiType.slice(0, 60)}" does not fit a ${type}.`, {
      element: `${element}.tag`,
    });
  }
  return wanted ?? usual;
}

/** A date of less than a day, or an instant without its zone, has no value in SQL's types: NULL. */
const CONVERT: Readonly<Record<SqlType, (value: Node | Scalar) => string>> = {
  text: (value) => textOf(value),
  boolean: (value) => booleanOf(value),
  integer: (value) => `(${numberOf(value)})::integer`,
  numeric: (value) => numberOf(value),
  jsonb: (value) => (value.form === 'node' ? jsonOf(value) : `to_jsonb(${value.sql})`),
  date: (value) => `view_to_date(${textOf(value)})`,
  timestamptz: (value) => `view_to_instant(${textOf(value)})`,
};
