/**
 * How far a form has come: what is answered, what was fetched, what is left, what is wrong.
 */
import type { FormNode } from '../../sdc/tree.ts';
import { walk } from '../../sdc/tree.ts';
import { nodeText } from '../../sdc/text.ts';
import type { Language } from '../../sdc/language.ts';
import { mayEdit } from '../../sdc/calculate.ts';
import type { FormIssue } from '../../sdc/validate-response.ts';
import type { FormView } from '../../sdc/visibility.ts';
import { sourceOf } from './answer-marks.ts';
import type { FieldIssue } from './form-context.tsx';
import { nodeName, STAND_IN } from './nodes.ts';

/** A place in the form to go to. */
export interface Place {
  readonly name: string;
  readonly text: string;
}

export interface Progress {
  readonly answered: number;
  readonly total: number;
  readonly fetched: number;
  readonly toConfirm: number;
  /** What must be answered and is not. */
  readonly remaining: readonly (FieldIssue & Place)[];
  /** What is wrong with what is answered. */
  readonly problems: readonly (FieldIssue & Place)[];
}

/** Rules that only say that something is not there yet. */
const UNANSWERED = new Set(['required', 'min-answers', 'min-rows', 'recommended']);
/** What the engine mends by itself. */
const MENDED = new Set(['disabled-answer', 'calculated', 'questionnaire-version']);

/** Count and sort what the engine found with strictness `final`. */
export function progressOf(view: FormView, issues: readonly FormIssue[], lang: Language): Progress {
  const questions = [...walk(view.roots)].filter((node) => isAsked(node, view));
  const sources = questions.flatMap(({ answers }) => answers.flatMap((answer) => sourceOf(answer) ?? []));
  const found = issues.filter(({ rule = '' }) => !MENDED.has(rule)).map((issue) => placed(issue, view, lang));
  const isMissing = ({ rule = '' }: FieldIssue): boolean => UNANSWERED.has(rule);
  return {
    answered: questions.filter(({ answers }) => answers.length > 0).length,
    total: questions.length,
    fetched: sources.length,
    toConfirm: sources.filter(({ adopted }) => adopted === 'suggested').length,
    remaining: found.filter((issue) => isMissing(issue) && issue.severity === 'error'),
    problems: found.filter((issue) => !isMissing(issue)),
  };
}

/** A question that the person sees and may answer. */
export const isAsked = (node: FormNode, view: FormView): boolean =>
  node.item.type !== 'group' &&
  node.item.type !== 'display' &&
  view.isVisible(node) &&
  mayEdit(node.item, node.answers) &&
  !isStandIn(node);

const isStandIn = (node: FormNode): boolean =>
  node.parent !== undefined && (node.parent.source?.id === STAND_IN || isStandIn(node.parent));

function placed(
  { severity, diagnostics, path, rule }: FormIssue,
  view: FormView,
  lang: Language,
): FieldIssue & Place {
  const node = path === undefined ? undefined : view.byPath.get(path);
  return {
    severity: severity === 'error' || severity === 'fatal' ? 'error' : 'warning',
    message: diagnostics.replace(/^«[^»]*»: /, ''),
    name: node === undefined ? '' : nodeName(node),
    text: node === undefined ? '' : nodeText(node, lang),
    ...(rule !== undefined && { rule }),
  };
}
