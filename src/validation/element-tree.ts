/**
 * A snapshot as a tree: elements with children and slices.
 * https://hl7.org/fhir/R4/elementdefinition.html#id — ids are `Patient.identifier:FNR.system`.
 */
import type { ElementDefinition, StructureDefinition } from '../fhir/types.ts';

export interface ElementNode {
  readonly definition: ElementDefinition;
  /** Last part of the path, e.g. `identifier`, `value[x]`. */
  readonly name: string;
  readonly children: readonly ElementNode[];
  readonly slices: readonly ElementNode[];
}

interface GrowingNode extends ElementNode {
  readonly children: GrowingNode[];
  readonly slices: GrowingNode[];
}

/** The root node of a snapshot. Throws when the definition has no snapshot. */
export function elementTree({ url, snapshot }: StructureDefinition): ElementNode {
  const [root, ...elements] = snapshot?.element ?? [];
  if (root === undefined) {
    throw new Error(`The StructureDefinition ${url ?? ''} has no snapshot.`);
  }
  const rootNode = grow(root);
  const byId = new Map<string, GrowingNode>([[idOf(root), rootNode]]);
  for (const element of elements) {
    const id = idOf(element);
    const node = grow(element);
    byId.set(id, node);
    placeOf(id, byId)?.push(node);
  }
  return rootNode;
}

const idOf = (element: ElementDefinition): string => element.id ?? element.path ?? '';

const grow = (definition: ElementDefinition): GrowingNode => ({
  definition,
  name: (definition.path ?? '').slice((definition.path ?? '').lastIndexOf('.') + 1),
  children: [],
  slices: [],
});

/** The list a node belongs to: the slices of the element (or slice, `name/part`) it slices, or the children of its parent. */
function placeOf(id: string, byId: ReadonlyMap<string, GrowingNode>): GrowingNode[] | undefined {
  const dot = lastDot(id);
  const colon = id.indexOf(':', dot + 1);
  if (colon === -1) {
    return byId.get(id.slice(0, dot))?.children;
  }
  const slash = id.lastIndexOf('/');
  const resliced = slash > colon ? byId.get(id.slice(0, slash)) : undefined;
  return (resliced ?? byId.get(id.slice(0, colon)))?.slices;
}

/** Slice names hold no dots (eld-16), so the last dot separates the element. */
const lastDot = (id: string): number => id.lastIndexOf('.');
