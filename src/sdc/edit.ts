/**
 * What a user does to a response: answer, choose, add, remove and move rows. Every function gives a new response and leaves all
 * other answers as they were. Calculations are done afterwards by `recalculate`.
 */
import { codingKey, entries } from './answer.ts';
import { newRow } from './initial.ts';
import { buildTree, hasRows, walk } from './tree.ts';
import { insertItem, withItems, writeAnswers } from './rewrite-response.ts';
import type { Answer } from './answer.ts';
import type { AnswerOption, Form, FormItem } from './form-types.ts';
import type { FormNode } from './tree.ts';
import type { QuestionnaireResponse, QuestionnaireResponseItem } from '../fhir/types.ts';

type Items = readonly QuestionnaireResponseItem[];

/** The response with these answers at a node; an empty list removes the answer. Unknown paths change nothing. */
export function setAnswers(
  form: Form,
  response: QuestionnaireResponse,
  path: string,
  answers: readonly Answer[],
): QuestionnaireResponse {
  const roots = buildTree(form, response);
  const node = find(roots, path);
  return node === undefined || node.item.type === 'group'
    ? response
    : writeAnswers(response, roots, new Map([[path, answers]]));
}

/** The answers after choosing an option: in a repeating choice an exclusive option drops all others, and they drop it. */
export function chooseOption(
  item: FormItem,
  answers: readonly Answer[],
  option: AnswerOption,
): readonly Answer[] {
  const chosen: Answer = { valueCoding: option.coding };
  if (!item.isRepeating || option.isExclusive) {
    return [chosen];
  }
  const isExclusive = (answer: Answer): boolean => optionOf(item, answer)?.isExclusive === true;
  const isSame = (answer: Answer): boolean => keyOf(answer) === codingKey(option.coding);
  return [...answers.filter((answer) => !isExclusive(answer) && !isSame(answer)), chosen];
}

/** The answers without an option. */
export function unchooseOption(answers: readonly Answer[], option: AnswerOption): readonly Answer[] {
  return answers.filter((answer) => keyOf(answer) !== codingKey(option.coding));
}

/** The option that an answer is, when it is one of the item's. */
export function optionOf(item: FormItem, answer: Answer): AnswerOption | undefined {
  return item.options?.byKey.get(keyOf(answer) ?? '');
}

/** Add a row with its initial answers at the end of a repeating group; `parentPath` is '' for a group at the top. Not beyond maxOccurs. */
export function addRow(
  form: Form,
  response: QuestionnaireResponse,
  parentPath: string,
  linkId: string,
): QuestionnaireResponse {
  const item = form.byLinkId.get(linkId);
  if (item === undefined || !hasRows(item)) {
    return response;
  }
  const siblings = item.parent?.children ?? form.items;
  return changeItems(form, response, parentPath, (items) =>
    rowPlaces(items, linkId).length >= item.limits.maxOccurs
      ? items
      : insertItem(items, newRow(item), siblings),
  );
}

/** Remove the row with this path (`opioider/rad[1]`). The rows after it move up with all their answers. */
export function removeRow(
  form: Form,
  response: QuestionnaireResponse,
  rowPath: string,
): QuestionnaireResponse {
  const place = rowPlace(rowPath);
  return place === undefined
    ? response
    : changeItems(form, response, place.parentPath, (items) => {
        const at = rowPlaces(items, place.linkId)[place.row];
        return items.filter((_, index) => index !== at);
      });
}

/** Move a row to another place among the rows of its group. */
export function moveRow(
  form: Form,
  response: QuestionnaireResponse,
  rowPath: string,
  to: number,
): QuestionnaireResponse {
  const place = rowPlace(rowPath);
  return place === undefined
    ? response
    : changeItems(form, response, place.parentPath, (items) => moved(items, place.linkId, place.row, to));
}

const keyOf = ({ valueCoding }: Answer): string | undefined =>
  valueCoding === undefined ? undefined : codingKey(valueCoding);

function find(roots: readonly FormNode[], path: string): FormNode | undefined {
  return [...walk(roots)].find((node) => node.path === path);
}

const ROW_PATH = /^(?:(.*)\/)?([^/]+)\[(\d+)\]$/;

function rowPlace(
  path: string,
): { readonly parentPath: string; readonly linkId: string; readonly row: number } | undefined {
  const match = ROW_PATH.exec(path);
  return match === null
    ? undefined
    : { parentPath: match[1] ?? '', linkId: match[2] ?? '', row: Number(match[3]) };
}

/** Where the rows of a group stand among all items. */
function rowPlaces(items: Items, linkId: string): readonly number[] {
  return entries<QuestionnaireResponseItem>(items)
    .filter(({ entry }) => entry.linkId === linkId)
    .map(({ index }) => index);
}

function moved(items: Items, linkId: string, from: number, to: number): Items {
  const places = rowPlaces(items, linkId);
  const rows = places.flatMap((place) => items[place] ?? []);
  const [row] = rows.splice(from, 1);
  if (row === undefined) {
    return items;
  }
  rows.splice(to, 0, row);
  return items.map((item, index) => rows[places.indexOf(index)] ?? item);
}

/** The response with other items below a path; the groups on the way are made when they are missing. */
function changeItems(
  form: Form,
  response: QuestionnaireResponse,
  path: string,
  change: (items: Items) => Items,
): QuestionnaireResponse {
  if (path === '') {
    return withItems(response, change(itemsOf(response)));
  }
  const node = find(buildTree(form, response), path);
  return node === undefined || node.item.type !== 'group'
    ? response
    : changeNode(form, response, node, change);
}

function changeNode(
  form: Form,
  response: QuestionnaireResponse,
  node: FormNode,
  change: (items: Items) => Items,
): QuestionnaireResponse {
  const old = node.source ?? { linkId: node.item.linkId };
  const next = withItems(old, change(itemsOf(old)));
  const siblings = node.item.parent?.children ?? form.items;
  const replace = (items: Items): Items =>
    node.source === undefined
      ? insertItem(items, next, siblings)
      : items.map((item) => (item === node.source ? next : item));
  return node.parent === undefined
    ? withItems(response, replace(itemsOf(response)))
    : changeNode(form, response, node.parent, replace);
}

const itemsOf = (holder: { readonly item?: unknown }): Items =>
  Array.isArray(holder.item) ? (holder.item as Items) : [];
