/**
 * Texts inside resources, replaced by name: references between the entries of a transaction
 * (https://hl7.org/fhir/R4/http.html#trules), and systems.
 */
import { copyExactNumbers } from '../fhir/json.ts';
import type { JsonObject, JsonValue } from '../fhir/types.ts';

/** Every `Reference.reference` in a resource, also in contained ones. */
export function collectReferences(value: JsonValue, found: Set<string> = new Set()): Set<string> {
  if (Array.isArray(value)) {
    for (const item of value as readonly JsonValue[]) {
      collectReferences(item, found);
    }
  } else if (value !== null && typeof value === 'object') {
    for (const [key, member] of Object.entries(value as JsonObject)) {
      if (key === 'reference' && typeof member === 'string') {
        found.add(member);
      } else {
        collectReferences(member, found);
      }
    }
  }
  return found;
}

/** The resource with its references replaced; objects without a replaced reference are the same objects. */
export const rewriteReferences = <T extends JsonValue>(value: T, replace: (reference: string) => string): T =>
  rewriteTexts(value, 'reference', replace);

/** The value with the texts of that name replaced, at any depth; `replace` is also given the object that has the text. */
export function rewriteTexts<T extends JsonValue>(
  value: T,
  name: string,
  replace: (text: string, object: JsonObject) => string,
): T {
  if (Array.isArray(value)) {
    const items = value as readonly JsonValue[];
    const mapped = items.map((item) => rewriteTexts(item, name, replace));
    return (mapped.some((item, i) => item !== items[i]) ? mapped : value) as T;
  }
  if (value === null || typeof value !== 'object') {
    return value;
  }
  const object = value as JsonObject;
  let changed: Record<string, JsonValue> | undefined;
  for (const [key, member] of Object.entries(object)) {
    const next =
      key === name && typeof member === 'string'
        ? replace(member, object)
        : rewriteTexts(member, name, replace);
    if (next !== member) {
      changed ??= { ...object };
      changed[key] = next;
    }
  }
  if (changed === undefined) {
    return value;
  }
  copyExactNumbers(object, changed);
  return changed as unknown as T;
}
