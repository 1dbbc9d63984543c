/**
 * The parts of the form with what is left and what is wrong in each: always in sight on wide screens.
 */
import type { ReactNode } from 'react';
import { itemText, localised } from '../../sdc/text.ts';
import type { Language } from '../../sdc/language.ts';
import type { FormNode } from '../../sdc/tree.ts';
import type { FormView } from '../../sdc/visibility.ts';
import { fill, type FormTexts } from '../ui/form-texts.ts';
import { useFrame } from './form-context.tsx';
import { blocksOf, nodeName } from './nodes.ts';
import type { Place, Progress } from './progress.ts';

export interface OutlineProps {
  readonly view: FormView;
  readonly progress: Progress;
}

export function Outline({ view, progress }: OutlineProps): ReactNode {
  const { t, lang, isReadOnly } = useFrame();
  const parts = blocksOf(view.roots, view).flatMap((block) =>
    block.kind === 'single' && block.node.item.type === 'group' ? [block.node] : [],
  );
  if (parts.length < 2) {
    return null;
  }
  return (
    <nav className="outline no-print" aria-label={t.outline}>
      <ol>
        {parts.map((part) => (
          <li key={part.path}>
            <a href={`#${nodeName(part)}`}>{partText(part, lang)}</a>
            {!isReadOnly && <PartState {...stateOf(part, progress)} t={t} />}
          </li>
        ))}
      </ol>
    </nav>
  );
}

const partText = (part: FormNode, lang: Language): string =>
  itemText(part.item, lang) || localised(part.item.source, 'text', lang);

interface PartCounts {
  readonly answered: number;
  readonly left: number;
  readonly errors: number;
}

function PartState({ answered, left, errors, t }: PartCounts & { readonly t: FormTexts }): ReactNode {
  if (errors > 0) {
    return (
      <span className="outline__state outline__state--error">
        <span aria-hidden="true">▲ </span>
        {errors === 1 ? t.errorOne : fill(t.errors, { n: errors })}
      </span>
    );
  }
  if (left > 0) {
    return <span className="outline__state">{fill(t.left, { n: left })}</span>;
  }
  return answered === 0 ? null : (
    <span className="outline__state outline__state--done">
      <span aria-hidden="true">✓ </span>
      {t.done}
    </span>
  );
}

function stateOf(part: FormNode, { remaining, problems }: Progress): PartCounts {
  const names = namesBelow(part);
  const isHere = ({ name }: Place): boolean => names.has(name);
  return {
    answered: answersBelow(part),
    left: remaining.filter(isHere).length,
    errors: problems.filter((problem) => problem.severity === 'error' && isHere(problem)).length,
  };
}

const namesBelow = (node: FormNode): ReadonlySet<string> =>
  new Set([nodeName(node), ...node.children.flatMap((child) => [...namesBelow(child)])]);

const answersBelow = ({ answers, children }: FormNode): number =>
  answers.length + children.reduce((sum, child) => sum + answersBelow(child), 0);
