/**
 * What the parts of the compiler share: parameters, names of rows, and where an expression stands.
 */
import type { Expression } from './expression.ts';
import type { Node, Scalar, Value } from './value.ts';

/** Parameters of a statement in the making. Whatever a ViewDefinition says reaches SQL through here alone. */
export interface Binder {
  readonly values: readonly unknown[];
  /** The place of a value: `$3::text`. The same value of the same type has one place. */
  bind(value: unknown, type: string): string;
  /** A name for rows that is used nowhere else in the statement. */
  alias(): string;
}

export function createBinder(): Binder {
  const values: unknown[] = [];
  const places = new Map<string, string>();
  let aliases = 0;
  return {
    values,
    bind(value, type) {
      const known = places.get(`${type}|${String(value)}`);
      if (known !== undefined) {
        return known;
      }
      values.push(value);
      const place = `$${values.length}::${type}`;
      if (typeof value !== 'object') {
        places.set(`${type}|${String(value)}`, place);
      }
      return place;
    },
    alias: () => `a${++aliases}`,
  };
}

/** Where an expression is evaluated. */
export interface Scope {
  readonly binder: Binder;
  /** `$this`, and what a path starts from. */
  readonly focus: Node | Scalar;
  readonly resource: Node;
  /** SQL of the resource's key. */
  readonly resourceKey: string;
  readonly resourceType: string;
  readonly constants: ReadonlyMap<string, Scalar>;
  /** SQL of `%rowIndex`. */
  readonly rowIndex: string;
  /** Told what compiles but is probably a mistake: an element that R4 does not have. */
  readonly warn: (text: string) => void;
}

export type Compile = (expression: Expression, scope: Scope) => Value;
