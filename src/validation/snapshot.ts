/**
 * A profile's differential laid over its base snapshot: https://hl7.org/fhir/R4/profiling.html#snapshot
 * Tightening, slices and slices of slices, choices named by a type, walking into types and recursions, constraints.
 */
import type { ElementDefinition, StructureDefinition } from '../fhir/types.ts';
import { identified } from './differential.ts';
import { capitalised } from './element-types.ts';

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
  const { url = '' } = definition;
  for (const { id: given, change } of identified(definition.differential?.element ?? [])) {
    const [laid, id] = located(elements, given, find);
    const at = indexOf(laid, id);
    if (at === -1) {
      throw new Error(`The profile ${name} changes the element ${given}, which its base does not have.`);
    }
    elements = laid.with(at, merge(laid[at] as ElementDefinition, change, id, url));
  }
  elements = narrowed(elements, definition);
  return { ...definition, snapshot: { element: [...elements] } };
}

const rootOf = (element: ElementDefinition, { type }: StructureDefinition): ElementDefinition =>
  element.path === type ? element : { ...element };

const indexOf = (elements: readonly ElementDefinition[], id: string): number =>
  elements.findIndex((element) => element.id === id);

/** A choice may be named by a type; its parents too: `Observation.valueQuantity.value` → `Observation.value[x]:valueQuantity.value`. */
function located(
  elements: readonly ElementDefinition[],
  given: string,
  find: Find,
): readonly [readonly ElementDefinition[], string] {
  let laid = elements;
  let id = '';
  for (const part of given.split('.')) {
    const plain = id === '' ? part : `${id}.${part}`;
    laid = withElement(laid, plain, find);
    id = indexOf(laid, plain) === -1 ? choiceId(laid, id, part) : plain;
    laid = withElement(laid, id, find);
  }
  return [laid, id];
}

/** `valueQuantity` below an element that has `value[x]` with the type Quantity. */
function choiceId(elements: readonly ElementDefinition[], above: string, part: string): string {
  const choice = elements.find(
    ({ id = '', type = [] }) =>
      id.startsWith(`${above}.`) &&
      id.endsWith('[x]') &&
      !id.slice(above.length + 1).includes('.') &&
      type.some(({ code = '' }) => part === id.slice(above.length + 1, -3) + capitalised(code)),
  );
  return choice?.id === undefined ? `${above}.${part}` : `${choice.id}:${part}`;
}

function merge(
  base: ElementDefinition,
  change: ElementDefinition,
  id: string,
  source: string,
): ElementDefinition {
  const added = (change.constraint ?? []).map((constraint) => ({ source, ...constraint }));
  const constraint = [
    ...(base.constraint ?? []).filter(({ key }) => !added.some((own) => own.key === key)),
    ...added,
  ];
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
  const whole = id.slice(0, Math.max(id.lastIndexOf('/'), 0));
  const templateId = whole.length > slicedId.length && indexOf(elements, whole) !== -1 ? whole : slicedId;
  const { slicing: _slicing, ...plain } = elements[indexOf(elements, templateId)] as ElementDefinition;
  const sliceName = id.slice(slicedId.length + 1);
  const type = typeOfSlice(sliced, sliceName);
  const slice: ElementDefinition = {
    ...plain,
    id,
    sliceName,
    min: 0,
    ...(type !== undefined && { type }),
  } as ElementDefinition;
  const added = insertAfter(elements, isBelow(templateId), [slice, ...copied(elements, templateId, id)]);
  const slicing =
    sliced.slicing ?? DEFAULT_SLICING[(sliced.path ?? '').replace(/^.*(\.extension|\[x\])$/, '$1')];
  return slicing === undefined ? added : added.with(indexOf(added, slicedId), { ...sliced, slicing });
}

const DEFAULT_SLICING: Readonly<Record<string, NonNullable<ElementDefinition['slicing']>>> = {
  '[x]': { discriminator: [{ type: 'type', path: '$this' }], ordered: false, rules: 'open' },
  '.extension': { discriminator: [{ type: 'value', path: 'url' }], ordered: false, rules: 'open' },
};

/** A choice that the differential names by types alone (`Observation.valueQuantity`) allows no others. */
function narrowed(
  elements: readonly ElementDefinition[],
  { differential }: StructureDefinition,
): readonly ElementDefinition[] {
  const paths = new Set((differential?.element ?? []).map(({ path = '' }) => path));
  return elements.map((element) => {
    const { path = '', slicing, type = [] } = element;
    const isNamed = path.endsWith('[x]') && slicing !== undefined && !paths.has(path);
    const named = isNamed
      ? type.filter(({ code = '' }) => paths.has(path.slice(0, -3) + capitalised(code)))
      : [];
    return named.length === 0
      ? element
      : { ...element, type: named, slicing: { ...slicing, rules: 'closed' } };
  });
}

/** The slice `valueQuantity` of `value[x]` is of type Quantity without saying so. */
function typeOfSlice(
  { path = '', type = [] }: ElementDefinition,
  sliceName: string,
): ElementDefinition['type'] {
  const stem = path.slice(path.lastIndexOf('.') + 1).replace('[x]', '');
  const named = type.filter(({ code = '' }) => sliceName === stem + capitalised(code));
  return path.endsWith('[x]') && named.length > 0 ? named : undefined;
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
    parent.contentReference === undefined
      ? fromType(parent, id, find)
      : fromReference(elements, parent, id, find);
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
  find: Find,
): readonly ElementDefinition[] {
  const target = parent.contentReference?.slice((parent.contentReference.indexOf('#') ?? 0) + 1) ?? '';
  const ofType = find(target.split('.', 1)[0] ?? '')?.snapshot?.element ?? elements;
  const children = ofType.filter((element) => element.id?.startsWith(`${target}.`));
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
