/**
 * FHIRPath Patch: https://hl7.org/fhir/R4/fhirpatch.html
 */
import { parseExact, parseJson, stringifyJson } from './json.ts';
import { badRequest, FhirError, error } from './outcome.ts';
import type { ApplyPatch } from './patch-json.ts';
import { locatePath, PathError, type PathStep } from './path.ts';
import {
  changeList,
  type Doc,
  follow,
  isPresent,
  lengthOf,
  objectAt,
  type Place,
  putMember,
  removeAt,
  type Target,
} from './patch-place.ts';
import { memberFor, PatchFault, type PatchValue, readValue, toItem } from './patch-value.ts';
import type { Shapes } from './shape.ts';
import type { JsonObject, JsonValue } from './types.ts';

interface PathOperation {
  readonly type: string;
  readonly path: string;
  readonly name: string;
  readonly value: PatchValue | undefined;
  readonly index: number;
  readonly source: number;
  readonly destination: number;
  /** `Parameters.parameter[2]` */
  readonly at: string;
}

const MAX_OPERATIONS = 200;

/** Read a Parameters resource as a patch. Throws 400 naming the operation when it is none. */
export function readPathPatch(parameters: JsonObject, shapes: Shapes): ApplyPatch {
  const list = (parameters['parameter'] ?? []) as readonly JsonObject[];
  if (!Array.isArray(list) || list.length > MAX_OPERATIONS) {
    throw badRequest(
      `A patch is a list of at most ${MAX_OPERATIONS} operations.`,
      'Parameters.parameter',
      'fhirpath-patch',
    );
  }
  const operations = list.map((parameter, i) =>
    readOperation(parameter, `Parameters.parameter[${i}]`, shapes),
  );
  return (content) => {
    const doc = parseExact(content) as unknown as Doc;
    for (const operation of operations) {
      apply(doc, operation, shapes);
    }
    return parseJson(stringifyJson(doc)) as JsonObject;
  };
}

/** What each operation must have beside type and path. */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  add: ['name', 'value'],
  insert: ['index', 'value'],
  delete: [],
  replace: ['value'],
  move: ['source', 'destination'],
};

function readOperation(parameter: JsonObject | null, at: string, shapes: Shapes): PathOperation {
  const parts = parameter?.['part'];
  if (parameter?.['name'] !== 'operation' || !Array.isArray(parts)) {
    throw badRequest('Each parameter must be named "operation" and have parts.', at, 'fhirpath-patch');
  }
  const part = (name: string): JsonObject | undefined =>
    (parts as readonly JsonObject[]).find((candidate) => (candidate as JsonObject | null)?.['name'] === name);
  const text = (name: string): string => {
    const { valueCode, valueString } = part(name) ?? {};
    const value: JsonValue | undefined = valueCode ?? valueString;
    return typeof value === 'string' ? value : '';
  };
  const number = (name: string): number => {
    const value = part(name)?.['valueInteger'];
    return typeof value === 'number' && Number.isInteger(value) ? value : -1;
  };
  const type = text('type');
  const needed = Object.hasOwn(NEEDED, type) ? NEEDED[type] : undefined;
  if (needed === undefined) {
    throw badRequest('The part "type" must be add, insert, delete, replace or move.', at, 'fhirpath-patch');
  }
  for (const name of ['path', ...needed]) {
    if (part(name) === undefined) {
      throw badRequest(`The operation ${type} needs a part "${name}".`, at, 'fhirpath-patch');
    }
  }
  const value = part('value');
  return {
    type,
    path: requireSimple(text('path'), at),
    name: text('name'),
    value: value === undefined ? undefined : readValue(value, shapes),
    index: number('index'),
    source: number('source'),
    destination: number('destination'),
    at,
  };
}

/** Functions that select elements; others are of no use here, and some cost more than they should. */
const FUNCTIONS: ReadonlySet<string> = new Set(
  (
    'where first last tail skip take single ofType as is extension exists empty not count hasValue startsWith endsWith ' +
    'contains lower upper length in'
  ).split(' '),
);
const MAX_PATH = 1000;

function requireSimple(path: string, at: string): string {
  const bare = path.replaceAll(/'(?:[^'\\]|\\.)*'/g, "''");
  const called = [...bare.matchAll(/([A-Za-z_][A-Za-z0-9_]*)\s*\(/g)].map(([, name = '']) => name);
  const other = called.find(
    (name) => !FUNCTIONS.has(name) && !['and', 'or', 'xor', 'implies'].includes(name),
  );
  if (path === '' || path.length > MAX_PATH || other !== undefined) {
    const why =
      other === undefined
        ? `must be text of 1 to ${MAX_PATH} characters`
        : `may not use ${other.slice(0, 64)}()`;
    throw badRequest(`The path of a patch ${why}.`, at, 'fhirpath-patch');
  }
  return path;
}

function apply(doc: Doc, operation: PathOperation, shapes: Shapes): void {
  try {
    APPLY[operation.type]?.({ doc, operation, shapes });
  } catch (cause) {
    if (cause instanceof PathError) {
      throw badRequest(
        `The path of ${operation.at} cannot be evaluated: it is no FHIRPath, or selects no element.`,
        operation.at,
        'fhirpath-patch',
      );
    }
    if (!(cause instanceof PatchFault)) {
      throw cause;
    }
    const text = `${operation.type} at "${operation.path.slice(0, 200)}": ${cause.message}.`;
    throw new FhirError(422, error('processing', text, operation.at, 'fhirpath-patch'));
  }
}

interface Step {
  readonly doc: Doc;
  readonly operation: PathOperation;
  readonly shapes: Shapes;
}

const APPLY: Readonly<Record<string, (step: Step) => void>> = {
  add(step) {
    const { name, value } = step.operation;
    const target = objectAt(one(step, step.operation.path), step.shapes);
    const member = memberFor(target.shape, name, value);
    const item = toItem(value, member);
    if (member.isList) {
      changeList(target.object, member, (items) => items.push(item));
      return;
    }
    if (isPresent(target, member)) {
      throw new PatchFault(`the element "${name}" is there already; replace it`);
    }
    putMember(target.object, member, item);
  },
  insert(step) {
    const { index, value } = step.operation;
    const { object, shape, name } = list(step);
    const member = memberFor(shape, name, value);
    requireIndex(index, lengthOf(object, member), 'index');
    changeList(object, member, (items) => items.splice(index, 0, toItem(value, member)));
  },
  delete(step) {
    const { path } = step.operation;
    const found = locate(step, path);
    if (found.length > 0) {
      removeAt(step.doc, step.shapes, only(found, path));
    }
  },
  replace(step) {
    const { path, value } = step.operation;
    const place = follow(step.doc, step.shapes, only(locate(step, path), path));
    if (place.member === undefined) {
      throw new PatchFault('the resource itself cannot be replaced; PUT it');
    }
    const { object, shape } = place.parent;
    const member = memberFor(shape, place.member.stem, value);
    const item = toItem(value, member);
    if (place.index !== undefined) {
      const { index } = place;
      changeList(object, member, (items) => items.splice(index, 1, item));
      return;
    }
    if (member !== place.member) {
      putMember(object, place.member, {});
    }
    putMember(object, member, item);
  },
  move(step) {
    const { source, destination } = step.operation;
    const { object, shape, name } = list(step);
    const member = memberFor(shape, name, undefined);
    const last = lengthOf(object, member) - 1;
    requireIndex(source, last, 'source');
    requireIndex(destination, last, 'destination');
    changeList(object, member, (items) => items.splice(destination, 0, ...items.splice(source, 1)));
  },
};

function locate({ doc }: Step, path: string): readonly (readonly PathStep[])[] {
  return locatePath(path, parseJson(stringifyJson(doc)));
}

function only(found: readonly (readonly PathStep[])[], path: string): readonly PathStep[] {
  const [first] = found;
  if (first === undefined) {
    throw new PatchFault(`no content found at ${path.slice(0, 200)}`);
  }
  if (found.length > 1) {
    throw new PatchFault(`the path selects ${found.length} elements; it must select one`);
  }
  return first;
}

function one(step: Step, path: string): Place {
  return follow(step.doc, step.shapes, only(locate(step, path), path));
}

/** The list that a path selects as a whole; a list without members yet is found by its parent. */
function list(step: Step): Target & { readonly name: string } {
  const { path } = step.operation;
  const found = locate(step, path);
  const [first] = found;
  const [, parentPath, name] = /^(.+)\.([A-Za-z][A-Za-z0-9]*)$/.exec(path.trim()) ?? [];
  if (first === undefined) {
    if (parentPath === undefined || name === undefined) {
      throw new PatchFault('it must select a list');
    }
    return requireList({ ...objectAt(one(step, parentPath), step.shapes), name });
  }
  const { parent, member } = follow(step.doc, step.shapes, first);
  if (member === undefined) {
    throw new PatchFault('it must select a list');
  }
  const target = requireList({ ...parent, name: member.name });
  const isWhole =
    found.length === lengthOf(parent.object, member) && found.every((steps) => isSibling(steps, first));
  if (!isWhole) {
    throw new PatchFault('it must select one whole list, not parts of it');
  }
  return target;
}

const isSibling = (a: readonly PathStep[], b: readonly PathStep[]): boolean =>
  a.length === b.length &&
  a.every(({ name, index }, i) => name === b[i]?.name && (i === a.length - 1 || index === b[i]?.index));

function requireList(target: Target & { readonly name: string }): Target & { readonly name: string } {
  if (target.shape.byName.get(target.name)?.isList !== true) {
    throw new PatchFault(`"${target.name.slice(0, 64)}" is no list`);
  }
  return target;
}

function requireIndex(value: number, last: number, name: string): void {
  if (value < 0 || value > last) {
    throw new PatchFault(`"${name}" must be a whole number from 0 to ${Math.max(last, 0)}`);
  }
}
