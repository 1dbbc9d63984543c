/**
 * Text that a person typed → answer, and back. Never a native number or date field: their reading of `7,5` depends on the
 * language of the browser.
 */
import type { Answer } from '../../sdc/answer.ts';
import { formatDate, formatDateTime, parseDateText, parseDateTimeText } from '../../sdc/dates.ts';
import type { FormItem, ItemType } from '../../sdc/form-types.ts';
import { inputNumber, parseDecimal, parseInteger, type Parsed } from '../../sdc/numbers.ts';

export type Typed =
  | { readonly kind: 'empty' }
  | { readonly kind: 'value'; readonly answer: Answer }
  /** `message` says what to write instead. */
  | { readonly kind: 'problem'; readonly message: string };

type Reader = (text: string) => Parsed<Answer>;

const readers: Partial<Record<ItemType, Reader>> = {
  string: (text) => ({ value: { valueString: text } }),
  text: (text) => ({ value: { valueString: text.replaceAll('\r\n', '\n') } }),
  integer: (text) => answerOf(parseInteger(text), (valueInteger) => ({ valueInteger })),
  decimal: (text) => answerOf(parseDecimal(text), (valueDecimal) => ({ valueDecimal })),
  date: (text) => answerOf(parseDateText(text), (valueDate) => ({ valueDate })),
  dateTime: readDateTime,
};

const answerOf = <T>(parsed: Parsed<T>, make: (value: T) => Answer): Parsed<Answer> =>
  parsed.message === undefined ? { value: make(parsed.value) } : { message: parsed.message };

/** Whether an item is answered by typing. */
export const isTyped = (item: FormItem): boolean => readers[item.type] !== undefined;

/** Read what was typed into a field of an item. Spaces around do not count. */
export function readTyped(text: string, item: FormItem): Typed {
  const trimmed = text.trim();
  if (trimmed === '') {
    return { kind: 'empty' };
  }
  const parsed = (readers[item.type] ?? readNumberOnly)(trimmed);
  return parsed.message === undefined
    ? { kind: 'value', answer: parsed.value }
    : { kind: 'problem', message: parsed.message };
}

/** The text of an answer in its input field. */
export function writeTyped(answer: Answer | undefined): string {
  if (answer === undefined) {
    return '';
  }
  const number = answer.valueInteger ?? answer.valueDecimal ?? answer.valueQuantity?.value;
  if (number !== undefined) {
    return inputNumber(number, 'nb');
  }
  if (answer.valueDateTime !== undefined) {
    return formatDateTime(answer.valueDateTime).replace(' kl. ', ' ');
  }
  return answer.valueDate === undefined ? (answer.valueString ?? '') : formatDate(answer.valueDate);
}

/** The number of a quantity. */
const readNumberOnly: Reader = (text) =>
  answerOf(parseDecimal(text), (value) => ({ valueQuantity: { value } }));

const DATE_AND_TIME = /^(\S+?)(?:[ ,T]+(?:kl\.? *)?(\S+))?$/;

function readDateTime(text: string): Parsed<Answer> {
  const [, date = '', time = ''] = DATE_AND_TIME.exec(text) ?? [];
  return answerOf(parseDateTimeText(date, time), (valueDateTime) => ({ valueDateTime }));
}
