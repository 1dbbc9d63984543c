/**
 * The values that a posted form has for one question, by its widget.
 */
import type { Answer } from '../../sdc/answer.ts';
import type { FormItem } from '../../sdc/form-types.ts';
import { otherName, unitName } from './form-fields.ts';
import { optionsOf, optionValue, unitsOf, widgetOf, type Widget } from './item-control.ts';
import { matchOption, optionsLike } from './option-search.ts';
import { readTyped } from './typed-values.ts';

/** What was posted for a question: values, or a text that is none. */
export interface PostedValues {
  readonly values: readonly Answer[];
  /** Text that could not be understood, as typed. */
  readonly text?: string;
}

type Reader = (item: FormItem, name: string, posted: URLSearchParams) => PostedValues;

const NONE: PostedValues = { values: [] };

const readers: Partial<Record<Widget, Reader>> = {
  'yes-no': readYesNo,
  radio: readChoice,
  scale: readChoice,
  'drop-down': readChoice,
  checks: readChoice,
  chart: readChoice,
  search: readSearch,
  quantity: readQuantity,
};

/** Read the fields of one question. */
export function readValues(item: FormItem, name: string, posted: URLSearchParams): PostedValues {
  return (readers[widgetOf(item)] ?? readText)(item, name, posted);
}

function readYesNo(_: FormItem, name: string, posted: URLSearchParams): PostedValues {
  const value = posted.get(name);
  return value === 'true' || value === 'false' ? { values: [{ valueBoolean: value === 'true' }] } : NONE;
}

function readChoice(item: FormItem, name: string, posted: URLSearchParams): PostedValues {
  const chosen = new Set(posted.getAll(name));
  const options = optionsOf(item).filter((option) => !option.isSystemOnly && chosen.has(optionValue(option)));
  const other = item.type === 'open-choice' ? (posted.get(otherName(name))?.trim() ?? '') : '';
  return {
    values: [
      ...options.map(({ coding }) => ({ valueCoding: coding })),
      ...(other === '' ? [] : [{ valueString: other }]),
    ],
  };
}

function readSearch(item: FormItem, name: string, posted: URLSearchParams): PostedValues {
  const text = posted.get(name)?.trim() ?? '';
  if (text === '') {
    return NONE;
  }
  const named = matchOption(optionsOf(item), text);
  if (named !== undefined) {
    return { values: [{ valueCoding: named.coding }] };
  }
  if (item.type === 'open-choice') {
    return { values: [{ valueString: text }] }; // what is not in the list is meant as it was written
  }
  const [only, ...others] = optionsLike(optionsOf(item), text);
  return only === undefined || others.length > 0
    ? { values: [], text }
    : { values: [{ valueCoding: only.coding }] };
}

function readQuantity(item: FormItem, name: string, posted: URLSearchParams): PostedValues {
  const text = posted.get(name) ?? '';
  const typed = readTyped(text, item);
  if (typed.kind === 'problem') {
    return { values: [], text: text.trim() };
  }
  const value = typed.kind === 'value' ? typed.answer.valueQuantity?.value : undefined;
  return value === undefined ? NONE : { values: [quantityAnswer(item, value, posted.get(unitName(name)))] };
}

/** A number with the unit that was chosen, else the item's first. */
function quantityAnswer(item: FormItem, value: number, code: string | null): Answer {
  const units = unitsOf(item);
  const unit = units.find((candidate) => candidate.code === code) ?? units[0];
  const coded = unit && { unit: unit.display, system: 'http://unitsofmeasure.org', code: unit.code };
  return { valueQuantity: { value, ...coded } };
}

function readText(item: FormItem, name: string, posted: URLSearchParams): PostedValues {
  const text = posted.get(name) ?? '';
  const typed = readTyped(text, item);
  if (typed.kind === 'problem') {
    return { values: [], text: text.trim() };
  }
  return typed.kind === 'value' ? { values: [typed.answer] } : NONE;
}
