/**
 * JSON in and out without loss: https://hl7.org/fhir/R4/json.html
 * Refuses what `JSON.parse` would silently repair (duplicate keys, prototype members), bounds the depth before anything
 * walks the value (LM-01, LM-02), and keeps the digits of decimals (`1.00` stays `1.00`).
 */
import { badRequest } from './outcome.ts';
import type { JsonObject, JsonValue } from './types.ts';

export const MAX_DEPTH = 64;

/** Source texts of numbers that JavaScript cannot hold exactly, by the object that has them. */
const exactNumbers = new WeakMap<object, Map<string, string>>();

/**
 * Parse a request body. Throws 400 with the reason and its place: not JSON, deeper than 64 levels, a key twice in one
 * object, `__proto__`/`constructor`/`prototype` as a key.
 */
export function parseJson(text: string): JsonValue {
  const { hasInexactNumber } = scan(text);
  try {
    return hasInexactNumber
      ? (JSON.parse(text, keepExactNumber) as JsonValue)
      : (JSON.parse(text) as JsonValue);
  } catch (cause) {
    throw badRequest(`The body is not valid JSON: ${placeOf(cause, text)}.`, undefined, 'json-syntax');
  }
}

/** Text that this server has written itself, so that its limits hold already; digits of numbers are kept. */
export const parseStored = (text: string): JsonValue => JSON.parse(text, keepExactNumber) as JsonValue;

/** Where the parser stopped; its own message may quote the body, which is not for messages. */
function placeOf(cause: unknown, text: string): string {
  if (text.trim() === '') {
    return 'it is empty';
  }
  const [, line, column] = /line (\d+) column (\d+)/.exec((cause as Error).message) ?? [];
  return line === undefined
    ? 'a character does not belong where it stands'
    : `it breaks off at line ${line}, column ${column ?? ''}`;
}

/** Serialise a resource; numbers parsed by `parseJson` come out with the digits they came in with. */
export function stringifyJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, restoreExactNumber, indent);
}

/** Carry exact numbers over when an object is rebuilt from another with the same number members. */
export function copyExactNumbers(from: object, to: object): void {
  const numbers = exactNumbers.get(from);
  if (numbers !== undefined) {
    exactNumbers.set(to, numbers);
  }
}

/** The digits of a number member, as they were sent. */
export function numberText(holder: object, key: string, value: number): string {
  const source = exactNumbers.get(holder)?.get(key);
  return source !== undefined && Number(source) === value ? source : String(value);
}

/** JSON text of one member, a number with the digits it was sent with. */
export function memberText(holder: JsonObject, key: string): string | undefined {
  const value = holder[key];
  if (value === undefined) {
    return undefined;
  }
  return typeof value === 'number' ? numberText(holder, key, value) : stringifyJson(value);
}

/** Every number as a frozen object that keeps its digits wherever it is moved; `stringifyJson` prints them. */
export function parseExact(text: string): JsonValue {
  return JSON.parse(text, (_key, value: JsonValue, context?: { source?: string }) =>
    typeof value === 'number' ? rawJson(context?.source ?? String(value)) : value,
  ) as JsonValue;
}

/** The digits of a number that `parseExact` made; undefined for all other values. */
export function exactNumberOf(value: unknown): string | undefined {
  return isRawJson(value) ? (value as { readonly rawJSON: string }).rawJSON : undefined;
}

function keepExactNumber(this: object, key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value === 'number' && context?.source !== undefined && String(value) !== context.source) {
    const numbers = exactNumbers.get(this) ?? new Map<string, string>();
    numbers.set(key, context.source);
    exactNumbers.set(this, numbers);
  }
  return value;
}

function restoreExactNumber(this: object, key: string, value: unknown): unknown {
  if (typeof value !== 'number') {
    return value;
  }
  const source = numberText(this, key, value);
  return source === String(value) ? value : rawJson(source);
}

/** `JSON.rawJSON` is in Node 22 and later; the TypeScript library does not know it yet. */
const { rawJSON: rawJson, isRawJSON: isRawJson } = JSON as unknown as {
  rawJSON(text: string): unknown;
  isRawJSON(value: unknown): boolean;
};

const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype']);
const NUMBER = /-?[0-9]+(?:\.([0-9]+))?([eE][-+]?[0-9]+)?/y;
const SAFE_DIGITS = 15;

/** One pass over the text: depth, duplicate keys, forbidden keys, and whether any number needs its source kept. */
function scan(text: string): { hasInexactNumber: boolean } {
  const keys = new KeysOfObjects();
  const isObject: boolean[] = [];
  let expectKey = false;
  let hasInexactNumber = false;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 0x22) {
      const end = endOfString(text, i);
      if (expectKey && isObject.length > 0) {
        checkKey(text.slice(i + 1, end), isObject.length, keys);
        expectKey = false;
      }
      i = end;
    } else if (c === 0x7b || c === 0x5b) {
      if (isObject.length >= MAX_DEPTH) {
        throw badRequest(`The JSON is nested deeper than ${MAX_DEPTH} levels.`, undefined, 'json-depth');
      }
      isObject.push(c === 0x7b);
      keys.begin(isObject.length);
      expectKey = c === 0x7b;
    } else if (c === 0x7d || c === 0x5d) {
      isObject.pop();
      expectKey = false;
    } else if (c === 0x2c) {
      expectKey = isObject[isObject.length - 1] === true;
    } else if (c === 0x2d || (c >= 0x30 && c <= 0x39)) {
      NUMBER.lastIndex = i;
      const number = NUMBER.exec(text);
      hasInexactNumber ||= number !== null && isInexact(number);
      i += Math.max((number?.[0].length ?? 1) - 1, 0);
    }
  }
  return { hasInexactNumber };
}

/** A number that JavaScript would print with other characters than it was written with (small ones as `1e-7`). */
function isInexact([text, fraction, exponent]: RegExpExecArray): boolean {
  return (
    exponent !== undefined ||
    fraction?.endsWith('0') === true ||
    fraction?.startsWith('000000') === true ||
    text.length > SAFE_DIGITS ||
    text === '-0'
  );
}

function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end !== -1 && isEscaped(text, end)) {
    end = text.indexOf('"', end + 1);
  }
  return end === -1 ? text.length : end;
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(at - 1 - backslashes) === 0x5c) {
    backslashes++;
  }
  return backslashes % 2 === 1;
}

/** Beyond this many a set finds a key sooner than a look at each. */
const FEW_KEYS = 12;

/** The keys of the objects around a place, one object a depth. Lists are used again: most objects have a handful of keys. */
class KeysOfObjects {
  private readonly few: string[][] = [];
  private readonly many: (Set<string> | undefined)[] = [];

  begin(depth: number): void {
    const list = this.few[depth];
    if (list === undefined) {
      this.few[depth] = [];
    } else {
      list.length = 0;
    }
    this.many[depth] = undefined;
  }

  /** False when the object has the key already. */
  add(depth: number, key: string): boolean {
    const set = this.many[depth];
    if (set !== undefined) {
      return set.size < set.add(key).size;
    }
    const list = this.few[depth] ?? [];
    if (list.includes(key)) {
      return false;
    }
    list.push(key);
    if (list.length > FEW_KEYS) {
      this.many[depth] = new Set(list);
    }
    return true;
  }
}

/** `written`: between its quotes. */
function checkKey(written: string, depth: number, keys: KeysOfObjects): void {
  const key = written.includes('\\') ? unescapeKey(written) : written;
  if (FORBIDDEN_KEYS.has(key)) {
    throw badRequest(`The key "${key}" is not allowed in a FHIR resource.`, undefined, 'json-key');
  }
  if (!keys.add(depth, key)) {
    throw badRequest(
      `The key "${key.slice(0, 64)}" stands twice in the same object.`,
      undefined,
      'json-duplicate-key',
    );
  }
}

function unescapeKey(written: string): string {
  try {
    return JSON.parse(`"${written}"`) as string;
  } catch {
    return written;
  }
}
