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
 * All members of an object, at every depth, parents before children. Members of the object itself that are named in `besides`
 * are passed by, with all below them.
 */
export function walk(object: JsonObject, besides: ReadonlySet<string> = NONE): readonly Visited[] {
  const found: Visited[] = [];
  for (const [name, value] of Object.entries(object)) {
    if (!besides.has(name)) {
      addMember(found, new Member(name, value, object, undefined, ''));
    }
  }
  return found;
}

const NONE: ReadonlySet<string> = new Set();

/** Its path is asked for few of hundreds of thousands, and made then. */
class Member implements Visited {
  readonly name: string;
  readonly value: JsonValue;
  readonly parent: JsonObject;
  private readonly holder: Member | undefined;
  private readonly index: string;

  constructor(name: string, value: JsonValue, parent: JsonObject, holder: Member | undefined, index: string) {
    this.name = name;
    this.value = value;
    this.parent = parent;
    this.holder = holder;
    this.index = index;
  }

  get path(): string {
    const own = `${this.name}${this.index}`;
    return this.holder === undefined ? own : `${this.holder.path}.${own}`;
  }

  /** The same member's value at a place of its list. */
  at(index: number, value: JsonValue): Member {
    return new Member(this.name, value, this.parent, this.holder, `${this.index}[${index}]`);
  }

  /** A member of its value, which is an object. */
  member(name: string, value: JsonValue): Member {
    return new Member(name, value, this.value as JsonObject, this, '');
  }
}

function addMember(found: Visited[], member: Member): void {
  const { value } = member;
  if (Array.isArray(value)) {
    (value as readonly JsonValue[]).forEach((element, index) => addMember(found, member.at(index, element)));
    return;
  }
  found.push(member);
  if (value !== null && typeof value === 'object') {
    for (const name of Object.keys(value)) {
      addMember(found, member.member(name, (value as JsonObject)[name] as JsonValue));
    }
  }
}
