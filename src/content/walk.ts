/**
 * A walk over every member of a JSON value, for checks that look for a kind of member wherever it stands.
 */
import type { JsonObject, JsonValue } from '../fhir/types.ts';

/** One member on the walk. `path` is its place (`item[0].text`), `name` its own name; members of arrays have the array's. */
export interface Visited {
  readonly path: string;
  readonly name: string;
  readonly value: JsonValue;
  readonly parent: JsonObject;
}

/**
 * What `find` answers of all members of an object, at every depth, parents before children. Members of the object itself that
 * are named in `besides` are passed by, with all below them. `find` reads what it is given at once: the next member takes its
 * place.
 */
export function findMembers<T>(
  object: JsonObject,
  find: (visited: Visited) => readonly T[],
  besides: ReadonlySet<string> = NONE,
): readonly T[] {
  const walk = new Walk(find);
  for (const name in object) {
    if (!besides.has(name)) {
      walk.member(name, object[name] as JsonValue, object);
    }
  }
  return walk.found;
}

const NONE: ReadonlySet<string> = new Set();

/** Stands at one member after the other: content has hundreds of thousands, and the path is asked for few. */
class Walk<T> implements Visited {
  name = '';
  value: JsonValue = null;
  parent: JsonObject = {};
  readonly found: T[] = [];
  private readonly find: (visited: Visited) => readonly T[];
  /** Names, and places in lists, from the object to here. */
  private readonly steps: (string | number)[] = [];

  constructor(find: (visited: Visited) => readonly T[]) {
    this.find = find;
  }

  get path(): string {
    return this.steps
      .map((step, index) => (typeof step === 'number' ? `[${step}]` : `${index === 0 ? '' : '.'}${step}`))
      .join('');
  }

  member(name: string, value: JsonValue, parent: JsonObject): void {
    this.steps.push(name);
    this.values(name, value, parent);
    this.steps.pop();
  }

  /** The value of a member, or each of its list. */
  private values(name: string, value: JsonValue, parent: JsonObject): void {
    if (Array.isArray(value)) {
      (value as readonly JsonValue[]).forEach((element, index) => {
        this.steps.push(index);
        this.values(name, element, parent);
        this.steps.pop();
      });
      return;
    }
    this.name = name;
    this.value = value;
    this.parent = parent;
    const found = this.find(this);
    if (found.length > 0) {
      this.found.push(...found);
    }
    if (value !== null && typeof value === 'object') {
      for (const below in value as JsonObject) {
        this.member(below, (value as JsonObject)[below] as JsonValue, value as JsonObject);
      }
    }
  }
}
