/**
 * Who has filled how much, above the questions, with the way to the first one that waits.
 */
import type { ReactNode } from 'react';
import { fill } from '../ui/form-texts.ts';
import { sourceTexts } from '../ui/source-texts.ts';
import { useFrame } from './form-context.tsx';
import type { Place, Progress } from './progress.ts';

export interface FilledSummaryProps {
  readonly progress: Progress;
  /** Where the page has put the keyboard. */
  readonly gone: Place | undefined;
}

export function FilledSummary({ progress, gone }: FilledSummaryProps): ReactNode {
  const { lang, isReadOnly } = useFrame();
  const t = sourceTexts[lang];
  const { senders, first } = progress;
  if (senders.length === 0 || isReadOnly) {
    return null;
  }
  const sources = senders.map(({ name, n }) => fill(t.ofSource, { n, source: name })).join(', ');
  return (
    <div className="filled">
      <p>{fill(t.filledFrom, { sources })}</p>
      {first !== undefined && (
        <p>
          <a href={`#${first.name}`}>{fill(t.goTo, { question: first.text })}</a>
        </p>
      )}
      <p role="status" className="visually-hidden">
        {gone === undefined ? '' : fill(t.atFirst, { question: gone.text })}
      </p>
    </div>
  );
}
