/**
 * Rules that one item of a Questionnaire must keep: sections 1, 2 and 8 of docs/sdc-dialect.md.
 */
import { chartProblems } from './body-chart.ts';
import { anchored } from './limits.ts';
import { codingKey, compareValues } from './answer.ts';
import { EXT, extensionOf, extensionsOf } from './extensions.ts';
import { ancestors, hasRows } from './tree.ts';
import { ITEM_TYPES } from './form-types.ts';
import type { CompileOptions, FormItem } from './form-types.ts';
import type { Questionnaire } from '../fhir/types.ts';

export interface Finding {
  readonly severity: 'error' | 'warning';
  readonly rule: string;
  readonly text: string;
  readonly linkId: string | undefined;
}

type Check = (
  item: FormItem,
  questionnaire: Questionnaire,
  options: CompileOptions,
) => readonly (string | undefined)[];

/** Findings of one item. Help texts are display items and have no rules but a text. */
export function checkItem(
  item: FormItem,
  questionnaire: Questionnaire,
  options: CompileOptions,
): readonly Finding[] {
  const run = (checks: Readonly<Record<string, Check>>, severity: Finding['severity']): readonly Finding[] =>
    Object.entries(checks).flatMap(([rule, check]) =>
      check(item, questionnaire, options)
        .filter((text) => text !== undefined)
        .map((text) => ({ severity, rule, text, linkId: item.linkId })),
    );
  return [...run(ERRORS, 'error'), ...run(WARNINGS, 'warning')];
}

const when = (holds: boolean, text: string): readonly (string | undefined)[] => [holds ? text : undefined];
const isChoice = ({ type }: FormItem): boolean => type === 'choice' || type === 'open-choice';
const isQuestion = ({ type }: FormItem): boolean => type !== 'group' && type !== 'display';

const ERRORS: Readonly<Record<string, Check>> = {
  'body-chart': chartProblems,
  'link-id': ({ linkId }) =>
    when(
      !/^[A-Za-z0-9._-]{1,64}$/.test(linkId),
      'a linkId has 1 to 64 letters, digits, dots, hyphens or underscores',
    ),
  'item-type': ({ source }) =>
    when(
      !ITEM_TYPES.some((type) => type === source.type),
      `the type ${String(source.type)} is not supported`,
    ),
  'missing-text': ({ source, type }) =>
    when(source.text === undefined && type !== 'group', 'the item has no text'),
  'item-control': ({ source, control }) =>
    when(
      extensionOf(source, EXT.itemControl) !== undefined && control === undefined,
      'this itemControl is not supported (sliders are never: use a choice 0-10)',
    ),
  'nested-question': (item) =>
    when(isQuestion(item) && item.children.length > 0, 'a question cannot have items below it'),
  repeats: (item) =>
    when(
      item.isRepeating && isQuestion(item) && !isChoice(item),
      'only groups and choices repeat; use a repeating group',
    ),
  'option-coding': ({ source }) =>
    (source.answerOption ?? []).map(({ valueCoding }) =>
      valueCoding?.system === undefined || valueCoding.code === undefined || valueCoding.display === undefined
        ? `an option needs system, code and display (${valueCoding?.code ?? 'no code'})`
        : undefined,
    ),
  'option-double': ({ source }) => {
    const keys = (source.answerOption ?? []).map(({ valueCoding }) => codingKey(valueCoding ?? {}));
    return keys
      .filter((key, index) => keys.indexOf(key) !== index)
      .map((key) => `two options have the code ${key}`);
  },
  options: ({ source, options }) =>
    when(
      source.answerOption !== undefined && source.answerValueSet !== undefined,
      'answerOption and answerValueSet exclude each other',
    ).concat(
      when(
        source.answerValueSet?.startsWith('#') === true && (options?.list.length ?? 0) === 0,
        'the contained value set is missing, or lists no concepts',
      ),
    ),
  regex: ({ source }) => {
    const regex = extensionOf(source, EXT.regex)?.valueString;
    return when(regex !== undefined && anchored(regex) === undefined, 'the regex does not compile');
  },
  limits: ({ limits }) => [
    ...when((compareValues(limits.min, limits.max) ?? 0) > 0, 'minValue is above maxValue'),
    ...when((compareValues(limits.low, limits.high) ?? 0) > 0, 'the usual range is empty'),
    ...when(limits.minOccurs > limits.maxOccurs, 'minOccurs is above maxOccurs'),
  ],
  'enable-behavior': ({ source }) =>
    when(
      (source.enableWhen?.length ?? 0) > 1 && source.enableBehavior === undefined,
      'two conditions need an enableBehavior',
    ),
  'calculation-mode': ({ source, calculationMode, calculation }) => [
    ...when(!['fixed', 'suggested', 'conditional'].includes(calculationMode), 'unknown calculation-mode'),
    ...when(
      extensionOf(source, EXT.calculationMode) !== undefined && calculation === undefined,
      'calculation-mode without calculatedExpression',
    ),
  ],
  'expression-language': ({ source }) =>
    [EXT.calculated, EXT.initial, EXT.enableWhen, EXT.populationContext]
      .map((url) => extensionOf(source, url)?.valueExpression)
      .map((expression) =>
        expression !== undefined && expression.language !== 'text/fhirpath'
          ? 'language must be text/fhirpath'
          : undefined,
      ),
  'population-name': ({ source, population }) =>
    when(
      population === undefined &&
        extensionOf(source, EXT.populationContext)?.valueExpression?.name === undefined &&
        extensionOf(source, EXT.populationContext) !== undefined,
      'itemPopulationContext needs a name',
    ),
  constraint: ({ source }) =>
    [...extensionsOf(source, EXT.constraint), ...extensionsOf(source, EXT.targetConstraint)].map(
      (extension) =>
        ['key', 'severity', 'expression', 'human'].some((part) => extensionOf(extension, part) === undefined)
          ? 'a constraint needs key, severity, expression and human'
          : undefined,
    ),
};

const KNOWN_EXTENSIONS: ReadonlySet<string> = new Set(Object.values(EXT));

const WARNINGS: Readonly<Record<string, Check>> = {
  'unknown-extension': ({ source }) =>
    [source, ...(source.answerOption ?? [])]
      .flatMap(({ extension = [] }) => extension)
      .filter(({ url }) => !KNOWN_EXTENSIONS.has(url))
      .map(({ url }) => `the extension ${url} is not supported and has no effect`),
  'missing-variable': (item) =>
    when(
      isQuestion(item) &&
        item.source.code?.some(({ system }) => system?.endsWith('-variable') === true) !== true,
      'no code with the old variable name (a system that ends in -variable)',
    ),
  'rows-in-rows': (item) => when(hasRows(item) && ancestors(item).some(hasRows), 'rows in rows'),
  'no-options': (item, _questionnaire, { resolveValueSet }) =>
    when(
      isChoice(item) && (item.options?.list.length ?? 0) === 0 && !isLong(item, resolveValueSet),
      'a choice without options',
    ),
  'value-set': ({ source }, _questionnaire, { resolveValueSet }) => {
    const canonical = source.answerValueSet;
    return when(
      canonical !== undefined && !canonical.startsWith('#') && resolveValueSet(canonical) === undefined,
      `the value set ${canonical ?? ''} cannot be listed here`,
    );
  },
  'exclusive-single': (item) =>
    when(
      !item.isRepeating && item.options?.list.some(({ isExclusive }) => isExclusive) === true,
      'optionExclusive says nothing on a question with one answer',
    ),
};

/** A value set that is not listed here: that is another finding. */
function isLong({ source }: FormItem, resolveValueSet: CompileOptions['resolveValueSet']): boolean {
  return source.answerValueSet !== undefined && resolveValueSet(source.answerValueSet) === undefined;
}
