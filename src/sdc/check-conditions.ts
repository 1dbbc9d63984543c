/**
 * Conditions that cannot work: section 11 of docs/sdc-dialect.md.
 */
import { codingKey, isObject } from './answer.ts';
import type { Condition, Form, FormItem, ItemType } from './form-types.ts';
import type { Finding } from './check-item.ts';
import type { Coding } from '../fhir/types.ts';

/** Findings of the enableWhen of one item. */
export function checkConditions(item: FormItem, form: Form): readonly Finding[] {
  return item.conditions.flatMap((condition) => {
    const text = fault(condition, item, form.byLinkId.get(condition.question));
    return text === undefined ? [] : [{ severity: 'error', rule: 'enable-when', text, linkId: item.linkId }];
  });
}

function fault(condition: Condition, item: FormItem, target: FormItem | undefined): string | undefined {
  const { question, operator, value } = condition;
  if (target === undefined) {
    return `enableWhen points at ${question}, which the form does not have`;
  }
  if (target === item || target.type === 'group' || target.type === 'display') {
    return `enableWhen must point at another question (${question})`;
  }
  if (operator === 'exists') {
    return typeof value === 'boolean' ? undefined : 'enableWhen exists needs answerBoolean';
  }
  if (!fits(target.type, value)) {
    return `enableWhen compares ${question} (${target.type}) with a value of another type: it can never open`;
  }
  const isOption = !isObject(value) || target.options === undefined || isOpen(target, value as Coding);
  return isOption
    ? undefined
    : `enableWhen asks for a code that is no option of ${question}: it can never open`;
}

function isOpen(target: FormItem, value: Coding): boolean {
  return target.type === 'quantity' || target.options?.byKey.has(codingKey(value)) === true;
}

const isNumber = (value: unknown): boolean => typeof value === 'number';
const isString = (value: unknown): boolean => typeof value === 'string';
const isCoding = (value: unknown): boolean => isObject(value) && 'code' in value;

const FITS: Readonly<Partial<Record<ItemType, (value: unknown) => boolean>>> = {
  boolean: (value) => typeof value === 'boolean',
  integer: isNumber,
  decimal: isNumber,
  date: isString,
  dateTime: isString,
  string: isString,
  text: isString,
  choice: isCoding,
  'open-choice': (value) => isCoding(value) || isString(value),
  quantity: (value) => isObject(value) && 'value' in value,
};

const fits = (type: ItemType, value: unknown): boolean => FITS[type]?.(value) === true;
