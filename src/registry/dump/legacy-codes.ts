/**
 * Codes of the old solution, by the register's ConceptMaps. Of the maps of a code's system that count which holds for the question:
 * the one that `maps` names, else the one of the variable, else one that holds for any variable, else one whose name the variable
 * begins with, else the only one of the form; else what all maps of the code agree on. Codes without an old one stand as they are.
 * https://hl7.org/fhir/R4/conceptmap.html
 */
import type { DumpRules } from '../../content/register.ts';
import type { Coding, ConceptMap } from '../../fhir/types.ts';
import type { FormItem } from '../../sdc/form-types.ts';

/** A question by the name of its variable; with its options and the names that its form has in maps, the right map is found. */
export interface Question {
  readonly variable: string;
  /** Id of the questionnaire, whose versions have ids of their own. */
  readonly form?: string;
  /** What names of maps of this form begin with, before a slash. */
  readonly names?: readonly string[];
  readonly items?: readonly FormItem[];
}

export interface LegacyCodes {
  readonly toOld: (question: Question | string, coding: Coding) => string;
  /** The option of the item that has this old code; of several, one that people choose themselves. */
  readonly fromOld: (question: Question | string, item: FormItem, old: string) => Coding | undefined;
  /** The old code for "not answered", where it is not an answer as well. */
  readonly unanswered?: (question: Question) => string | undefined;
}

interface Group {
  /** After the beginning that all maps of the register share: `1a/EducationLevel`. */
  readonly name: string;
  readonly source: string;
  readonly codes: ReadonlyMap<string, string>;
  readonly unanswered: string | undefined;
}

export function legacyCodes(maps: readonly ConceptMap[], rules: DumpRules): LegacyCodes {
  const bySource = Map.groupBy(
    maps.flatMap((map) => groupsOf(map, rules.codes)),
    ({ source }) => source,
  );
  const found = new WeakMap<Question, Map<string, Group | undefined>>();
  const groupOf = (question: Question, system: string): Group | undefined => {
    const known = found.get(question) ?? new Map<string, Group | undefined>();
    found.set(question, known);
    if (!known.has(system)) {
      known.set(system, choose(question, system, bySource.get(system) ?? [], rules));
    }
    return known.get(system);
  };
  const named = new Map<string, Question>();
  const asQuestion = (question: Question | string): Question => {
    if (typeof question !== 'string') {
      return question;
    }
    const known = named.get(question) ?? { variable: question };
    named.set(question, known);
    return known;
  };
  const toOld = (question: Question, { system = '', code = '' }: Coding): string => {
    const own = groupOf(question, system)?.codes.get(code);
    if (own !== undefined) {
      return own;
    }
    const all = (bySource.get(system) ?? []).flatMap(({ codes }) => codes.get(code) ?? []);
    const agreed = new Set(all);
    return agreed.size === 1 ? ([...agreed][0] as string) : code;
  };
  const options = new WeakMap<Question, Map<FormItem, ReadonlyMap<string, Coding>>>();
  const optionsOf = (question: Question, item: FormItem): ReadonlyMap<string, Coding> => {
    const known = options.get(question) ?? new Map<FormItem, ReadonlyMap<string, Coding>>();
    options.set(question, known);
    const own = known.get(item) ?? byOldCode(item, (coding) => toOld(question, coding));
    known.set(item, own);
    return own;
  };
  const isAnswer = (question: Question, old: string): boolean =>
    (question.items ?? []).some((item) => optionsOf(question, item).has(old));
  return {
    toOld: (question, coding) => toOld(asQuestion(question), coding),
    fromOld: (question, item, old) => optionsOf(asQuestion(question), item).get(old),
    unanswered: (question) =>
      systemsOf(question)
        .map((system) => groupOf(question, system)?.unanswered)
        .find((code) => code !== undefined && !isAnswer(question, code)),
  };
}

/** Of two options with the same old code the one that people choose themselves, else the first. */
function byOldCode({ options }: FormItem, toOld: (coding: Coding) => string): ReadonlyMap<string, Coding> {
  const first = (options?.list ?? []).toSorted((a, b) => Number(a.isSystemOnly) - Number(b.isSystemOnly));
  const found = new Map<string, Coding>();
  for (const { coding } of first) {
    const old = toOld(coding);
    found.set(old, found.get(old) ?? coding);
  }
  return found;
}

function groupsOf({ group = [] }: ConceptMap, prefix: string): readonly Group[] {
  return group.flatMap(({ source = '', target, element = [], unmapped }) =>
    target?.startsWith(prefix) === true
      ? [
          {
            name: target.slice(prefix.length),
            source,
            codes: new Map(
              element.flatMap(({ code = '', target: targets }) => {
                const old = targets?.[0]?.code;
                return old === undefined ? [] : [[code, old] as const];
              }),
            ),
            unanswered: unmapped?.mode === 'fixed' ? unmapped.code : undefined,
          },
        ]
      : [],
  );
}

function choose(
  question: Question,
  system: string,
  groups: readonly Group[],
  { maps = {}, common }: DumpRules,
): Group | undefined {
  const { variable, form = '', names = [] } = question;
  const stated = maps[`${form}#${variable}`] ?? maps[variable];
  const named = (name: string): Group | undefined => groups.find((group) => group.name === name);
  const inForm = (name: string): Group | undefined =>
    [...names.map((form) => `${form}/${name}`), name].map(named).find((group) => group !== undefined);
  if (stated !== undefined && inForm(stated) !== undefined) {
    return inForm(stated);
  }
  const wanted = optionsIn(question, system);
  const covers = ({ codes }: Group): boolean => wanted.every((code) => codes.has(code));
  const shared = common.map(named).filter((group) => group !== undefined);
  const own = groups.filter(({ name }) => names.some((form) => name.startsWith(`${form}/`)));
  return (
    inForm(variable) ??
    shared.find(covers) ??
    shared[0] ??
    byBeginning(variable, names, groups) ??
    (own.filter(covers).length === 1 ? own.find(covers) : undefined)
  );
}

/** The map with the longest name that the variable begins with: `OdiPain` is of `ODI`. */
function byBeginning(
  variable: string,
  names: readonly string[],
  groups: readonly Group[],
): Group | undefined {
  const lower = variable.toLowerCase();
  const beginnings = groups.flatMap((group) => {
    const form = names.find((name) => group.name.startsWith(`${name}/`));
    const name = form === undefined ? group.name : group.name.slice(form.length + 1);
    return !name.includes('/') && lower.startsWith(name.toLowerCase())
      ? [{ group, length: name.length }]
      : [];
  });
  return beginnings.toSorted((a, b) => b.length - a.length)[0]?.group;
}

const codingsOf = ({ items = [] }: Question): readonly Coding[] =>
  items.flatMap(({ options }) => (options?.list ?? []).map(({ coding }) => coding));

const systemsOf = (question: Question): readonly string[] => [
  ...new Set(codingsOf(question).map(({ system }) => system ?? '')),
];

const optionsIn = (question: Question, wanted: string): readonly string[] =>
  codingsOf(question).flatMap(({ system, code }) => (system === wanted && code !== undefined ? [code] : []));
