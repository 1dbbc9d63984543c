/**
 * A response laid beside its form: one node per item, one per row of a repeating group. Never trusts the JSON.
 * https://hl7.org/fhir/R4/questionnaireresponse.html
 */
import { answersOf, entries } from './answer.ts';
import type { Answer } from './answer.ts';
import type { Form, FormItem } from './form-types.ts';
import type { QuestionnaireResponse, QuestionnaireResponseItem } from '../fhir/types.ts';

export interface FormNode {
  readonly item: FormItem;
  /** linkIds from the top, with the row where groups repeat: `opioider/rad[1]/dose`. */
  readonly path: string;
  /** Place in the response; undefined when the response has nothing there. */
  readonly expression: string | undefined;
  readonly source: QuestionnaireResponseItem | undefined;
  /** The answers that hold a value. */
  readonly answers: readonly Answer[];
  /** Row number from 0 in a repeating group. */
  readonly row: number | undefined;
  readonly parent: FormNode | undefined;
  readonly children: readonly FormNode[];
}

/** The nodes of a response: an absent question or group has a node without `source`; a repeating group has one per row. */
export function buildTree(form: Form, response: QuestionnaireResponse): readonly FormNode[] {
  return nodesOf(form.items, response, { path: '', expression: 'QuestionnaireResponse' }, undefined);
}

/** All nodes, parents before their children, in form order. */
export function* walk(nodes: readonly FormNode[]): Generator<FormNode> {
  for (const node of nodes) {
    yield node;
    yield* walk(node.children);
  }
}

/** The path of an item below a parent's path. */
export function pathOf(parentPath: string, item: FormItem, row: number | undefined): string {
  const step = row === undefined ? item.linkId : `${item.linkId}[${row}]`;
  return parentPath === '' ? step : `${parentPath}/${step}`;
}

/** True for groups that have rows. */
export const hasRows = (item: FormItem): boolean => item.type === 'group' && item.isRepeating;

/** The nodes of an item that stand nearest to a place: in the same row if there is one, else further out. */
export function nearestNodes(
  roots: readonly FormNode[],
  from: FormNode,
  target: FormItem,
): readonly FormNode[] {
  const chain = [...ancestors(target), target];
  for (let place = from.parent; place !== undefined; place = place.parent) {
    const depth = chain.indexOf(place.item);
    if (depth !== -1) {
      return descend([place], chain.slice(depth + 1));
    }
  }
  return descend([{ children: roots }], chain);
}

/** The items that enclose an item, outermost first. */
export function ancestors(item: FormItem): readonly FormItem[] {
  return item.parent === undefined ? [] : [...ancestors(item.parent), item.parent];
}

function descend(
  places: readonly { readonly children: readonly FormNode[] }[],
  chain: readonly FormItem[],
): readonly FormNode[] {
  return chain.reduce<readonly { readonly children: readonly FormNode[] }[]>(
    (found, item) => found.flatMap(({ children }) => children.filter((child) => child.item === item)),
    places,
  ) as readonly FormNode[];
}

interface Place {
  readonly path: string;
  readonly expression: string | undefined;
}

function nodesOf(
  items: readonly FormItem[],
  holder: { readonly item?: unknown } | undefined,
  place: Place,
  parent: FormNode | undefined,
): readonly FormNode[] {
  const present = Map.groupBy(entries<QuestionnaireResponseItem>(holder?.item), ({ entry }) => entry.linkId);
  return items.flatMap((item) => {
    const found = present.get(item.linkId) ?? [];
    if (hasRows(item)) {
      return found.map((entry, row) => nodeOf(item, entry, place, row, parent));
    }
    return [nodeOf(item, found[0], place, undefined, parent)];
  });
}

function nodeOf(
  item: FormItem,
  found: { readonly index: number; readonly entry: QuestionnaireResponseItem } | undefined,
  place: Place,
  row: number | undefined,
  parent: FormNode | undefined,
): FormNode {
  const expression = found === undefined ? undefined : `${place.expression}.item[${found.index}]`;
  const node: { -readonly [K in keyof FormNode]: FormNode[K] } = {
    item,
    path: pathOf(place.path, item, row),
    expression,
    source: found?.entry,
    answers: item.type === 'group' || item.type === 'display' ? [] : answersOf(found?.entry),
    row,
    parent,
    children: [],
  };
  node.children = nodesOf(item.children, found?.entry, { path: node.path, expression }, node);
  return node;
}
