/**
 * Which widget shows an item, and what may be changed in it (docs/sdc-dialect.md sections 1 and 4.2).
 */
import { EXT, extensionOf } from '../../sdc/extensions.ts';
import { chartViewsOf } from '../../sdc/body-chart.ts';
import { codingKey } from '../../sdc/answer.ts';
import type { AnswerOption, Form, FormItem, ItemType } from '../../sdc/form-types.ts';

export type Widget =
  | 'group'
  | 'rows'
  | 'display'
  | 'line'
  | 'textarea'
  | 'number'
  | 'date'
  | 'date-time'
  | 'yes-no'
  | 'radio'
  | 'scale'
  | 'checks'
  | 'chart'
  | 'drop-down'
  | 'search'
  | 'quantity';

const widgets: Partial<Record<ItemType, Widget>> = {
  display: 'display',
  string: 'line',
  text: 'textarea',
  integer: 'number',
  decimal: 'number',
  date: 'date',
  dateTime: 'date-time',
  boolean: 'yes-no',
  quantity: 'quantity',
};

const FEW = 7;
const MANY = 20;

/** The widget of an item: by its itemControl, else by its type and number of options. */
export function widgetOf(item: FormItem): Widget {
  if (item.type === 'group') {
    return item.isRepeating ? 'rows' : 'group';
  }
  return widgets[item.type] ?? choiceWidget(item);
}

function choiceWidget(item: FormItem): Widget {
  const { control, isRepeating } = item;
  const options = optionsOf(item);
  if (isRepeating) {
    return chartViewsOf(item).length > 0 ? 'chart' : 'checks';
  }
  if (isScale(options) && control !== 'drop-down') {
    return 'scale';
  }
  if (control === 'autocomplete' || (control === undefined && options.length > MANY)) {
    return 'search';
  }
  return control === 'drop-down' || (control === undefined && options.length > FEW) ? 'drop-down' : 'radio';
}

/** A 0–10 scale: the codes are "0" to "10" in order. */
const isScale = (options: readonly AnswerOption[]): boolean =>
  options.length === 11 && options.every(({ coding }, index) => coding.code === String(index));

/** Options of a choice; none for other items. */
export const optionsOf = (item: FormItem): readonly AnswerOption[] => item.options?.list ?? [];

/** The value of an option in HTML: `system|code`. */
export const optionValue = ({ coding }: AnswerOption): string => codingKey(coding);

/** A group whose repetitions are rows. */
export const isRowGroup = (item: FormItem): boolean => item.type === 'group' && item.isRepeating;

/** Items from the root down to and with the item; empty for an unknown linkId. */
export function chainOf(form: Form, linkId: string): readonly FormItem[] {
  const chain: FormItem[] = [];
  for (let item = form.byLinkId.get(linkId); item !== undefined; item = item.parent) {
    chain.unshift(item);
  }
  return chain;
}

/** Answers chosen side by side rather than below each other. */
export const isHorizontal = (item: FormItem): boolean =>
  extensionOf(item.source, EXT.orientation)?.valueCode === 'horizontal';

/** The unit shown after a number: `mg`. */
export const unitText = (item: FormItem): string | undefined => item.unit?.display ?? item.unit?.code;

/** Units of a quantity: the fixed one, or those to choose from. */
export const unitsOf = (item: FormItem): readonly { readonly code: string; readonly display: string }[] =>
  [...(item.unit === undefined ? [] : [item.unit]), ...item.unitOptions].flatMap(({ code, display }) =>
    code === undefined ? [] : [{ code, display: display ?? code }],
  );
