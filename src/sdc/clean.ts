/**
 * A response made ready to be locked: what is disabled or empty goes, in form order. Unknown items stay, so that validation
 * can refuse them; nothing is lost in silence.
 */
import { isObject } from './answer.ts';
import { recalculate } from './calculate.ts';
import { viewForm } from './visibility.ts';
import { hasRows } from './tree.ts';
import { sourceValuesOf } from './source-value.ts';
import { withAnswers, withItems } from './rewrite-response.ts';
import type { Answer } from './answer.ts';
import type { FormContext } from './expression.ts';
import type { Form } from './form-types.ts';
import type { FormNode } from './tree.ts';
import type { FormView } from './visibility.ts';
import type { QuestionnaireResponse, QuestionnaireResponseItem } from '../fhir/types.ts';

/** Rows and answers can vanish and change what is calculated from them; a few rounds settle it. */
const MOST_ROUNDS = 5;

/**
 * Recalculate, drop answers of disabled questions, empty answers, empty groups and rows that hold nothing but calculations, and put
 * items in form order. Doing it twice changes nothing more. Never throws.
 */
export function finalise(
  form: Form,
  response: QuestionnaireResponse,
  context: FormContext,
): QuestionnaireResponse {
  let current = response;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const calculated = recalculate(form, current, context);
    current = clean(viewForm(form, calculated, context));
    if (JSON.stringify(current) === JSON.stringify(calculated)) {
      break; // nothing was dropped that something is calculated from
    }
  }
  return current;
}

function clean(view: FormView): QuestionnaireResponse {
  const known = view.roots.flatMap((node) => cleanNode(view, node));
  return withItems(view.response, [...known, ...strangers(view.response, view.roots)]);
}

function cleanNode(view: FormView, node: FormNode): readonly QuestionnaireResponseItem[] {
  if (node.source === undefined || !view.isEnabled(node)) {
    return [];
  }
  if (node.item.type !== 'group') {
    return cleanQuestion(node.source, node.answers.flatMap(trimmed));
  }
  const others = strangers(node.source, node.children);
  if (others.length === 0 && hasRows(node.item) && !hasOwnAnswer(view, node)) {
    return [];
  }
  const children = [...node.children.flatMap((child) => cleanNode(view, child)), ...others];
  return children.length > 0 ? [withItems(node.source, children)] : [];
}

/** What is no list of answers stays as it is, to be refused; what the sources say stays beside a question that has no answer. */
function cleanQuestion(
  source: QuestionnaireResponseItem,
  answers: readonly Answer[],
): readonly QuestionnaireResponseItem[] {
  if (answers.length > 0 || sourceValuesOf(source).length > 0) {
    return [withAnswers(source, answers)];
  }
  return source.answer === undefined || Array.isArray(source.answer) ? [] : [source];
}

/** True when something in the row was answered, not only calculated. */
function hasOwnAnswer(view: FormView, node: FormNode): boolean {
  return node.children.some((child) =>
    child.item.type === 'group'
      ? hasOwnAnswer(view, child)
      : child.item.calculation === undefined && child.answers.length > 0 && view.isEnabled(child),
  );
}

function trimmed(answer: Answer): readonly Answer[] {
  if (typeof answer.valueString !== 'string') {
    return [answer];
  }
  const text = answer.valueString.trim();
  return text === '' ? [] : [{ ...answer, valueString: text }];
}

/** Items that the form does not know at this place, doubles included. */
function strangers(
  holder: { readonly item?: unknown },
  nodes: readonly FormNode[],
): readonly QuestionnaireResponseItem[] {
  const known = new Set<unknown>(nodes.map(({ source }) => source));
  const all = Array.isArray(holder.item) ? (holder.item as readonly QuestionnaireResponseItem[]) : [];
  return all.filter((item) => !known.has(item) && (!isObject(item) || Object.keys(item).length > 0));
}
