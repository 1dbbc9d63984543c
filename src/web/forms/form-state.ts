/**
 * What the user does to a form, as events on its state. Pure: the browser applies them as they happen; the server's reading
 * of a posted form (form-data.ts) comes to the same.
 */
import type { QuestionnaireResponse } from '../../fhir/types.ts';
import { sameAnswer, type Answer } from '../../sdc/answer.ts';
import type { AnswerOption, Form } from '../../sdc/form-types.ts';
import { mergeAnswer, withAdoption, withConfirmedUnusual, withoutConfirmedUnusual } from './answer-marks.ts';
import { confirmAll } from './form-data.ts';
import { nameOf, rowName, type FieldPath, type RowStep } from './names.ts';
import { readValues } from './posted-values.ts';
import { answersAt, chooseAt, chooseNone, withAnswers, withoutRow, withRow } from './response-tree.ts';

export interface FormState {
  readonly response: QuestionnaireResponse;
  /** What stands in a field that is being typed in, or that cannot be understood, by field name. */
  readonly texts: Readonly<Record<string, string>>;
}

export type FormEvent =
  /** Typing in the fields of a question; `fields` are names and texts as a form would post them. */
  | { readonly kind: 'typed'; readonly path: FieldPath; readonly fields: Readonly<Record<string, string>> }
  /** Leaving a field: what was understood is shown in the normal way of writing. */
  | { readonly kind: 'left'; readonly path: FieldPath }
  | { readonly kind: 'answered'; readonly path: FieldPath; readonly answers: readonly Answer[] }
  | { readonly kind: 'toggled'; readonly path: FieldPath; readonly option: AnswerOption }
  | { readonly kind: 'confirmed' | 'sure'; readonly path: FieldPath; readonly isOn: boolean }
  | { readonly kind: 'row-added'; readonly path: FieldPath; readonly id: string }
  | { readonly kind: 'row-removed'; readonly rows: readonly RowStep[] }
  | { readonly kind: 'all-confirmed' }
  /** One of what the sources say; its place in `saidValues`. */
  | { readonly kind: 'chosen'; readonly path: FieldPath; readonly place: number }
  | { readonly kind: 'none-chosen'; readonly path: FieldPath }
  /** What the user had typed before the browser took over. */
  | { readonly kind: 'replaced'; readonly state: FormState };

/** The state after an event. Unknown places change nothing. */
export function applyEvent(state: FormState, event: FormEvent, form: Form): FormState {
  const { response } = state;
  switch (event.kind) {
    case 'typed':
      return typed(state, event.path, event.fields, form);
    case 'left':
      return left(state, event.path, form);
    case 'answered':
      return { ...state, response: answered(response, event.path, event.answers, form) };
    case 'toggled':
      return { ...state, response: toggled(response, event.path, event.option, form) };
    case 'confirmed':
    case 'sure':
      return { ...state, response: ticked(response, event, form) };
    case 'row-added':
      return { ...state, response: withRow(response, form, event.path, event.id) };
    case 'row-removed':
      return {
        response: withoutRow(response, form, event.rows),
        texts: withoutTexts(state.texts, event.rows),
      };
    case 'all-confirmed':
      return { ...state, response: confirmAll(response) };
    case 'chosen':
    case 'none-chosen':
      return chosen(state, event, form);
    case 'replaced':
      return event.state;
  }
}

type Choice = Extract<FormEvent, { readonly kind: 'chosen' | 'none-chosen' }>;

function chosen(state: FormState, event: Choice, form: Form): FormState {
  const { path } = event;
  const response =
    event.kind === 'chosen'
      ? chooseAt(state.response, form, path, event.place)
      : chooseNone(state.response, form, path);
  return { response, texts: without(state.texts, nameOf(path)) };
}

function typed(
  state: FormState,
  path: FieldPath,
  fields: Readonly<Record<string, string>>,
  form: Form,
): FormState {
  const item = form.byLinkId.get(path.linkId);
  if (item === undefined) {
    return state;
  }
  const name = nameOf(path);
  const { values } = readValues(item, name, new URLSearchParams(fields));
  return {
    response: answered(state.response, path, values, form),
    texts: { ...state.texts, [name]: fields[name] ?? '' },
  };
}

function left(state: FormState, path: FieldPath, form: Form): FormState {
  const name = nameOf(path);
  const text = state.texts[name];
  const isUnderstood = text?.trim() === '' || answersAt(state.response, form, path).length > 0;
  return text === undefined || !isUnderstood ? state : { ...state, texts: without(state.texts, name) };
}

const without = (texts: FormState['texts'], name: string): FormState['texts'] =>
  Object.fromEntries(Object.entries(texts).filter(([key]) => key !== name));

const withoutTexts = (texts: FormState['texts'], rows: readonly RowStep[]): FormState['texts'] =>
  Object.fromEntries(Object.entries(texts).filter(([key]) => !key.startsWith(`${rowName(rows)}/`)));

function answered(
  response: QuestionnaireResponse,
  path: FieldPath,
  values: readonly Answer[],
  form: Form,
): QuestionnaireResponse {
  const before = answersAt(response, form, path);
  const isRepeating = form.byLinkId.get(path.linkId)?.isRepeating === true;
  const answers = isRepeating
    ? values.map((value) => before.find((answer) => sameAnswer(answer, value)) ?? value)
    : values.slice(0, 1).map((value) => mergeAnswer(before[0], value));
  return withAnswers(response, form, path, answers);
}

/** Tick or untick one of several; an exclusive option unticks all others, and any other unticks the exclusive one. */
function toggled(
  response: QuestionnaireResponse,
  path: FieldPath,
  option: AnswerOption,
  form: Form,
): QuestionnaireResponse {
  const before = answersAt(response, form, path);
  const value: Answer = { valueCoding: option.coding };
  if (before.some((answer) => sameAnswer(answer, value))) {
    return withAnswers(
      response,
      form,
      path,
      before.filter((answer) => !sameAnswer(answer, value)),
    );
  }
  const options = form.byLinkId.get(path.linkId)?.options?.list ?? [];
  const chosen = [...before, value];
  const isKept = ({ coding, isExclusive }: AnswerOption): boolean =>
    coding === option.coding || (!option.isExclusive && !isExclusive);
  const listed = options
    .filter(isKept)
    .flatMap(({ coding }) => chosen.find((answer) => sameAnswer(answer, { valueCoding: coding })) ?? []);
  const texts = option.isExclusive ? [] : before.filter(({ valueString }) => valueString !== undefined);
  return withAnswers(response, form, path, [...listed, ...texts]);
}

function ticked(
  response: QuestionnaireResponse,
  {
    kind,
    path,
    isOn,
  }: { readonly kind: 'confirmed' | 'sure'; readonly path: FieldPath; readonly isOn: boolean },
  form: Form,
): QuestionnaireResponse {
  const mark = (answer: Answer): Answer => {
    if (kind === 'confirmed') {
      return withAdoption(answer, isOn ? 'confirmed' : 'suggested');
    }
    return isOn ? withConfirmedUnusual(answer) : withoutConfirmedUnusual(answer);
  };
  return withAnswers(response, form, path, answersAt(response, form, path).map(mark));
}
