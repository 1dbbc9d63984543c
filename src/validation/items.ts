/**
 * The values of an element in an object, one by one, with their place and type.
 */
import type { JsonObject, JsonValue } from '../fhir/types.ts';
import type { ElementNode } from './element-tree.ts';
import { choiceStem, choiceType, elementTypes } from './element-types.ts';
import { isObject } from './run.ts';

export interface Item {
  /** `null` for a primitive that has only extensions. */
  readonly value: JsonValue;
  readonly at: string;
  readonly type: string;
}

/** Finds the values of one element in objects that have it. */
export type ItemsOf = (owner: JsonObject, at: string) => readonly Item[];

/** Compile the look-up of an element's values. */
export function itemsFinder(node: ElementNode): ItemsOf {
  const stem = choiceStem(node.name);
  const [type] = elementTypes(node.definition);
  return stem === undefined
    ? (owner, at) => membersOf(owner, node.name, `${at}.${node.name}`, type?.code ?? '')
    : (owner, at) => variantsOf(owner, stem, at);
}

function membersOf(owner: JsonObject, name: string, at: string, type: string): readonly Item[] {
  const value = owner[name] ?? emptied(owner[`_${name}`]);
  if (value === undefined || value === null) {
    return value === null ? [{ value, at, type }] : [];
  }
  return Array.isArray(value)
    ? (value as readonly JsonValue[]).map((item, index) => toItem(item, `${at}[${index}]`, type))
    : [toItem(value, at, type)];
}

const toItem = (value: JsonValue, at: string, type: string): Item => ({
  value,
  at,
  type:
    isObject(value) && typeof value['resourceType'] === 'string' && type !== 'BackboneElement'
      ? value['resourceType']
      : type,
});

/** The places of a companion without its values. */
function emptied(companion: JsonValue | undefined): JsonValue | undefined {
  if (companion === undefined) {
    return undefined;
  }
  return Array.isArray(companion) ? companion.map(() => null) : null;
}

function variantsOf(owner: JsonObject, stem: string, at: string): readonly Item[] {
  const items: Item[] = [];
  for (const key in owner) {
    const name = key.startsWith('_') ? key.slice(1) : key;
    const type = choiceType(name, stem);
    if (type !== undefined && (name === key || owner[name] === undefined)) {
      items.push({ value: name === key ? (owner[key] as JsonValue) : null, at: `${at}.${stem}`, type });
    }
  }
  return items;
}
