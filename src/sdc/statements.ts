/**
 * What the sources say of one question: its answer, or, where they say different things, each of their values. Nothing wins in
 * silence, and what cannot be an answer of the question is kept as it stands. Section 5.1 of docs/sdc-dialect.md.
 */
import { isObject, sameAnswer, sameAnswers, type Answer } from './answer.ts';
import { senderOf, sourceOf, withSources, type AnswerSource } from './answer-source.ts';
import type { FormItem } from './form-types.ts';
import { byTime, type SourceValue, type SourceValueKind } from './source-value.ts';
import { allAnswers, refusedValues, roundAnswer } from './to-answers.ts';
import type { Resource } from '../fhir/types.ts';

type Launch = Readonly<Record<string, unknown>>;

export interface Question {
  readonly item: FormItem;
  /** Launch contexts and fetched variables that the expression uses. */
  readonly externals: ReadonlySet<string>;
  /** What the expression gives for these variables. */
  readonly evaluate: (launch: Launch) => readonly unknown[];
}

/** What a question is filled with. */
export interface Statement {
  readonly answers: readonly Answer[];
  readonly beside: readonly SourceValue[];
}

const NOTHING: Statement = { answers: [], beside: [] };

/** What is said of a question by everything in `launch`. */
export function statementOf(question: Question, launch: Launch): Statement {
  const { item } = question;
  const values = question.evaluate(launch);
  const answers = answersTo(question, values);
  if (answers.length === 0) {
    return { answers: [], beside: refused(question, values, launch) };
  }
  const disputed = isDisputable(item) ? disputedValues(question, answers, launch) : [];
  if (disputed.length > 1) {
    return { answers: [], beside: disputed };
  }
  const given = item.isRepeating ? answers : answers.slice(0, 1);
  const sourced = given.map((answer) => ({ answer, sources: sourcesOf(question, answer, launch) }));
  const isSuggestion = item.adoption === 'suggest' && sourced.some(({ sources }) => sources.length > 0);
  return isSuggestion
    ? { ...NOTHING, beside: sourced.flatMap(({ answer, sources }) => besides('suggested', answer, sources)) }
    : {
        answers: sourced.map(({ answer, sources }) =>
          withSources(answer, sources, item.adoption === 'taken' ? 'captured' : 'suggested'),
        ),
        beside: item.isRepeating ? refused(question, values, launch) : [],
      };
}

/** One answer, which a person can choose. */
const isDisputable = ({ isRepeating, isReadOnly, isHidden }: FormItem): boolean =>
  !isRepeating && !isReadOnly && !isHidden;

const answersTo = ({ item }: Question, values: readonly unknown[]): readonly Answer[] => {
  const all = allAnswers(item, values).map((answer) => roundAnswer(item, answer));
  return all.filter((answer, at) => all.findIndex((other) => sameAnswer(other, answer)) === at);
};

/** Each of the different values, with every source that has it; the newest first. */
function disputedValues(
  question: Question,
  answers: readonly Answer[],
  launch: Launch,
): readonly SourceValue[] {
  const kind: SourceValueKind = question.item.adoption === 'suggest' ? 'suggested' : 'conflict';
  const own = answers.length > 1 ? [launch] : bySender(question, launch);
  const said = own.flatMap((part) =>
    (answers.length > 1 ? answers : statedBy(question, part, launch)).map((answer) => ({ answer, part })),
  );
  const distinct = said.filter(
    ({ answer }, at) => said.findIndex((other) => sameAnswer(other.answer, answer)) === at,
  );
  return distinct.length < 2
    ? []
    : said
        .flatMap(({ answer, part }) => besides(kind, answer, sourcesOf(question, answer, part)))
        .toSorted(byTime);
}

/** What one sender's resources say; nothing, where that follows from having none at all. */
function statedBy(question: Question, part: Launch, launch: Launch): readonly Answer[] {
  const answers = answersTo(question, question.evaluate(part)).slice(0, 1);
  return sameAnswers(answers, answersToNothing(question, launch).slice(0, 1)) ? [] : answers;
}

/** What the expression gives where nothing was found: no source says that. */
function answersToNothing(question: Question, launch: Launch): readonly Answer[] {
  const names = fetchedNames(question, launch);
  return names.length === 0 ? [] : answersTo(question, question.evaluate({ ...launch, ...noneOf(names) }));
}

const noneOf = (names: readonly string[]): Launch => Object.fromEntries(names.map((name) => [name, []]));

/** The variables as each sender alone would have them; one where there is only one. */
function bySender(question: Question, launch: Launch): readonly Launch[] {
  const names = fetchedNames(question, launch);
  const senders = new Set(names.flatMap((name) => resourcesIn(launch[name]).map(senderOf)));
  if (senders.size < 2) {
    return [launch];
  }
  return [...senders].map((sender) => ({
    ...launch,
    ...Object.fromEntries(
      names.map((name) => [name, resourcesIn(launch[name]).filter((one) => senderOf(one) === sender)]),
    ),
  }));
}

const fetchedNames = ({ externals }: Question, launch: Launch): readonly string[] =>
  [...externals].filter((name) => Array.isArray(launch[name]));

/** What the expression gives that is no answer of this question: a code that is no option, a unit that it does not have. */
function refused(question: Question, values: readonly unknown[], launch: Launch): readonly SourceValue[] {
  return refusedValues(question.item, values).flatMap((value) => {
    const giving = resourcesFor(question, launch, (alone) =>
      refusedValues(question.item, question.evaluate(alone)).some(
        (other) => JSON.stringify(other) === JSON.stringify(value),
      ),
    );
    const original = originalOf(value);
    return original === undefined ? [] : besides('unmapped', original, giving.map(sourceOf));
  });
}

/** A value of any kind as a member of an answer. */
function originalOf(value: unknown): Answer | undefined {
  if (!isObject(value)) {
    return ['string', 'number', 'boolean'].includes(typeof value)
      ? { valueString: String(value) }
      : undefined;
  }
  if ('coding' in value || 'text' in value) {
    const { coding, text } = value as { readonly coding?: readonly object[]; readonly text?: string };
    const [first] = coding ?? [];
    return first === undefined ? { valueString: String(text) } : ({ valueCoding: first } as Answer);
  }
  return ('value' in value ? { valueQuantity: value } : { valueCoding: value }) as Answer;
}

function besides(
  kind: SourceValueKind,
  answer: Answer,
  sources: readonly AnswerSource[],
): readonly SourceValue[] {
  const { extension: _extension, id: _id, ...value } = answer;
  return sources.map((source) => ({ kind, value: value as Answer, source, isDeclined: false }));
}

/**
 * The resources that give the answer when they stand alone. A launch context counts only when the
 * expression uses nothing that was fetched: there it says whose data, not which.
 */
function sourcesOf(question: Question, answer: Answer, launch: Launch): readonly AnswerSource[] {
  if (answersToNothing(question, launch).some((one) => sameAnswer(one, answer))) {
    return [];
  }
  return resourcesFor(question, launch, (alone) =>
    answersTo(question, question.evaluate(alone)).some((one) => sameAnswer(one, answer)),
  ).map(sourceOf);
}

function resourcesFor(
  question: Question,
  launch: Launch,
  gives: (alone: Launch) => boolean,
): readonly Resource[] {
  const fetched = fetchedNames(question, launch);
  const names = fetched.length > 0 ? fetched : [...question.externals];
  const all = names.flatMap((name) => resourcesIn(launch[name]).map((resource) => ({ name, resource })));
  const quite = all.filter(({ name, resource }) =>
    gives({ ...launch, ...noneOf(fetched), [name]: [resource] }),
  );
  // What is put together from two variables is given by none of them alone.
  const nearly =
    quite.length > 0 ? quite : all.filter(({ name, resource }) => gives({ ...launch, [name]: [resource] }));
  return (nearly.length > 0 ? nearly : all).map(({ resource }) => resource);
}

function resourcesIn(value: unknown): readonly Resource[] {
  if (value === undefined) {
    return [];
  }
  return (Array.isArray(value) ? value : [value]) as readonly Resource[];
}
