/**
 * Submitting with a saver at hand: a draft is saved without leaving the page; what leaves it waits until everything is stored,
 * so that the server reads the newest version. Without JavaScript the form simply posts.
 */
import { useEffect, useRef, type FormEvent, type RefObject } from 'react';
import { fields } from './form-fields.ts';
import type { Saver } from './saving.ts';

export interface Submitting {
  readonly formRef: RefObject<HTMLFormElement | null>;
  readonly onSubmit: (event: FormEvent<HTMLFormElement>) => void;
}

export function useSubmit(saver: Saver | undefined, isComplete: boolean): Submitting {
  const formRef = useRef<HTMLFormElement>(null);
  const isLeaving = useRef(false);
  useEffect(() => warnBeforeLeaving(saver, isLeaving), [saver]);
  const onSubmit = (event: FormEvent<HTMLFormElement>): void => {
    if (saver === undefined || isLeaving.current) {
      return;
    }
    event.preventDefault();
    const submitter = (event.nativeEvent as SubmitEvent).submitter;
    const isDraft = !isComplete && submitter?.getAttribute('value') === 'save';
    void saver.save().then((isStored) => {
      if (isStored && !isDraft) {
        isLeaving.current = true;
        // Not before this submit event has ended: until then the browser ignores another.
        setTimeout(() => post(formRef.current, submitter, saver.version()));
      }
    });
  };
  return { formRef, onSubmit };
}

/** Post the form as a browser would, over the version that the saver made. */
function post(
  form: HTMLFormElement | null,
  submitter: HTMLElement | null,
  version: string | undefined,
): void {
  const input = form?.elements.namedItem(fields.version);
  if (input instanceof HTMLInputElement) {
    input.value = version ?? '';
  }
  form?.requestSubmit(submitter);
}

function warnBeforeLeaving(
  saver: Saver | undefined,
  isLeaving: RefObject<boolean>,
): (() => void) | undefined {
  if (saver === undefined) {
    return undefined;
  }
  const warn = (event: BeforeUnloadEvent): void => {
    const { kind } = saver.state();
    if (!isLeaving.current && kind !== 'saved' && kind !== 'untouched') {
      event.preventDefault();
    }
  };
  window.addEventListener('beforeunload', warn);
  return () => window.removeEventListener('beforeunload', warn);
}
