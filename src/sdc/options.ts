/**
 * The options of a choice: inline, contained or by canonical. https://hl7.org/fhir/R4/questionnaire.html#answerOption
 */
import { codingKey, entries } from './answer.ts';
import { EXT, extensionOf, hasFlag } from './extensions.ts';
import type { Answer } from './answer.ts';
import type { AnswerOption, CompileOptions, FormItem, OptionList, ValueSetConcept } from './form-types.ts';
import type { Extensible } from './extensions.ts';
import type {
  Coding,
  Questionnaire,
  QuestionnaireItem,
  QuestionnaireItemAnswerOption,
  ValueSet,
} from '../fhir/types.ts';

/** The options of an item; undefined when it has none or its value set cannot be listed here. */
export function optionsOf(
  item: QuestionnaireItem,
  questionnaire: Questionnaire,
  resolveValueSet: CompileOptions['resolveValueSet'],
): OptionList | undefined {
  if (Array.isArray(item.answerOption)) {
    return optionList(item.answerOption.flatMap(inlineOption));
  }
  if (item.answerValueSet === undefined) {
    return undefined;
  }
  const concepts = item.answerValueSet.startsWith('#')
    ? containedConcepts(questionnaire, item.answerValueSet.slice(1))
    : resolveValueSet(item.answerValueSet);
  return concepts === undefined ? undefined : shared(concepts);
}

/** The option that an answer is, when it is one of the item's. */
export function optionOf(item: FormItem, { valueCoding }: Answer): AnswerOption | undefined {
  return valueCoding === undefined ? undefined : item.options?.byKey.get(codingKey(valueCoding));
}

/** The weight (score, factor) that an element carries. */
function weightOf(element: Extensible | undefined): number | undefined {
  return (extensionOf(element, EXT.ordinalValue) ?? extensionOf(element, EXT.itemWeight))?.valueDecimal;
}

/** Long lists are resolved once and used by many items. */
const lists = new WeakMap<readonly ValueSetConcept[], OptionList>();

function shared(concepts: readonly ValueSetConcept[]): OptionList {
  const known = lists.get(concepts);
  if (known !== undefined) {
    return known;
  }
  const made = optionList(concepts.map(conceptOption));
  lists.set(concepts, made);
  return made;
}

function optionList(list: readonly AnswerOption[]): OptionList {
  return { list, byKey: new Map(list.map((option) => [codingKey(option.coding), option])) };
}

function inlineOption(option: QuestionnaireItemAnswerOption): readonly AnswerOption[] {
  const coding = option.valueCoding;
  if (coding === undefined) {
    return [];
  }
  return [
    {
      coding: plainCoding(coding),
      isExclusive: hasFlag(option, EXT.exclusive),
      isSystemOnly: hasFlag(option, EXT.systemOnly),
      isInitial: option.initialSelected === true,
      weight: weightOf(option) ?? weightOf(coding),
      prefix: extensionOf(option, EXT.optionPrefix)?.valueString,
      source: coding,
    },
  ];
}

function conceptOption({ system, code, display, weight, source }: ValueSetConcept): AnswerOption {
  return {
    coding: { system, code, display },
    isExclusive: false,
    isSystemOnly: false,
    isInitial: false,
    weight,
    prefix: undefined,
    source: source ?? {},
  };
}

const plainCoding = ({ system, code, display }: Coding): Coding => ({
  ...(system !== undefined && { system }),
  ...(code !== undefined && { code }),
  ...(display !== undefined && { display }),
});

/** Concepts of a contained value set, from its expansion or from the concepts that its compose lists. */
function containedConcepts(questionnaire: Questionnaire, id: string): readonly ValueSetConcept[] | undefined {
  const valueSet = entries<ValueSet>(questionnaire.contained)
    .map(({ entry }) => entry)
    .find((entry) => entry.resourceType === 'ValueSet' && entry.id === id);
  const expanded = valueSet?.expansion?.contains?.map((entry) => concept(entry.system, entry));
  return expanded ?? composed(valueSet);
}

function composed(valueSet: ValueSet | undefined): readonly ValueSetConcept[] | undefined {
  return valueSet?.compose?.include.flatMap(
    (include) => include.concept?.map((entry) => concept(include.system, entry)) ?? [],
  );
}

function concept(
  system: string | undefined,
  entry: Extensible & { readonly code?: string | undefined; readonly display?: string | undefined },
): ValueSetConcept {
  const weight = weightOf(entry);
  return {
    system: system ?? '',
    code: entry.code ?? '',
    display: entry.display ?? entry.code ?? '',
    ...(weight !== undefined && { weight }),
    source: entry,
  };
}
