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

/** All members of an object, at every depth, parents before children. */
export function* walk(object: JsonObject, path = ''): Generator<Visited> {
  for (const [name, value] of Object.entries(object)) {
    yield* walkMember({ path: path === '' ? name : `${path}.${name}`, name, value, parent: object });
  }
}

function* walkMember(visited: Visited): Generator<Visited> {
  const { path, value } = visited;
  if (Array.isArray(value)) {
    for (const [index, element] of (value as readonly JsonValue[]).entries()) {
      yield* walkMember({ ...visited, path: `${path}[${index}]`, value: element });
    }
    return;
  }
  yield visited;
  if (value !== null && typeof value === 'object') {
    yield* walk(value as JsonObject, path);
  }
}
