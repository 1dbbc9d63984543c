/** A template with the values of a row. */
import type { JsonObject, JsonValue } from '../../fhir/types.ts';

export interface Filled {
  readonly resource: JsonObject;
  /** Column by the path of the element that it filled. */
  readonly columns: ReadonlyMap<string, string>;
}

/** What a place stands for: the value of a column, the name of another resource; undefined when there is none. */
export type ValueOf = (name: string) => JsonValue | undefined;

const WHOLE = /^\{(@?[^{}]+)\}$/;
const PARTS = /\{(@?[\p{L}_][\p{L}\p{N}_ .-]*)\}/gu;

/**
 * Fill a template. An element whose places all have no value is left out, with what else stands in it: a code without its value has no
 * system either.
 */
export function fill(template: JsonObject, valueOf: ValueOf): Filled {
  const columns = new Map<string, string>();
  const { value } = fillValue(template, '', valueOf, columns);
  return { resource: (value ?? {}) as JsonObject, columns };
}

interface Part {
  readonly value: JsonValue | undefined;
  /** Does it have places, and has any of them a value? */
  readonly state: 'fixed' | 'filled' | 'empty';
}

function fillValue(template: JsonValue, path: string, valueOf: ValueOf, columns: Map<string, string>): Part {
  if (typeof template === 'string') {
    return fillText(template, path, valueOf, columns);
  }
  if (template === null || typeof template !== 'object') {
    return { value: template, state: 'fixed' };
  }
  if (Array.isArray(template)) {
    const parts = (template as readonly JsonValue[]).map((each, index) =>
      fillValue(each, `${path}[${index}]`, valueOf, columns),
    );
    const kept = parts.flatMap(({ value }) => (value === undefined ? [] : [value]));
    return { value: kept.length === 0 ? undefined : kept, state: stateOf(parts) };
  }
  const parts = Object.entries(template as JsonObject).map(
    ([name, each]) =>
      [name, fillValue(each ?? null, path === '' ? name : `${path}.${name}`, valueOf, columns)] as const,
  );
  const state = stateOf(parts.map(([, part]) => part));
  const kept = parts.flatMap(([name, { value }]) => (value === undefined ? [] : [[name, value] as const]));
  return { value: state === 'empty' && path !== '' ? undefined : Object.fromEntries(kept), state };
}

function stateOf(parts: readonly Part[]): Part['state'] {
  if (parts.some(({ state }) => state === 'filled')) {
    return 'filled';
  }
  return parts.some(({ state }) => state === 'empty') ? 'empty' : 'fixed';
}

function fillText(text: string, path: string, valueOf: ValueOf, columns: Map<string, string>): Part {
  const [, whole] = WHOLE.exec(text) ?? [];
  const names = whole === undefined ? [...text.matchAll(PARTS)].map(([, name = '']) => name) : [whole];
  if (names.length === 0) {
    return { value: text, state: 'fixed' };
  }
  const [column] = names.filter((name) => !name.startsWith('@'));
  if (column !== undefined) {
    columns.set(path, column);
  }
  const values = new Map(names.map((name) => [name, valueOf(name)]));
  if ([...values.values()].some((value) => value === undefined)) {
    return { value: undefined, state: 'empty' };
  }
  const value =
    whole === undefined
      ? text.replaceAll(PARTS, (_place, name: string) => String(values.get(name)))
      : values.get(whole);
  return { value, state: 'filled' };
}
