/**
 * Which questions of a form are an instrument's, and what a pack has for them. A question without its words, or an answer
 * without its text, is not the instrument: the form stays closed.
 */
import { extensionOf, extensionsOf } from '../../sdc/extensions.ts';
import type { Form, FormItem } from '../../sdc/form-types.ts';
import type { ScoredForm } from '../form/facts.ts';
import { CONTENT_PACK, type ContentPack } from './pack.ts';

export interface WordedQuestion {
  readonly item: FormItem;
  /** Its item of the instrument; undefined for a question that the form only says belongs to it. */
  readonly code?: string;
}

export interface Words {
  readonly text?: string;
  /** Of an option with points, by these; of others, by code. */
  readonly answer: (code: string, weight: number | undefined) => string | undefined;
}

/** linkIds of the questions and groups that hold an instrument, as the form says. */
export function placesOf({ questionnaire }: Form, instrument: string): readonly string[] {
  return extensionsOf(questionnaire, CONTENT_PACK)
    .filter((extension) => extensionOf(extension, 'instrument')?.valueCode === instrument)
    .flatMap((extension) => extensionsOf(extension, 'item'))
    .flatMap(({ valueString }) => valueString ?? []);
}

/** The questions that a person answers of an instrument: those that are bound, and the others of its places. */
export function questionsOf({ form, bindings }: ScoredForm, instrument: string): readonly WordedQuestion[] {
  const bound = bindings
    .filter((binding) => binding.instrument.id === instrument)
    .flatMap(({ questions }) => [...questions].map(([code, item]) => ({ item, code })));
  const taken = new Set(bindings.flatMap(({ questions }) => [...questions.values()]));
  const others = placesOf(form, instrument)
    .flatMap((linkId) => form.byLinkId.get(linkId) ?? [])
    .flatMap(questionsBelow)
    .filter((item) => !taken.has(item));
  return [...bound, ...others.map((item) => ({ item }))];
}

function questionsBelow(item: FormItem): readonly FormItem[] {
  if (item.isHidden) {
    return [];
  }
  const own = item.type === 'group' || item.type === 'display' || item.isReadOnly ? [] : [item];
  return [...own, ...item.children.flatMap(questionsBelow)];
}

/** What a pack has for a question; the form's own texts count before those of the instrument. */
export function wordsFor({ items, texts }: ContentPack, { item, code }: WordedQuestion): Words | undefined {
  const ofItem = code === undefined ? undefined : items?.[code];
  const ofForm = texts?.[item.linkId];
  if (ofItem === undefined && ofForm === undefined) {
    return undefined;
  }
  const text = ofForm?.text ?? ofItem?.text;
  return {
    ...(text !== undefined && { text }),
    answer: (option, weight) =>
      ofForm?.answers?.[option] ?? (weight === undefined ? undefined : ofItem?.answers?.[String(weight)]),
  };
}

/** What a pack lacks for a form: `odi-3: the question`, `odi-3: the answer of 2 points`. */
export function missingWords(scored: ScoredForm, pack: ContentPack): readonly string[] {
  return questionsOf(scored, pack.instrument).flatMap((question) => {
    const { linkId } = question.item;
    const words = wordsFor(pack, question);
    return words?.text === undefined
      ? [`${linkId}: the question`]
      : answersWithout(question, words).map((points) => `${linkId}: the answer of ${points} points`);
  });
}

/** Points of an item's options that have no text. Those without points, such as "Vet ikke", are the register's own. */
const answersWithout = ({ item, code }: WordedQuestion, words: Words): readonly number[] =>
  code === undefined
    ? []
    : (item.options?.list ?? []).flatMap(({ coding, weight }) =>
        weight !== undefined && words.answer(coding.code ?? '', weight) === undefined ? [weight] : [],
      );
