/**
 * Elements of a resource in FHIR JSON, where the value of a primitive and its extensions stand in two members:
 * https://hl7.org/fhir/R4/json.html#primitive — written in place: the resource is a copy that only the patch knows.
 */
import type { PathStep } from './path.ts';
import type { Member, Shape, Shapes } from './shape.ts';

export type Doc = { [key: string]: unknown };

/** An object of the resource and what it may hold. */
export interface Target {
  readonly object: Doc;
  readonly shape: Shape;
}

/** One element: the object that it stands in, its member there and its index in a list. No member: the resource itself. */
export interface Place {
  readonly parent: Target;
  readonly member: Member | undefined;
  readonly index: number | undefined;
}

/** The value of an element, and the id and extensions of a primitive one. */
export interface Item {
  readonly value?: unknown;
  readonly extra?: unknown;
}

/** The place that steps lead to. */
export function follow(doc: Doc, shapes: Shapes, steps: readonly PathStep[]): Place {
  const root = { object: doc, shape: shapeOfResource(doc, shapes) };
  return steps.reduce<Place>(
    (place, { name, index }) => {
      const parent = objectAt(place, shapes);
      const candidates = parent.shape.members.filter(({ stem }) => stem === name);
      const member = candidates.find((candidate) => isIn(parent.object, candidate)) ?? candidates[0];
      if (member === undefined) {
        throw new Error(`No element ${name} at ${parent.shape.name}`);
      }
      return { parent, member, index };
    },
    { parent: root, member: undefined, index: undefined },
  );
}

function shapeOfResource(resource: Doc, shapes: Shapes): Shape {
  const shape = shapes.get(String(resource['resourceType']));
  if (shape === undefined) {
    throw new Error('The resource has no type');
  }
  return shape;
}

/** The object of a place: what can be added to. The extensions of a primitive get an object when they have none. */
export function objectAt({ parent, member, index }: Place, shapes?: Shapes): Target {
  if (member === undefined) {
    return parent;
  }
  const { object } = parent;
  if (member.type === 'Resource') {
    const resource = memberValue(object, member.name, index) as Doc;
    return {
      object: resource,
      shape: shapes === undefined ? member.shape() : shapeOfResource(resource, shapes),
    };
  }
  const shape = member.shape();
  if (!shape.isPrimitive) {
    return { object: memberValue(object, member.name, index) as Doc, shape };
  }
  const key = `_${member.name}`;
  const known = memberValue(object, key, index);
  if (known !== undefined && known !== null) {
    return { object: known as Doc, shape };
  }
  const made: Doc = {};
  if (index === undefined) {
    object[key] = made;
  } else {
    changeList(object, member, (items) => items.splice(index, 1, { ...items[index], extra: made }));
  }
  return { object: made, shape };
}

function memberValue(object: Doc, key: string, index: number | undefined): unknown {
  return index === undefined ? object[key] : (object[key] as readonly unknown[] | undefined)?.[index];
}

const isIn = (object: Doc, { name }: Member): boolean =>
  object[name] !== undefined || object[`_${name}`] !== undefined;

/** Whether the element is there, under any of a choice's names. */
export const isPresent = ({ object, shape }: Target, { stem }: Member): boolean =>
  shape.members.some((member) => member.stem === stem && isIn(object, member));

export function lengthOf(object: Doc, { name }: Member): number {
  const [values, extras] = [object[name], object[`_${name}`]] as (readonly unknown[] | undefined)[];
  return Math.max(values?.length ?? 0, extras?.length ?? 0);
}

/** Set, or with an empty item take away, a member that is no list. */
export function putMember(object: Doc, { name }: Member, { value, extra }: Item): void {
  put(object, name, value);
  put(object, `_${name}`, extra);
}

/** Change a list, its values and extensions together. */
export function changeList(object: Doc, member: Member, change: (items: Item[]) => unknown): void {
  const { name } = member;
  const [values, extras] = [object[name] ?? [], object[`_${name}`] ?? []] as (readonly unknown[])[];
  const items: Item[] = Array.from({ length: lengthOf(object, member) }, (_, i) => ({
    value: values?.[i] ?? undefined,
    extra: extras?.[i] ?? undefined,
  }));
  change(items);
  put(object, name, listOf(items.map(({ value }) => value)));
  put(object, `_${name}`, listOf(items.map(({ extra }) => extra)));
}

const listOf = (values: readonly unknown[]): readonly unknown[] | undefined =>
  values.every((value) => value === undefined) ? undefined : values.map((value) => value ?? null);

function put(object: Doc, key: string, value: unknown): void {
  if (value === undefined) {
    Reflect.deleteProperty(object, key);
  } else {
    object[key] = value;
  }
}

/** Take an element away, and what is empty without it. */
export function removeAt(doc: Doc, shapes: Shapes, steps: readonly PathStep[]): void {
  const { parent, member, index } = follow(doc, shapes, steps);
  if (member === undefined) {
    return;
  }
  if (index === undefined) {
    putMember(parent.object, member, {});
  } else {
    changeList(parent.object, member, (items) => items.splice(index, 1));
  }
  if (Object.keys(parent.object).length === 0 && steps.length > 1) {
    removeEmpty(doc, shapes, steps.slice(0, -1));
  }
}

/** A parent that has nothing left: gone, unless it is a primitive that still has its value. */
function removeEmpty(doc: Doc, shapes: Shapes, steps: readonly PathStep[]): void {
  const { parent, member, index } = follow(doc, shapes, steps);
  if (member?.shape().isPrimitive !== true) {
    removeAt(doc, shapes, steps);
    return;
  }
  const { object } = parent;
  if (index === undefined) {
    Reflect.deleteProperty(object, `_${member.name}`);
  } else {
    changeList(object, member, (items) => items.splice(index, 1, { value: items[index]?.value }));
  }
}
