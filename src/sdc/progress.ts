/**
 * How far a form is filled in.
 */
import { mayEdit } from './calculate.ts';
import { visibleNodes } from './visibility.ts';
import type { FormNode } from './tree.ts';
import type { FormView } from './visibility.ts';

export interface Progress {
  readonly answered: number;
  /** Questions that the user sees and may answer. */
  readonly visible: number;
  /** Required ones among them that are not answered. */
  readonly missing: number;
  /** Path of the first question without an answer. */
  readonly firstUnanswered: string | undefined;
}

/** Counts over the whole form, or over one page of it (the node of a group). */
export function progress(view: FormView, page?: FormNode): Progress {
  const questions = visibleNodes(view)
    .filter((node) => page === undefined || node.path === page.path || node.path.startsWith(`${page.path}/`))
    .filter(isQuestion);
  const unanswered = questions.filter(({ answers }) => answers.length === 0);
  return {
    answered: questions.length - unanswered.length,
    visible: questions.length,
    missing: unanswered.filter(({ item }) => item.requiredAt === 'draft' || item.requiredAt === 'final')
      .length,
    firstUnanswered: unanswered[0]?.path,
  };
}

const isQuestion = ({ item, answers }: FormNode): boolean =>
  item.type !== 'group' && item.type !== 'display' && mayEdit(item, answers);
