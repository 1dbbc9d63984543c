/**
 * How a question is shown when its form does not say: section 1.3 of docs/sdc-dialect.md.
 */
import { EXT, extensionOf } from './extensions.ts';
import type { Control, FormItem } from './form-types.ts';

const FEW = 7;
const SOME = 20;

/** The control of an item: its itemControl, else by the number of options. Undefined for items that are no choices. */
export function shownControl(item: FormItem): Control | undefined {
  if (item.control !== undefined || (item.type !== 'choice' && item.type !== 'open-choice')) {
    return item.control;
  }
  const count = item.options?.list.length ?? Infinity;
  if (count > SOME) {
    return 'autocomplete';
  }
  if (count > FEW) {
    return 'drop-down';
  }
  return item.isRepeating ? 'check-box' : 'radio-button';
}

/** Whether options stand beside or below each other. */
export function orientation(item: FormItem): 'horizontal' | 'vertical' {
  return extensionOf(item.source, EXT.orientation)?.valueCode === 'horizontal' ? 'horizontal' : 'vertical';
}
