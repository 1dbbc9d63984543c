/**
 * Names of the form's own fields, beside those of the questions (names.ts). Written by the renderer, read by form-data.ts.
 */
export const fields = {
  /** Version that the user saw; becomes If-Match. */
  version: '_version',
  /**
   * Which button: `save`, `next`, `confirm-all`, `reopen`, `done`, `add:q/…`, `remove:q/…:row`, `offer:<Task>`, `choose:<place>:q/…`,
   * `none:q/…`.
   */
  action: '_action',
  /** Ticked [Ferdigstille skjema?]. */
  complete: '_complete',
  /** Why a locked form is corrected. */
  reason: '_reason',
  /** Internal comment on the form; never exported. */
  comment: '_comment',
  /** One per question that was shown and can be changed: tells "emptied" from "not shown". */
  shown: '_shown',
  /** One per row that was shown, in order. */
  row: '_row',
} as const;

/** Ticked: the user stands by a fetched answer. */
export const confirmName = (name: string): string => `ok/${name}`;
/** Ticked: the unusual value is right. */
export const unusualName = (name: string): string => `sure/${name}`;
/** Free text beside the options of an open choice. */
export const otherName = (name: string): string => `other/${name}`;
/** Unit of a quantity. */
export const unitName = (name: string): string => `unit/${name}`;

export type FormAction =
  | { readonly kind: 'save' | 'next' | 'confirm-all' | 'reopen' | 'done' }
  | { readonly kind: 'add' | 'remove' | 'offer'; readonly target: string }
  | { readonly kind: 'choose' | 'none'; readonly target: string };

const AIMED = ['add', 'remove', 'offer', 'choose', 'none'] as const;
const PLAIN = [{ kind: 'next' }, { kind: 'confirm-all' }, { kind: 'reopen' }, { kind: 'done' }] as const;

/** Button → action; anything unknown saves, which loses nothing. */
export function readAction(value: string | null): FormAction {
  const [kind = '', ...rest] = (value ?? '').split(':');
  const target = rest.join(':');
  const aimed = AIMED.find((one) => one === kind);
  if (aimed !== undefined && target !== '') {
    return { kind: aimed, target };
  }
  return PLAIN.find((action) => action.kind === kind) ?? { kind: 'save' };
}
