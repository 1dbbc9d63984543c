/**
 * A locked form as plain text for the patient's record: what was answered, in the form's own order and words, and what it scores.
 * Always bokmål, whoever reads the pages in what language.
 */
import type { QuestionnaireResponse } from '../../fhir/types.ts';
import type { FormContext } from '../../sdc/expression.ts';
import type { Form } from '../../sdc/form-types.ts';
import { answerText, itemText, nodeText } from '../../sdc/text.ts';
import type { FormNode } from '../../sdc/tree.ts';
import { type FormView, viewForm } from '../../sdc/visibility.ts';
import type { ShownScore } from '../scoring/show.ts';

export interface RecordText {
  /** Name of the register. */
  readonly register: string;
  /** Title of the form. */
  readonly title: string;
  /** When and by whom it was locked, as words. */
  readonly locked: string;
  /** Name and birth date: who it is about, so that a copy lands in the right record. */
  readonly patient: string;
}

/** Lines end with `\n`; groups are indented by two blanks. Questions without an answer are left out. */
export function recordText(
  form: Form,
  response: QuestionnaireResponse,
  context: FormContext,
  about: RecordText,
  scores: readonly ShownScore[],
): string {
  const view = viewForm(form, response, context);
  const head = [`${about.register}: ${about.title}`, about.patient, about.locked];
  const answers = view.roots.flatMap((node) => linesOf(view, node, ''));
  const scored = scores.map(scoreLine);
  const parts = [head, answers, scored.length === 0 ? [] : ['Skårer', ...scored.map((line) => `  ${line}`)]];
  return `${parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function linesOf(view: FormView, node: FormNode, indent: string): readonly string[] {
  if (!view.isVisible(node) || node.item.type === 'display') {
    return [];
  }
  const { item, answers, children } = node;
  const below = (): readonly string[] => children.flatMap((child) => linesOf(view, child, `${indent}  `));
  if (item.type === 'group') {
    const title = oneLine(node.row === undefined ? itemText(item, 'nb') : nodeText(node, 'nb'));
    const lines = title === '' ? children.flatMap((child) => linesOf(view, child, indent)) : below();
    return lines.length === 0 || title === '' ? lines : [`${indent}${title}`, ...lines];
  }
  const given = answers
    .map((answer) => oneLine(answerText(item, answer, 'nb')))
    .filter((text) => text !== '');
  return given.length === 0
    ? below()
    : [`${indent}${question(oneLine(itemText(item, 'nb')))} ${given.join('; ')}`, ...below()];
}

/** A question that asks stands as it is; others get a colon. */
const question = (text: string): string => (/[?:]$/.test(text) ? text : `${text}:`);

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();

const BETTER = { higher: ', høyere er bedre', lower: ', høyere er verre', none: '' } as const;

function scoreLine({ title, value, range, better, band, answered, items }: ShownScore): string {
  const counted = `${answered} av ${items} spørsmål besvart`;
  return value === undefined
    ? `${title}: ikke beregnet (${counted})`
    : `${title}: ${value}${band === undefined ? '' : ` (${band})`} (skala ${range}${BETTER[better]}; ${counted})`;
}
