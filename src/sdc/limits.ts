/**
 * Limits of an item: section 1.3 of docs/sdc-dialect.md.
 */
import { EXT, extensionOf, extensionValue, hasFlag } from './extensions.ts';
import { isObject } from './answer.ts';
import type { Limit, Limits } from './form-types.ts';
import type { Extension, QuestionnaireItem } from '../fhir/types.ts';

/** Read the limits of an item; a regex that does not compile counts as none (`checkForm` reports it). */
export function limitsOf(source: QuestionnaireItem): Limits {
  const range = extensionOf(source, EXT.usualRange);
  return {
    min: limit(extensionOf(source, EXT.minValue)),
    max: limit(extensionOf(source, EXT.maxValue)),
    low: limit(extensionOf(range, 'low')),
    high: limit(extensionOf(range, 'high')),
    minLength: extensionOf(source, EXT.minLength)?.valueInteger,
    maxLength: source.maxLength,
    regex: anchored(extensionOf(source, EXT.regex)?.valueString),
    entryFormat: extensionOf(source, EXT.entryFormat)?.valueString,
    decimals: extensionOf(source, EXT.decimals)?.valueInteger,
    minOccurs: extensionOf(source, EXT.minOccurs)?.valueInteger ?? 0,
    maxOccurs: source.repeats === true ? (extensionOf(source, EXT.maxOccurs)?.valueInteger ?? Infinity) : 1,
    notAfterNow: hasFlag(source, EXT.notAfterNow),
  };
}

/** The regular expression for the whole text; undefined when it is none. */
export function anchored(regex: string | undefined): RegExp | undefined {
  if (regex === undefined) {
    return undefined;
  }
  try {
    return new RegExp(`^(?:${regex})$`, 'u');
  } catch {
    return undefined;
  }
}

function limit(extension: Extension | undefined): Limit | undefined {
  const value = extensionValue(extension);
  const bare = isObject(value) ? value['value'] : value;
  return typeof bare === 'number' || typeof bare === 'string' ? bare : undefined;
}
