/**
 * A ViewDefinition as one SQL statement: https://sql-on-fhir.org/ig/StructureDefinition-ViewDefinition.html
 * The resource is read as jsonb once; every forEach is a lateral join, every unionAll a lateral union.
 */
import { compileExpression, literalOf } from './compile-expression.ts';
import { columnOf, type Column } from './columns.ts';
import type { Binder, Scope } from './compiler.ts';
import { createBinder } from './compiler.ts';
import type { Expression } from './expression.ts';
import type { ColumnDefinition, Rows, Select, ViewDefinition } from './definition.ts';
import { kindOf } from './model.ts';
import { truth } from './operators.ts';
import { repeatRows } from './repeat.ts';
import { selectOf } from './several.ts';
import { isWalk, type Node, type Scalar, type Value } from './value.ts';
import { walkArguments } from './several.ts';
import { placed, ViewError } from './view-error.ts';

export interface CompiledView {
  readonly definition: ViewDefinition;
  /** Columns in order; `sql` refers to the rows of `from`. */
  readonly columns: readonly Column[];
  /** What follows the source `s(id text, j jsonb)`: lateral joins. */
  readonly joins: string;
  /** Conditions on the source's rows. */
  readonly conditions: readonly string[];
  /** Parameters from $1. */
  readonly values: readonly unknown[];
  /** What compiles but is probably a mistake. */
  readonly warnings: readonly string[];
}

/** What a select adds to the rows before it. */
interface Part {
  readonly joins: readonly string[];
  readonly columns: readonly Column[];
}

/** Compile. Throws `ViewError` naming the element of the ViewDefinition, the rule and what to do. */
export function compileView(definition: ViewDefinition): CompiledView {
  const binder = createBinder();
  const warnings = new Set<string>();
  const resource: Node = { form: 'node', type: definition.resource, root: 's.j', path: [] };
  const scope: Scope = {
    binder,
    focus: resource,
    resource,
    resourceKey: 's.id',
    resourceType: definition.resource,
    constants: new Map(
      [...definition.constants].map(([name, literal]) => [name, literalOf(literal, { binder })]),
    ),
    rowIndex: '0',
    warn: (text) => warnings.add(text),
  };
  const conditions = definition.where.map(({ path, element }) =>
    placed(element, () => condition(path, scope)),
  );
  const { joins, columns } = compileSelects(definition.select, scope);
  refuseDoubles(columns);
  return {
    definition,
    columns,
    joins: joins.join('\n'),
    conditions,
    values: binder.values,
    warnings: [...warnings],
  };
}

function condition(path: Expression, scope: Scope): string {
  const value = compileExpression(path, scope);
  const kind = kindOf(value.type);
  if (kind !== 'boolean' && kind !== 'unknown') {
    throw new ViewError(`The condition must be true or false; this path is a ${value.type}.`);
  }
  return `(${truth(value, scope.binder)}) is true`;
}

function refuseDoubles(columns: readonly Column[]): void {
  const seen = new Set<string>();
  for (const { name, element } of columns) {
    if (seen.has(name)) {
      throw new ViewError(`There are two columns "${name}".`, { element: `${element}.name` });
    }
    seen.add(name);
  }
}

function compileSelects(selects: readonly Select[], scope: Scope): Part {
  const parts = selects.map((select) => compileSelect(select, scope));
  return {
    joins: parts.flatMap(({ joins }) => joins),
    columns: parts.flatMap(({ columns }) => columns),
  };
}

/** Columns, then those of nested selects, then those of the union. */
function compileSelect(select: Select, outer: Scope): Part {
  const { joins, scope } =
    select.rows === undefined
      ? { joins: [], scope: outer }
      : placed(select.element, () => compileRows(select.rows as Rows, outer));
  const columns = select.columns.map((column) => placed(column.element, () => compileColumn(column, scope)));
  const nested = compileSelects(select.select, scope);
  const union = compileUnion(select, scope);
  return {
    joins: [...joins, ...nested.joins, ...union.joins],
    columns: [...columns, ...nested.columns, ...union.columns],
  };
}

function compileColumn(column: ColumnDefinition, scope: Scope): Column {
  return columnOf(column, compileExpression(column.path, scope), scope);
}

function compileRows(rows: Rows, outer: Scope): { readonly joins: readonly string[]; readonly scope: Scope } {
  const { binder } = outer;
  const alias = binder.alias();
  if (rows.kind === 'repeat') {
    const { sql, type } = repeatRows(rows.paths, outer);
    return {
      joins: [`cross join lateral (${sql}) as ${alias}(v, n)`],
      scope: inner(outer, alias, type, `${alias}.n`),
    };
  }
  const value = compileExpression(rows.path, outer);
  const isOuter = rows.kind === 'forEachOrNull';
  const join = isOuter ? 'left join lateral' : 'cross join lateral';
  const index = isOuter ? `coalesce(${alias}.n - 1, 0)` : `(${alias}.n - 1)`;
  const on = isOuter ? ' on true' : '';
  return {
    joins: [`${join} ${numbered(value, binder, alias)}${on}`],
    scope: innerOf(outer, alias, value, index),
  };
}

/** The values with their places from 1, as a `from` item. */
function numbered(value: Value, binder: Binder, alias: string): string {
  if (value.form !== 'several') {
    const sql = value.form === 'scalar' ? value.sql : sqlOfNode(value);
    return `(select x.v, 1 from (values (${sql})) as x(v) where x.v is not null) as ${alias}(v, n)`;
  }
  return isWalk(value.end) && value.from.length === 0
    ? `jsonb_path_query(${walkArguments(value.end, binder)}) with ordinality as ${alias}(v, n)`
    : `(${selectOf(value, binder, (item) => `${item}, row_number() over ()`)}) as ${alias}(v, n)`;
}

const sqlOfNode = (node: Node): string =>
  node.path.length === 0 ? node.root : `${node.root} #> '{${node.path.join(',')}}'`;

function innerOf(outer: Scope, alias: string, value: Value, rowIndex: string): Scope {
  const isScalar =
    value.form === 'scalar' ||
    (value.form === 'several' && !isWalk(value.end) && value.end.form === 'scalar');
  const focus: Node | Scalar = isScalar
    ? { form: 'scalar', type: value.type, sql: `${alias}.v` }
    : { form: 'node', type: value.type, root: `${alias}.v`, path: [] };
  return { ...outer, focus, rowIndex };
}

const inner = (outer: Scope, alias: string, type: string, rowIndex: string): Scope => ({
  ...outer,
  focus: { form: 'node', type, root: `${alias}.v`, path: [] },
  rowIndex,
});

function compileUnion({ unionAll, element }: Select, scope: Scope): Part {
  if (unionAll.length === 0) {
    return { joins: [], columns: [] };
  }
  const branches = unionAll.map((branch) => compileSelect(branch, scope));
  const [first, ...others] = branches as [Part, ...Part[]];
  others.forEach((other, index) => {
    requireSameColumns(first.columns, other.columns, `${element}.unionAll[${index + 1}]`);
  });
  const alias = scope.binder.alias();
  const names = first.columns.map((_, index) => `c${index}`);
  const selects = branches.map(
    ({ joins, columns }) =>
      `select ${columns.map(({ sql }) => sql).join(', ')} from (select) as ${scope.binder.alias()} ${joins.join(' ')}`,
  );
  return {
    joins: [`cross join lateral (${selects.join(' union all ')}) as ${alias}(${names.join(', ')})`],
    columns: first.columns.map((column, index) => ({ ...column, sql: `${alias}.c${index}` })),
  };
}

/** Branches have the same columns in the same order. */
function requireSameColumns(expected: readonly Column[], actual: readonly Column[], element: string): void {
  const [a, b] = [expected, actual].map((columns) => columns.map(({ name }) => name).join(', '));
  if (a !== b) {
    throw new ViewError(
      `Parts of a unionAll have the same columns in the same order: ${a ?? ''}; not ${b ?? ''}.`,
      {
        element,
      },
    );
  }
  const other = actual.find((column, index) => column.sqlType !== expected[index]?.sqlType);
  if (other !== undefined) {
    throw new ViewError(
      `The column "${other.name}" has another type than in the first part of the unionAll.`,
      {
        element: other.element,
      },
    );
  }
}
