/**
 * The structure of a base type, compiled once into look-ups and closures: which members an object may and must have, and
 * how each is checked. https://hl7.org/fhir/R4/json.html
 */
import type { ElementDefinition, JsonObject, JsonValue } from '../fhir/types.ts';
import type { ElementNode } from './element-tree.ts';
import { capitalised, choiceStem } from './element-types.ts';
import { isPrimitive } from './primitives.ts';
import { fail, isObject, shown, type Check, type Run } from './run.ts';

/** Checks a member's value; `owner` is the object it stands in (for `_` companions). */
export type MemberCheck = (value: JsonValue, owner: JsonObject, at: string, run: Run) => void;

interface Member {
  readonly check: MemberCheck;
  /** Number of the choice element this is a variant of; two variants of one choice are an error. */
  readonly choice: number | undefined;
}

interface Required {
  readonly name: string;
  readonly keys: readonly string[];
}

export interface Shape {
  readonly members: ReadonlyMap<string, Member>;
  readonly required: readonly Required[];
  readonly rules: readonly Check[];
  readonly isResource: boolean;
}

/** Makes the check of one value of an element, once its JSON shape (array or not) is known to be right. */
export type ValueCheckOf = (node: ElementNode, type: string) => Check;
/** Makes the check of a primitive's `_` companion. */
export type CompanionCheckOf = (node: ElementNode, type: string) => Check;

const MAX_DEPTH = 64;

/** Compile the children of a node into the shape of its objects. */
export function createShape(
  node: ElementNode,
  rules: readonly Check[],
  typesOf: (definition: ElementDefinition) => readonly string[],
  valueCheckOf: ValueCheckOf,
  companionCheckOf: CompanionCheckOf,
): Shape {
  const members = new Map<string, Member>();
  const required: Required[] = [];
  for (const [index, child] of node.children.entries()) {
    const stem = choiceStem(child.name);
    const variants = typesOf(child.definition).map((type) => ({
      key: stem === undefined ? child.name : stem + capitalised(type),
      type,
    }));
    for (const { key, type } of variants) {
      const choice = stem === undefined ? undefined : index;
      const point = `.${stem ?? key}`;
      const check = valueCheckOf(child, type);
      const list = isList(child.definition);
      members.set(key, {
        choice,
        check: list ? listCheck(key, point, child, check) : singleCheck(point, check),
      });
      if (isPrimitive(type) && !isResourceId(child.definition)) {
        const companion = companionCheckOf(child, type);
        const checked = list ? companionListCheck(key, point, companion) : singleCheck(point, companion);
        members.set(`_${key}`, { choice: undefined, check: checked });
      }
    }
    if ((child.definition.min ?? 0) > 0) {
      required.push({ name: child.name, keys: variants.flatMap(({ key }) => [key, `_${key}`]) });
    }
  }
  return { members, required, rules, isResource: members.has('meta') && members.has('implicitRules') };
}

/** https://hl7.org/fhir/R4/resource.html#id — a resource's id is no element: it has no extensions. */
const isResourceId = ({ base }: ElementDefinition): boolean => base?.path === 'Resource.id';

const isList = ({ base, max }: ElementDefinition): boolean => (base?.max ?? max) !== '1';

/** Check an object against a shape: every member known, every required one there, then the rules of the whole. */
export function checkObject(shape: Shape, value: JsonValue, at: string, run: Run): void {
  if (!isObject(value)) {
    fail(run, 'structure', 'type', at, `Here a JSON object must stand, not ${describe(value)}.`);
    return;
  }
  if (run.depth >= MAX_DEPTH) {
    fail(run, 'too-long', 'depth', at, `The resource is nested deeper than ${MAX_DEPTH} levels.`);
    return;
  }
  run.depth++;
  checkMembers(shape, value, at, run);
  for (const { name, keys } of shape.required) {
    if (!keys.some((key) => value[key] !== undefined)) {
      fail(
        run,
        'required',
        'cardinality',
        `${at}.${choiceStem(name) ?? name}`,
        `The element "${name}" is required here.`,
      );
    }
  }
  for (const rule of shape.rules) {
    rule(value, at, run);
  }
  run.depth--;
}

function checkMembers({ members, isResource }: Shape, value: JsonObject, at: string, run: Run): void {
  let count = 0;
  let choices: Set<number> | undefined;
  for (const key in value) {
    const member = members.get(key);
    if (member === undefined) {
      if (!(isResource && key === 'resourceType')) {
        unknownMember(key, at, run);
      }
      continue;
    }
    if (key !== 'id') {
      count++;
    } else if (!isResource) {
      elementId(value[key], at, run);
    }
    if (member.choice !== undefined) {
      choices ??= new Set();
      if (choices.has(member.choice)) {
        fail(
          run,
          'structure',
          'choice',
          at,
          `"${key}" stands beside another type of the same element; only one is allowed.`,
        );
      }
      choices.add(member.choice);
    }
    member.check(value[key] as JsonValue, value, at, run);
  }
  if (count === 0 && !isResource) {
    fail(
      run,
      'invariant',
      'ele-1',
      at,
      'The element is empty: it must have a value or children, or be left out.',
    );
  }
}

/** https://hl7.org/fhir/R4/element.html — an element's id is unique in its resource; a StructureDefinition names others' elements. */
function elementId(id: JsonValue | undefined, at: string, run: Run): void {
  if (run.resource['resourceType'] === 'StructureDefinition') {
    return;
  }
  const known = run.ids.get(run.resource) ?? new Set<string>();
  run.ids.set(run.resource, known);
  if (typeof id === 'string' && known.has(id)) {
    fail(run, 'duplicate', 'element-id', `${at}.id`, `Another element has the id "${shown(id)}".`);
  }
  known.add(String(id));
}

function unknownMember(key: string, at: string, run: Run): void {
  const expression = /^[A-Za-z][A-Za-z0-9]{0,63}$/.test(key) ? `${at}.${key}` : at;
  const hint = key.startsWith('_')
    ? 'a primitive extension stands only beside a primitive element'
    : 'correct or remove it';
  fail(
    run,
    'structure',
    'unknown-element',
    expression,
    `The element "${shown(key)}" is not known here; ${hint}.`,
  );
}

function singleCheck(point: string, check: Check): MemberCheck {
  return (value, _owner, at, run) => {
    if (Array.isArray(value)) {
      fail(
        run,
        'structure',
        'type',
        at + point,
        'This element does not repeat: write the value without an array.',
      );
    } else if (value === null) {
      fail(run, 'structure', 'type', at + point, 'The value must not be null; leave the element out.');
    } else {
      check(value, at + point, run);
    }
  };
}

function listCheck(key: string, point: string, { definition }: ElementNode, check: Check): MemberCheck {
  const max = definition.max === '*' || definition.max === undefined ? Infinity : Number(definition.max);
  const min = definition.min ?? 0;
  return (value, owner, at, run) => {
    const here = at + point;
    if (!isNonEmptyList(value, here, run)) {
      return;
    }
    if (value.length > max || value.length < min) {
      fail(
        run,
        'structure',
        'cardinality',
        here,
        `${value.length} values stand here; allowed are ${min} to ${String(max)}.`,
      );
    }
    for (let i = 0; i < value.length; i++) {
      const item = value[i] as JsonValue;
      if (item !== null) {
        check(item, `${here}[${i}]`, run);
      } else if (!isObject(itemAt(owner[`_${key}`], i))) {
        fail(
          run,
          'structure',
          'type',
          `${here}[${i}]`,
          'A value must not be null unless its extension stands at the same place.',
        );
      }
    }
  };
}

function companionListCheck(key: string, point: string, check: Check): MemberCheck {
  return (value, owner, at, run) => {
    const here = at + point;
    if (!isNonEmptyList(value, here, run)) {
      return;
    }
    for (let i = 0; i < value.length; i++) {
      const item = value[i] as JsonValue;
      if (item !== null) {
        check(item, `${here}[${i}]`, run);
      } else if ((itemAt(owner[key], i) ?? null) === null) {
        fail(run, 'structure', 'type', `${here}[${i}]`, 'Neither a value nor an extension stands here.');
      }
    }
  };
}

function isNonEmptyList(value: JsonValue, here: string, run: Run): value is readonly JsonValue[] {
  if (!Array.isArray(value)) {
    fail(run, 'structure', 'type', here, 'This element repeats: write its values in a JSON array.');
    return false;
  }
  if (value.length === 0) {
    fail(run, 'structure', 'empty-array', here, 'An array must not be empty; leave the element out.');
    return false;
  }
  return true;
}

const itemAt = (list: JsonValue | undefined, index: number): JsonValue | undefined =>
  Array.isArray(list) ? (list[index] as JsonValue | undefined) : undefined;

function describe(value: JsonValue): string {
  if (value === null) {
    return 'null';
  }
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`;
}
