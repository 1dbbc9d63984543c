/**
 * Which questions are enabled: https://hl7.org/fhir/R4/questionnaire-definitions.html#Questionnaire.item.enableWhen
 * The answer of a disabled question counts as absent, for other conditions too.
 */
import { answerValue, compareValues, sameValue } from './answer.ts';
import { attempt } from './expression.ts';
import { EvaluationCopy } from './evaluation.ts';
import { buildTree, nearestNodes, walk } from './tree.ts';
import type { FormContext } from './expression.ts';
import type { Condition, Form } from './form-types.ts';
import type { FormNode } from './tree.ts';
import type { QuestionnaireResponse } from '../fhir/types.ts';

/** A response seen through its form, with every question's state. */
export interface FormView {
  readonly form: Form;
  readonly response: QuestionnaireResponse;
  readonly roots: readonly FormNode[];
  readonly byPath: ReadonlyMap<string, FormNode>;
  /** All conditions of the node and of those above it hold. */
  isEnabled(node: FormNode): boolean;
  /** Enabled and neither hidden nor in a hidden group: what a user sees. */
  isVisible(node: FormNode): boolean;
}

/** Lay a response beside its form and decide what is enabled. Never throws, whatever the response holds. */
export function viewForm(form: Form, response: QuestionnaireResponse, context: FormContext): FormView {
  const known = views.get(response);
  if (known !== undefined && known.view.form === form && known.context === context) {
    return known.view;
  }
  const view = newView(form, response, context);
  views.set(response, { view, context });
  return view;
}

/** Responses are never changed: what is asked for again at once, by calculating, drawing and checking, is the same. */
const views = new WeakMap<
  QuestionnaireResponse,
  { readonly view: FormView; readonly context: FormContext }
>();

function newView(form: Form, response: QuestionnaireResponse, context: FormContext): FormView {
  const roots = buildTree(form, response);
  const byPath = new Map([...walk(roots)].map((node) => [node.path, node]));
  const enabled = enabledPaths(form, response, roots, context);
  const isEnabled = (node: FormNode): boolean => enabled.has(node.path);
  return {
    form,
    response,
    roots,
    byPath,
    isEnabled,
    isVisible: (node) => isEnabled(node) && !isHidden(node),
  };
}

/** The enabled nodes in form order. */
export function enabledNodes(view: FormView): readonly FormNode[] {
  return [...view.byPath.values()].filter((node) => view.isEnabled(node));
}

const isHidden = (node: FormNode): boolean =>
  node.item.isHidden || (node.parent !== undefined && isHidden(node.parent));

/**
 * enableWhen is decided by looking at the questions it names, first; expressions need a response to look at, so they are
 * evaluated against what is enabled so far, until nothing changes (the form has no cycles, so it ends).
 */
function enabledPaths(
  form: Form,
  response: QuestionnaireResponse,
  roots: readonly FormNode[],
  context: FormContext,
): ReadonlySet<string> {
  const withExpression = [...walk(roots)].filter(({ item }) => item.enableExpression !== undefined);
  let closed: ReadonlySet<string> = new Set();
  let enabled = decide(form, roots, closed);
  for (let pass = 0; withExpression.length > 0 && pass <= withExpression.length; pass++) {
    const seen = enabled;
    const copy = new EvaluationCopy(form, response, roots, ({ path }) => seen.has(path), context);
    const next = new Set(withExpression.filter((node) => !isTrue(node, copy)).map(({ path }) => path));
    if (sameSet(next, closed)) {
      break;
    }
    closed = next;
    enabled = decide(form, roots, closed);
  }
  return enabled;
}

function isTrue(node: FormNode, copy: EvaluationCopy): boolean {
  const { enableExpression } = node.item;
  return enableExpression !== undefined && attempt(enableExpression, copy.scope(node))?.[0] === true;
}

const sameSet = (left: ReadonlySet<string>, right: ReadonlySet<string>): boolean =>
  left.size === right.size && [...left].every((entry) => right.has(entry));

function decide(form: Form, roots: readonly FormNode[], closed: ReadonlySet<string>): ReadonlySet<string> {
  const known = new Map<FormNode, boolean>();

  const isEnabled = (node: FormNode): boolean => {
    const decided = known.get(node);
    if (decided !== undefined) {
      return decided;
    }
    // A question that is asked about while it is being decided stands in a cycle: it stays closed.
    known.set(node, false);
    const result =
      (node.parent === undefined || isEnabled(node.parent)) && !closed.has(node.path) && conditionsHold(node);
    known.set(node, result);
    return result;
  };

  const conditionsHold = (node: FormNode): boolean => {
    const { conditions, behaviour } = node.item;
    if (conditions.length === 0) {
      return true;
    }
    const holds = (condition: Condition): boolean => conditionHolds(condition, answersTo(node, condition));
    return behaviour === 'any' ? conditions.some(holds) : conditions.every(holds);
  };

  const answersTo = (node: FormNode, { question }: Condition): readonly (readonly unknown[])[] => {
    const target = form.byLinkId.get(question);
    const nodes = target === undefined ? [] : nearestNodes(roots, node, target);
    return nodes.filter(isEnabled).map(({ answers }) => answers.map(answerValue));
  };

  return new Set([...walk(roots)].filter(isEnabled).map(({ path }) => path));
}

/** One condition over the answers to its question, one list per row where it stands in rows: one row that fits is enough. */
export function conditionHolds(
  { operator, value }: Pick<Condition, 'operator' | 'value'>,
  rows: readonly (readonly unknown[])[],
): boolean {
  const answered = rows.filter((answers) => answers.length > 0);
  if (operator === 'exists') {
    return answered.length > 0 === (value === true);
  }
  return answered.some((answers) => OPERATORS[operator](answers, value));
}

const OPERATORS: Readonly<
  Record<Exclude<Condition['operator'], 'exists'>, (answers: readonly unknown[], value: unknown) => boolean>
> = {
  '=': (answers, value) => answers.some((answer) => sameValue(answer, value)),
  '!=': (answers, value) => !answers.some((answer) => sameValue(answer, value)),
  '>': (answers, value) => answers.some((answer) => (compareValues(answer, value) ?? NaN) > 0),
  '<': (answers, value) => answers.some((answer) => (compareValues(answer, value) ?? NaN) < 0),
  '>=': (answers, value) => answers.some((answer) => (compareValues(answer, value) ?? NaN) >= 0),
  '<=': (answers, value) => answers.some((answer) => (compareValues(answer, value) ?? NaN) <= 0),
};
