/**
 * What a page knows about the saving of its form. The browser's saver (client/draft-saver.ts) implements it; a page without
 * JavaScript has none.
 */
import type { QuestionnaireResponse } from '../../fhir/types.ts';

export type SaveState =
  | { readonly kind: 'untouched' | 'unsaved' | 'saving' | 'failed' | 'logged-out' }
  | { readonly kind: 'saved'; readonly at: string }
  | { readonly kind: 'conflict'; readonly version: string; readonly at: string; readonly by?: string };

export interface Draft {
  readonly response: QuestionnaireResponse;
  readonly comment: string;
}

export interface Saver {
  readonly subscribe: (onChange: () => void) => () => void;
  readonly state: () => SaveState;
  /** Version that the next save builds on. */
  readonly version: () => string | undefined;
  /** Something was written; it will be saved soon. */
  readonly changed: (draft: Draft) => void;
  /** Save what is unsaved now. True when everything is stored. */
  readonly save: () => Promise<boolean>;
  /** After a conflict: put my draft over the other's. */
  readonly overwrite: () => Promise<boolean>;
}
