/**
 * A profile's differential laid over its base snapshot: https://hl7.org/fhir/R4/profiling.html#snapshot
 * Enough for profiles that name their elements by id: tightening, slices, walking into types, constraints, bindings.
 */
import type { ElementDefinition, StructureDefinition } from '../fhir/types.ts';

type Find = (canonicalOrType: string) => StructureDefinition | undefined;

/** The definition with a snapshot. Throws, naming profile and element, when base or element cannot be found. */
export function generateSnapshot(definition: StructureDefinition, find: Find): StructureDefinition {
  const name = definition.url ?? definition.name ?? '';
  const base = find(definition.baseDefinition ?? '')?.snapshot?.element;
  if (base === undefined) {
    throw new Error(
      `The base ${definition.baseDefinition ?? '(none)'} of the profile ${name} is not known here.`,
    );
  }
  let elements: readonly ElementDefinition[] = base.map((element, index) =>
    index === 0 ? rootOf(element, definition) : element,
  );
  for (const change of definition.differential?.element ?? []) {
    const id = change.id ?? change.path ?? '';
    elements = withElement(elements, id, find);
    const at = indexOf(elements, id);
    if (at === -1) {
      throw new Error(`The profile ${name} changes the element ${id}, which its base does not have.`);
    }
    elements = elements.with(at, merge(elements[at] as ElementDefinition, change, id));
  }
  return { ...definition, snapshot: { element: [...elements] } };
}

const rootOf = (element: ElementDefinition, { type }: StructureDefinition): ElementDefinition =>
  element.path === type ? element : { ...element };

const indexOf = (elements: readonly ElementDefinition[], id: string): number =>
  elements.findIndex((element) => element.id === id);

function merge(base: ElementDefinition, change: ElementDefinition, id: string): ElementDefinition {
  const constraint = [...(base.constraint ?? []), ...(change.constraint ?? [])];
  return {
    ...base,
    ...change,
    id,
    path: base.path,
    ...(base.base !== undefined && { base: base.base }),
    ...(constraint.length > 0 && { constraint }),
  } as ElementDefinition;
}

/** The elements with one of that id among them, made from its type or from the element it slices. */
function withElement(
  elements: readonly ElementDefinition[],
  id: string,
  find: Find,
): readonly ElementDefinition[] {
  if (indexOf(elements, id) !== -1) {
    return elements;
  }
  const dot = id.lastIndexOf('.');
  const colon = id.indexOf(':', dot + 1);
  if (dot === -1) {
    return elements;
  }
  return colon === -1
    ? withChildren(withElement(elements, id.slice(0, dot), find), id.slice(0, dot), find)
    : withSlice(withElement(elements, id.slice(0, colon), find), id.slice(0, colon), id);
}

function withSlice(
  elements: readonly ElementDefinition[],
  slicedId: string,
  id: string,
): readonly ElementDefinition[] {
  const sliced = elements[indexOf(elements, slicedId)];
  if (sliced === undefined) {
    return elements;
  }
  const { slicing: _slicing, ...plain } = sliced;
  const slice: ElementDefinition = {
    ...plain,
    id,
    sliceName: id.slice(slicedId.length + 1),
    min: 0,
  } as ElementDefinition;
  return insertAfter(elements, isBelow(slicedId), [slice, ...copied(elements, slicedId, id)]);
}

/** Children of an element, from the element that its id slices, else from its type. */
function withChildren(
  elements: readonly ElementDefinition[],
  id: string,
  find: Find,
): readonly ElementDefinition[] {
  const parent = elements[indexOf(elements, id)];
  if (parent === undefined || elements.some((element) => element.id?.startsWith(`${id}.`))) {
    return elements;
  }
  const children =
    parent.contentReference === undefined ? fromType(parent, id, find) : fromReference(elements, parent, id);
  return insertAfter(elements, (other) => other === id, children);
}

function fromType(parent: ElementDefinition, id: string, find: Find): readonly ElementDefinition[] {
  const type = parent.type?.[0];
  const definition = find(type?.profile?.[0] ?? type?.code ?? '');
  const [root, ...children] = definition?.snapshot?.element ?? [];
  return root === undefined ? [] : moved(children, root.id ?? '', root.path ?? '', id, parent.path ?? '');
}

function fromReference(
  elements: readonly ElementDefinition[],
  parent: ElementDefinition,
  id: string,
): readonly ElementDefinition[] {
  const target = parent.contentReference?.slice((parent.contentReference.indexOf('#') ?? 0) + 1) ?? '';
  const children = elements.filter((element) => element.id?.startsWith(`${target}.`));
  return moved(children, target, target, id, parent.path ?? '');
}

/** The inline children of an element under another id; children of its slices are not among them. */
function copied(
  elements: readonly ElementDefinition[],
  fromId: string,
  toId: string,
): readonly ElementDefinition[] {
  return elements
    .filter((element) => element.id?.startsWith(`${fromId}.`))
    .map((element) => ({ ...element, id: toId + (element.id ?? '').slice(fromId.length) }));
}

function moved(
  elements: readonly ElementDefinition[],
  fromId: string,
  fromPath: string,
  toId: string,
  toPath: string,
): readonly ElementDefinition[] {
  return elements.map((element) => ({
    ...element,
    id: toId + (element.id ?? '').slice(fromId.length),
    path: toPath + (element.path ?? '').slice(fromPath.length),
  }));
}

function insertAfter(
  elements: readonly ElementDefinition[],
  belongs: (id: string) => boolean,
  added: readonly ElementDefinition[],
): readonly ElementDefinition[] {
  const last = elements.findLastIndex((element) => belongs(element.id ?? ''));
  return elements.toSpliced(last + 1, 0, ...added);
}

/** The element itself, its children, its slices and theirs. */
const isBelow =
  (id: string) =>
  (other: string): boolean =>
    other === id || other.startsWith(`${id}.`) || other.startsWith(`${id}:`);
