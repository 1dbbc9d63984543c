/**
 * Names of entries where they are no references but addresses: elements of type uri, url, oid and uuid, and links and images of
 * narratives. https://hl7.org/fhir/R4/http.html#trules — a canonical names what a resource says of itself, and is left alone.
 */
import { copyExactNumbers } from '../fhir/json.ts';
import type { Shape, Shapes } from '../fhir/shape.ts';
import type { JsonObject, JsonValue } from '../fhir/types.ts';

const ADDRESSES: ReadonlySet<string> = new Set(['uri', 'url', 'oid', 'uuid']);

/** The resource with the names replaced; the same object when there is none. A stored Bundle keeps its own names. */
export function rewriteLinks<T extends JsonObject>(
  resource: T,
  byName: ReadonlyMap<string, string>,
  shapes: Shapes,
): T {
  const shape = shapes.get(String(resource['resourceType']));
  return byName.size === 0 || shape === undefined || shape.name === 'Bundle' || !holdsName(resource, byName)
    ? resource
    : rewrite(resource, shape, { byName, shapes });
}

/** Whether any text, or narrative, can hold a name: most resources hold none, and their types need not be looked at. */
function holdsName(value: JsonValue, byName: ReadonlyMap<string, string>): boolean {
  if (typeof value === 'string') {
    return (
      byName.has(value) ||
      (value.startsWith('<div') && [...byName.keys()].some((name) => value.includes(name)))
    );
  }
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).some((member: JsonValue) => holdsName(member, byName))
  );
}

interface Names {
  readonly byName: ReadonlyMap<string, string>;
  readonly shapes: Shapes;
}

function rewrite<T extends JsonObject>(object: T, shape: Shape, names: Names): T {
  const members = Object.entries(object).map(
    ([key, value]) => [key, rewriteMember(key, value, shape, names)] as const,
  );
  if (members.every(([key, value]) => value === object[key])) {
    return object;
  }
  const changed = Object.fromEntries(members);
  copyExactNumbers(object, changed);
  return changed as T;
}

function rewriteMember(key: string, value: JsonValue, shape: Shape, names: Names): JsonValue {
  const { byName: members } = shape;
  const member = members.get(key.startsWith('_') ? key.slice(1) : key);
  if (member === undefined) {
    return value;
  }
  if (Array.isArray(value)) {
    const items = value as readonly JsonValue[];
    const changed = items.map((item) => rewriteMember(key, item, shape, names));
    return changed.some((item, i) => item !== items[i]) ? changed : value;
  }
  if (typeof value === 'string') {
    return ADDRESSES.has(member.type)
      ? (names.byName.get(value) ?? value)
      : rewriteNarrative(value, member.type, names);
  }
  if (value === null || typeof value !== 'object') {
    return value;
  }
  const object = value as JsonObject;
  const inner =
    member.type === 'Resource' ? names.shapes.get(String(object['resourceType'])) : member.shape();
  return inner === undefined ? value : rewrite(object, inner, names);
}

function rewriteNarrative(value: string, type: string, { byName }: Names): string {
  return type === 'xhtml'
    ? value.replaceAll(
        /(<(?:a|img)\b[^>]*?\s(?:href|src)\s*=\s*)(["'])([^"'<>]*)\2/g,
        (whole, start: string, quote: string, link: string) => {
          const target = byName.get(link);
          return target === undefined ? whole : `${start}${quote}${target}${quote}`;
        },
      )
    : value;
}
