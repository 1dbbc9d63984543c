/**
 * The response as expressions see it: without the answers of disabled questions, and with the weights of the chosen options.
 */
import { codingKey, isObject } from './answer.ts';
import { EXT } from './extensions.ts';
import { environmentOf } from './expression.ts';
import { VariableValues } from './variable.ts';
import type { Answer } from './answer.ts';
import type { FormContext } from './expression.ts';
import type { Scope } from './fragment.ts';
import type { Form, FormItem } from './form-types.ts';
import type { FormNode } from './tree.ts';
import type { Coding, QuestionnaireResponse, QuestionnaireResponseItem } from '../fhir/types.ts';

/** A working copy of a response that calculations write into; it never leaves the engine. */
export class EvaluationCopy {
  readonly resource: QuestionnaireResponse;
  private readonly items = new Map<string, QuestionnaireResponseItem>();
  private readonly variables: Readonly<Record<string, unknown>>;
  private readonly memo = new VariableValues();

  constructor(
    form: Form,
    response: QuestionnaireResponse,
    roots: readonly FormNode[],
    isEnabled: (node: FormNode) => boolean,
    context: FormContext,
  ) {
    this.resource = { ...response, item: this.copyAll(roots, isEnabled) };
    this.variables = environmentOf(form.launchNames, context);
  }

  /** What an expression at this node sees; without a node, one of the Questionnaire. */
  scope(node: FormNode | undefined, more: Readonly<Record<string, unknown>> = {}): Scope {
    return {
      resource: this.resource,
      itemAt: (order) => this.itemOf(enclosing(node, order)),
      pathAt: (order) => enclosing(node, order)?.path ?? '',
      variables: { ...this.variables, ...more },
      memo: Object.keys(more).length === 0 ? this.memo : new VariableValues(),
    };
  }

  /** Put answers at a node, with their weights; creates the item (and the groups around it) when it is not there. */
  write(node: FormNode, answers: readonly Answer[]): void {
    const item = this.ensure(node);
    item.answer = answers.map((answer) => weighted(node.item, answer));
    this.memo.forget(linkIdsTo(node));
  }

  /** An item that is not there yet (a row to be made, a question without answer) is an empty one. */
  private itemOf(node: FormNode | undefined): QuestionnaireResponseItem {
    return this.items.get(node?.path ?? '') ?? { linkId: node?.item.linkId ?? '' };
  }

  private ensure(node: FormNode): QuestionnaireResponseItem {
    const known = this.items.get(node.path);
    if (known !== undefined) {
      return known;
    }
    const made: QuestionnaireResponseItem = { linkId: node.item.linkId };
    const holder: { item?: QuestionnaireResponseItem[] } =
      node.parent === undefined ? this.resource : this.ensure(node.parent);
    holder.item = [...(holder.item ?? []), made];
    this.items.set(node.path, made);
    return made;
  }

  private copyAll(
    nodes: readonly FormNode[],
    isEnabled: (node: FormNode) => boolean,
  ): QuestionnaireResponseItem[] {
    return nodes.flatMap((node) => {
      if (node.source === undefined || !isEnabled(node)) {
        return [];
      }
      const children = this.copyAll(node.children, isEnabled);
      const copy: QuestionnaireResponseItem = {
        linkId: node.item.linkId,
        ...(node.answers.length > 0 && { answer: node.answers.map((answer) => weighted(node.item, answer)) }),
        ...(children.length > 0 && { item: children }),
      };
      this.items.set(node.path, copy);
      return [copy];
    });
  }
}

const linkIdsTo = (node: FormNode): readonly string[] => [
  node.item.linkId,
  ...(node.parent === undefined ? [] : linkIdsTo(node.parent)),
];

function enclosing(node: FormNode | undefined, order: number): FormNode | undefined {
  return node === undefined || node.item.order === order ? node : enclosing(node.parent, order);
}

/** A Coding with the weight of its option, where `.weight()` finds it. */
function weighted(item: FormItem, answer: Answer): Answer {
  const coding = answer.valueCoding as Coding | undefined;
  const weight = isObject(coding) ? item.options?.byKey.get(codingKey(coding))?.weight : undefined;
  return weight === undefined
    ? answer
    : { ...answer, valueCoding: { ...coding, extension: [{ url: EXT.ordinalValue, valueDecimal: weight }] } };
}
