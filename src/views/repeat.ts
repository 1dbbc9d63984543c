/**
 * `repeat`: everything that some paths lead to, again and again, depth first. The order is that of the document.
 * https://sql-on-fhir.org/ig/StructureDefinition-ViewDefinition.html#repeat
 */
import { compileExpression } from './compile-expression.ts';
import type { Scope } from './compiler.ts';
import type { Expression } from './expression.ts';
import { UNKNOWN } from './model.ts';
import { selectOf } from './several.ts';
import { jsonOf, type Node, type Value } from './value.ts';
import { ViewError } from './view-error.ts';

/** `select v, n`: each value once with its place from 0, and the type that all have. */
export function repeatRows(
  paths: readonly Expression[],
  scope: Scope,
): { readonly sql: string; readonly type: string } {
  const { binder } = scope;
  if (!paths.every(descends)) {
    throw new ViewError(
      'repeat follows paths from an element to elements in it, such as item or answer.item: others have no end.',
    );
  }
  const starts = paths.map((path) => requireElements(compileExpression(path, scope)));
  const type = starts.find((value) => value.type !== UNKNOWN)?.type ?? UNKNOWN;
  const rows = binder.alias();
  const again = binder.alias();
  const focus: Node = { form: 'node', type, root: `${again}.v`, path: [] };
  const nexts = paths.map((path) => requireElements(compileExpression(path, { ...scope, focus })));
  return {
    type,
    sql: `with recursive ${rows}(v, p) as (
  select x.v, array[x.k, x.n] from (${children(starts, scope)}) as x(v, k, n)
  union all
  select y.v, ${again}.p || array[y.k, y.n] from ${rows} as ${again} cross join lateral (${children(nexts, scope)}) as y(v, k, n)
) select v, row_number() over (order by p) - 1 from ${rows} order by p`,
  };
}

const SELECTING = new Set(['where', 'first', 'ofType', 'as', 'extension']);

/** Whether a path leads to something inside of where it starts, so that following it again and again comes to an end. */
function descends(path: Expression): boolean {
  switch (path.kind) {
    case 'member':
      return path.of === undefined || descends(path.of);
    case 'index':
      return descends(path.of);
    case 'call':
      return (
        SELECTING.has(path.name) && (path.of === undefined ? path.name === 'extension' : descends(path.of))
      );
    default:
      return false;
  }
}

function requireElements(value: Value): Value {
  if (value.form === 'scalar' && value.type !== UNKNOWN) {
    throw new ViewError('repeat follows paths to elements.');
  }
  return value;
}

/** Values of each path with the path's place and their own. */
function children(values: readonly Value[], { binder }: Scope): string {
  return values
    .map((value, place) => {
      if (value.form === 'several') {
        return selectRows(place, binder.alias(), selectOf(value, binder));
      }
      const sql = value.form === 'node' ? jsonOf(value) : 'null::jsonb';
      return `select x.v, ${place}::bigint, 1::bigint from (values (${sql})) as x(v) where x.v is not null`;
    })
    .join(' union all ');
}

const selectRows = (place: number, alias: string, select: string): string =>
  `select ${alias}.v, ${place}::bigint, row_number() over () from (${select}) as ${alias}(v)`;
