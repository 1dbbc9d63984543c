/**
 * What a new version of a form changes for those that are open: questions that come and go, answers, conditions, what must be
 * answered. Pure; over the Questionnaires as they stand, also such as do not compile.
 */
import { listConcepts } from '../../content/concepts.ts';
import type { Content } from '../../content/content.ts';
import { compilePath } from '../../fhir/path.ts';
import type { Questionnaire } from '../../fhir/types.ts';
import { codingKey } from '../../sdc/answer.ts';
import { buildForm } from '../../sdc/form.ts';
import type { Form, FormItem, RequiredAt } from '../../sdc/form-types.ts';
import { shortText } from '../../sdc/text.ts';

/** One difference at a question, as a sentence. */
export interface FormChange {
  readonly linkId: string;
  readonly text: string;
}

export type Lists = Pick<Content, 'valueSets' | 'codeSystems'>;

/** A Questionnaire as the engine reads it, with the lists that it stands beside. */
export const formWith = (questionnaire: Questionnaire, lists: Lists): Form =>
  buildForm(questionnaire, {
    compilePath,
    resolveValueSet: (canonical) => listConcepts(lists, canonical),
  }).form;

/** Every difference, in the order of the new form; what is gone comes last. */
export function compareForms(before: Form, after: Form): readonly FormChange[] {
  const items = (form: Form): readonly FormItem[] =>
    [...form.byLinkId.values()].filter(({ type }) => type !== 'display');
  const gone = items(before).filter(({ linkId }) => !after.byLinkId.has(linkId));
  return [
    ...items(after).flatMap((item) => {
      const old = before.byLinkId.get(item.linkId);
      return old === undefined ? [added(item)] : changes(old, item);
    }),
    ...gone.map((item) => ({ linkId: item.linkId, text: `removed: ${describe(item)}` })),
  ];
}

const describe = (item: FormItem): string =>
  `${item.type === 'group' ? 'group' : item.type} «${shortText(item, 'nb')}»`;

const added = (item: FormItem): FormChange => ({
  linkId: item.linkId,
  text: `new: ${describe(item)}${NEEDS[item.requiredAt]}`,
});

const NEEDS: Readonly<Record<RequiredAt, string>> = {
  draft: ', must be answered at every save',
  final: ', must be answered before locking',
  recommended: ', is asked for before locking',
  never: '',
};
const NEED_NAMES: Readonly<Record<RequiredAt, string>> = {
  draft: 'must be answered at every save',
  final: 'must be answered before locking',
  recommended: 'is asked for before locking',
  never: 'may stand open',
};

function changes(old: FormItem, item: FormItem): readonly FormChange[] {
  const was = (name: string, before: string, after: string): readonly string[] =>
    before === after ? [] : [`${name}: was ${before || 'nothing'}, is ${after || 'nothing'}`];
  return [
    ...was('type', typeOf(old), typeOf(item)),
    ...(old.requiredAt === item.requiredAt
      ? []
      : [`${NEED_NAMES[item.requiredAt]}; before, it ${NEED_NAMES[old.requiredAt]}`]),
    ...optionChanges(old, item),
    ...was('asked when', conditionsOf(old), conditionsOf(item)),
    ...was('limits', limitsOf(old), limitsOf(item)),
    ...was('calculation', expressionOf(old), expressionOf(item)),
    ...was('text', `«${old.source.text ?? ''}»`, `«${item.source.text ?? ''}»`),
  ].map((text) => ({ linkId: item.linkId, text }));
}

const typeOf = ({ type, isRepeating }: FormItem): string => `${type}${isRepeating ? ', several' : ''}`;

function optionChanges(old: FormItem, item: FormItem): readonly string[] {
  const keys = ({ options }: FormItem): readonly string[] =>
    (options?.list ?? []).map(({ coding }) => codingKey(coding));
  const named = ({ options }: FormItem, missingIn: FormItem): string => {
    const there = new Set(keys(missingIn));
    return (options?.list ?? [])
      .filter(({ coding }) => !there.has(codingKey(coding)))
      .map(({ coding }) => `${coding.display ?? ''} (${coding.code ?? ''})`)
      .join(', ');
  };
  const isList = (one: FormItem): boolean => one.options !== undefined;
  if (!isList(old) || !isList(item)) {
    return [];
  }
  const [more, fewer] = [named(item, old), named(old, item)];
  return [
    ...(more === '' ? [] : [`new answers: ${more}`]),
    ...(fewer === '' ? [] : [`answers that are gone: ${fewer}`]),
  ];
}

function conditionsOf({ conditions, behaviour, source }: FormItem): string {
  const own = conditions.map(({ question, operator, value }) => `${question} ${operator} ${valueOf(value)}`);
  const expression = source.extension?.find(({ url }) => url.endsWith('enableWhenExpression'));
  const text = expression?.valueExpression?.expression;
  return [own.join(behaviour === 'any' ? ' or ' : ' and '), ...(text === undefined ? [] : [text])]
    .filter((part) => part !== '')
    .join(' and ');
}

const valueOf = (value: unknown): string =>
  typeof value === 'object' && value !== null
    ? String((value as { code?: unknown }).code ?? JSON.stringify(value))
    : String(value);

const limitsOf = ({ limits }: FormItem): string =>
  [
    limits.min === undefined ? '' : `from ${limits.min}`,
    limits.max === undefined ? '' : `to ${limits.max}`,
    limits.low === undefined ? '' : `usually from ${limits.low}`,
    limits.high === undefined ? '' : `usually to ${limits.high}`,
    limits.maxLength === undefined ? '' : `at most ${limits.maxLength} signs`,
    limits.regex === undefined ? '' : `as ${limits.regex.source}`,
    limits.notAfterNow ? 'not after now' : '',
  ]
    .filter((part) => part !== '')
    .join(', ');

const expressionOf = ({ source }: FormItem): string =>
  source.extension?.find(({ url }) => url.endsWith('calculatedExpression'))?.valueExpression?.expression ??
  '';
