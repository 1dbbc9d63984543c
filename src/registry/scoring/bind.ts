/**
 * Which instruments a form holds, and which of its questions are their items: extension `instrument` and the codes of the
 * questions. Section 8.1 of docs/sdc-dialect.md.
 */
import { missingRuleProblems } from '../../content/check-instrument.ts';
import type { Instrument, InstrumentItem, InstrumentScore, MissingRule } from '../../content/instrument.ts';
import type { InstrumentIndex } from '../../content/instruments.ts';
import type { Coding, Extension } from '../../fhir/types.ts';
import { extensionOf, extensionsOf } from '../../sdc/extensions.ts';
import type { Form, FormItem } from '../../sdc/form-types.ts';
import { hasRows } from '../../sdc/tree.ts';
import { withMissingRules } from './score.ts';

export const INSTRUMENT = 'https://ryggrad.no/fhir/StructureDefinition/instrument';
export const INSTRUMENT_ITEM = 'https://ryggrad.no/fhir/CodeSystem/instrument-item';

/** One time that a form asks an instrument. */
export interface Binding {
  readonly instrument: Instrument;
  /** What is computed. */
  readonly scores: readonly InstrumentScore[];
  /** What the scores are of, if the form says so. */
  readonly about?: Coding;
  /** linkId of the group or question that the items are in; empty for the whole form. */
  readonly within: string;
  /** The question of each item. */
  readonly questions: ReadonlyMap<string, FormItem>;
}

export interface BoundForm {
  readonly bindings: readonly Binding[];
  /** What is wrong, in words; scores of such a form are not to be trusted. */
  readonly problems: readonly string[];
}

/** The instruments of a form. An extension with a problem gives no binding. */
export function bindInstruments(form: Form, instruments: InstrumentIndex): BoundForm {
  const results = extensionsOf(form.questionnaire, INSTRUMENT).map((extension) =>
    bind(extension, form, instruments),
  );
  const problems = [...results.flatMap((result) => result.problems), ...alike(results)];
  const claimed = results.flatMap((result) => result.claimed ?? []);
  return {
    bindings: results.flatMap((result) => (result.problems.length === 0 ? (result.binding ?? []) : [])),
    problems: problems.length > 0 ? problems : unclaimed(form, claimed),
  };
}

/** Two scores of one form that nobody could tell apart, or that would overwrite each other. */
function alike(results: readonly Bound[]): readonly string[] {
  const bindings = results.flatMap(({ binding }) => binding ?? []);
  return bindings.flatMap(({ instrument: { id }, within, about }, index) => {
    const earlier = bindings.slice(0, index).filter((other) => other.instrument.id === id);
    const isSamePlace = earlier.some((other) => other.within === within);
    const isSameThing = earlier.some(
      (other) => other.about?.code === about?.code && other.about?.system === about?.system,
    );
    return [
      ...(isSamePlace ? [`${id} is asked twice${at(within)}.`] : []),
      ...(isSameThing && !isSamePlace
        ? [`${id}${at(within)} needs an about of its own: it is asked twice.`]
        : []),
    ];
  });
}

interface Bound {
  readonly binding?: Binding;
  /** Questions that are items of the instrument. */
  readonly claimed?: readonly FormItem[];
  readonly problems: readonly string[];
}

function bind(extension: Extension, form: Form, instruments: InstrumentIndex): Bound {
  const id = extensionOf(extension, 'id')?.valueCode ?? '';
  const defined = instruments.get(id);
  if (defined === undefined) {
    return { problems: [`There is no instrument "${id}".`] };
  }
  const instrument = withMissingRules(defined, missingRules(extension, defined));
  const within = extensionOf(extension, 'within')?.valueString ?? '';
  const place = form.byLinkId.get(within);
  if (within !== '' && place === undefined) {
    return { problems: [`${id}: no item has the linkId "${within}".`] };
  }
  const wanted = extensionsOf(extension, 'score').flatMap(({ valueCode }) => valueCode ?? []);
  const unknown = [...wanted, ...ruledScores(extension)].filter(
    (code) => !instrument.scores.some((score) => score.code === code),
  );
  if (unknown.length > 0) {
    return { problems: unknown.map((code) => `${id} has no score "${code}".`) };
  }
  const scores = instrument.scores.filter(({ code, optional }) =>
    wanted.length > 0 ? wanted.includes(code) : optional !== true,
  );
  const found = [...below(place === undefined ? form.items : [place])].flatMap((question) =>
    itemCodesOf(question).map((code) => [code, question] as const),
  );
  const about = extensionOf(extension, 'about')?.valueCoding;
  const own = found.filter(([code]) => instrument.items.some((item) => item.code === code));
  const questions = new Map(own);
  return {
    binding: { instrument, scores, within, questions, ...(about !== undefined && { about }) },
    claimed: own.map(([, question]) => question),
    problems: [
      ...itemProblems(instrument, scores, found),
      ...scores.flatMap((each) => missingRuleProblems(each).map((problem) => `${each.code}: ${problem}`)),
    ].map((problem) => `${id}${at(within)}: ${problem}`),
  };
}

const ruledScores = (extension: Extension): readonly string[] =>
  extensionsOf(extension, 'missing').map((rule) => extensionOf(rule, 'score')?.valueCode ?? '');

/** The form's own rules for missing answers; what is counted for one that is missing stays the instrument's. */
function missingRules(extension: Extension, { scores }: Instrument): Readonly<Record<string, MissingRule>> {
  const rules = extensionsOf(extension, 'missing').flatMap((rule) => {
    const score = scores.find(({ code }) => code === extensionOf(rule, 'score')?.valueCode);
    const minAnswered = extensionOf(rule, 'min-answered')?.valueInteger ?? NaN;
    const basis = extensionOf(rule, 'basis')?.valueString ?? '';
    return score === undefined ? [] : [[score.code, { ...score.missing, minAnswered, basis }] as const];
  });
  return Object.fromEntries(rules);
}

const at = (within: string): string => (within === '' ? '' : ` in ${within}`);

/** The items that a question is; of every instrument. */
export const itemCodesOf = ({ source }: FormItem): readonly string[] =>
  (source.code ?? []).flatMap(({ system, code }) =>
    system === INSTRUMENT_ITEM && code !== undefined ? [code] : [],
  );

function* below(items: readonly FormItem[]): Generator<FormItem> {
  for (const item of items) {
    yield item;
    yield* below(item.children);
  }
}

function itemProblems(
  { items }: Instrument,
  scores: readonly InstrumentScore[],
  found: readonly (readonly [string, FormItem])[],
): readonly string[] {
  const needed = new Set(scores.flatMap((score) => score.items));
  return items.flatMap((item) => {
    const questions = found.filter(([code]) => code === item.code).map(([, question]) => question);
    return [
      ...(questions.length === 0 && needed.has(item.code) ? [`no question is ${item.code}.`] : []),
      ...(questions.length > 1 ? [`${questions.length} questions are ${item.code}.`] : []),
      ...questions.flatMap((question) => questionProblems(question, item)),
    ];
  });
}

function questionProblems(question: FormItem, item: InstrumentItem): readonly string[] {
  const outside = (question.options?.list ?? []).filter(
    ({ weight }) => weight !== undefined && (weight < item.min || weight > item.max),
  );
  const isChoice = question.type === 'choice' || question.type === 'open-choice';
  const hasNoWeights =
    isChoice &&
    question.options !== undefined &&
    question.options.list.every(({ weight }) => weight === undefined);
  const problem = (text: string): string => `${question.linkId} is ${item.code}, and ${text}`;
  return [
    ...(isInRows(question) ? [problem('stands in a repeating group.')] : []),
    ...(SCORED_TYPES.has(question.type) ? [] : [problem(`has no score: it is a ${question.type}.`)]),
    ...(hasNoWeights ? [problem('no option has a weight.')] : []),
    ...outside.map(({ coding, weight }) =>
      problem(`${coding.code ?? ''} has the weight ${weight}, outside ${item.min} to ${item.max}.`),
    ),
  ];
}

const SCORED_TYPES = new Set(['choice', 'open-choice', 'integer', 'decimal', 'quantity', 'boolean']);

const isInRows = (item: FormItem): boolean =>
  hasRows(item) || (item.parent !== undefined && isInRows(item.parent));

/** A question that says which item it is, in a form that does not say that it holds the instrument, is never scored. */
function unclaimed(form: Form, bound: readonly FormItem[]): readonly string[] {
  return [...form.byLinkId.values()]
    .filter((question) => itemCodesOf(question).length > 0 && !bound.includes(question))
    .map(
      (question) =>
        `${question.linkId} is ${itemCodesOf(question).join(', ')}, of no instrument that the form names.`,
    );
}
