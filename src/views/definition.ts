/**
 * A ViewDefinition as it comes, read into precise types: https://sql-on-fhir.org/ig/StructureDefinition-ViewDefinition.html
 */
import { isResourceType } from '../fhir/resource-types.ts';
import type { JsonObject, JsonValue } from '../fhir/types.ts';
import { type Expression, type LiteralType, parseExpression } from './expression.ts';
import { type Kind, kindOf } from './model.ts';
import { placed, ViewError } from './view-error.ts';

export interface ViewDefinition {
  readonly url: string | undefined;
  readonly version: string | undefined;
  readonly name: string | undefined;
  readonly title: string | undefined;
  readonly resource: string;
  readonly constants: ReadonlyMap<string, Literal>;
  readonly where: readonly { readonly path: Expression; readonly element: string }[];
  readonly select: readonly Select[];
}

export type Literal = Extract<Expression, { kind: 'literal' }>;

export interface Select {
  readonly element: string;
  readonly columns: readonly ColumnDefinition[];
  readonly select: readonly Select[];
  readonly unionAll: readonly Select[];
  readonly rows: Rows | undefined;
}

/** What a select makes rows of. */
export type Rows =
  | { readonly kind: 'forEach' | 'forEachOrNull'; readonly path: Expression }
  | { readonly kind: 'repeat'; readonly paths: readonly Expression[] };

export interface ColumnDefinition {
  readonly element: string;
  readonly name: string;
  readonly path: Expression;
  readonly type: string | undefined;
  readonly collection: boolean;
  readonly description: string | undefined;
  /** Tag `ansi/type`: the type in SQL that the author wants. */
  readonly ansiType: string | undefined;
}

const LIMITS = { columns: 500, depth: 20, name: 200 };

/** Read a ViewDefinition. Throws `ViewError` that names the element and the rule. */
export function readDefinition(json: JsonValue): ViewDefinition {
  const object = objectAt(json, '');
  const resource = object['resource'];
  if (typeof resource !== 'string' || !isResourceType(resource)) {
    throw new ViewError('The resource type that the view is of is missing, or is no type of R4.', {
      element: 'resource',
    });
  }
  const select = selectsAt(object, 'select', '', 0);
  if (select.length === 0) {
    throw new ViewError('A view needs at least one select.', { element: 'select' });
  }
  const text = (name: string): string | undefined =>
    typeof object[name] === 'string' ? object[name] : undefined;
  return {
    url: text('url'),
    version: text('version'),
    name: text('name'),
    title: text('title'),
    resource,
    constants: constantsOf(object),
    where: listAt(object, 'where', '').map(({ value, element }) => ({
      element: `${element}.path`,
      path: pathAt(objectAt(value, element), 'path', element),
    })),
    select,
  };
}

interface Placed {
  readonly value: JsonValue;
  readonly element: string;
}

const below = (parent: string, name: string): string => (parent === '' ? name : `${parent}.${name}`);

function objectAt(value: JsonValue, element: string): JsonObject {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw new ViewError('An object is needed here.', { element });
  }
  return value as JsonObject;
}

function listAt(object: JsonObject, name: string, parent: string): readonly Placed[] {
  const value = object[name];
  const element = below(parent, name);
  if (value === undefined) {
    return [];
  }
  if (!Array.isArray(value)) {
    throw new ViewError('A list is needed here.', { element });
  }
  return (value as readonly JsonValue[]).map((item, index) => ({
    value: item,
    element: `${element}[${index}]`,
  }));
}

function pathAt(object: JsonObject, name: string, parent: string): Expression {
  return expressionAt(object[name] as JsonValue, below(parent, name));
}

function expressionAt(value: JsonValue, element: string): Expression {
  if (typeof value !== 'string' || value.trim() === '') {
    throw new ViewError('A FHIRPath expression is needed here.', { element });
  }
  return placed(element, () => parseExpression(value));
}

function selectsAt(object: JsonObject, name: string, parent: string, depth: number): readonly Select[] {
  if (depth > LIMITS.depth) {
    throw new ViewError(`Selects may be nested ${LIMITS.depth} deep.`, { element: parent });
  }
  return listAt(object, name, parent).map(({ value, element }) =>
    selectAt(objectAt(value, element), element, depth),
  );
}

function selectAt(object: JsonObject, element: string, depth: number): Select {
  const select: Select = {
    element,
    columns: listAt(object, 'column', element).map(({ value, element: at }) =>
      columnAt(objectAt(value, at), at),
    ),
    select: selectsAt(object, 'select', element, depth + 1),
    unionAll: selectsAt(object, 'unionAll', element, depth + 1),
    rows: rowsAt(object, element),
  };
  if (select.columns.length > LIMITS.columns) {
    throw new ViewError(`A select may have ${LIMITS.columns} columns.`, { element });
  }
  if (select.columns.length + select.select.length + select.unionAll.length === 0) {
    throw new ViewError('A select needs columns, selects or a unionAll.', { element });
  }
  return select;
}

function rowsAt(object: JsonObject, element: string): Rows | undefined {
  const given = (['forEach', 'forEachOrNull', 'repeat'] as const).filter(
    (name) => object[name] !== undefined,
  );
  const [kind] = given;
  if (given.length > 1) {
    throw new ViewError(`A select has ${given.join(' or ')}, not both.`, { element });
  }
  if (kind === undefined) {
    return undefined;
  }
  if (kind !== 'repeat') {
    return { kind, path: pathAt(object, kind, element) };
  }
  const paths = listAt(object, kind, element).map(({ value, element: at }) => expressionAt(value, at));
  if (paths.length === 0) {
    throw new ViewError('repeat needs at least one path.', { element: below(element, kind) });
  }
  return { kind, paths };
}

const COLUMN_NAME = /^[A-Za-z][A-Za-z0-9_]*$/;

function columnAt(object: JsonObject, element: string): ColumnDefinition {
  const { name, type, collection, description } = object;
  if (typeof name !== 'string' || !COLUMN_NAME.test(name) || name.length > LIMITS.name) {
    throw new ViewError(
      `A column's name begins with a letter, and has letters, digits and "_"; at most ${LIMITS.name} of them.`,
      { element: `${element}.name` },
    );
  }
  if (type !== undefined && typeof type !== 'string') {
    throw new ViewError('The type is the name or the url of a FHIR type.', { element: `${element}.type` });
  }
  return {
    element,
    name,
    path: pathAt(object, 'path', element),
    type: type?.slice(type.lastIndexOf('/') + 1),
    collection: collection === true,
    description: typeof description === 'string' ? description : undefined,
    ansiType: tagOf(object, 'ansi/type'),
  };
}

function tagOf(object: JsonObject, name: string): string | undefined {
  const tags = Array.isArray(object['tag']) ? (object['tag'] as readonly JsonValue[]) : [];
  const tag = tags.find((candidate) => (candidate as JsonObject | null)?.['name'] === name) as
    JsonObject | undefined;
  return typeof tag?.['value'] === 'string' ? tag['value'] : undefined;
}

function constantsOf(object: JsonObject): ReadonlyMap<string, Literal> {
  return new Map(
    listAt(object, 'constant', '').map(({ value, element }) => {
      const constant = objectAt(value, element);
      const { name } = constant;
      if (typeof name !== 'string' || !COLUMN_NAME.test(name)) {
        throw new ViewError('A constant needs a name of letters, digits and "_".', {
          element: `${element}.name`,
        });
      }
      return [name, constantAt(constant, element)];
    }),
  );
}

/** How JSON writes values of a kind; the others are strings. */
const JSON_TYPES: Readonly<Partial<Record<Kind, string>>> = {
  boolean: 'boolean',
  integer: 'number',
  decimal: 'number',
};

function constantAt(constant: JsonObject, element: string): Literal {
  const [found, ...others] = Object.entries(constant).filter(([key]) => /^value[A-Z]/.test(key));
  if (found === undefined || others.length > 0) {
    throw new ViewError('A constant has one value[x].', { element });
  }
  const [key, value] = found;
  const type = `${key.charAt(5).toLowerCase()}${key.slice(6)}`;
  const kind = kindOf(type);
  const expected = JSON_TYPES[kind] ?? 'string';
  if (kind === 'complex' || typeof value !== expected) {
    throw new ViewError(`${key} is no primitive value of that type.`, { element: `${element}.${key}` });
  }
  return { kind: 'literal', type: type as LiteralType, text: String(value) };
}
