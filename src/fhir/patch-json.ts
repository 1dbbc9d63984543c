/**
 * JSON Patch: https://hl7.org/fhir/R4/http.html#patch and RFC 6902
 * Our own, as the libraries move numbers as JavaScript has them (1.00 would be stored as 1), and let an index such as
 * "01" or "length" through. Nothing that comes in is changed.
 */
import { exactNumberOf, memberText, parseExact, parseJson, stringifyJson } from './json.ts';
import { badRequest, FhirError, error } from './outcome.ts';
import type { JsonObject, JsonValue } from './types.ts';

/** JSON text of a resource → the patched resource. Throws 400 or 422 naming the operation. */
export type ApplyPatch = (content: string) => JsonObject;

type Tree = { [key: string]: unknown } | unknown[];

interface JsonPatchOperation {
  readonly op: string;
  readonly path: readonly string[];
  readonly from: readonly string[];
  /** JSON text, so that each use is its own copy. */
  readonly value: string | undefined;
  /** `Operation 2 (replace /birthDate)`, for messages. */
  readonly name: string;
}

const MAX_OPERATIONS = 1000;
const MAX_COPIED = 1024 * 1024;

/** Read a patch document. Throws 400 when it is none: what is wrong is known before anything is looked up. */
export function readJsonPatch(document: JsonValue | undefined): ApplyPatch {
  if (!Array.isArray(document)) {
    throw badRequest('A JSON Patch is a list of operations.', undefined, 'json-patch');
  }
  if (document.length > MAX_OPERATIONS) {
    throw badRequest(`A patch has at most ${MAX_OPERATIONS} operations.`, undefined, 'json-patch');
  }
  const operations = (document as readonly JsonValue[]).map(readOperation);
  return (content) => {
    const root = { resource: parseExact(content) as Tree, copied: 0 };
    for (const operation of operations) {
      APPLY[operation.op]?.(root, operation);
    }
    return asResource(root.resource);
  };
}

function readOperation(value: JsonValue, index: number): JsonPatchOperation {
  const object = (value !== null && typeof value === 'object' ? value : {}) as JsonObject;
  const { op, path, from } = object;
  const name = `Operation ${index} (${shown(op)} ${shown(path)})`;
  if (typeof op !== 'string' || !Object.hasOwn(APPLY, op)) {
    throw badRequest(
      `${name}: "op" must be add, remove, replace, move, copy or test.`,
      undefined,
      'json-patch',
    );
  }
  const needsFrom = op === 'move' || op === 'copy';
  const needsValue = op === 'add' || op === 'replace' || op === 'test';
  if (needsValue && object['value'] === undefined) {
    throw badRequest(`${name} needs a "value".`, undefined, 'json-patch');
  }
  return {
    op,
    name,
    path: readPointer(path, `${name}: "path"`),
    from: needsFrom ? readPointer(from, `${name}: "from"`) : [],
    value: needsValue ? memberText(object, 'value') : undefined,
  };
}

const shown = (value: JsonValue | undefined): string =>
  typeof value === 'string' ? value.slice(0, 100) : '?';

const FORBIDDEN: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** RFC 6901: `/name/0/family` → its parts. */
function readPointer(value: JsonValue | undefined, what: string): readonly string[] {
  if (typeof value !== 'string' || (value !== '' && !value.startsWith('/')) || /~(?![01])/.test(value)) {
    throw badRequest(`${what} must be a JSON Pointer, such as /name/0/family.`, undefined, 'json-patch');
  }
  const parts = value
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  if (parts.some((part) => FORBIDDEN.has(part))) {
    throw badRequest(`${what} holds a name that no FHIR element has.`, undefined, 'json-key');
  }
  return parts;
}

interface Root {
  resource: Tree;
  copied: number;
}

type Apply = (root: Root, operation: JsonPatchOperation) => void;

const APPLY: Readonly<Record<string, Apply>> = {
  add: (root, operation) => add(root, operation, parseExact(operation.value ?? 'null')),
  remove: (root, operation) => remove(root, operation, operation.path),
  replace(root, operation) {
    const value = parseExact(operation.value ?? 'null');
    if (operation.path.length === 0) {
      root.resource = value as Tree;
      return;
    }
    const { parent, key } = existing(root, operation, operation.path);
    set(parent, key, value);
  },
  move(root, operation) {
    const { from, path } = operation;
    if (from.length < path.length && from.every((part, i) => part === path[i])) {
      fail(operation, 'an element cannot be moved into itself');
    }
    const value = valueAt(root, operation, from);
    if (from.length === path.length && from.every((part, i) => part === path[i])) {
      return;
    }
    remove(root, operation, from);
    add(root, operation, value);
  },
  copy(root, operation) {
    const text = stringifyJson(valueAt(root, operation, operation.from));
    root.copied += text.length;
    if (root.copied > MAX_COPIED) {
      fail(operation, 'the patch copies more than a resource may hold');
    }
    add(root, operation, parseExact(text));
  },
  test(root, operation) {
    const value = valueAt(root, operation, operation.path);
    if (!isSame(value, parseExact(operation.value ?? 'null'))) {
      fail(operation, 'the value is another one; read the resource again', 'json-patch-test');
    }
  },
};

function add(root: Root, operation: JsonPatchOperation, value: unknown): void {
  const { path } = operation;
  const key = path.at(-1);
  if (key === undefined) {
    root.resource = value as Tree;
    return;
  }
  const parent = valueAt(root, operation, path.slice(0, -1));
  if (!isTree(parent)) {
    return fail(operation, 'there is nothing that this could be added to');
  }
  if (!Array.isArray(parent)) {
    parent[key] = value;
    return;
  }
  const index = key === '-' ? parent.length : indexOf(key);
  if (index === undefined || index > parent.length) {
    return fail(operation, `the list has ${parent.length} members`);
  }
  parent.splice(index, 0, value);
}

function remove(root: Root, operation: JsonPatchOperation, path: readonly string[]): void {
  if (path.length === 0) {
    fail(operation, 'the resource itself cannot be removed; DELETE it');
  }
  const { parent, key } = existing(root, operation, path);
  if (Array.isArray(parent)) {
    parent.splice(Number(key), 1);
  } else {
    Reflect.deleteProperty(parent, key);
  }
}

/** The parent and key of what is there already. */
function existing(
  root: Root,
  operation: JsonPatchOperation,
  path: readonly string[],
): { readonly parent: Tree; readonly key: string } {
  valueAt(root, operation, path);
  return { parent: valueAt(root, operation, path.slice(0, -1)) as Tree, key: path.at(-1) ?? '' };
}

function valueAt({ resource }: Root, operation: JsonPatchOperation, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, key) => {
    const isThere =
      isTree(value) &&
      (Array.isArray(value) ? (indexOf(key) ?? value.length) < value.length : Object.hasOwn(value, key));
    return isThere
      ? (value as Record<string, unknown>)[key]
      : fail(
          operation,
          `there is no element "${key.slice(0, 64)}" on the way to /${path.join('/').slice(0, 100)}`,
        );
  }, resource);
}

function set(parent: Tree, key: string, value: unknown): void {
  (parent as Record<string, unknown>)[key] = value;
}

const indexOf = (key: string): number | undefined =>
  /^(?:0|[1-9][0-9]{0,8})$/.test(key) ? Number(key) : undefined;

const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && exactNumberOf(value) === undefined;

/** RFC 6902 section 4.6: numbers by value, objects without regard to order. */
function isSame(a: unknown, b: unknown): boolean {
  const [left, right] = [exactNumberOf(a), exactNumberOf(b)];
  if (left !== undefined && right !== undefined) {
    return Number(left) === Number(right);
  }
  if (!isTree(a) || !isTree(b) || Array.isArray(a) !== Array.isArray(b)) {
    return a === b;
  }
  const [mine, yours] = [Object.entries(a), b as Record<string, unknown>];
  return (
    mine.length === Object.keys(yours).length &&
    mine.every(([key, value]) => Object.hasOwn(yours, key) && isSame(value, yours[key]))
  );
}

function asResource(value: unknown): JsonObject {
  if (!isTree(value) || Array.isArray(value)) {
    throw new FhirError(
      422,
      error('processing', 'The patch leaves no resource behind.', undefined, 'json-patch'),
    );
  }
  return parseJson(stringifyJson(value)) as JsonObject;
}

function fail({ name }: JsonPatchOperation, why: string, rule = 'json-patch'): never {
  throw new FhirError(422, error('processing', `${name}: ${why}.`, undefined, rule));
}
