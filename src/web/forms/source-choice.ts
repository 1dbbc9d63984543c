/**
 * Choosing among what sources say: pure changes of one response item. What is not chosen stays beside the answer, so that nothing a
 * source has said is lost.
 */
import type { QuestionnaireResponseItem } from '../../fhir/types.ts';
import { sameAnswer, type Answer } from '../../sdc/answer.ts';
import { sourcesIn, withSources } from '../../sdc/answer-source.ts';
import type { FormItem } from '../../sdc/form-types.ts';
import { optionOf } from '../../sdc/options.ts';
import { sourceValuesOf, withSourceValues, type SourceValue } from '../../sdc/source-value.ts';
import { sourceOf, withAdoption } from './answer-marks.ts';

type Item = QuestionnaireResponseItem;

/** A value that sources say, with all of them. */
export interface SaidValue {
  readonly value: SourceValue['value'];
  readonly kind: SourceValue['kind'];
  readonly isDeclined: boolean;
  readonly sources: readonly SourceValue[];
}

/** What is said beside the answer, each value once, in the order in which it stands. */
export function saidValues(item: Item | undefined): readonly SaidValue[] {
  const answers = item?.answer ?? [];
  const others = sourceValuesOf(item).filter(
    ({ value }) => !answers.some((answer) => sameAnswer(answer, value)),
  );
  return others
    .filter(({ value }, at) => others.findIndex((other) => sameAnswer(other.value, value)) === at)
    .map(({ value, kind, isDeclined }) => ({
      value,
      kind,
      isDeclined,
      sources: others.filter((other) => sameAnswer(other.value, value)),
    }));
}

/** The item with the value at this place of `saidValues` as its answer, confirmed by choosing it. Another place changes nothing. */
export function withChosen(definition: FormItem, item: Item, place: number): Item {
  const said = saidValues(item)[place];
  if (said === undefined || said.kind === 'unmapped') {
    return item;
  }
  const sources = said.sources.map(({ source }) => source);
  const chosen = withAdoption(withSources(said.value, sources), 'confirmed');
  const before = definition.isRepeating
    ? (item.answer ?? []).filter(standsBeside(definition, said.value))
    : [];
  const answer = [...before, chosen];
  const left = leftBeside(item, answer).filter(({ value }) => !sameAnswer(value, said.value));
  return { ...withSourceValues(item, left.map(settled)), answer };
}

/** An exclusive option stands alone. */
const standsBeside =
  (definition: FormItem, value: Answer) =>
  (answer: Answer): boolean =>
    optionOf(definition, value)?.isExclusive !== true && optionOf(definition, answer)?.isExclusive !== true;

/** The item of which a person has said that none of the values holds. */
export const withNoneChosen = (item: Item): Item => withSourceValues(item, sourceValuesOf(item).map(settled));

const settled = (value: SourceValue): SourceValue =>
  value.kind === 'unmapped' ? value : { ...value, isDeclined: true };

/** The item with these answers; a fetched value that goes stays beside them, to be seen and chosen again. */
export function withAnswersBeside(item: Item, answers: readonly Answer[]): Item | undefined {
  const { answer: _answer, ...rest } = item;
  const next = withSourceValues(rest, leftBeside(item, answers));
  if (answers.length > 0) {
    return { ...next, answer: [...answers] };
  }
  return sourceValuesOf(next).length > 0 ? next : undefined;
}

function leftBeside(item: Item, answers: readonly Answer[]): readonly SourceValue[] {
  const known = sourceValuesOf(item);
  const gone = (item.answer ?? []).filter(
    (answer) => sourceOf(answer)?.adopted !== 'changed' && !answers.some((one) => sameAnswer(one, answer)),
  );
  const added = gone.flatMap((answer) =>
    sourcesIn(answer).map((source): SourceValue => {
      const { extension: _extension, id: _id, ...value } = answer;
      return { kind: 'changed', value: value as Answer, source, isDeclined: true };
    }),
  );
  return [...known, ...added.filter(({ value }) => !known.some((one) => sameAnswer(one.value, value)))];
}
