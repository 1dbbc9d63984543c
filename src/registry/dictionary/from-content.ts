/** The variables of a register's forms, as a code book tells of them: what an import has read comes out as it was. */
import type { Register } from '../../content/register.ts';
import type { Coding, ConceptMap } from '../../fhir/types.ts';
import { codeBook, type CodeBookLine, nameOfForm } from '../dump/code-book.ts';
import { legacyCodes } from '../dump/legacy-codes.ts';
import { EXT, extensionOf, extensionsOf } from '../../sdc/extensions.ts';
import type { Form, FormItem } from '../../sdc/form-types.ts';
import { helpText } from '../../sdc/text.ts';
import { norwegianDate } from './dates.ts';
import { isRetired } from './question.ts';
import { type CodedAnswer, isTyped, type Variable, type VariableType } from './variable.ts';

/** Every question of the forms; a question with several answers is a checkbox for each of them. */
export function variablesOf(
  register: Register,
  forms: readonly Form[],
  maps: readonly ConceptMap[],
): readonly Variable[] {
  const { dump } = register;
  const codes = dump === undefined ? undefined : legacyCodes(maps, dump);
  const all = forms.flatMap((form) => {
    const opening = openers(form);
    const name = register.texts?.['nb']?.forms?.[nameOfForm(form)]?.title;
    return codeBook([form], { dump, codes, language: 'nb' }).flatMap((line) => {
      const item = form.byLinkId.get(line.linkId);
      return item === undefined
        ? []
        : variablesOfLine(line, item, {
            form: name ?? line.formTitle,
            date: form.questionnaire.date ?? '',
            opensOthers: opening.has(item.linkId),
            groups: groupsOf(maps, dump?.codes, line),
          });
    });
  });
  return [...Map.groupBy(all, keyOf).values()].map(asOne);
}

const keyOf = ({ form, table, name }: Variable): string => JSON.stringify([form, table, name]);

/** Questions that share a column, of which one is asked at a time, are one variable with all their answers. */
function asOne(questions: readonly Variable[]): Variable {
  const [{ maxLength, ...rest }, ...others] = questions as readonly [Variable, ...Variable[]];
  const all = questions.flatMap((question) => question.answers);
  const one = { ...rest, answers: others.length === 0 ? rest.answers : distinctBy(all, ({ code }) => code) };
  return isTyped(one) && maxLength !== undefined ? { ...one, maxLength } : one;
}

interface Surroundings {
  readonly form: string;
  readonly date: string;
  readonly opensOthers: boolean;
  /** Of the variable's own map. */
  readonly groups: readonly Group[];
}

function variablesOfLine(line: CodeBookLine, item: FormItem, around: Surroundings): readonly Variable[] {
  const variable = variableOf(line, item, around);
  if (!line.isRepeating || line.answers.length === 0) {
    return [variable];
  }
  const { answers, variable: name } = line;
  return answers.map(({ old, code, text }) => ({
    ...variable,
    name: columnOf(name, old || code),
    text,
    type: 'checkbox' as const,
    isMandatory: false,
    answers: [],
  }));
}

const columnOf = (variable: string, old: string): string =>
  old.startsWith(`${variable}_`) ? old : `${variable}_${old.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_')}`;

function variableOf(line: CodeBookLine, item: FormItem, around: Surroundings): Variable {
  const columns = columnsOf(item);
  const { type, tabell, obligatorisk, ledetekst, ...rest } = columns;
  const { maxLength, decimals } = item.limits;
  const kept = keptType(type);
  const own = kept ?? (item.isHidden && !isRetired({ columns }) ? 'hidden' : TYPES[item.type]);
  const unanswered = unansweredOf(around.groups);
  return {
    form: around.form,
    table: tabell ?? line.table,
    name: line.variable,
    text: ledetekst ?? line.question,
    help: helpText(item, 'nb') ?? '',
    type: own,
    isMandatory: line.isRequired || obligatorisk === 'Ja',
    answers: distinctBy(answersOf(line, item, around.groups), ({ code }) => code),
    ...(unanswered !== undefined && { unanswered }),
    ...rangesOf(line, item, columns),
    ...(maxLength !== undefined && { maxLength }),
    ...decimalsOf(own, decimals),
    columns: {
      innfoert_dato: norwegianDate(around.date),
      ...rest,
      ...(type !== undefined && kept === undefined && { type }),
      ...branching(line, rest, around),
    },
    line: 0,
  };
}

/** Of two with one old code the one that people choose themselves comes first. */
function answersOf(
  { answers }: CodeBookLine,
  { options }: FormItem,
  groups: readonly Group[],
): readonly CodedAnswer[] {
  const list = options?.list ?? [];
  const coded = answers.map(({ old, code, text }, index) => {
    const option = list[index];
    const own = option === undefined ? undefined : ownCode(groups, option.coding);
    return { code: own ?? (old || code), text, isSystemOnly: option?.isSystemOnly === true };
  });
  const twins = Map.groupBy(coded, ({ code }) => code);
  return coded.map(({ code }) => {
    const { text } = twins.get(code)?.find(({ isSystemOnly }) => !isSystemOnly) ??
      twins.get(code)?.[0] ?? { text: code };
    return { code, text };
  });
}

function distinctBy<T>(all: readonly T[], keyOf: (one: T) => string): readonly T[] {
  return [...new Map(all.toReversed().map((one) => [keyOf(one), one])).values()].toReversed();
}

/** A form knows "not after now", and a range of dates; the rest is kept beside it. */
const rangesOf = (
  { low, high, min, max }: CodeBookLine,
  { limits }: FormItem,
  columns: Readonly<Record<string, string>>,
): Pick<Variable, 'usual' | 'limits'> => ({
  usual: {
    low: columns['normalintervall_start_dato'] ?? low,
    high: columns['normalintervall_slutt_dato'] ?? high,
  },
  limits: {
    low: columns['maksintervall_start_dato'] ?? min,
    high: limits.notAfterNow && max === '' ? 'today' : max,
  },
});

function branching(
  { condition }: CodeBookLine,
  columns: Readonly<Record<string, string>>,
  { opensOthers }: Surroundings,
): Readonly<Record<string, string>> {
  const yes = (holds: boolean, column: string): string => (holds || columns[column] === 'Ja' ? 'Ja' : 'Nei');
  return {
    aktiveringsspoersmaal: yes(opensOthers, 'aktiveringsspoersmaal'),
    underspoersmaal: yes(condition !== '', 'underspoersmaal'),
  };
}

const KEPT_TYPES: readonly VariableType[] = ['hidden', 'number', 'list'];
const keptType = (type: string | undefined): VariableType | undefined =>
  KEPT_TYPES.find((known) => known === type);

const decimalsOf = (type: VariableType, decimals: number | undefined): { readonly decimals?: number } => {
  const isNumber = type === 'decimal' || type === 'number';
  const count = type === 'integer' ? 0 : decimals;
  return count === undefined || !(isNumber || type === 'integer') ? {} : { decimals: count };
};

const TYPES: Readonly<Record<FormItem['type'], VariableType>> = {
  group: 'text',
  display: 'text',
  boolean: 'checkbox',
  integer: 'integer',
  decimal: 'decimal',
  date: 'date',
  dateTime: 'date',
  string: 'text',
  text: 'long-text',
  choice: 'list',
  'open-choice': 'list',
  quantity: 'decimal',
};

/** The columns that the form has no place for. */
function columnsOf({ source }: FormItem): Readonly<Record<string, string>> {
  return Object.fromEntries(
    extensionsOf(source, EXT.codeBookColumn).flatMap((extension) => {
      const name = extensionOf(extension, 'name')?.valueString;
      const value = extensionOf(extension, 'value')?.valueString;
      return name === undefined || value === undefined ? [] : [[name, value] as const];
    }),
  );
}

/** linkIds that other questions wait for. */
function openers({ byLinkId }: Form): ReadonlySet<string> {
  return new Set(
    [...byLinkId.values()].flatMap(({ conditions, enableExpression }) => [
      ...conditions.map(({ question }) => question),
      ...(enableExpression?.mentions ?? []),
    ]),
  );
}

type Group = NonNullable<ConceptMap['group']>[number];

/** The map of the variable: by its table and name, else by its name. */
function groupsOf(
  maps: readonly ConceptMap[],
  codes: string | undefined,
  { table, variable }: Pick<CodeBookLine, 'table' | 'variable'>,
): readonly Group[] {
  const groups = maps.flatMap(({ group = [] }) => group);
  const named = (name: string): readonly Group[] =>
    groups.filter(({ target }) => codes !== undefined && target === `${codes}${name}`);
  return [...named(`${table}/${variable}`), ...named(variable)];
}

/** The code that the old solution has for no answer: the map of the variable says it. */
function unansweredOf(groups: readonly Group[]): CodedAnswer | undefined {
  const found = groups[0]?.unmapped;
  return found?.mode === 'fixed' && found.code !== undefined
    ? { code: found.code, text: found.display ?? 'Ikke svart' }
    : undefined;
}

/** The old code that the map of the variable gives an option. */
function ownCode(groups: readonly Group[], { system, code }: Coding): string | undefined {
  const elements = groups.filter(({ source }) => source === system).flatMap(({ element = [] }) => element);
  return elements.find((element) => element.code === code)?.target?.[0]?.code;
}
