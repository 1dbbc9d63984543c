/**
 * A part of the form that the sources have filled as a whole: folded, its answers to be read at a glance, and opened by a press.
 */
import { useState, type ReactNode } from 'react';
import { isToConfirm } from '../../sdc/source-value.ts';
import { answerText, shortText } from '../../sdc/text.ts';
import { walk, type FormNode } from '../../sdc/tree.ts';
import type { FormView } from '../../sdc/visibility.ts';
import type { Lang } from '../ui/form-texts.ts';
import { sourceTexts } from '../ui/source-texts.ts';
import { sourceOf } from './answer-marks.ts';
import { useFrame, type Rendering } from './form-context.tsx';
import { nodeName } from './nodes.ts';
import { isAsked } from './progress.ts';

export interface FilledGroupProps {
  readonly node: FormNode;
  readonly rendering: Rendering;
  readonly title: ReactNode;
  readonly children: ReactNode;
}

/** Folds what was whole when the page was opened; what is being worked in is never folded under the pointer. */
export function FilledGroup({ node, rendering, title, children }: FilledGroupProps): ReactNode {
  const { lang, folds } = useFrame();
  const { view, issuesAt } = rendering;
  const [isWhole] = useState(() => folds && isFilledBySources(node, view));
  const [isOpen, setOpen] = useState(false);
  if (!isWhole) {
    return (
      <>
        {title}
        {children}
      </>
    );
  }
  const hasIssues = [...walk([node])].some((one) => issuesAt(nodeName(one)).length > 0);
  const isShown = isOpen || hasIssues;
  return (
    <>
      <details className="folded" open={isShown} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>
          {title}
          <span className="folded__state">
            <span aria-hidden="true">✓ </span>
            {sourceTexts[lang].filledGroup}
          </span>
        </summary>
        <div className="folded__content">{children}</div>
      </details>
      {!isShown && <p className="folded__answers">{digest(node, view, lang)}</p>}
    </>
  );
}

/** Everything that is asked is answered, by sources, and nothing is left to confirm. */
function isFilledBySources(group: FormNode, view: FormView): boolean {
  const asked = [...walk([group])].filter((node) => isAsked(node, view));
  return (
    asked.length > 0 &&
    asked.every((node) => node.answers.length > 0 && node.answers.every(isFetched) && !isToConfirm(node))
  );
}

const isFetched = (answer: Parameters<typeof sourceOf>[0]): boolean => {
  const source = sourceOf(answer);
  return source !== undefined && source.adopted !== 'changed';
};

const digest = (group: FormNode, view: FormView, lang: Lang): string =>
  [...walk([group])]
    .filter((node) => isAsked(node, view) && node.answers.length > 0)
    .map(
      ({ item, answers }) =>
        `${shortText(item, lang)}: ${answers.map((answer) => answerText(item, answer, lang)).join(', ')}`,
    )
    .join(' · ');
