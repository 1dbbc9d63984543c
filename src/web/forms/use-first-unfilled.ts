/**
 * Where the record has filled part of a form, the page opens at the first question that waits: scrolled to it, with the keyboard in it.
 * Nobody who came to a certain place, or has begun, is moved.
 */
import { useEffect, useRef, useState } from 'react';
import type { FormModel } from '../view-models.ts';
import type { Place, Progress } from './progress.ts';

/** The place that the page has gone to; undefined until it has, or where it does not. */
export function useFirstUnfilled(
  { state, isAttempted }: FormModel,
  { first, fetched }: Progress,
  isTyped: boolean,
): Place | undefined {
  const [place, setPlace] = useState<Place>();
  const isDone = useRef(false);
  useEffect(() => {
    if (isDone.current) {
      return;
    }
    isDone.current = true;
    const isFree = document.activeElement === document.body && location.hash === '' && location.search === '';
    const isWanted = state === 'open' && !isAttempted && !isTyped && fetched > 0;
    if (isFree && isWanted && first !== undefined && focusOn(first.name)) {
      setPlace(first);
    }
  }, [state, isAttempted, isTyped, fetched, first]);
  return place;
}

const FIELDS = 'input:not([type="hidden"]), select, textarea, button';

/** Put the keyboard into a question, or into the choice between what its sources say. */
function focusOn(name: string): boolean {
  const box = document.getElementById(`${name}-kilder`) ?? document.getElementById(name);
  const field = box?.matches(FIELDS) === true ? box : box?.querySelector<HTMLElement>(FIELDS);
  if (!(field instanceof HTMLElement)) {
    return false;
  }
  field.focus({ preventScroll: true });
  field.scrollIntoView({ block: 'center' });
  return true;
}
