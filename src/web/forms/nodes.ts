/**
 * From the engine's nodes to what is drawn: field paths, and the blocks of one level with rows gathered.
 */
import type { QuestionnaireResponse, QuestionnaireResponseItem } from '../../fhir/types.ts';
import type { Form, FormItem } from '../../sdc/form-types.ts';
import type { FormNode } from '../../sdc/tree.ts';
import type { FormView } from '../../sdc/visibility.ts';
import { isRowGroup } from './item-control.ts';
import { nameOf, type FieldPath, type RowStep } from './names.ts';
import { inOrder } from './response-tree.ts';

/** One thing on a level: a question or group, or a repeating group with its rows. */
export type Block =
  | { readonly kind: 'single'; readonly node: FormNode }
  | {
      readonly kind: 'rows';
      readonly item: FormItem;
      readonly rows: readonly FormNode[];
      readonly place: FieldPath;
    };

/** Id of the row that stands in for none, so that the engine can say whether an empty group of rows is shown. */
export const STAND_IN = 'none';

/** Where a node is, rows named by their id. */
export const pathOfNode = (node: FormNode): FieldPath => ({
  rows: rowsAbove(node),
  linkId: node.item.linkId,
});

/** The rows that a node lies in, outermost first. */
function rowsAbove(node: FormNode): readonly RowStep[] {
  const { parent } = node;
  if (parent === undefined) {
    return [];
  }
  return parent.row === undefined ? rowsAbove(parent) : rowsOf(parent);
}

/** The steps of a row itself. */
export const rowsOf = (row: FormNode): readonly RowStep[] => [
  ...rowsAbove(row),
  { linkId: row.item.linkId, row: row.source?.id ?? STAND_IN },
];

/** Name of the field that a node draws. */
export const nodeName = (node: FormNode): string => nameOf(pathOfNode(node));

/** The visible blocks among sibling nodes. */
export function blocksOf(nodes: readonly FormNode[], view: FormView): readonly Block[] {
  const visible = nodes.filter((node) => view.isVisible(node));
  const groups = [...Map.groupBy(visible, ({ item }) => item)];
  return groups.flatMap(([item, members]): readonly Block[] => {
    const [first] = members;
    if (first === undefined || !isRowGroup(item)) {
      return members.map((node) => ({ kind: 'single' as const, node }));
    }
    const rows = members.filter(({ source }) => source?.id !== STAND_IN);
    return [{ kind: 'rows', item, rows, place: { rows: rowsAbove(first), linkId: item.linkId } }];
  });
}

/** The response as it is drawn: a stand-in row in every repeating group that has none. Never saved. */
export function withStandIns(response: QuestionnaireResponse, form: Form): QuestionnaireResponse {
  return { ...response, item: standIns(response.item ?? [], form.items) };
}

function standIns(
  items: readonly QuestionnaireResponseItem[],
  definitions: readonly FormItem[],
): QuestionnaireResponseItem[] {
  const filled = items.map((item) => {
    const definition = definitions.find(({ linkId }) => linkId === item.linkId);
    return definition?.type === 'group' && hasRowsBelow(definition)
      ? { ...item, item: standIns(item.item ?? [], definition.children) }
      : item;
  });
  const missing = definitions
    .filter(
      (definition) =>
        definition.type === 'group' && !items.some(({ linkId }) => linkId === definition.linkId),
    )
    .flatMap((definition) => standIn(definition));
  return missing.length === 0 ? filled : inOrder([...filled, ...missing], definitions);
}

function standIn(definition: FormItem): readonly QuestionnaireResponseItem[] {
  const { linkId } = definition;
  if (isRowGroup(definition)) {
    return [{ linkId, id: STAND_IN }];
  }
  return hasRowsBelow(definition) ? [{ linkId, item: standIns([], definition.children) }] : [];
}

const hasRowsBelow = (item: FormItem): boolean =>
  item.children.some((child) => isRowGroup(child) || hasRowsBelow(child));
