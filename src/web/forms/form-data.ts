/**
 * A posted HTML form → QuestionnaireResponse, over the response that the form was made from.
 * Only what was shown can change; ids, marks and answers of what was not shown stay. Values of calculated, read-only and
 * hidden items are never read from the form. Text that is no value is kept beside the response, to be shown again.
 */
import type { QuestionnaireResponse, QuestionnaireResponseItem } from '../../fhir/types.ts';
import { sameAnswer, type Answer } from '../../sdc/answer.ts';
import { mayEdit } from '../../sdc/calculate.ts';
import type { Form, FormItem } from '../../sdc/form-types.ts';
import {
  mergeAnswer,
  sourceOf,
  withAdoption,
  withConfirmedUnusual,
  withoutConfirmedUnusual,
} from './answer-marks.ts';
import { confirmName, fields, readAction, unusualName, type FormAction } from './form-fields.ts';
import { isRowGroup } from './item-control.ts';
import { nameOf, parseName, parseRowName, rowName, type RowStep } from './names.ts';
import { readValues } from './posted-values.ts';
import { withAnswersBeside } from './source-choice.ts';
import {
  chooseAt,
  chooseNone,
  freeId,
  inOrder,
  rowIds,
  withRow,
  withRowIds,
  withoutRow,
} from './response-tree.ts';
import { isTyped, writeTyped } from './typed-values.ts';

type Item = QuestionnaireResponseItem;

export interface PostedForm {
  readonly response: QuestionnaireResponse;
  /** Texts that are no value, by field name. */
  readonly texts: Readonly<Record<string, string>>;
  readonly action: FormAction;
  /** [Ferdigstille skjema?] was ticked. */
  readonly complete: boolean;
  /** Version that the user saw. */
  readonly version: string | undefined;
  readonly reason: string | undefined;
  readonly comment: string | undefined;
}

interface Reading {
  readonly posted: URLSearchParams;
  readonly shown: ReadonlySet<string>;
  readonly rows: readonly (readonly RowStep[])[];
  readonly texts: Map<string, string>;
}

/**
 * Read a posted form over `base`, the stored response that it was rendered from.
 * Never throws: what it cannot read stays as it was, or comes back in `texts`.
 */
export function readForm(posted: URLSearchParams, base: QuestionnaireResponse, form: Form): PostedForm {
  const reading: Reading = {
    posted,
    shown: new Set(posted.getAll(fields.shown)),
    rows: posted.getAll(fields.row).map((name) => parseRowName(name) ?? []),
    texts: new Map(),
  };
  const { item: before = [], ...rest } = withRowIds(base, form);
  const item = readItems(form.items, before, [], reading);
  const action = readAction(posted.get(fields.action));
  return {
    response: rowAction(item.length === 0 ? rest : { ...rest, item }, action, form),
    texts: Object.fromEntries(reading.texts),
    action,
    complete: posted.has(fields.complete),
    version: posted.get(fields.version) || undefined,
    reason: posted.get(fields.reason)?.trim() || undefined,
    comment: posted.get(fields.comment)?.trim() ?? undefined,
  };
}

/** The buttons that work without JavaScript: a new row, a row less, all fetched answers confirmed, one of what sources say. */
function rowAction(response: QuestionnaireResponse, action: FormAction, form: Form): QuestionnaireResponse {
  if (action.kind === 'add') {
    const path = parseName(action.target);
    const id = freeId(rowIds(response));
    return path === undefined ? response : withRow(response, form, path, id);
  }
  if (action.kind === 'remove') {
    return withoutRow(response, form, parseRowName(action.target) ?? []);
  }
  if (action.kind === 'choose' || action.kind === 'none') {
    return choice(response, action, form);
  }
  return action.kind === 'confirm-all' ? confirmAll(response) : response;
}

function choice(
  response: QuestionnaireResponse,
  { kind, target }: { readonly kind: 'choose' | 'none'; readonly target: string },
  form: Form,
): QuestionnaireResponse {
  const [, place, name = ''] = (kind === 'choose' ? /^(\d+):(.*)$/ : /^()(.*)$/).exec(target) ?? [];
  const path = parseName(name);
  if (path === undefined) {
    return response;
  }
  return kind === 'choose' ? chooseAt(response, form, path, Number(place)) : chooseNone(response, form, path);
}

/** Every fetched answer that nobody has changed becomes confirmed. */
export function confirmAll(response: QuestionnaireResponse): QuestionnaireResponse {
  const confirm = (answer: Answer): Answer =>
    sourceOf(answer)?.adopted === 'suggested' ? withAdoption(answer, 'confirmed') : answer;
  const visit = (item: Item): Item => ({
    ...item,
    ...(item.item && { item: item.item.map(visit) }),
    ...(item.answer && { answer: item.answer.map(confirm) }),
  });
  return response.item === undefined ? response : { ...response, item: response.item.map(visit) };
}

function readItems(
  definitions: readonly FormItem[],
  before: readonly Item[],
  rows: readonly RowStep[],
  reading: Reading,
): Item[] {
  const known = definitions.flatMap((item) => readItem(item, before, rows, reading));
  const unknown = before.filter(({ linkId }) => !definitions.some((item) => item.linkId === linkId));
  return inOrder([...known, ...unknown], definitions);
}

function readItem(
  item: FormItem,
  before: readonly Item[],
  rows: readonly RowStep[],
  reading: Reading,
): readonly Item[] {
  if (item.type === 'display') {
    return [];
  }
  if (isRowGroup(item)) {
    return readRows(item, before, rows, reading);
  }
  const old = before.find(({ linkId }) => linkId === item.linkId);
  return item.type === 'group' ? readGroup(item, old, rows, reading) : readQuestion(item, old, rows, reading);
}

function readGroup(
  item: FormItem,
  old: Item | undefined,
  rows: readonly RowStep[],
  reading: Reading,
): readonly Item[] {
  const children = readItems(item.children, old?.item ?? [], rows, reading);
  return children.length === 0 ? [] : [{ ...old, linkId: item.linkId, item: children }];
}

function readRows(
  item: FormItem,
  before: readonly Item[],
  rows: readonly RowStep[],
  reading: Reading,
): readonly Item[] {
  const old = before.filter(({ linkId }) => linkId === item.linkId);
  if (!reading.shown.has(nameOf({ rows, linkId: item.linkId }))) {
    return old;
  }
  return postedRows(item.linkId, rows, reading).map((row) => {
    const { item: children = [], ...rest } = old.find(({ id }) => id === row.row) ?? {
      id: row.row,
      linkId: item.linkId,
    };
    const answered = readItems(item.children, children, [...rows, row], reading);
    return answered.length === 0 ? rest : { ...rest, item: answered };
  });
}

/** Rows of one group that were in the posted form, in order, each once. */
function postedRows(linkId: string, rows: readonly RowStep[], reading: Reading): readonly RowStep[] {
  const here = reading.rows.flatMap((steps) => {
    const last = steps.at(-1);
    const isHere = last?.linkId === linkId && rowName(steps) === rowName([...rows, last]);
    return isHere ? [last] : [];
  });
  return [...new Map(here.map((step) => [step.row, step])).values()];
}

function readQuestion(
  item: FormItem,
  old: Item | undefined,
  rows: readonly RowStep[],
  reading: Reading,
): readonly Item[] {
  const name = nameOf({ rows, linkId: item.linkId });
  if (!isChangeable(item, old, name, reading)) {
    return old === undefined ? [] : [old];
  }
  const answer = readAnswers(item, old?.answer ?? [], name, reading).map((one) =>
    withTicks(one, name, reading),
  );
  const read = withAnswersBeside(old ?? { linkId: item.linkId }, answer);
  return read === undefined ? [] : [read];
}

const isChangeable = (item: FormItem, old: Item | undefined, name: string, { shown }: Reading): boolean =>
  shown.has(name) && !item.isHidden && mayEdit(item, old?.answer ?? []);

/** Posted values over old answers: same text or value, same answer, even where the text holds less (seconds). */
function readAnswers(
  item: FormItem,
  before: readonly Answer[],
  name: string,
  { posted, texts }: Reading,
): readonly Answer[] {
  const old = before[0];
  if (old !== undefined && isTyped(item) && writeTyped(old) === posted.get(name)) {
    return [old];
  }
  const { values, text } = readValues(item, name, posted);
  if (text !== undefined) {
    texts.set(name, text);
  }
  return item.isRepeating
    ? values.map((value) => before.find((answer) => sameAnswer(answer, value)) ?? value)
    : values.slice(0, 1).map((value) => mergeAnswer(old, value));
}

/** The boxes beside an answer: fetched and confirmed, unusual and right. */
function withTicks(answer: Answer, name: string, { posted, shown }: Reading): Answer {
  const ok = confirmName(name);
  const sure = unusualName(name);
  const isFetched = shown.has(ok) && sourceOf(answer)?.adopted !== 'changed';
  const stood = isFetched ? withAdoption(answer, posted.has(ok) ? 'confirmed' : 'suggested') : answer;
  if (!shown.has(sure)) {
    return stood;
  }
  return posted.has(sure) ? withConfirmedUnusual(stood) : withoutConfirmedUnusual(stood);
}
