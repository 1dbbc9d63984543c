/**
 * Answers that no user writes: items that are readOnly without being calculated. What is taken over from another form of the
 * same pathway follows that form; the rest stays as it was. Section 5 of docs/sdc-dialect.md.
 */
import { EvaluationCopy } from './evaluation.ts';
import { attempt, type FormContext } from './expression.ts';
import { writeAnswers } from './rewrite-response.ts';
import { roundAnswer, toAnswers } from './to-answers.ts';
import { buildTree, hasRows, type FormNode, walk } from './tree.ts';
import type { Answer } from './answer.ts';
import type { Form, FormItem } from './form-types.ts';
import type { QuestionnaireResponse } from '../fhir/types.ts';

export interface ReadOnlySources {
  /** The stored response; undefined before the first save, when what was populated stands. */
  readonly previous: QuestionnaireResponse | undefined;
  /** The other forms of the pathway, as they stand. */
  readonly responses: readonly QuestionnaireResponse[];
}

/** The response with its read-only answers as the server knows them. Never throws, never changes the response given. */
export function withReadOnly(
  form: Form,
  response: QuestionnaireResponse,
  context: FormContext,
  { previous, responses }: ReadOnlySources,
): QuestionnaireResponse {
  const roots = buildTree(form, response);
  const nodes = [...walk(roots)].filter((node) => isKept(node));
  if (nodes.length === 0) {
    return response;
  }
  const fetched = formVariables(form, responses);
  const launch = { ...context.launch, ...fetched };
  const copy = new EvaluationCopy(form, response, roots, () => true, { ...context, launch });
  const before = previous === undefined ? undefined : answersByPath(form, previous);
  const changes = nodes.flatMap((node): readonly (readonly [string, readonly Answer[]])[] => {
    if (isTakenOver(node.item, fetched)) {
      return [[node.path, takenOver(node, copy, launch)]];
    }
    return before === undefined ? [] : [[node.path, before.get(node.path) ?? []]];
  });
  return writeAnswers(response, roots, new Map(changes));
}

/** Questions outside of rows: a row that is added or removed has no earlier self at its place. */
const isKept = ({ item, parent }: FormNode): boolean =>
  item.isReadOnly &&
  item.calculation === undefined &&
  item.type !== 'group' &&
  item.type !== 'display' &&
  !isInRow(parent);

const isInRow = (node: FormNode | undefined): boolean =>
  node !== undefined && (hasRows(node.item) || isInRow(node.parent));

/** The variables of the form that search for responses to other forms, by name. */
function formVariables(
  { queries }: Form,
  responses: readonly QuestionnaireResponse[],
): Readonly<Record<string, readonly QuestionnaireResponse[]>> {
  return Object.fromEntries(
    queries
      .filter(({ query }) => query.startsWith('QuestionnaireResponse?'))
      .map(({ name, query }) => [name, responses.filter((response) => isAskedFor(query, response))]),
  );
}

function isAskedFor(query: string, { questionnaire = '' }: QuestionnaireResponse): boolean {
  const wanted = new URLSearchParams(query.slice(query.indexOf('?') + 1)).get('questionnaire');
  return wanted === null || wanted === questionnaire || wanted === questionnaire.split('|')[0];
}

const isTakenOver = ({ initialExpression }: FormItem, fetched: Readonly<Record<string, unknown>>): boolean =>
  initialExpression !== undefined && [...initialExpression.externals].some((name) => name in fetched);

function takenOver(
  { item, ...node }: FormNode,
  copy: EvaluationCopy,
  launch: Readonly<Record<string, unknown>>,
): readonly Answer[] {
  const { initialExpression } = item;
  if (initialExpression === undefined) {
    return [];
  }
  const values = attempt(initialExpression, copy.scope({ ...node, item }, launch)) ?? [];
  return toAnswers(item, values).map((answer) => roundAnswer(item, answer));
}

const answersByPath = (form: Form, response: QuestionnaireResponse): ReadonlyMap<string, readonly Answer[]> =>
  new Map([...walk(buildTree(form, response))].map(({ path, answers }) => [path, answers]));
