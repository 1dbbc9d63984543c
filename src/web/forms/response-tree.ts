/**
 * Reading and changing one place in a QuestionnaireResponse without touching the rest:
 * https://hl7.org/fhir/R4/questionnaireresponse.html
 * Every function gives a new response; ids and extensions of what is not changed are kept.
 */
import type {
  QuestionnaireResponse,
  QuestionnaireResponseItem,
  QuestionnaireResponseItemAnswer,
} from '../../fhir/types.ts';
import type { Form, FormItem } from '../../sdc/form-types.ts';
import { newRow } from '../../sdc/initial.ts';
import { chainOf, isRowGroup } from './item-control.ts';
import type { FieldPath, RowStep } from './names.ts';
import { withAnswersBeside, withChosen, withNoneChosen } from './source-choice.ts';

type Items = readonly QuestionnaireResponseItem[];
type Answers = readonly QuestionnaireResponseItemAnswer[];

/** Answers at a place; empty when there is none. */
export function answersAt(response: QuestionnaireResponse, form: Form, path: FieldPath): Answers {
  return itemAt(response, form, path)?.answer ?? [];
}

/** The response item at a place, rows found by their id. */
function itemAt(
  response: QuestionnaireResponse,
  form: Form,
  { rows, linkId }: FieldPath,
): QuestionnaireResponseItem | undefined {
  let items: Items = response.item ?? [];
  let found: QuestionnaireResponseItem | undefined;
  for (const item of chainOf(form, linkId)) {
    found = items.find((candidate) => isSame(candidate, item, rows));
    items = found?.item ?? [];
  }
  return found;
}

/** Put answers at a place; none removes the item, unless sources say something beside it. Groups on the way are made as needed; an unknown row is left alone. */
export function withAnswers(
  response: QuestionnaireResponse,
  form: Form,
  { rows, linkId }: FieldPath,
  answers: Answers,
): QuestionnaireResponse {
  const change = (item: QuestionnaireResponseItem | undefined): QuestionnaireResponseItem | undefined =>
    withAnswersBeside(item ?? { linkId }, answers);
  return changeAt(response, form, chainOf(form, linkId), rows, change);
}

/** Take one of what the sources say at a place; its place in `saidValues`. */
export function chooseAt(
  response: QuestionnaireResponse,
  form: Form,
  { rows, linkId }: FieldPath,
  place: number,
): QuestionnaireResponse {
  const definition = form.byLinkId.get(linkId);
  const change: Change = (item) =>
    item === undefined || definition === undefined ? item : withChosen(definition, item, place);
  return changeAt(response, form, chainOf(form, linkId), rows, change);
}

/** Nothing of what the sources say at a place holds. */
export const chooseNone = (
  response: QuestionnaireResponse,
  form: Form,
  { rows, linkId }: FieldPath,
): QuestionnaireResponse =>
  changeAt(response, form, chainOf(form, linkId), rows, (item) => item && withNoneChosen(item));

/** Add a row, empty but for the form's initial answers, to a repeating group; `rows` are the rows that the group itself lies in. */
export function withRow(
  response: QuestionnaireResponse,
  form: Form,
  { rows, linkId }: FieldPath,
  id: string,
): QuestionnaireResponse {
  const step = { linkId, row: id };
  const item = form.byLinkId.get(linkId);
  const first = item === undefined ? {} : newRow(item);
  return changeAt(
    response,
    form,
    chainOf(form, linkId),
    [...rows, step],
    (row) => row ?? { ...first, linkId, id },
  );
}

/** Take a row away; `rows` ends with the row itself. */
export function withoutRow(
  response: QuestionnaireResponse,
  form: Form,
  rows: readonly RowStep[],
): QuestionnaireResponse {
  const last = rows.at(-1);
  return last === undefined
    ? response
    : changeAt(response, form, chainOf(form, last.linkId), rows, () => undefined);
}

/**
 * Give every row an id, so that fields can name it: the first `r1`, `r2` … that nothing in the response has, as an id is
 * unique in its resource (https://hl7.org/fhir/R4/element.html#id). Rows keep the id they have, unless one before has it.
 */
export function withRowIds(response: QuestionnaireResponse, form: Form): QuestionnaireResponse {
  return response.item === undefined
    ? response
    : { ...response, item: nameRows(response.item, form, rowIds(response), new Set()) };
}

function nameRows(
  items: Items,
  form: Form,
  taken: Set<string>,
  seen: Set<string>,
): QuestionnaireResponseItem[] {
  return items.map((item) => {
    const definition = chainOf(form, item.linkId).at(-1);
    const isRow = definition !== undefined && isRowGroup(definition);
    const id = isRow && (item.id === undefined || seen.has(item.id)) ? freeId(taken) : item.id;
    if (id !== undefined) {
      taken.add(id);
      seen.add(id);
    }
    return {
      ...item,
      ...(id !== undefined && { id }),
      ...(item.item !== undefined && { item: nameRows(item.item, form, taken, seen) }),
    };
  });
}

/** The ids that items of a response have. */
export function rowIds({ item = [] }: Pick<QuestionnaireResponse, 'item'>): Set<string> {
  return new Set(item.flatMap((one) => [...(one.id === undefined ? [] : [one.id]), ...rowIds(one)]));
}

/** The first `r<n>` that is not taken. */
export function freeId(taken: ReadonlySet<string>): string {
  let n = 1;
  while (taken.has(`r${n}`)) {
    n++;
  }
  return `r${n}`;
}

type Change = (item: QuestionnaireResponseItem | undefined) => QuestionnaireResponseItem | undefined;

function changeAt(
  response: QuestionnaireResponse,
  form: Form,
  chain: readonly FormItem[],
  rows: readonly RowStep[],
  change: Change,
): QuestionnaireResponse {
  if (chain.length === 0) {
    return response;
  }
  const item = changeItems(response.item ?? [], form.items, chain, rows, change);
  const { item: _, ...rest } = response;
  return item.length === 0 ? rest : { ...rest, item };
}

function changeItems(
  items: Items,
  siblings: readonly FormItem[],
  [here, ...below]: readonly FormItem[],
  rows: readonly RowStep[],
  change: Change,
): QuestionnaireResponseItem[] {
  if (here === undefined) {
    return [...items];
  }
  const index = items.findIndex((item) => isSame(item, here, rows));
  const old = items[index];
  if (old === undefined && isRowGroup(here) && below.length > 0) {
    return [...items];
  }
  const changed = below.length === 0 ? change(old) : changeGroup(old, here, below, rows, change);
  const others = items.filter((_, position) => position !== index);
  if (changed === undefined) {
    return others;
  }
  return index === -1 ? inOrder([...items, changed], siblings) : items.with(index, changed);
}

function changeGroup(
  old: QuestionnaireResponseItem | undefined,
  here: FormItem,
  below: readonly FormItem[],
  rows: readonly RowStep[],
  change: Change,
): QuestionnaireResponseItem | undefined {
  const children = changeItems(old?.item ?? [], here.children, below, rows, change);
  const { item: _, ...rest } = old ?? { linkId: here.linkId };
  if (children.length === 0) {
    return isRowGroup(here) ? rest : undefined;
  }
  return { ...rest, item: children };
}

/** Items in the order of the Questionnaire, as the specification demands; rows keep their own order. */
export function inOrder(items: Items, definitions: readonly FormItem[]): QuestionnaireResponseItem[] {
  const rank = new Map(definitions.map(({ linkId }, index) => [linkId, index]));
  const last = definitions.length;
  return [...items].sort((a, b) => (rank.get(a.linkId) ?? last) - (rank.get(b.linkId) ?? last));
}

function isSame(candidate: QuestionnaireResponseItem, item: FormItem, rows: readonly RowStep[]): boolean {
  if (candidate.linkId !== item.linkId) {
    return false;
  }
  return !isRowGroup(item) || rows.some(({ linkId, row }) => linkId === item.linkId && row === candidate.id);
}
