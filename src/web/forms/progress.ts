/**
 * How far a form has come: what is answered, what was fetched, what is left, what is wrong.
 */
import type { FormNode } from '../../sdc/tree.ts';
import { walk } from '../../sdc/tree.ts';
import { isToConfirm } from '../../sdc/source-value.ts';
import { answerText, nodeText } from '../../sdc/text.ts';
import type { Language } from '../../sdc/language.ts';
import { mayEdit } from '../../sdc/calculate.ts';
import type { FormIssue } from '../../sdc/validate-response.ts';
import type { FormView } from '../../sdc/visibility.ts';
import { sourceOf } from './answer-marks.ts';
import type { FieldIssue } from './form-context.tsx';
import { nodeName, STAND_IN } from './nodes.ts';
import { senderName, sourceName } from './source-name.ts';

/** A place in the form to go to. */
export interface Place {
  readonly name: string;
  readonly text: string;
}

/** What is fetched, as one reads it before one stands by it. */
export interface FetchedAnswer extends Place {
  readonly value: string;
  readonly from: string;
}

export interface Progress {
  readonly answered: number;
  readonly total: number;
  readonly fetched: number;
  /** Fetched answers that must be confirmed, and are not. */
  readonly toConfirm: readonly FetchedAnswer[];
  /** Fetched answers by who has sent them. */
  readonly senders: readonly { readonly name: string; readonly n: number }[];
  /** The first question that waits: unanswered, else unconfirmed. */
  readonly first: Place | undefined;
  /** What must be answered and is not. */
  readonly remaining: readonly (FieldIssue & Place)[];
  /** What is wrong with what is answered. */
  readonly problems: readonly (FieldIssue & Place)[];
}

/** Rules that only say that something is not there yet. */
const UNANSWERED = new Set([
  'required',
  'min-answers',
  'min-rows',
  'recommended',
  'source-conflict',
  'source-unconfirmed',
]);
/** What the engine mends by itself. */
const MENDED = new Set(['disabled-answer', 'calculated', 'questionnaire-version']);

/** Count and sort what the engine found with strictness `final`. */
export function progressOf(view: FormView, issues: readonly FormIssue[], lang: Language): Progress {
  const questions = [...walk(view.roots)].filter((node) => isAsked(node, view));
  const sources = questions.flatMap(({ answers }) => answers.flatMap((answer) => sourceOf(answer) ?? []));
  const unconfirmed = questions.filter(isToConfirm);
  const waiting = questions.find(({ answers }) => answers.length === 0) ?? unconfirmed[0];
  const found = issues.filter(({ rule = '' }) => !MENDED.has(rule)).map((issue) => placed(issue, view, lang));
  const isMissing = ({ rule = '' }: FieldIssue): boolean => UNANSWERED.has(rule);
  return {
    answered: questions.filter(({ answers }) => answers.length > 0).length,
    total: questions.length,
    fetched: sources.length,
    toConfirm: unconfirmed.flatMap((node) => fetchedAnswers(node, lang)),
    senders: [...Map.groupBy(sources, (source) => senderName(source, lang))].map(([name, all]) => ({
      name,
      n: all.length,
    })),
    first: waiting === undefined ? undefined : { name: nodeName(waiting), text: nodeText(waiting, lang) },
    remaining: found.filter((issue) => isMissing(issue) && issue.severity === 'error'),
    problems: found.filter((issue) => !isMissing(issue)),
  };
}

const fetchedAnswers = (node: FormNode, lang: Language): readonly FetchedAnswer[] =>
  node.answers.flatMap((answer) => {
    const source = sourceOf(answer);
    return source?.adopted === 'suggested'
      ? [
          {
            name: nodeName(node),
            text: nodeText(node, lang),
            value: answerText(node.item, answer, lang),
            from: sourceName(source, lang),
          },
        ]
      : [];
  });

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
