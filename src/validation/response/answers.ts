/**
 * One answer against its question: https://hl7.org/fhir/R4/questionnaire-definitions.html#Questionnaire.item.type
 */
import type { Extension, JsonObject, JsonValue, QuestionnaireItem } from '../../fhir/types.ts';
import type { Terminology } from '../../terminology/terminology.ts';
import { compareDates } from '../limits.ts';
import { isLike } from '../pattern.ts';
import { typeInReference } from '../references.ts';
import { bytesIn } from '../rules/data-types.ts';
import { isObject, shown, stringOf } from '../run.ts';

/** What is wrong with an answer: a stable key and words. */
export interface Fault {
  readonly rule: string;
  readonly text: string;
}

const HL7 = 'http://hl7.org/fhir/StructureDefinition/';

/** Extensions of a question that limit its answers. */
const limitOf = (item: QuestionnaireItem, name: string): JsonValue | undefined => {
  const found = item.extension?.find(({ url }) => url === HL7 + name);
  return found === undefined ? undefined : extensionValue(found);
};

const limitsOf = (item: QuestionnaireItem, name: string): readonly JsonValue[] =>
  (item.extension ?? [])
    .filter(({ url }) => url === HL7 + name)
    .flatMap((found) => extensionValue(found) ?? []);

const extensionValue = (extension: Extension): JsonValue | undefined =>
  Object.entries(extension).find(([name]) => name.startsWith('value'))?.[1] as JsonValue | undefined;

/** The members of an answer that a type of question allows. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  boolean: ['valueBoolean'],
  decimal: ['valueDecimal', 'valueInteger'],
  integer: ['valueInteger'],
  date: ['valueDate'],
  dateTime: ['valueDateTime', 'valueDate'],
  time: ['valueTime'],
  string: ['valueString'],
  text: ['valueString'],
  url: ['valueUri'],
  choice: ['valueCoding', 'valueString', 'valueInteger', 'valueDate', 'valueTime'],
  'open-choice': ['valueCoding', 'valueString', 'valueInteger', 'valueDate', 'valueTime'],
  attachment: ['valueAttachment'],
  reference: ['valueReference'],
  quantity: ['valueQuantity'],
};

/** Everything that is wrong with one answer, without what stands below it. */
export function answerFaults(
  item: QuestionnaireItem,
  answer: JsonObject,
  terminology: Terminology,
): readonly Fault[] {
  const name = Object.keys(answer).find((key) => key.startsWith('value'));
  if (name === undefined) {
    return [];
  }
  const allowed = VALUES[item.type ?? ''] ?? [];
  if (!allowed.includes(name)) {
    const text = `A question of type ${item.type ?? ''} is answered with ${allowed.join(' or ')}, not ${shown(name)}.`;
    return [{ rule: 'answer-type', text }];
  }
  const value = answer[name] as JsonValue;
  return [
    ...optionFaults(item, name, value, terminology),
    ...(typeof value === 'string' ? textFaults(item, value) : []),
    ...rangeFaults(item, value),
    ...precisionFaults(item, value),
    ...(isObject(value) ? (OBJECT_FAULTS[name]?.(item, value, terminology) ?? []) : []),
  ];
}

function optionFaults(
  { type, answerOption = [], answerValueSet }: QuestionnaireItem,
  name: string,
  value: JsonValue,
  terminology: Terminology,
): readonly Fault[] {
  if (type === 'open-choice' && name === 'valueString') {
    return [];
  }
  const ofType = answerOption.filter((option) => name in option);
  const isOption = ofType.some((option) =>
    isSameAnswer(value, (option as unknown as JsonObject)[name] as JsonValue),
  );
  if (answerOption.length > 0 && !isOption) {
    return [{ rule: 'answer-option', text: 'The answer is none of the options of the question.' }];
  }
  const isKnown = answerValueSet === undefined || isInSet(value, answerValueSet, terminology);
  return isKnown
    ? []
    : [
        {
          rule: 'answer-option',
          text: `The answer is not in the value set ${answerValueSet} of the question.`,
        },
      ];
}

const isSameAnswer = (value: JsonValue, option: JsonValue): boolean => {
  if (!isObject(value) || !isObject(option)) {
    return value === option;
  }
  const { display: _display, extension: _extension, id: _id, userSelected: _selected, ...identity } = option;
  return isLike(value, identity);
};

function isInSet(value: JsonValue, valueSet: string, terminology: Terminology): boolean {
  if (!isObject(value)) {
    const displays = terminology.expand(valueSet);
    return typeof value !== 'string' || displays?.some(({ display }) => display === value) !== false;
  }
  const code = stringOf(value['code']);
  return code === undefined || terminology.contains(valueSet, stringOf(value['system']) ?? '', code) !== 'no';
}

const MAX_PATTERN_TEXT = 10_000;

function textFaults(item: QuestionnaireItem, value: string): readonly Fault[] {
  const { maxLength } = item;
  const minLength = limitOf(item, 'minLength');
  const regex = limitOf(item, 'regex');
  return [
    ...(maxLength !== undefined && value.length > maxLength
      ? [{ rule: 'max-length', text: `The answer may have at most ${maxLength} characters.` }]
      : []),
    ...(typeof minLength === 'number' && value.length < minLength
      ? [{ rule: 'min-length', text: `The answer must have at least ${minLength} characters.` }]
      : []),
    ...(typeof regex === 'string' && value.length < MAX_PATTERN_TEXT && !matches(value, regex)
      ? [{ rule: 'regex', text: `The answer must have the form ${shown(regex)}.` }]
      : []),
  ];
}

/** A pattern that is no regular expression says nothing about the answer. */
function matches(value: string, pattern: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`, 'u').test(value);
  } catch {
    return true;
  }
}

const BOUNDS = [
  ['minValue', 'min-value', (order: number) => order >= 0, 'at least'],
  ['maxValue', 'max-value', (order: number) => order <= 0, 'at most'],
] as const;
const QUANTITY_BOUNDS: Readonly<Record<string, string>> = {
  minValue: 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-minQuantity',
  maxValue: 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-maxQuantity',
};

function rangeFaults(item: QuestionnaireItem, value: JsonValue): readonly Fault[] {
  return BOUNDS.flatMap(([name, rule, isGood, words]) => {
    const ofQuantity = item.extension?.find(({ url }) => url === QUANTITY_BOUNDS[name]);
    const bound = (isObject(value) && ofQuantity && extensionValue(ofQuantity)) || limitOf(item, name);
    if (bound === undefined || (isObject(bound) && !isObject(value))) {
      return [];
    }
    const order = orderOf(value, bound);
    const shownBound = isObject(bound)
      ? `${String(bound['value'])} ${String(bound['unit'] ?? bound['code'] ?? '')}`
      : String(bound);
    if (order === undefined) {
      return isObject(bound)
        ? [
            {
              rule,
              text: `The answer cannot be compared with ${shownBound.trim()}: give the same coded unit.`,
            },
          ]
        : [];
    }
    return isGood(order) ? [] : [{ rule, text: `The answer must be ${words} ${shownBound.trim()}.` }];
  });
}

function orderOf(value: JsonValue, bound: JsonValue): number | undefined {
  if (typeof value === 'number' && typeof bound === 'number') {
    return value - bound;
  }
  if (typeof value === 'string' && typeof bound === 'string') {
    return compareDates(value, bound);
  }
  if (!isObject(value) || !isObject(bound)) {
    return undefined;
  }
  const isCoded = typeof value['code'] === 'string' && value['code'] === bound['code'];
  return isCoded && value['system'] === bound['system']
    ? orderOf(value['value'] ?? null, bound['value'] ?? null)
    : undefined;
}

function precisionFaults(item: QuestionnaireItem, value: JsonValue): readonly Fault[] {
  const most = limitOf(item, 'maxDecimalPlaces');
  const number = isObject(value) ? value['value'] : value;
  if (typeof most !== 'number' || typeof number !== 'number') {
    return [];
  }
  const decimals = /\.([0-9]+)$/.exec(String(number))?.[1]?.length ?? 0;
  return decimals > most
    ? [{ rule: 'max-decimal-places', text: `The answer may have at most ${most} decimal places.` }]
    : [];
}

type ObjectFaults = (
  item: QuestionnaireItem,
  value: JsonObject,
  terminology: Terminology,
) => readonly Fault[];

const unitFaults: ObjectFaults = (item, value, terminology) => {
  const options = limitsOf(item, 'questionnaire-unitOption').filter(isObject);
  const set = limitOf(item, 'questionnaire-unitValueSet');
  const { system, code } = value;
  const isOption = options.some((option) => option['code'] === code && option['system'] === system);
  const isKnown =
    typeof set !== 'string' ||
    (typeof code === 'string' && terminology.contains(set, stringOf(system) ?? '', code) !== 'no');
  return (options.length > 0 && !isOption) || !isKnown
    ? [{ rule: 'unit', text: 'The unit of the answer is none of those that the question allows.' }]
    : [];
};

const attachmentFaults: ObjectFaults = (item, value) => {
  const mimeTypes = limitsOf(item, 'mimeType');
  const most = limitOf(item, 'maxSize');
  const { contentType, data, size } = value;
  const bytes = typeof data === 'string' ? bytesIn(data) : size;
  return [
    ...(mimeTypes.length > 0 && contentType !== undefined && !mimeTypes.includes(contentType)
      ? [{ rule: 'mime-type', text: `The attachment must be ${mimeTypes.join(' or ')}.` }]
      : []),
    ...(typeof most === 'number' && typeof bytes === 'number' && bytes > most
      ? [{ rule: 'max-size', text: `The attachment may have at most ${most} bytes.` }]
      : []),
  ];
};

const referenceFaults: ObjectFaults = (item, value) => {
  const types = limitsOf(item, 'questionnaire-referenceResource');
  const reference = stringOf(value['reference']);
  const named = reference === undefined ? undefined : typeInReference(reference);
  return types.length > 0 && named !== undefined && !types.includes(named)
    ? [{ rule: 'reference-type', text: `The answer must refer to a ${types.join(' or ')}.` }]
    : [];
};

const OBJECT_FAULTS: Readonly<Record<string, ObjectFaults>> = {
  valueQuantity: unitFaults,
  valueAttachment: attachmentFaults,
  valueReference: referenceFaults,
};

/** How many answers a question may and must have. */
export function countsOf(item: QuestionnaireItem): { readonly min: number; readonly max: number } {
  const [min, max] = [limitOf(item, 'questionnaire-minOccurs'), limitOf(item, 'questionnaire-maxOccurs')];
  const least = item.required === true ? 1 : 0;
  const most = typeof max === 'number' ? max : Infinity;
  return { min: typeof min === 'number' ? min : least, max: item.repeats === true ? most : 1 };
}

/** An option that stands alone is chosen beside others. */
export function hasExclusiveAmongOthers(item: QuestionnaireItem, values: readonly JsonValue[]): boolean {
  const exclusive = (item.answerOption ?? []).filter(({ extension }) =>
    extension?.some(
      ({ url, valueBoolean }) => url === `${HL7}questionnaire-optionExclusive` && valueBoolean === true,
    ),
  );
  return (
    values.length > 1 &&
    values.some((value) =>
      exclusive.some((option) =>
        Object.entries(option).some(
          ([name, given]) => name.startsWith('value') && isSameAnswer(value, given as JsonValue),
        ),
      ),
    )
  );
}
