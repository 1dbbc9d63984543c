/**
 * What an amendment changed, readable: question, before, after.
 */
import { answerText, nodeText } from './text.ts';
import { buildTree, walk } from './tree.ts';
import { sameAnswers } from './answer.ts';
import type { Form } from './form-types.ts';
import type { FormNode } from './tree.ts';
import type { Language } from './language.ts';
import type { QuestionnaireResponse } from '../fhir/types.ts';

export interface Difference {
  readonly linkId: string;
  readonly path: string;
  readonly question: string;
  /** Answers as text, joined by comma; empty = not answered. */
  readonly before: string;
  readonly after: string;
}

/** The questions whose answers differ, in form order; rows are compared by number. */
export function difference(
  form: Form,
  before: QuestionnaireResponse,
  after: QuestionnaireResponse,
  language: Language,
): readonly Difference[] {
  const old = byPath(form, before);
  const now = byPath(form, after);
  const nodes = new Map([...old, ...now]);
  return [...nodes]
    .map(([path, node]) => ({
      path,
      node,
      was: old.get(path)?.answers ?? [],
      is: now.get(path)?.answers ?? [],
    }))
    .filter(({ was, is }) => !sameAnswers(was, is))
    .sort((left, right) => byPlace(left.node, right.node))
    .map(({ path, node, was, is }) => ({
      linkId: node.item.linkId,
      path,
      question: nodeText(node, language),
      before: was.map((answer) => answerText(node.item, answer, language)).join(', '),
      after: is.map((answer) => answerText(node.item, answer, language)).join(', '),
    }));
}

function byPath(form: Form, response: QuestionnaireResponse): ReadonlyMap<string, FormNode> {
  return new Map([...walk(buildTree(form, response))].map((node) => [node.path, node]));
}

/** Form order; within repeating groups row by row. */
function byPlace(left: FormNode, right: FormNode): number {
  const [a, b] = [places(left), places(right)];
  const at = a.findIndex((place, index) => place !== b[index]);
  return at === -1 ? a.length - b.length : (a[at] ?? 0) - (b[at] ?? -1);
}

function places(node: FormNode): readonly number[] {
  const above = node.parent === undefined ? [] : places(node.parent);
  return [...above, node.item.order, node.row ?? 0];
}
