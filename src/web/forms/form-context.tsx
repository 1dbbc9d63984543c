/**
 * What every part of a form needs and what does not change while one types.
 */
import { createContext, useContext } from 'react';
import type { Form } from '../../sdc/form-types.ts';
import type { FormView } from '../../sdc/visibility.ts';
import type { FormTexts, Lang } from '../ui/form-texts.ts';
import type { FormEvent, FormState } from './form-state.ts';

/** One message at one place in the form. */
export interface FieldIssue {
  readonly severity: 'error' | 'warning';
  readonly message: string;
  /** Field name; undefined when the message is about the form as a whole. */
  readonly name?: string;
  /** Stable key of the rule: `usual-range`, `required` … */
  readonly rule?: string;
}

export interface FormFrame {
  readonly form: Form;
  readonly lang: Lang;
  readonly t: FormTexts;
  readonly isReadOnly: boolean;
  /** True once the browser has taken over: conveniences that would be traps in a plain HTML form. */
  readonly isLive: boolean;
  /** What the sources have filled as a whole is folded when the page opens. */
  readonly folds: boolean;
  /** Words that are suggested for a text, by linkId. */
  readonly suggestions: Readonly<Record<string, readonly string[]>>;
  readonly dispatch: (event: FormEvent) => void;
  /** A fresh id for a new row. */
  readonly newId: () => string;
}

/** What changes: the response laid beside its form, texts being typed, messages. */
export interface Rendering {
  readonly view: FormView;
  readonly texts: FormState['texts'];
  readonly issuesAt: (name: string) => readonly FieldIssue[];
}

const Context = createContext<FormFrame | undefined>(undefined);
export const FormFrameProvider = Context.Provider;

/** The frame around the component; throws outside of a form. */
export function useFrame(): FormFrame {
  const frame = useContext(Context);
  if (frame === undefined) {
    throw new Error('A form part is rendered outside of a form.');
  }
  return frame;
}
