/**
 * The code book [klokebok] of a register, from its forms: every question with its variable name, place, type, answers with the old
 * codes, ranges, and when it is asked. Pure; pages and files are made of its lines.
 */
import type { DumpRules } from '../../content/register.ts';
import { EXT, extensionOf } from '../../sdc/extensions.ts';
import type { Condition, Form, FormItem } from '../../sdc/form-types.ts';
import type { Language } from '../../sdc/language.ts';
import { answerText, itemText, localised, optionText, shortText } from '../../sdc/text.ts';
import type { LegacyCodes } from './legacy-codes.ts';
import { namesInMaps, variableOf } from './shape.ts';

export interface CodeBookLine {
  /** Canonical of the form, with its version. */
  readonly form: string;
  readonly formTitle: string;
  /** Table of the data dump. */
  readonly table: string;
  readonly variable: string;
  readonly linkId: string;
  /** Name of the groups that it stands in, outermost first. */
  readonly groups: readonly string[];
  readonly question: string;
  readonly type: FormItem['type'];
  readonly isRepeating: boolean;
  readonly unit: string;
  readonly answers: readonly { readonly code: string; readonly old: string; readonly text: string }[];
  readonly min: string;
  readonly max: string;
  /** Outside of this a value is asked about. */
  readonly low: string;
  readonly high: string;
  readonly isRequired: boolean;
  readonly isCalculated: boolean;
  /** In words, or the expression; empty when it is always asked. */
  readonly condition: string;
}

export interface CodeBookRules {
  readonly dump: DumpRules | undefined;
  readonly codes: LegacyCodes | undefined;
  readonly language: Language;
}

/** Every question of the forms, in their order. */
export const codeBook = (forms: readonly Form[], rules: CodeBookRules): readonly CodeBookLine[] =>
  forms.flatMap((form) => questions(form.items).map((item) => lineOf(form, item, rules)));

const questions = (items: readonly FormItem[]): readonly FormItem[] =>
  items.flatMap((item) => [
    ...(item.type === 'group' || item.type === 'display' ? [] : [item]),
    ...questions(item.children),
  ]);

const NO_RULES: DumpRules = { variables: [], codes: '', common: [], tables: {}, rows: {} };

function lineOf(
  form: Form,
  item: FormItem,
  { dump = NO_RULES, codes, language }: CodeBookRules,
): CodeBookLine {
  const id = nameOfForm(form);
  const { limits } = item;
  const variable = variableOf(item, dump);
  const question = {
    variable,
    form: form.questionnaire.id ?? '',
    names: namesInMaps(dump.tables[id] ?? id, id, id.split('-')[0] ?? ''),
    items: [item],
  };
  return {
    form: form.canonical,
    formTitle: localised(form.questionnaire, 'title', language),
    table: tableOf(id, item, dump),
    variable,
    linkId: item.linkId,
    groups: above(item).map((group) => shortText(group, language)),
    question: itemText(item, language),
    type: item.type,
    isRepeating: item.isRepeating,
    unit: item.unit?.display ?? item.unit?.code ?? '',
    answers: (item.options?.list ?? []).map((option) => ({
      code: option.coding.code ?? '',
      old: codes?.toOld(question, option.coding) ?? '',
      text: optionText(option, language),
    })),
    min: textOf(limits.min),
    max: textOf(limits.max),
    low: textOf(limits.low),
    high: textOf(limits.high),
    isRequired: item.requiredAt === 'final' || item.requiredAt === 'draft',
    isCalculated: item.calculation !== undefined,
    condition: conditionOf(form, item, language),
  };
}

/** What all versions of a form are called alike: the end of its url. Older versions have ids of their own. */
export const nameOfForm = ({ questionnaire: { id = '', url = id } }: Form): string =>
  url.slice(url.lastIndexOf('/') + 1);

const textOf = (limit: number | string | undefined): string => (limit === undefined ? '' : String(limit));

/** The groups around an item, outermost first. */
const above = ({ parent }: FormItem): readonly FormItem[] =>
  parent === undefined ? [] : [...above(parent), parent];

/** Rows of a repeating group have a table of their own. */
function tableOf(id: string, item: FormItem, dump: DumpRules): string {
  const rows = above(item)
    .map(({ linkId }) => dump.rows[`${id}#${linkId}`])
    .findLast((name) => name !== undefined);
  return rows ?? dump.tables[id] ?? id;
}

const AND: Readonly<Record<Language, string>> = { nb: ' og ', nn: ' og ', en: ' and ' };
const OR: Readonly<Record<Language, string>> = { nb: ' eller ', nn: ' eller ', en: ' or ' };

/** What must hold for the question to be asked: its own condition and those of the groups around it. */
export function conditionOf(form: Form, item: FormItem, language: Language): string {
  return [...above(item), item]
    .map((one) => ownCondition(form, one, language))
    .filter((text) => text !== '')
    .join(AND[language]);
}

function ownCondition(form: Form, item: FormItem, language: Language): string {
  const texts = item.conditions.map((condition) => comparison(form, condition, language));
  const isAny = item.behaviour === 'any' && texts.length > 1;
  const joined = texts.join(isAny ? OR[language] : AND[language]);
  return [
    isAny ? `(${joined})` : joined,
    extensionOf(item.source, EXT.enableWhen)?.valueExpression?.expression ?? '',
  ]
    .filter((text) => text !== '')
    .join(AND[language]);
}

const ANSWERED: Readonly<Record<Language, readonly [yes: string, no: string]>> = {
  nb: ['er besvart', 'er ikke besvart'],
  nn: ['er svart på', 'er ikkje svart på'],
  en: ['is answered', 'is not answered'],
};

function comparison(form: Form, { question, operator, value }: Condition, language: Language): string {
  const asked = form.byLinkId.get(question);
  const name = `«${asked === undefined ? question : shortText(asked, language)}»`;
  if (operator === 'exists') {
    return `${name} ${ANSWERED[language][value === true ? 0 : 1]}`;
  }
  return `${name} ${operator} ${asked === undefined ? String(value) : valueText(asked, value, language)}`;
}

function valueText(asked: FormItem, value: unknown, language: Language): string {
  if (typeof value === 'object' && value !== null) {
    return answerText(asked, { valueCoding: value }, language);
  }
  return typeof value === 'boolean' ? answerText(asked, { valueBoolean: value }, language) : String(value);
}
