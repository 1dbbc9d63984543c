/**
 * Calculated answers: https://hl7.org/fhir/uv/sdc/StructureDefinition-sdc-questionnaire-calculatedExpression.html
 */
import { isCalculated, sameAnswers } from './answer.ts';
import { attempt } from './expression.ts';
import { EvaluationCopy } from './evaluation.ts';
import { EXT } from './extensions.ts';
import { roundAnswer, toAnswers } from './to-answers.ts';
import { viewForm } from './visibility.ts';
import { writeAnswers } from './rewrite-response.ts';
import type { Answer } from './answer.ts';
import type { FormContext } from './expression.ts';
import type { CalculationMode, Form, FormItem } from './form-types.ts';
import type { FormNode } from './tree.ts';
import type { FormView } from './visibility.ts';
import type { QuestionnaireResponse } from '../fhir/types.ts';

/**
 * The response with every calculation done, row by row, until nothing changes. Inputs that are gone take the result with
 * them; answers that a user wrote over a `suggested` result stay. Never throws, never changes the response given.
 */
export function recalculate(
  form: Form,
  response: QuestionnaireResponse,
  context: FormContext,
): QuestionnaireResponse {
  if (isSettled(form, response, context)) {
    return response;
  }
  let current = response;
  // Dependencies are sorted and have no cycle, so one pass is enough unless a result enables something.
  for (let pass = 0; form.calculated.length > 0 && pass <= form.calculated.length; pass++) {
    const view = viewForm(form, current, context);
    const changes = calculateOnce(view, context);
    if (changes.size === 0) {
      settled.set(current, { form, context });
      break;
    }
    current = writeAnswers(current, view.roots, changes);
  }
  return current;
}

/** Responses that calculating has left as they are: what is never changed need not be calculated twice. */
const settled = new WeakMap<QuestionnaireResponse, { readonly form: Form; readonly context: FormContext }>();

function isSettled(form: Form, response: QuestionnaireResponse, context: FormContext): boolean {
  const known = settled.get(response);
  return known !== undefined && known.form === form && known.context === context;
}

/** True when a user may write the item's answer, given what is there. */
export function mayEdit(item: FormItem, answers: readonly Answer[]): boolean {
  if (item.isReadOnly || item.calculation === undefined) {
    return !item.isReadOnly;
  }
  return (
    item.calculationMode === 'suggested' ||
    (item.calculationMode === 'conditional' && !answers.some(isCalculated))
  );
}

function calculateOnce(view: FormView, context: FormContext): ReadonlyMap<string, readonly Answer[]> {
  const { form, response, roots } = view;
  const copy = new EvaluationCopy(form, response, roots, view.isEnabled, context);
  const changes = new Map<string, readonly Answer[]>();
  const byItem = Map.groupBy(view.byPath.values(), ({ item }) => item);
  for (const item of form.calculated) {
    for (const node of byItem.get(item) ?? []) {
      const exact = resultAt(node, view, copy, context);
      const stored = exact?.map((answer) => roundAnswer(item, answer));
      if (exact !== undefined && stored !== undefined) {
        if (view.isEnabled(node)) {
          copy.write(node, exact);
        }
        if (!isStored(item, node.answers, stored)) {
          changes.set(node.path, stored);
        }
      }
    }
  }
  return changes;
}

/** The answers a calculated node shall have, unrounded; undefined when the calculation has nothing to say. */
function resultAt(
  node: FormNode,
  view: FormView,
  copy: EvaluationCopy,
  { launch = {} }: FormContext,
): readonly Answer[] | undefined {
  const { calculation, calculationMode } = node.item;
  if (calculation === undefined || [...calculation.externals].some((name) => launch[name] === undefined)) {
    return undefined;
  }
  const values = view.isEnabled(node) ? (attempt(calculation, copy.scope(node)) ?? []) : [];
  return RULES[calculationMode](toAnswers(node.item, values), node.answers);
}

/** What stands after a calculation, by its mode: results and answers there → answers. */
const RULES: Readonly<
  Record<CalculationMode, (results: readonly Answer[], there: readonly Answer[]) => readonly Answer[]>
> = {
  fixed: (results) => results,
  suggested: (results, there) => (there.every(isCalculated) ? results.map(marked) : there),
  conditional: (results, there) => {
    const users = there.every(isCalculated) ? [] : there;
    return results.length > 0 ? results.map(marked) : users;
  },
};

const marked = (answer: Answer): Answer => ({
  ...answer,
  extension: [{ url: EXT.calculatedAnswer, valueBoolean: true }],
});

function isStored(item: FormItem, there: readonly Answer[], stored: readonly Answer[]): boolean {
  const marksAgree =
    item.calculationMode === 'fixed' ||
    there.every((answer, index) => isCalculated(answer) === isCalculated(stored[index] ?? {}));
  return marksAgree && sameAnswers(there, stored);
}
