/**
 * Writing into a response without touching anything else: rows keep their answers, unknown items stay where they were.
 */
import { isObject } from './answer.ts';
import type { Answer } from './answer.ts';
import type { FormItem } from './form-types.ts';
import type { FormNode } from './tree.ts';
import type { QuestionnaireResponse, QuestionnaireResponseItem } from '../fhir/types.ts';

/** New answers by node path; an empty list removes the answer. */
export type AnswerChanges = ReadonlyMap<string, readonly Answer[]>;
type Item = QuestionnaireResponseItem;
/** What becomes of the items of questions, by node path. */
export type ItemChanges = ReadonlyMap<string, (item: Item) => Item>;

/** The response with these answers; items that are missing are made, in form order. `roots` is the tree of this response. */
export function writeAnswers(
  response: QuestionnaireResponse,
  roots: readonly FormNode[],
  changes: AnswerChanges,
): QuestionnaireResponse {
  const edits = [...changes].map(
    ([path, answers]) => [path, (item: Item) => withAnswers(item, answers)] as const,
  );
  return writeItems(response, roots, new Map(edits));
}

/** The response with these items changed; items that are missing are made, in form order, unless they would be empty. */
export function writeItems(
  response: QuestionnaireResponse,
  roots: readonly FormNode[],
  changes: ItemChanges,
): QuestionnaireResponse {
  return changes.size === 0 ? response : withItems(response, rebuilt(response.item, roots, changes));
}

/** The response or item with these items; without `item` when there are none. */
export function withItems<T extends { item?: QuestionnaireResponseItem[] }>(
  holder: T,
  items: readonly QuestionnaireResponseItem[],
): T {
  const { item: _old, ...rest } = holder;
  return (items.length === 0 ? rest : { ...rest, item: [...items] }) as T;
}

/** The item with these answers; without `answer` when there are none. */
export function withAnswers(
  item: QuestionnaireResponseItem,
  answers: readonly Answer[],
): QuestionnaireResponseItem {
  const { answer: _old, ...rest } = item;
  return answers.length === 0 ? rest : { ...rest, answer: [...answers] };
}

function rebuilt(
  items: unknown,
  nodes: readonly FormNode[],
  changes: ItemChanges,
): readonly QuestionnaireResponseItem[] {
  const bySource = new Map(nodes.map((node) => [node.source, node]));
  const kept = (Array.isArray(items) ? (items as readonly QuestionnaireResponseItem[]) : []).flatMap(
    (item) => {
      const node = isObject(item) ? bySource.get(item) : undefined;
      return node === undefined ? [item] : changed(item, node, changes);
    },
  );
  return nodes
    .filter(({ source }) => source === undefined)
    .reduce(
      (all, node) => insertInOrder(all, changed({ linkId: node.item.linkId }, node, changes), node, nodes),
      kept,
    );
}

/** The item after the changes; none when a question has lost its answer or a missing item got none. */
function changed(
  item: QuestionnaireResponseItem,
  node: FormNode,
  changes: ItemChanges,
): readonly QuestionnaireResponseItem[] {
  const change = changes.get(node.path);
  if (change !== undefined) {
    const next = change(item);
    return carriesMore(next) ? [next] : [];
  }
  if (node.children.length === 0) {
    return node.source === undefined ? [] : [item];
  }
  const touches = [...changes.keys()].some((path) => path.startsWith(`${node.path}/`));
  const children = touches ? rebuilt(item.item, node.children, changes) : (item.item ?? []);
  if (node.source === undefined) {
    return children.length === 0 ? [] : [withItems(item, children)];
  }
  return [touches ? withItems(item, children) : item];
}

const carriesMore = (item: QuestionnaireResponseItem): boolean =>
  Object.keys(item).some((key) => key !== 'linkId' && key !== 'text');

function insertInOrder(
  items: readonly QuestionnaireResponseItem[],
  added: readonly QuestionnaireResponseItem[],
  node: FormNode,
  siblings: readonly FormNode[],
): QuestionnaireResponseItem[] {
  const later = new Set(
    siblings.filter(({ item }) => item.order > node.item.order).map(({ item }) => item.linkId),
  );
  const at = items.findIndex((item) => isObject(item) && later.has(String(item['linkId'])));
  return at === -1 ? [...items, ...added] : [...items.slice(0, at), ...added, ...items.slice(at)];
}

/** Put an item among its siblings, after those of its own linkId and before later ones. */
export function insertItem(
  items: readonly QuestionnaireResponseItem[],
  added: QuestionnaireResponseItem,
  siblings: readonly FormItem[],
): readonly QuestionnaireResponseItem[] {
  const order = siblings.findIndex(({ linkId }) => linkId === added.linkId);
  const later = new Set(siblings.slice(order + 1).map(({ linkId }) => linkId));
  const at = items.findIndex((item) => isObject(item) && later.has(String(item['linkId'])));
  return at === -1 ? [...items, added] : [...items.slice(0, at), added, ...items.slice(at)];
}
